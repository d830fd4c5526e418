"""Held orders of one account, put in order after whatever happened: who goes, who makes room, who is done.

Asked again after every change until it has nothing to say: it looks at what is, and says
the next step. Of each position: what is triggered goes first, and what rests at the broker
is called back for it; then the stops go to rest for what is left to cover.

Source     semantics.md sections 2 (legs), 3 (an exit always exists) and 8.
"""

from stopline.engine.assemble import capabilities_of
from stopline.engine.cancels import ASK_AGAIN, is_left_alone, recall, request_cancel
from stopline.engine.held.families import family_of, is_rival, is_way_out, to_cover
from stopline.engine.held.release import release
from stopline.engine.severity import is_unproven
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.model.numbers import Nanos, Qty
from stopline.model.order import STOPS, Hold, OrderState, OrderType, Side
from stopline.model.routing import TRIGGERED_AS, is_native
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord
from stopline.state.positions import Position


def settle(turn: Turn, account: AccountState) -> None:
    """Say the next step of every held order of the account that has one."""
    orders = sorted((account.live[cid] for cid in account.held), key=lambda order: order.seq)
    for order in orders:
        _end(turn, account, order)
    if turn.events:
        return
    entered: set[str] = set()
    for order in orders:
        if order.reducing:
            _awake(turn, account, order)
        elif order.state is OrderState.PENDING_RELEASE and not (is_way_out(order) and family_of(order) in entered):
            _enter(turn, account, order, orders)
            entered.add(family_of(order))
    if turn.events or is_unproven(turn.state, account):
        # What cannot be sent now makes nobody give way.
        return
    for instrument_id in dict.fromkeys(order.request.instrument_id for order in orders if order.reducing):
        _settle_exits(turn, account, account.positions[instrument_id], orders)


# --- the end ---------------------------------------------------------------------------------------


def _end(turn: Turn, account: AccountState, order: OrderRecord) -> None:
    """End an order that has nothing left to wait for."""
    cause = "" if order.is_at_broker else _reason_to_end(account, order)
    if cause:
        request_cancel(turn, order, cause, "engine")


def end_rivals(turn: Turn, account: AccountState, filled: OrderRecord) -> None:
    """One of an `oca_group` has traded: the others end."""
    if not filled.request.oca_group:
        return
    for cid in account.held:
        other = account.live[cid]
        if is_rival(filled, other):
            request_cancel(turn, other, f"{filled.client_order_id} of the same oca_group was filled", "engine")


def _reason_to_end(account: AccountState, order: OrderRecord) -> str:
    if not order.reducing:
        return ""
    parent = account.order(order.parent) if order.leg is not None and order.parent else None
    is_fed = parent is not None and not parent.reducing and parent.is_live
    if parent is not None and not parent.reducing and not parent.is_live and not parent.cum_qty:
        return f"its parent {order.parent} ended unfilled"
    if is_fed:
        return ""
    if to_cover(account, order) <= 0:
        return "its position is closed" if order.leg is not None else "nothing is left of it to trade"
    return "" if _room(account.positions[order.request.instrument_id], order.request.side) else "its position is closed"


def _room(position: Position, side: Side) -> Qty:
    """Return what there is to leave on this side: the size of the position."""
    return max(position.qty, 0) if side is Side.SELL else max(-position.qty, 0)


# --- entries ---------------------------------------------------------------------------------------


def _awake(turn: Turn, account: AccountState, order: OrderRecord) -> None:
    """A leg waits for its parent's first fill; then it waits for its price, or rests."""
    if order.hold is not Hold.PARENT or order.state is not OrderState.HELD:
        return
    parent = account.order(order.parent)
    if parent is None or parent.cum_qty:
        turn.say(
            e.OrderHeld(
                order.request.account, order.client_order_id, Hold.PRICE, "its parent was filled", order.is_resting
            )
        )


def _enter(turn: Turn, account: AccountState, order: OrderRecord, orders: list[OrderRecord]) -> None:
    """A triggered entry goes once no other of its family is at the broker; a condition may bring it another wait."""
    if order.hold is Hold.CONDITION and _waits_for_price(turn, account, order):
        return
    for other in orders:
        if is_rival(order, other) and other.is_at_broker:
            return
    release(turn, account, order, order.order_qty - order.cum_qty)


def _waits_for_price(turn: Turn, account: AccountState, order: OrderRecord) -> bool:
    """Once its condition is met, a stop that the broker does not take waits here for its price."""
    if is_native(order.request.order_type, capabilities_of(turn.state, account.terms)) and not order.request.oca_group:
        return False
    turn.say(e.OrderHeld(order.request.account, order.client_order_id, Hold.PRICE, "condition met", order.is_resting))
    return True


# --- exits -----------------------------------------------------------------------------------------


