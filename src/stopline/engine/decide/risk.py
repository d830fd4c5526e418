"""Breakers, baselines and statements of admins."""

from typing import Final

from stopline.engine.breakers import cause_persists, find_breaker, reset_events, trip_events
from stopline.engine.tables import Deciders
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages.replies import Done
from stopline.model.limits import ScopeKind
from stopline.model.order import OrderState

BASELINE: Final = "baseline"


def _trip(turn: Turn, message: i.TripBreaker) -> None:
    account = turn.account(message.account)
    if account is None:
        return
    if message.expires_at and message.expires_at <= turn.at:
        turn.refuse("bad_request", "expires_at lies in the past", "give an instant to come, or none")
        return
    active = find_breaker(turn.state, message.account, "MANUAL")
    if active is not None:
        text = f"breaker {active.breaker_id} is already open"
        turn.refuse("not_allowed", text, f"reset breaker {active.breaker_id} first")
        return
    reason = message.reason or "tripped by hand"
    trip_events(turn, account, "MANUAL", 0, 0, reason, message.actor, message.expires_at)
    turn.reply = Done((("breaker_id", str(turn.state.next_breaker_id)),))


def _reset(turn: Turn, message: i.ResetBreaker) -> None:
    breaker = turn.state.breakers.get(message.breaker_id)
    if breaker is None:
        turn.refuse("unknown_breaker", f"there is no breaker {message.breaker_id}")
        return
    if not breaker.active:
        turn.refuse("already_reset", f"breaker {message.breaker_id} is not open")
        return
    persists = cause_persists(turn.state, breaker, turn.at)
    if persists:
        turn.refuse("condition_persists", persists, "the breaker can be reset once its cause is gone")
        return
    reset_events(turn, breaker, message.reason or "reset by hand", message.actor)
    turn.reply = Done((("breaker_id", str(message.breaker_id)),))


def _state_baseline(turn: Turn, message: i.StateBaseline) -> None:
    account = turn.account(message.account)
    if account is None:
        return
    session = account.day.session
    if session is None or BASELINE not in account.restrictions:
        turn.refuse("not_allowed", "the baseline of this session is known; it never moves")
        return
    turn.say(e.BaselineStated(message.account, session.session_id, message.equity, message.reason, message.actor))
    turn.say(e.RestrictionLifted(ScopeKind.ACCOUNT, message.account, BASELINE, "stated", message.actor))
    turn.reply = Done((("session_id", session.session_id),))


OUTCOMES: Final = ("canceled", "expired", "rejected")


def _ended(message: i.ResolveOrder, reason: str) -> e.Event:
    if message.outcome == "canceled":
        return e.OrderCanceled(message.account, message.client_order_id, reason)
    if message.outcome == "expired":
        return e.OrderExpired(message.account, message.client_order_id, reason)
    return e.OrderRejected(message.account, message.client_order_id, reason, "")


def _resolve(turn: Turn, message: i.ResolveOrder) -> None:
    account = turn.account(message.account)
    if account is None:
        return
    order = account.order(message.client_order_id)
    if order is None:
        turn.refuse("unknown_order", f"no order {message.client_order_id!r} in account {message.account!r}")
        return
    if order.state is not OrderState.UNKNOWN:
        turn.refuse("not_allowed", f"order {message.client_order_id!r} is {order.state}, not unknown")
        return
    reason = f"resolved by {message.actor}: {message.reason}"
    if message.outcome not in OUTCOMES or not message.reason.strip():
        turn.refuse("bad_request", f"outcome is {', '.join(OUTCOMES)}, with a reason")
        return
    turn.say(_ended(message, reason))
    turn.reply = Done((("client_order_id", message.client_order_id), ("state", message.outcome)))


DECIDE_RISK: Deciders = {
    i.TripBreaker: _trip,
    i.ResetBreaker: _reset,
    i.StateBaseline: _state_baseline,
    i.ResolveOrder: _resolve,
}
