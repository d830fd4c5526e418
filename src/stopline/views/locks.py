"""Locks: what an account may not do, until when, and what ends it."""

from typing import Final

from msgspec import Struct

from stopline.engine.decide.kill import ONE_PERSON_RELEASE_WAIT
from stopline.engine.decide.limits import COOLING_OFF
from stopline.engine.enforce.locks import COOLDOWN, LOCK
from stopline.model.numbers import SECOND, Nanos
from stopline.state.account import AccountState
from stopline.state.lockouts import Restriction
from stopline.state.view import StateView
from stopline.views.risk import restricting
from stopline.views.wire import InstantText, instant, optional_instant


class LockBody(Struct):
    """What stands, and how it ends. `one_person_from`: from then on one person alone may release it.

    `until` null: until somebody or something ends it. `keeps_flat`: what comes up meanwhile is closed again.
    """

    scope: str
    scope_id: str
    key: str
    state: str
    reason: str
    actor: str
    since: InstantText
    until: InstantText | None
    left_s: int | None
    keeps_flat: bool
    zone: str
    tzdata: str
    ends: str
    one_person_from: InstantText | None


def locks_of(account: AccountState, state: StateView, at: Nanos) -> list[LockBody]:
    """Return all that stands on an account, its group and its firm, the strictest first."""
    return [_lock_body(account, *each, at) for each in restricting(account, state)]


def _lock_body(account: AccountState, scope: str, scope_id: str, held: Restriction, at: Nanos) -> LockBody:
    return LockBody(
        scope,
        scope_id,
        held.key,
        held.state.value,
        held.reason,
        held.actor,
        instant(held.since),
        optional_instant(held.until),
        max(0, held.until - at) // SECOND if held.until else None,
        held.keeps_flat,
        held.zone,
        held.tzdata,
        what_ends(held.key),
        optional_instant(one_person_from(account, held)),
    )


_ENDS: Final = {
    "lock": "its end, or POST /api/risk/lockout/release with a reason",
    "cooldown": "its end, or POST /api/risk/lockout/release with a reason",
    "rule": "what the rule found is in bounds again",
    "kill": "POST /api/release with a reason",
    "breaker": "its end, or POST /api/risk/circuit-breaker/reset once its cause is gone",
    "flatten": "the account is flat, and the broker says so",
    "connection": "the broker is connected, and its picture agrees with our book",
    "mismatch": "our book agrees with the broker's",
    "baseline": "POST /api/risk/baseline: somebody states the opening equity",
    "clock": "the wall clock is back, or POST /api/clock/trust with a reason",
}


def what_ends(key: str) -> str:
    """Return what ends a restriction, in words."""
    return _ENDS.get(key.partition(":")[0], "nothing while this process runs: report it")


def one_person_from(account: AccountState, held: Restriction) -> Nanos | None:
    """Return from when one person alone may release a lock; None for what nobody releases so."""
    if not held.key.startswith((LOCK, COOLDOWN)):
        return None
    return held.since + (COOLING_OFF if account.is_armed else ONE_PERSON_RELEASE_WAIT)
