"""The limits in force of one account, by scope, with their version."""

from msgspec import Struct

from stopline.model.limits import Limits, ScopeKind, SymbolLimit
from stopline.model.market_hours import MarketSpan
from stopline.model.numbers import Nanos
from stopline.model.rules import Rules


class Proposal(Struct, frozen=True, gc=False, array_like=True):
    """A loosening that waits."""

    proposal_id: int
    scope: ScopeKind
    scope_id: str
    limits: Limits | None
    symbol: str
    symbol_limit: SymbolLimit | None
    proposed_at: Nanos
    effective_at: Nanos
    actor: str
    reason: str
    base: Limits | None = None
    symbol_base: SymbolLimit | None = None
    """What was in force when it was proposed: only what differs from it is asked for."""


class RulesProposal(Struct, frozen=True, gc=False, array_like=True):
    """A loosening of rules that waits."""

    rules: Rules
    hours: tuple[MarketSpan, ...]
    proposed_at: Nanos
    effective_at: Nanos
    actor: str
    reason: str


class LimitBook(Struct, gc=False, array_like=True):
    """`scopes`: `kind:id` (`account:` for the account's own) to limits; `symbols`: a symbol or product to its own."""

    version: int = 0
    changed_at: Nanos = 0
    changed_by: str = ""
    scopes: dict[str, Limits] = {}
    symbols: dict[str, SymbolLimit] = {}
    proposals: dict[int, Proposal] = {}
    any_of: str = ""
    """Which of user, client, strategy, symbol some order-rate limit counts by."""

    def own(self) -> Limits:
        """Return the account's own limits."""
        return self.scopes.get("account:", _NONE)


_NONE = Limits()
