"""Limits, and how they come to change."""

from typing import TypeAlias

from stopline.messages.events.base import BaseEvent
from stopline.model.ids import AccountId
from stopline.model.limits import Limits, ScopeKind, SymbolLimit
from stopline.model.numbers import Nanos


class LimitsChanged(BaseEvent, frozen=True, gc=False):
    """One scope's limits are these from now on."""

    account: AccountId
    scope: ScopeKind
    scope_id: str
    limits: Limits
    version: int
    actor: str
    reason: str


class SymbolLimitChanged(BaseEvent, frozen=True, gc=False):
    """One symbol's limit is this from now on."""

    account: AccountId
    symbol: str
    limit: SymbolLimit
    version: int
    actor: str
    reason: str


class LimitsRefused(BaseEvent, frozen=True, gc=False):
    """A change of limits was refused."""

    account: AccountId
    reason: str
    actor: str


class LimitsProposed(BaseEvent, frozen=True, gc=False):
    """A loosening waits: until `effective_at`, or for a second person."""

    account: AccountId
    proposal_id: int
    scope: ScopeKind
    scope_id: str
    limits: Limits | None
    symbol: str
    symbol_limit: SymbolLimit | None
    effective_at: Nanos
    actor: str
    reason: str


class ProposalClosed(BaseEvent, frozen=True, gc=False):
    """A proposal took effect (`applied`) or lapsed."""

    account: AccountId
    proposal_id: int
    applied: bool
    actor: str
    reason: str


class AccountArmed(BaseEvent, frozen=True, gc=False):
    """Loosening this account's limits waits from now on."""

    account: AccountId
    actor: str


LimitEvent: TypeAlias = (
    LimitsChanged | SymbolLimitChanged | LimitsRefused | LimitsProposed | ProposalClosed | AccountArmed
)
