"""People, about limits."""

from typing import TypeAlias

from stopline.messages.inputs.base import BaseInput
from stopline.model.ids import AccountId
from stopline.model.limits import Limits, ScopeKind, SymbolLimit


class ChangeLimits(BaseInput, frozen=True, gc=False):
    """Set the limits of one scope. `base_version` 0 skips the stale-version test."""

    account: AccountId
    limits: Limits
    scope: ScopeKind = ScopeKind.ACCOUNT
    scope_id: str = ""
    """Empty for the account itself; else the firm, group, user or strategy."""
    base_version: int = 0
    reason: str = ""
    actor: str = "local"


class ChangeSymbolLimit(BaseInput, frozen=True, gc=False):
    """Set the limit of one symbol or futures product in one account; None fields take the limit away."""

    account: AccountId
    symbol: str
    limit: SymbolLimit
    base_version: int = 0
    reason: str = ""
    actor: str = "local"


class ApproveLimits(BaseInput, frozen=True, gc=False):
    """A second person approves a proposed loosening."""

    account: AccountId
    proposal_id: int
    actor: str = "local"


class ArmAccount(BaseInput, frozen=True, gc=False):
    """From now on, loosening this account's limits waits or needs a second person."""

    account: AccountId
    actor: str = "local"


LimitInput: TypeAlias = ChangeLimits | ChangeSymbolLimit | ApproveLimits | ArmAccount