def _settle_exits(turn: Turn, account: AccountState, position: Position, orders: list[OrderRecord]) -> None:
    """Share out what there is to leave among the exits of one position."""
    side = Side.SELL if position.qty > 0 else Side.BUY
    own = [o for o in orders if o.reducing and o.request.instrument_id == position.instrument_id]
    exits = [order for order in own if order.request.side is side]
    free = abs(position.qty) - (position.live_sells if side is Side.SELL else position.live_buys)
    is_room_wanted = False
    sent: set[str] = set()
    pending = [order for order in exits if order.state is OrderState.PENDING_RELEASE]
    for order in sorted(pending, key=lambda one: _first(turn, one)):
        if order.hold is Hold.CONDITION and _waits_for_price(turn, account, order):
            continue
        if is_way_out(order) and family_of(order) in sent:
            continue
        gone = _go(turn, account, position, order, free)
        if gone is None:
            # Room is on its way for it: who comes after it must not take it.
            return
        free -= gone
        is_room_wanted = is_room_wanted or not gone
        if gone:
            sent.add(family_of(order))
    if is_room_wanted:
        return
    for order in exits:
        if not is_way_out(order) or family_of(order) not in sent:
            free -= _rest(turn, account, position, order, free, exits)


def _first(turn: Turn, order: OrderRecord) -> tuple[bool, int, Nanos, int]:
    """Closes go first, then the most urgent, then who was triggered first: else two would pass room to and fro."""
    return not order.request.closes_position, -urgency(turn, order), order.updated_at, order.seq


def _go(turn: Turn, account: AccountState, position: Position, order: OrderRecord, free: Qty) -> Qty | None:
    """Let a triggered exit go, or call back what is in its way; return what went, None while room is on its way."""
    wanted = min(to_cover(account, order), abs(position.qty))
    others = _at_broker(account, position, order)
    rivals = [one for one in others if is_rival(order, one)]
    if rivals:
        made = [_make_room(turn, order, rival) for rival in rivals]
        return None if any(made) else 0
    if is_left_alone(turn, order):
        return 0
    short, is_coming = wanted - free, False
    for other in reversed(others):
        if short > 0 and _make_room(turn, order, other):
            short, is_coming = short - other.reserved_qty, True
    if is_coming:
        return None
    qty = min(wanted, free)
    return qty if qty > 0 and release(turn, account, order, qty) else 0


def _make_room(turn: Turn, order: OrderRecord, other: OrderRecord) -> bool:
    """Call an order back that is in the way of another; return whether room is on its way."""
    if other.reducing:
        return urgency(turn, order) > urgency(turn, other) and recall(
            turn, other, f"{order.client_order_id} goes first"
        )
    is_stop = order.request.order_type in STOPS and urgency(turn, order) > 0
    if order.request.closes_position or is_stop:
        # New risk on the same side gives way for good: to a close, and to a stop that was triggered.
        request_cancel(turn, other, "stop" if is_stop else "close", "engine")
        return True
    return False


def _may_rest(turn: Turn, account: AccountState, order: OrderRecord) -> bool:
    """Return whether the order can wait at the broker as what it is; what it does not take waits here."""
    return order.is_resting and is_native(order.request.order_type, capabilities_of(turn.state, account.terms))


def urgency(turn: Turn, order: OrderRecord) -> int:
    """Return how much an exit wants to trade now: 2 at any price, 1 at its limit that is reached, 0 later."""
    kind, quote = order.broker_type, turn.state.market.quotes.get(order.request.instrument_id)
    if not order.is_at_broker and order.hold is Hold.PRICE:
        kind = TRIGGERED_AS.get(kind, kind)
    if kind is OrderType.MARKET:
        return 2
    if kind is not OrderType.LIMIT:
        return 0
    if not order.is_at_broker or quote is None or not quote.usable or order.limit_price is None:
        return 1
    if order.request.side is Side.SELL:
        return int(quote.bid is None or quote.bid >= order.limit_price)
    return int(quote.ask is None or quote.ask <= order.limit_price)


def _at_broker(account: AccountState, position: Position, order: OrderRecord) -> list[OrderRecord]:
    return [
        one
        for one in account.live.values()
        if one.is_at_broker
        and one.request.instrument_id == position.instrument_id
        and one.request.side is order.request.side
    ]


def _rest(
    turn: Turn, account: AccountState, position: Position, order: OrderRecord, free: Qty, exits: list[OrderRecord]
) -> Qty:
    """Let an order rest at the broker for what is left to cover, or fit one that rests; return what that takes."""
    wanted = min(to_cover(account, order), abs(position.qty))
    if is_left_alone(turn, order):
        return 0
    if order.state is OrderState.HELD and order.hold is Hold.PRICE and _may_rest(turn, account, order):
        if any(is_rival(order, one) and one.is_at_broker for one in exits):
            return 0
        qty = min(wanted, free)
        return qty if qty > 0 and release(turn, account, order, qty) else 0
    is_working = order.state in (OrderState.WORKING, OrderState.PARTIALLY_FILLED)
    more = min(wanted - order.leaves_qty, free)
    if is_working and more > 0 and order.is_resting and turn.at - order.updated_at >= ASK_AGAIN:
        # Asked to grow in place it could trade old and new: it comes back, and rests again for all there is.
        recall(turn, order, "there is more to cover")
    return 0
