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
