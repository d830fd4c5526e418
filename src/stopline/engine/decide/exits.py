"""Close and flatten: the ways out (the kill switch is in kill.py).

An exit never flips a position; it is sent only when that is provable.
A close that the account's own working orders stand in the way of is accepted, and goes once
they have left the broker. Only one beside closes that already take all of it is refused.

Source     semantics.md sections 3 and 4.
"""

from msgspec import Struct

from stopline.engine.cancels import may_increase, request_cancel
from stopline.engine.decide.blocked import blocking_orders, refuse_blocked
from stopline.engine.decide.self_match import avoid_self_match
from stopline.engine.decide.submit import id_is_usable, known_id
from stopline.engine.enforce.duties import owe_close, owe_flatten
from stopline.engine.gate import Ticket, decide_order
from stopline.engine.severity import accounts_in, is_unproven
from stopline.engine.tables import Deciders
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages.replies import Decided, Done, Repeated
from stopline.model.ids import CLOSE_ID
from stopline.model.limits import ScopeKind
from stopline.model.numbers import RATIO_ONE, Qty, render_qty
from stopline.model.order import Hold, OrderRequest, OrderType, Side
from stopline.model.unknown_symbol import unknown_symbol
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord
from stopline.state.positions import Position


def _close(turn: Turn, message: i.ClosePosition) -> None:
    account = turn.account(message.account)
    if account is None or (message.client_order_id and _answered_before(turn, account, message)):
        return
    position = _position(turn, account, message.symbol)
    if position is None:
        return
    qty = _qty_to_close(turn, position, message)
    if qty is None:
        return
    under_way = closes_under_way(account, position)
    if _left(under_way) >= abs(position.qty):
        refuse_blocked(turn, account, under_way)
        return
    blocking = blocking_orders(account, position, qty)
    decision = decide_close(turn, account, position, qty, message.client_order_id, message.actor, bool(blocking))
    if isinstance(decision, e.OrderApproved) and decision.hold is None:
        avoid_self_match(turn, account, decision.request)
    turn.say(decision)
    turn.reply = Decided(decision, turn.seq)
    if isinstance(decision, e.OrderDenied):
        _alert_not_closed(turn, decision)


def closes_under_way(account: AccountState, position: Position) -> tuple[OrderRecord, ...]:
    """Return the closes of a position that are at the broker, or go there once there is room."""
    return tuple(
        order
        for order in account.live.values()
        if order.request.closes_position and order.request.instrument_id == position.instrument_id
    )


def _left(orders: tuple[OrderRecord, ...]) -> Qty:
    return sum(order.leaves_qty for order in orders)


def _position(turn: Turn, account: AccountState, symbol: str) -> Position | None:
    instrument_id = turn.state.symbols.get(symbol)
    if instrument_id is None:
        turn.refuse("unknown_instrument", unknown_symbol(symbol, turn.state.instruments))
        return None
    position = account.positions.get(instrument_id)
    if position is None or position.qty == 0:
        turn.refuse("no_position", f"account {account.terms.account!r} holds no {symbol}")
        return None
    return position


def _qty_to_close(turn: Turn, position: Position, message: i.ClosePosition) -> Qty | None:
    held = abs(position.qty)
    if message.qty is not None and message.percent is not None:
        turn.refuse("bad_request", "give qty or percent, not both")
        return None
    qty = held if message.qty is None else message.qty
    if message.percent is not None:
        lot = turn.state.instruments[position.instrument_id].lot_size
        exact = held * message.percent // RATIO_ONE
        qty = exact if message.percent >= RATIO_ONE else exact // lot * lot
    if not 0 < qty <= held:
        text = f"cannot close {render_qty(qty)} of {render_qty(held)}: an exit never flips a position"
        turn.refuse("bad_request", text, f"close at most {render_qty(held)}")
        return None
    return qty


def _answered_before(turn: Turn, account: AccountState, message: i.ClosePosition) -> bool:
    """A close sent again under its own id gets the decision it got, whatever became of the position since."""
    if not id_is_usable(turn, message.client_order_id):
        return True
    known = known_id(account, message.client_order_id)
    if known is None:
        return False
    asked = known.request
    instrument_id = turn.state.symbols.get(message.symbol, "")
    if asked.closes_position and asked.instrument_id == instrument_id and message.qty in (None, asked.order_qty):
        turn.reply = Repeated(account.terms.account, message.client_order_id, known.seq)
    else:
        text = f"client_order_id {message.client_order_id!r} was already used for another order"
        turn.refuse("client_order_id_conflict", text, "use a new client_order_id")
    return True


def decide_close(
    turn: Turn,
    account: AccountState,
    position: Position,
    qty: Qty,
    client_order_id: str,
    actor: str,
    is_blocked: bool,
) -> e.OrderApproved | e.OrderDenied:
    """Return the gate's decision on a market order that closes `qty` of a position; blocked, it waits its turn."""
    index = turn.take_index()
    request = OrderRequest(
        account=account.terms.account,
        client_order_id=client_order_id or f"{CLOSE_ID}{turn.state.epoch}-{turn.seq}.{index}",
        instrument_id=position.instrument_id,
        side=Side.SELL if position.qty > 0 else Side.BUY,
        order_qty=qty,
        order_type=OrderType.MARKET,
        reduce_only=True,
        closes_position=True,
    )
    instrument = turn.state.instruments[position.instrument_id]
    ticket = Ticket(
        account, request, instrument.symbol, instrument, turn.at, turn.seq, actor, index=index,
        hold=Hold.RELEASE if is_blocked else None, behind_exits=is_blocked,
    )  # fmt: skip
    return decide_order(turn.state, ticket)


