"""What keeps an account from trading: kill switch, locks, circuit breakers."""

from typing import TypeAlias

from stopline.messages.events.base import BaseEvent
from stopline.model.account import TradingState
from stopline.model.ids import AccountId
from stopline.model.limits import ScopeKind
from stopline.model.numbers import Nanos


class RestrictionPlaced(BaseEvent, frozen=True, gc=False):
    """An account (or group, or firm) may do less from now on. The strictest restriction wins.

    `key` is unique per scope and cause, e.g. `breaker:3`, `kill`, `connection`, `baseline`.
    """

    scope: ScopeKind
    scope_id: str
    key: str
    state: TradingState
    reason: str
    actor: str
    until: Nanos
    keeps_flat: bool = False
    """Nothing may be held or worked while it stands: what comes up is closed."""
    zone: str = ""
    tzdata: str = ""
    """Where `until` was computed in, for a lock that ends with a session."""


class RestrictionLifted(BaseEvent, frozen=True, gc=False):
    """A restriction ended."""

    scope: ScopeKind
    scope_id: str
    key: str
    reason: str
    actor: str


class BreakerTripped(BaseEvent, frozen=True, gc=False):
    """A circuit breaker opened: DAILY_LOSS, REJECT_BURST or MANUAL. `expires_at` 0 means until reset.

    `trigger_value` and `threshold` are money for DAILY_LOSS and counts for REJECT_BURST.
    """

    breaker_id: int
    account: AccountId
    trigger_type: str
    trigger_value: int
    threshold: int
    reason: str
    actor: str
    expires_at: Nanos


class BreakerReset(BaseEvent, frozen=True, gc=False):
    """A circuit breaker closed: by hand, by expiry, or at the account's reset."""

    breaker_id: int
    account: AccountId
    reason: str
    actor: str


RestrictionEvent: TypeAlias = RestrictionPlaced | RestrictionLifted | BreakerTripped | BreakerReset
