"""Leaving the market, step by step: cancel what could open, close what is held, ask the broker, until it is done.

It looks at what is, and says the next step; nothing is remembered but how often it failed.
What the broker refuses is tried again, ever more slowly, and people are told ever again.

Source     semantics.md section 7; reliability.md F43 and I11.
"""

from typing import Final

from msgspec import structs

from stopline.engine.cancels import is_left_alone, may_increase, request_cancel
from stopline.engine.decide.blocked import blocking_orders
from stopline.engine.decide.exits import closes_under_way, decide_close, open_positions
from stopline.engine.decide.self_match import avoid_self_match
from stopline.engine.enforce.duties import change, end
from stopline.engine.enforce.escalation import backoff, escalated
from stopline.engine.enforce.locks import FLATTENING, lift
from stopline.engine.severity import is_unproven
from stopline.engine.situation import held_qty
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.model.instrument import InstrumentStatus
from stopline.model.numbers import SECOND, Nanos, Qty
from stopline.model.obligation import Obligation, ObligationKind, ObligationState
from stopline.model.order import OrderState
from stopline.state.account import AccountState
from stopline.state.coverage import bare_of, whole_lots
from stopline.state.orders import OrderRecord
from stopline.state.positions import Position

ASK_AGAIN: Final[Nanos] = 5 * SECOND
"""How long the broker has to say that an account is flat, before it is asked again."""
SHUT: Final = frozenset({InstrumentStatus.CLOSED, InstrumentStatus.OFF_HOURS, InstrumentStatus.HALTED})


def fulfil_flatten(turn: Turn, account: AccountState, each: Obligation) -> None:
    """No position, no order, and the broker says so."""
    held = [position for position in open_positions(account) if held_qty(turn.state, position)]
    if not held and not account.live:
        _confirm(turn, account, each)
        return
    for order in account.live.values():
        position = account.positions[order.request.instrument_id]
        if order.request.closes_position:
            continue
        if may_increase(account, order) or not held_qty(turn.state, position):
            _cancel(turn, order, each.cause)
    _leave(turn, account, each, held, 0)


def fulfil_close(turn: Turn, account: AccountState, each: Obligation) -> None:
    """No position in one instrument; what could open it again goes as well."""
    position = account.positions.get(each.instrument_id)
    if position is None or not held_qty(turn.state, position):
        end(turn, account, each, ObligationState.DONE, "the position is closed")
        return
    for order in account.live.values():
        if order.request.instrument_id == each.instrument_id and may_increase(account, order):
            _cancel(turn, order, each.cause)
    _leave(turn, account, each, [position], 0)


def fulfil_reduce(turn: Turn, account: AccountState, each: Obligation) -> None:
    """No more than `qty` of one instrument."""
    position = account.positions.get(each.instrument_id)
    if position is None or not bare_of(position.qty, each.qty, _lot(turn, position)):
        end(turn, account, each, ObligationState.DONE, "the excess is closed")
        return
    breach = account.breaches.get(f"{each.cause}:")
    is_wanted = each.cause not in _EXCESS_RULES or breach is not None
    if not is_wanted and not closes_under_way(account, position):
        end(turn, account, each, ObligationState.SUPERSEDED, "the account is in bounds again")
        return
    if is_wanted:
        _leave(turn, account, each, [position], each.qty)


def _lot(turn: Turn, position: Position) -> Qty:
    return turn.state.instruments[position.instrument_id].lot_size


_EXCESS_RULES: Final = frozenset({"max_contracts"})
"""Rules whose excess may be gone by a trade in another instrument."""


_ASKED: Final = frozenset({OrderState.PENDING_CANCEL, OrderState.UNKNOWN})
"""Asked already; or the broker is asked what became of it, and it is cancelled as it comes up."""


def _cancel(turn: Turn, order: OrderRecord, cause: str) -> None:
    if order.state not in _ASKED and not is_left_alone(turn, order):
        request_cancel(turn, order, cause, "engine")


