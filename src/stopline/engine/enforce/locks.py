"""Locks: what a rule, a person or the clock forbids an account until an instant, or until a person lifts it.

A lock only lengthens; nothing but its own end or an approved release takes it away. Its end
is an instant of engine time, computed once: no clock, zone or restart moves it.

Source     semantics.md sections 4 and 6; reliability.md I09, F30, F31.
"""

from typing import Final

from stopline.engine.severity import restrictions_on
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.model.account import TradingState
from stopline.model.limits import ScopeKind
from stopline.model.numbers import SECOND, Nanos
from stopline.state.account import AccountState
from stopline.state.state import State

LOCK: Final = "lock:"
"""A hard lockout: what comes up meanwhile is closed."""
COOLDOWN: Final = "cooldown:"
RULE: Final = "rule:"
"""`reducing` while a breach stands; it ends with it."""
CLOCK: Final = "clock"
FLATTENING: Final = "flatten"
"""No new risk while the account is being flattened."""
KILL: Final = "kill"
LENGTHEN_BY: Final[Nanos] = 5 * SECOND
"""A lock that a standing breach asks for again is not lengthened by less."""
NEVER: Final[Nanos] = 2**63 - 1


def place_lock(
    turn: Turn,
    account: AccountState,
    key: str,
    until: Nanos,
    reason: str,
    actor: str = "engine",
    *,
    state: TradingState = TradingState.REDUCING,
    keeps_flat: bool = False,
) -> bool:
    """Say a lock until `until` (0: until a person lifts it), unless one as long stands; return whether it was said.

    One that would be over already is none.
    """
    if until and until <= turn.at:
        return False
    name, session = account.terms.account, account.day.session
    stands_until, was_flat = _standing(turn, account, key)
    keeps_flat = keeps_flat or was_flat
    end = until or NEVER
    if stands_until is not None and end <= stands_until and keeps_flat is was_flat:
        return False
    end = end if stands_until is None else max(end, stands_until)
    until = 0 if end == NEVER else end
    tzdata = "" if session is None else session.tzdata
    turn.say(
        e.RestrictionPlaced(
            ScopeKind.ACCOUNT, name, key, state, reason, actor, until, keeps_flat, account.terms.reset_zone, tzdata
        )
    )
    if until:
        turn.say(e.TimerSet(timer_of(name, key), until, name))
    return True


def _standing(turn: Turn, account: AccountState, key: str) -> tuple[Nanos | None, bool]:
    """Return until when a lock of this key stands, and whether it keeps flat, as said last; None without one."""
    for event in reversed(turn.events):
        if isinstance(event, e.RestrictionPlaced) and (event.scope_id, event.key) == (account.terms.account, key):
            return event.until or NEVER, event.keeps_flat
    held = account.restrictions.get(key)
    return (None, False) if held is None else (held.until or NEVER, held.keeps_flat)


def timer_of(account: str, key: str) -> str:
    """Return the timer at which a lock ends."""
    return f"lock:{account}:{key}"


def lift(turn: Turn, account: AccountState, key: str, reason: str, actor: str = "engine") -> None:
    """Say that a lock ended, and its timer with it."""
    name = account.terms.account
    if key in account.restrictions:
        turn.say(e.RestrictionLifted(ScopeKind.ACCOUNT, name, key, reason, actor))
    timer = timer_of(name, key)
    if timer in turn.state.timers:
        turn.say(e.TimerEnded(timer))


def end_lock(turn: Turn, account: AccountState, key: str) -> None:
    """The instant of a lock's end has come: it ends, unless it was lengthened, or nobody trusts the clock."""
    held = account.restrictions.get(key)
    if held is None or not held.until or held.until > turn.at:
        return
    if CLOCK in account.restrictions:
        return  # until `trust_clock`
    turn.say(e.RestrictionLifted(ScopeKind.ACCOUNT, account.terms.account, key, "its time is over", "engine"))
    turn.alert(account.terms.account, "LOCK_ENDED", "INFO", f"{key} is over: {held.reason}")


def trust_clock(turn: Turn, account: AccountState, reason: str, actor: str = "engine") -> None:
    """Say that the clock is right again: the locks whose instants have come meanwhile end now."""
    lift(turn, account, CLOCK, reason, actor)
    name = account.terms.account
    for key, held in account.restrictions.items():
        is_lock = key.startswith((LOCK, COOLDOWN))
        if is_lock and held.until and held.until <= turn.at and timer_of(name, key) not in turn.state.timers:
            turn.say(e.TimerSet(timer_of(name, key), turn.at, name))


def is_locked(state: State, account: AccountState) -> bool:
    """Return whether a hard lockout stands on the account, or the kill switch on it, its group or its firm."""
    return any(
        key.startswith(LOCK) or key == KILL for restrictions in restrictions_on(state, account) for key in restrictions
    )


def cools_down(account: AccountState) -> bool:
    """Return whether a cooldown stands."""
    return any(key.startswith(COOLDOWN) for key in account.restrictions)
