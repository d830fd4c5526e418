"""Circuit breakers: what trips them, what keeps them open, what tripping and resetting say.

Source     semantics.md section 4; document 001, feature 10.
"""

from typing import Final

from msgspec import structs

from stopline.engine.assemble import scope_keys
from stopline.engine.strictest import NOT_ON_SCOPES, resolve
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.model.account import TradingState
from stopline.model.limits import Limits, ScopeKind
from stopline.model.numbers import Nanos, render_money
from stopline.state.account import AccountState
from stopline.state.lockouts import Breaker
from stopline.state.state import State

_TRIPS: Final = "breakers"
"""Where an account keeps them; no instrument has such an id."""


def find_breaker(state: State, account: str, trigger_type: str) -> Breaker | None:
    """Return the account's open breaker of this type."""
    key_type = (account, trigger_type)
    return next((b for b in state.breakers.values() if b.active and (b.account, b.trigger_type) == key_type), None)


def trip_events(
    turn: Turn,
    account: AccountState,
    trigger_type: str,
    value: int,
    threshold: int,
    reason: str,
    actor: str,
    expires_at: Nanos,
) -> None:
    """Say that a breaker opened: the account is `reducing` until it is reset."""
    breaker_id, name = turn.state.next_breaker_id + turn.breakers, account.terms.account
    turn.breakers += 1
    turn.say(
        e.BreakerTripped(breaker_id, name, trigger_type, value, threshold, reason, actor, expires_at),
        e.RestrictionPlaced(
            ScopeKind.ACCOUNT, name, f"breaker:{breaker_id}", TradingState.REDUCING, reason, actor, expires_at
        ),
    )
    if expires_at:
        turn.say(e.TimerSet(f"breaker:{breaker_id}", expires_at, name))
    turn.alert(name, "CIRCUIT_BREAKER", "CRITICAL", f"circuit breaker {breaker_id} ({trigger_type}): {reason}")


def reset_events(turn: Turn, breaker: Breaker, reason: str, actor: str) -> None:
    """Say that a breaker closed."""
    key = f"breaker:{breaker.breaker_id}"
    turn.say(
        e.BreakerReset(breaker.breaker_id, breaker.account, reason, actor),
        e.RestrictionLifted(ScopeKind.ACCOUNT, breaker.account, key, reason, actor),
    )
    if key in turn.state.timers:
        turn.say(e.TimerEnded(key))


def daily_loss_reached(state: State, account: AccountState) -> tuple[int, int] | None:
    """Return (day P&L, -limit) if the day's P&L is at or below the limit, None otherwise or when unknown."""
    limits = effective_limits(state, account)
    limit, total = limits.daily_loss, account.total_pnl()
    if limit is None or total is None or total > -limit or not limits.enabled:
        return None
    return total, -limit


def reject_burst_reached(state: State, account: AccountState, at: Nanos) -> tuple[int, int] | None:
    """Return (rejections in the window, limit) if the broker rejected too many orders."""
    limits = effective_limits(state, account)
    burst = limits.reject_burst
    if burst is None or not limits.enabled:
        return None
    nth = account.reject_times.nth_newest(burst.count)
    if nth is None or nth <= at - burst.window:
        return None
    return account.reject_times.count_since(at - burst.window), burst.count


def effective_limits(state: State, account: AccountState) -> Limits:
    """Return the strictest of the account's own limits, its group's and its firm's: what trips its breakers.

    Kept beside the armed checks, and forgotten with them when a limit changes.
    """
    found: Limits | None = account.armed.get(_TRIPS)
    if found is None:
        scopes = [state.scopes.get(key) for key in scope_keys(account.terms, "", "")]
        shared = [structs.replace(scope.limits.own(), **NOT_ON_SCOPES) for scope in scopes if scope is not None]
        found = account.armed[_TRIPS] = resolve((account.limits.own(), *shared))
    return found


def cause_persists(state: State, breaker: Breaker, at: Nanos) -> str:
    """Return a sentence if what tripped the breaker still holds, else an empty text."""
    account = state.accounts[breaker.account]
    if breaker.trigger_type == "DAILY_LOSS":
        if account.total_pnl() is None:
            return "the day's P&L is unknown: it cannot be shown that the loss is gone"
        reached = daily_loss_reached(state, account)
        if reached is not None:
            return f"the day's P&L is {render_money(reached[0])}, at or below {render_money(reached[1])}"
    if breaker.trigger_type == "REJECT_BURST":
        burst = reject_burst_reached(state, account, at)
        if burst is not None:
            return f"the broker rejected {burst[0]} orders in the window, the limit is {burst[1]}"
    return ""


def expiry_of(account: AccountState, at: Nanos) -> Nanos:
    """Return when a breaker tripped now closes by itself, 0 for never."""
    expiry = account.limits.own().breaker_expiry
    return 0 if expiry is None else at + expiry
