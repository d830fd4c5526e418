"""A reply of the desk -> an HTTP status and a body; over the socket it is the same pair.

A decision is rendered from its stored event alone, so that the same request gets the
same bytes today, after a restart and in a year.

Source     api.md (answers); semantics.md section 12 (ids).
"""

import logging
from asyncio import CancelledError, Future
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeAlias

from stopline.doors.native.errors import Answer, Header, blocked, encode, error, internal_error
from stopline.messages.events import Event, OrderApproved, OrderDenied, ReplaceApproved, ReplaceDenied
from stopline.messages.inputs import Input
from stopline.messages.replies import Checked, Decided, Done, Proposed, Refused, Repeated, Reply
from stopline.model.ids import AccountId, ClientOrderId
from stopline.model.numbers import Nanos
from stopline.model.order import STOPLINE_HOLDS, OrderState
from stopline.ports.desk import Desk, DeskUnavailable
from stopline.state.view import StateView
from stopline.views.decisions import denied, replace_denied, replaced, verdict_body
from stopline.views.limits import proposal_body
from stopline.views.orders import accepted
from stopline.views.wire import symbol_of

REFUSED: Final = {
    "unknown_account": 404,
    "unknown_order": 404,
    "unknown_instrument": 404,
    "unknown_breaker": 404,
    "unknown_lock": 404,
    "client_order_id_conflict": 409,
    "protective_order_working": 409,
    "order_not_working": 409,
    "no_position": 409,
    "condition_persists": 409,
    "already_reset": 409,
    "stale_version": 409,
    "protection_required": 403,
    "not_allowed": 403,
    "second_person_required": 403,
    "bad_request": 422,
    "store_unavailable": 503,
}
"""The status of each code of replies.Refused; a risk decision is never 429."""
REPEATED: Final[tuple[Header, ...]] = ((b"idempotent-replayed", b"true"),)
RETRY_LATER: Final[tuple[Header, ...]] = ((b"retry-after", b"1"),)
LISTS: Final = frozenset({"canceling", "closing", "not_closed", "flattening"})
"""Details of Done that hold ids or symbols, separated by commas."""
OnAnswer: TypeAlias = Callable[[Answer], None]
log = logging.getLogger(__name__)

STORE: Final = b"stopline-store"
"""The header of what was done while the store fails: what is wrong with it, and that this is recorded all the same."""


def respond(desk: Desk, reply: Reply) -> Answer:
    """Return the answer to a reply; bodies are the same whatever the store does, a header says what it does."""
    answer = _answer(desk, reply)
    failing = desk.peek(_store_failing)
    if not failing:
        return answer
    return Answer(answer.status, answer.body, (*answer.headers, (STORE, f"{failing}; recorded all the same".encode())))


def decide(desk: Desk, message: Input, on_answer: OnAnswer) -> None:
    """Hand in an input; its answer comes by a call once it is durable. A task that waits would cost more."""
    try:
        decided = desk.hand_in(message)
    except DeskUnavailable as fault:
        on_answer(unavailable(fault))
    else:
        decided.add_done_callback(partial(_when_decided, desk, on_answer))


def _when_decided(desk: Desk, on_answer: OnAnswer, decided: "Future[Reply]") -> None:
    try:
        answer = respond(desk, decided.result())
    except DeskUnavailable as fault:
        answer = unavailable(fault)
    except CancelledError:
        answer = unavailable(DeskUnavailable("shutting_down", "Stopline is shutting down"))
    except Exception:
        log.exception("a decision could not be answered")
        answer = internal_error()
    on_answer(answer)


def _store_failing(state: StateView, at: Nanos) -> str:
    return state.store_failing


def _answer(desk: Desk, reply: Reply) -> Answer:
    if isinstance(reply, Decided):
        return _decision(desk, reply.decision, reply.seq)
    if isinstance(reply, Repeated):
        return _again(desk, reply)
    if isinstance(reply, Refused):
        return refused(reply)
    if isinstance(reply, Checked):
        return Answer(200, encode(verdict_body(reply)))
    if isinstance(reply, Proposed):
        return Answer(202, encode(proposal_body(reply.proposal_id, reply.effective_at)))
    return Answer(200, encode(done_body(reply)))


def _decision(desk: Desk, decision: OrderApproved | OrderDenied | ReplaceApproved | ReplaceDenied, seq: int) -> Answer:
    if isinstance(decision, OrderApproved):
        return Answer(201, encode(accepted(decision, _what_followed(desk, decision, seq))))
    if isinstance(decision, OrderDenied):
        return Answer(403, encode(denied(decision)))
    if isinstance(decision, ReplaceApproved):
        return Answer(200, encode(replaced(decision, desk.peek(_state_of_replaced(decision)))))
    symbol = desk.peek(_symbol_of_order(decision.account, decision.client_order_id))
    return Answer(403, encode(replace_denied(decision, symbol)))


def _what_followed(desk: Desk, decision: OrderApproved, seq: int) -> tuple[Event, ...]:
    """Return the record of an order that Stopline keeps: it may have gone in it."""
    if decision.hold is None:
        return ()
    try:
        return desk.recorded(seq)[1]
    except KeyError:
        return ()


def _state_of_replaced(decision: ReplaceApproved) -> Any:
    """An order that Stopline keeps is changed with the decision; any other waits for the broker."""

    def view(state: StateView, at: Nanos) -> OrderState:
        order = state.accounts[decision.account].order(decision.client_order_id)
        is_kept = order is not None and order.state in STOPLINE_HOLDS
        return order.state if order is not None and is_kept else OrderState.PENDING_REPLACE

    return view


def _symbol_of_order(account: AccountId, client_order_id: ClientOrderId) -> Any:
    def view(state: StateView, at: Nanos) -> str:
        order = state.accounts[account].order(client_order_id)
        return "" if order is None else symbol_of(order.request.instrument_id)

    return view


def _again(desk: Desk, reply: Repeated) -> Answer:
    """Return the first answer to an order, found where it is stored."""
    try:
        _, events = desk.recorded(reply.seq)
    except KeyError:
        return error(503, "store_unavailable", f"record {reply.seq} cannot be read", "send it again later", RETRY_LATER)
    for event in events:
        if isinstance(event, OrderApproved | OrderDenied) and _is_of(event, reply):
            first = _decision(desk, event, reply.seq)
            return Answer(first.status, first.body, REPEATED)
    text = f"record {reply.seq} does not hold the decision on {reply.client_order_id!r}"
    return error(500, "internal_error", text, "tell whoever runs this Stopline: stopline journal verify")


def _is_of(event: OrderApproved | OrderDenied, reply: Repeated) -> bool:
    request = event.request
    return (request.account, request.client_order_id) == (reply.account, reply.client_order_id)


def refused(reply: Refused) -> Answer:
    """Return why it was not done."""
    status = REFUSED.get(reply.code, 409)
    if reply.orders:
        return blocked(status, reply.code, reply.message, reply.fix, reply.orders)
    return error(status, reply.code, reply.message, reply.fix)


def unavailable(fault: DeskUnavailable) -> Answer:
    """Return what a caller hears while nothing is decided: it used up no id, so it may be sent again."""
    return error(503, fault.reason, str(fault), "send it again later, under the same id", RETRY_LATER)


def done_body(reply: Done) -> dict[str, Any]:
    """Return what was done, by name."""
    return {name: [each for each in text.split(",") if each] if name in LISTS else text for name, text in reply.detail}
