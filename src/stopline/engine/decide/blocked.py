"""Own working orders that stand in the way of an exit, and protection that may not be taken away.

An exit that only the account's own exits stand in the way of is accepted, and goes once
they are out of its way: sent beside them it could flip the position. Only one that cannot
wait (`ioc`, `fok`, extended hours) is refused, naming them.

Source     semantics.md section 3.
"""

from stopline.engine.candidate import would_reduce
from stopline.engine.turn import Turn
from stopline.measures.exposure import is_reducing_buy, is_reducing_sell
from stopline.model.numbers import Qty
from stopline.model.obligation import Obligation, ObligationKind
from stopline.model.order import STOPS, OrderRequest, Side
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord
from stopline.state.positions import Position

TO_THE_MARKET = "a stop_price at the market price triggers it, and it closes the position (PATCH /api/order)"
"""A way out while protection may not be taken away: a stop at the market is the close."""


def blocking_orders(account: AccountState, position: Position, qty: Qty) -> tuple[OrderRecord, ...]:
    """Return the account's own orders at the broker that keep a close of `qty` from being provably reducing."""
    if position.qty > 0:
        if is_reducing_sell(position.qty, position.live_sells, qty):
            return ()
        side = Side.SELL
    else:
        if is_reducing_buy(position.qty, position.live_buys, qty):
            return ()
        side = Side.BUY
    return tuple(
        order
        for order in account.live.values()
        if order.is_at_broker and order.request.instrument_id == position.instrument_id and order.request.side is side
    )


def refuse_blocked(turn: Turn, account: AccountState, blocking: tuple[OrderRecord, ...]) -> None:
    """Answer that own working orders stand in the way, and name them, with a way out that is open now."""
    names = tuple(order.client_order_id for order in blocking)
    way_out = f"cancel {names[0]} first, or let it close the position"
    if guards_position(account, blocking[0]):
        way_out = f"move {names[0]}: {TO_THE_MARKET}"
    turn.refuse(
        "protective_order_working",
        f"the position is already covered by working orders: {', '.join(names)}; with both it could flip",
        way_out,
        names,
    )


def exits_in_the_way(account: AccountState, request: OrderRequest) -> tuple[OrderRecord, ...]:
    """Return the account's own exits at the broker, if they alone keep an order from being provably reducing."""
    position = account.positions.get(request.instrument_id)
    if position is None or not 0 < request.order_qty <= abs(position.qty):
        return ()
    if request.side is Side.SELL:
        exits = position.exit_sells
        reduces = is_reducing_sell(position.qty, position.live_sells, request.order_qty)
    else:
        exits = position.exit_buys
        reduces = is_reducing_buy(position.qty, position.live_buys, request.order_qty)
    sign = 1 if request.side is Side.BUY else -1
    if reduces or not exits or not would_reduce(position, sign, request.order_qty, is_close=False):
        return ()
    return tuple(
        order
        for order in account.live.values()
        if order.reducing
        and order.is_at_broker
        and order.request.instrument_id == request.instrument_id
        and order.request.side is request.side
    )


def guards_position(account: AccountState, order: OrderRecord) -> bool:
    """Return whether cancelling this order would take away protection that is demanded."""
    if not order.reducing or order.request.order_type not in STOPS:
        return False
    position = account.positions.get(order.request.instrument_id)
    if position is None or position.qty == 0:
        return False
    return account.severity == 1 or account.limits.own().stop_required


def owed_by(account: AccountState, order: OrderRecord) -> Obligation | None:
    """Return the obligation that a close serves; None for one that somebody sent of his own will."""
    if not order.request.closes_position:
        return None
    for each in account.obligations.values():
        if each.kind is not ObligationKind.ATTACH and each.instrument_id in ("", order.request.instrument_id):
            return each
    return None
