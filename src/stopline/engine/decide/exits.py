"""Close, flatten, kill: the ways out. An exit never flips a position; it is sent only when that is provable.

A close that the account's own working orders stand in the way of is accepted, and goes once
they have left the broker. Only one beside closes that already take all of it is refused.

Source     semantics.md sections 3 and 4.
"""

from typing import Final

from msgspec import Struct

from stopline.engine.cancels import request_cancel
from stopline.engine.decide.blocked import blocking_orders, refuse_blocked
from stopline.engine.decide.self_match import avoid_self_match
from stopline.engine.decide.submit import id_is_usable, known_id
from stopline.engine.gate import Ticket, decide_order
from stopline.engine.tables import Deciders
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages.replies import Decided, Done, Repeated
from stopline.model.account import TradingState
from stopline.model.ids import CLOSE_ID
from stopline.model.limits import ScopeKind
from stopline.model.numbers import RATIO_ONE, SECOND, Nanos, Qty, render_qty
from stopline.model.order import Hold, OrderRequest, OrderType, Side
from stopline.state.account import AccountState
from stopline.state.lockouts import Restriction
from stopline.state.orders import OrderRecord
from stopline.state.positions import Position

KILL: Final = "kill"
ONE_PERSON_RELEASE_WAIT: Final[Nanos] = 900 * SECOND


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
    under_way = _closes_under_way(account, position)
    if _left(under_way) >= abs(position.qty):
        refuse_blocked(turn, account, under_way)
        return
    blocking = blocking_orders(account, position, qty)
    decision = decide_close(turn, account, position, qty, message.client_order_id, message.actor, bool(blocking))
    if isinstance(decision, e.OrderApproved) and decision.hold is None:
        avoid_self_match(turn, account, decision.request)
    turn.say(decision)
    turn.reply = Decided(decision)
    if isinstance(decision, e.OrderDenied):
        _alert_not_closed(turn, decision)


def _closes_under_way(account: AccountState, position: Position) -> tuple[OrderRecord, ...]:
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
        turn.refuse("unknown_instrument", f"unknown instrument {symbol!r}")
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
    if account is None:
        return
    positions, instrument_id = _open_positions(account), ""
    if message.symbol:
        instrument_id = turn.state.symbols.get(message.symbol, "")
        if not instrument_id:
            turn.refuse("unknown_instrument", f"unknown instrument {message.symbol!r}")
            return
        positions = [position for position in positions if position.instrument_id == instrument_id]
    canceled = _cancel_orders(turn, account, instrument_id, "flatten", message.actor)
    closing = _close_all(turn, account, positions, message.actor)
    turn.alert(
        message.account,
        "FLATTEN",
        "WARNING",
        f"flatten by {message.actor}: {message.reason or 'no reason given'}",
    )
    turn.reply = Done(_told(canceled, closing))


def _open_positions(account: AccountState) -> list[Position]:
    """Return open positions, shorts first: buying shorts back never uncovers anything."""
    return sorted((p for p in account.positions.values() if p.qty), key=lambda p: (p.qty > 0, p.instrument_id))


def _cancel_orders(turn: Turn, account: AccountState, instrument_id: str, cause: str, actor: str) -> list[str]:
    named = []
    for order in account.live.values():
        if instrument_id and order.request.instrument_id != instrument_id:
            continue
        if order.request.closes_position:
            # It is what flatten would send.
            continue
        request_cancel(turn, order, cause, actor)
        named.append(order.client_order_id)
    return named


class _Closing(Struct, frozen=True):
    """What became of closing positions: ids on their way, symbols that were denied."""

    closed: list[str]
    denied: list[str]


def _close_all(turn: Turn, account: AccountState, positions: list[Position], actor: str) -> _Closing:
    """Say a close of every position that provably can be closed."""
    closing = _Closing([], [])
    for position in positions:
        under_way = _closes_under_way(account, position)
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


def _told(canceled: list[str], *closings: _Closing) -> tuple[tuple[str, str], ...]:
    return (
        ("canceling", ",".join(canceled)),
        ("closing", ",".join(each for closing in closings for each in closing.closed)),
        ("not_closed", ",".join(each for closing in closings for each in closing.denied)),
    )


def _kill(turn: Turn, message: i.Kill) -> None:
    account = turn.account(message.account)
    if account is None:
        return
    scope_id = _kill_scope(turn, account, message.scope)
    if scope_id is None:
        return
    reason = message.reason or "kill switch"
    turn.say(e.RestrictionPlaced(message.scope, scope_id, KILL, TradingState.HALTED, reason, message.actor, 0))
    text = f"kill switch by {message.actor} on {message.scope} {scope_id}: {reason}"
    turn.alert(message.account, "KILL", "CRITICAL", text)
    canceled: list[str] = []
    closings: list[_Closing] = []
    for killed in _accounts_of(turn, account, message.scope):
        canceled += _cancel_entries(turn, killed, message.actor)
        if not message.keep_positions:
            closings.append(_close_all(turn, killed, _open_positions(killed), message.actor))
    turn.reply = Done(_told(canceled, *closings))


def _kill_scope(turn: Turn, account: AccountState, scope: ScopeKind) -> str | None:
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


def _accounts_of(turn: Turn, account: AccountState, scope: ScopeKind) -> list[AccountState]:
    if scope is ScopeKind.ACCOUNT:
        return [account]
    name = getattr(account.terms, scope)
    return [other for other in turn.state.accounts.values() if getattr(other.terms, scope) == name]


def _cancel_entries(turn: Turn, account: AccountState, actor: str) -> list[str]:
    named = []
    for order in account.live.values():
        if not order.reducing:
            request_cancel(turn, order, KILL, actor)
            named.append(order.client_order_id)
    return named


def _release(turn: Turn, message: i.ReleaseKill) -> None:
    account = turn.account(message.account)
    if account is None:
        return
    held = _kills(turn, account)
    if not held:
        turn.refuse("already_reset", f"no kill switch holds account {message.account!r}")
        return
    if not message.reason.strip():
        turn.refuse("bad_request", "releasing the kill switch needs a reason", "say why it is safe to trade again")
        return
    for scope, scope_id, restriction in held:
        waited = turn.at - restriction.since
        if message.actor == restriction.actor and waited < ONE_PERSON_RELEASE_WAIT:
            left = (ONE_PERSON_RELEASE_WAIT - waited) // SECOND
            text = f"the one who pulled the kill switch may release it alone after 15 minutes ({left} s left)"
            turn.refuse("second_person_required", text, "wait, or let a second person release it")
            turn.events.clear()
            return
        turn.say(e.RestrictionLifted(scope, scope_id, KILL, message.reason, message.actor))
    turn.alert(message.account, "KILL_RELEASED", "WARNING", f"released by {message.actor}: {message.reason}")
    turn.reply = Done((("released", message.account),))


def _kills(turn: Turn, account: AccountState) -> list[tuple[ScopeKind, str, Restriction]]:
    found = []
    for scope in (ScopeKind.ACCOUNT, ScopeKind.GROUP, ScopeKind.FIRM):
        if scope is ScopeKind.ACCOUNT:
            scope_id, restrictions = account.terms.account, account.restrictions
        else:
            scope_id = getattr(account.terms, scope)
            ledger = turn.state.scopes.get(f"{scope}:{scope_id}")
            restrictions = {} if ledger is None else ledger.restrictions
        if KILL in restrictions:
            found.append((scope, scope_id, restrictions[KILL]))
    return found


DECIDE_EXITS: Deciders = {
    i.ClosePosition: _close,
    i.Flatten: _flatten,
    i.Kill: _kill,
    i.ReleaseKill: _release,
}