def _flatten(turn: Turn, message: i.Flatten) -> None:
    account = turn.account(message.account)
    if account is None or (scope_id := scope_id_of(turn, account, message.scope)) is None:
        return
    instrument_id = turn.state.symbols.get(message.symbol, "")
    if message.symbol and not instrument_id:
        turn.refuse("unknown_instrument", unknown_symbol(message.symbol, turn.state.instruments))
        return
    canceled: list[str] = []
    closings: list[Closing] = []
    flattened = accounts_in(turn.state, message.scope, scope_id)
    for each in flattened:
        positions = [p for p in open_positions(each) if instrument_id in ("", p.instrument_id)]
        canceled += _cancel_orders(turn, each, instrument_id, "flatten", message.actor)
        closings.append(close_all(turn, each, positions, message.actor))
        _owe(turn, each, instrument_id, message.reason or "flatten by hand", message.actor)
        text = f"flatten by {message.actor}: {message.reason or 'no reason given'}"
        turn.alert(each.terms.account, "FLATTEN", "WARNING", text)
    told = told_of(canceled, *closings)
    if message.scope is not ScopeKind.ACCOUNT:
        told = (*told, ("flattening", ",".join(each.terms.account for each in flattened)))
    turn.reply = Done(told)


def _owe(turn: Turn, account: AccountState, instrument_id: str, reason: str, actor: str) -> None:
    """What was begun here is owed until it is done."""
    if instrument_id:
        if account.positions.get(instrument_id, Position(instrument_id)).qty:
            owe_close(turn, account, instrument_id, "flatten", reason, actor)
    elif account.live or open_positions(account):
        owe_flatten(turn, account, "flatten", reason, actor)


def open_positions(account: AccountState) -> list[Position]:
    """Return open positions, shorts first: buying shorts back never uncovers anything."""
    return sorted((p for p in account.positions.values() if p.qty), key=lambda p: (p.qty > 0, p.instrument_id))


def _cancel_orders(turn: Turn, account: AccountState, instrument_id: str, cause: str, actor: str) -> list[str]:
    named, may_close = [], not is_unproven(turn.state, account)
    for order in account.live.values():
        if instrument_id and order.request.instrument_id != instrument_id:
            continue
        if order.request.closes_position:
            # It is what flatten would send.
            continue
        if not may_close and account.positions[order.request.instrument_id].qty and not may_increase(account, order):
            # No close may be sent yet: until one may, what protects the position stays.
            continue
        request_cancel(turn, order, cause, actor)
        named.append(order.client_order_id)
    return named


class Closing(Struct, frozen=True):
    """What became of closing positions: ids on their way, symbols that were denied."""

    closed: list[str]
    denied: list[str]


def close_all(turn: Turn, account: AccountState, positions: list[Position], actor: str) -> Closing:
    """Say a close of every position that provably can be closed."""
    closing = Closing([], [])
    for position in positions:
        under_way = closes_under_way(account, position)
        closing.closed.extend(order.client_order_id for order in under_way)
        left = abs(position.qty) - _left(under_way)
        if left <= 0:
            continue
        is_blocked = bool(blocking_orders(account, position, left))
        decision = decide_close(turn, account, position, left, "", actor, is_blocked)
        turn.say(decision)
        if isinstance(decision, e.OrderApproved):
            closing.closed.append(decision.request.client_order_id)
        else:
            closing.denied.append(decision.symbol)
            _alert_not_closed(turn, decision)
    return closing


def _alert_not_closed(turn: Turn, denied: e.OrderDenied) -> None:
    """A close that was denied leaves a position open: somebody must know."""
    text = f"{denied.symbol} is not being closed: {denied.message}"
    turn.alert(denied.request.account, "NOT_CLOSED", "CRITICAL", text, denied.symbol)


def told_of(canceled: list[str], *closings: Closing) -> tuple[tuple[str, str], ...]:
    """Return what was begun, for the answer."""
    return (
        ("canceling", ",".join(canceled)),
        ("closing", ",".join(each for closing in closings for each in closing.closed)),
        ("not_closed", ",".join(each for closing in closings for each in closing.denied)),
    )


def scope_id_of(turn: Turn, account: AccountState, scope: ScopeKind) -> str | None:
    """Return which group or firm a scope means for an account, or refuse."""
    scope_id = {
        ScopeKind.ACCOUNT: account.terms.account,
        ScopeKind.GROUP: account.terms.group,
        ScopeKind.FIRM: account.terms.firm,
    }.get(scope)
    if not scope_id:
        text = f"account {account.terms.account!r} is in no {scope}"
        turn.refuse("bad_request", text, "use scope account, or a group or firm that the account is in")
        return None
    return scope_id


DECIDE_EXITS: Deciders = {
    i.ClosePosition: _close,
    i.Flatten: _flatten,
}
