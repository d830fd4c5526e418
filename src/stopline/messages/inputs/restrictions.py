"""People, about what keeps an account from trading: kill switch, locks, circuit breakers."""

from typing import TypeAlias

from stopline.messages.inputs.base import BaseInput
from stopline.model.ids import AccountId
from stopline.model.limits import ScopeKind
from stopline.model.numbers import Nanos


class Kill(BaseInput, frozen=True, gc=False):
    """Kill switch: halt, cancel entries, flatten unless `keep_positions`. Scope account, group or firm."""

    account: AccountId
    scope: ScopeKind = ScopeKind.ACCOUNT
    keep_positions: bool = False
    reason: str = ""
    actor: str = "local"


class ReleaseKill(BaseInput, frozen=True, gc=False):
    """Release the kill switch: a second person, or the same one after 15 minutes, with a reason."""

    account: AccountId
    reason: str
    actor: str = "local"


class TripBreaker(BaseInput, frozen=True, gc=False):
    """Trip a circuit breaker by hand; `expires_at` 0 means until reset."""

    account: AccountId
    reason: str = ""
    expires_at: Nanos = 0
    actor: str = "local"


class ResetBreaker(BaseInput, frozen=True, gc=False):
    """Reset a circuit breaker; refused `condition_persists` while its cause holds."""

    breaker_id: int
    reason: str = ""
    actor: str = "local"


class LockOut(BaseInput, frozen=True, gc=False):
    """Lock an account out by hand until an instant, `flatten` first if asked. It cannot be taken back."""

    account: AccountId
    until: Nanos
    flatten: bool = False
    reason: str = ""
    actor: str = "local"


class ReleaseLock(BaseInput, frozen=True, gc=False):
    """Release a lockout or cooldown early: a second person, or the same one after the cooling-off time."""

    account: AccountId
    key: str
    reason: str
    actor: str = "local"


RestrictionInput: TypeAlias = Kill | ReleaseKill | TripBreaker | ResetBreaker | LockOut | ReleaseLock
