"""Restrictions and breakers: what an account may not do now, and why."""

from msgspec import Struct

from stopline.model.account import TradingState
from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos


class Restriction(Struct, frozen=True, gc=False, array_like=True):
    """One reason to do less. `until` 0 means until lifted."""

    key: str
    state: TradingState
    reason: str
    actor: str
    since: Nanos
    until: Nanos
    keeps_flat: bool = False
    """Nothing may be held or worked while it stands: what comes up is closed."""
    zone: str = ""
    tzdata: str = ""
    """Where `until` was computed in, for a lock that ends with a session."""


class Breaker(Struct, gc=False, array_like=True):
    """A circuit breaker, open (`active`) or past."""

    breaker_id: int
    account: AccountId
    trigger_type: str
    trigger_value: int
    threshold: int
    reason: str
    actor: str
    tripped_at: Nanos
    expires_at: Nanos
    active: bool = True
    reset_at: Nanos = 0
    reset_by: str = ""