def _leave(turn: Turn, account: AccountState, each: Obligation, positions: list[Position], keep: Qty) -> None:
    """Close each position down to `keep`, as far as no close is under way, and say where the obligation stands."""
    if is_unproven(turn.state, account):
        text = "waits until the account is proven: " + "; ".join(held.reason for held in account.restrictions.values())
        change(turn, account, each, escalated(turn, account, _at(each, ObligationState.IN_PROGRESS, text)))
        return
    if each.state is ObligationState.CONFIRMING:
        # It was flat by our book: what came up since does not wait until the broker is asked again.
        each = structs.replace(each, next_at=0)
    shut, failure = [], ""
    for position in positions:
        left = abs(position.qty) - keep - sum(order.leaves_qty for order in closes_under_way(account, position))
        instrument = turn.state.instruments[position.instrument_id]
        if keep:
            # Of an excess that is odd whole lots go; all of an odd position goes at once.
            left = whole_lots(left, position.qty, instrument.lot_size)
        if left <= 0:
            continue
        if instrument.status in SHUT:
            shut.append(instrument.symbol)
        elif turn.at >= each.next_at:
            failure = _close(turn, account, position, left) or failure
    if shut and not failure:
        _wait_for_session(turn, account, each, shut)
        return
    after = _at(each, ObligationState.IN_PROGRESS, failure or each.text)
    if failure:
        after = structs.replace(after, attempts=each.attempts + 1, next_at=turn.at + backoff(each.attempts + 1))
    change(turn, account, each, escalated(turn, account, after))


def _close(turn: Turn, account: AccountState, position: Position, qty: Qty) -> str:
    """Say the close of so much of a position, or return why it may not go."""
    is_blocked = bool(blocking_orders(account, position, qty))
    decision = decide_close(turn, account, position, qty, "", "engine", is_blocked)
    if isinstance(decision, e.OrderDenied):
        return f"{decision.symbol}: {decision.check}: {decision.message}"
    if decision.hold is None:
        avoid_self_match(turn, account, decision.request)
    turn.say(decision)
    return ""


def _wait_for_session(turn: Turn, account: AccountState, each: Obligation, shut: list[str]) -> None:
    """The market is shut: what protects stays, and people know."""
    text = f"waits for the market of {', '.join(sorted(shut))} to open"
    if each.state is not ObligationState.WAITING_FOR_SESSION:
        turn.alert(account.terms.account, "WAITING_FOR_SESSION", "WARNING", f"{each.kind} ({each.cause}) {text}")
    change(turn, account, each, _at(each, ObligationState.WAITING_FOR_SESSION, text))


def _confirm(turn: Turn, account: AccountState, each: Obligation) -> None:
    """By our book it is done: the broker's picture ends it, or brings what our book does not know."""
    name = account.terms.account
    if turn.pictured == name:
        end(turn, account, each, ObligationState.DONE, "the broker says flat, with no orders")
        lift(turn, account, FLATTENING, "flat", "engine")
    elif each.state is not ObligationState.CONFIRMING or turn.at >= each.next_at:
        after = _at(each, ObligationState.CONFIRMING, "flat by our book; the broker is asked")
        after = structs.replace(after, next_at=turn.at + ASK_AGAIN)
        change(turn, account, each, escalated(turn, account, after))


def _at(each: Obligation, state: ObligationState, text: str) -> Obligation:
    return structs.replace(each, state=state, text=text)


def note_failed_close(turn: Turn, account: AccountState, client_order_id: str, reason: str) -> None:
    """A close ended without closing: it is tried again, later each time."""
    order = account.order(client_order_id)
    if order is None or not order.request.closes_position or not account.positions[order.request.instrument_id].qty:
        return
    for each in account.obligations.values():
        is_its = each.kind is ObligationKind.FLATTEN or each.instrument_id == order.request.instrument_id
        if is_its and each.kind is not ObligationKind.ATTACH:
            tries = each.attempts + 1
            after = structs.replace(each, attempts=tries, next_at=turn.at + backoff(tries), text=reason)
            turn.say(e.ObligationChanged(account.terms.account, after))
