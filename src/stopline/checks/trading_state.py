"""Deny what the account's trading state does not allow: kill switch, breaker, lockout, cooldown.

Measures   how strict the strictest restriction of the account, its group and its firm is:
           0 active, 1 reducing, 2 cancel_only, 3 halted.
Boundary   new risk needs 0. No restriction is so small that it counts for nothing.
Exits      pass at 1. At 2 the position itself is not proven: only a close that the broker works out
           natively passes. At 3 only `/close` and `/flatten` pass.
No data    needs none: what is not known about a position is itself a restriction.
Source     semantics.md sections 3 (an exit always exists) and 4; document 001, feature 5.

Cancels never come here: they are always allowed, but for protection that is demanded.
"""

from typing import ClassVar, Final, Self

from stopline.checks.base import Armament, Candidate, Check
from stopline.model.account import SEVERITY, TradingState
from stopline.model.instants import render_instant
from stopline.model.verdict import Finding, Unit
from stopline.state.account import STATE_BY_SEVERITY
from stopline.state.view import AccountView

REDUCING: Final = SEVERITY[TradingState.REDUCING]
HALTED: Final = SEVERITY[TradingState.HALTED]


class TradingStateCheck(Check, frozen=True, gc=False):
    """Observes the severity that stands against this order, 0 if none does."""

    limit: int = 0
    native_close: bool = False
    """Whether the broker closes a position by its own count of it."""

    name: ClassVar[str] = "trading_state"
    unit: ClassVar[Unit] = Unit.STATE
    binds_exits: ClassVar[bool] = True

    @classmethod
    def arm(cls, armament: Armament) -> Self:
        """Armed always."""
        offer = armament.capabilities
        return cls(0, offer is not None and offer.native_close)

    def observe(self, order: Candidate, account: AccountView) -> int:
        """Return 0, or the severity that forbids the order."""
        severity = account.severity
        if severity == 0 or (severity == REDUCING and order.is_reducing):
            return 0
        if order.request.closes_position and severity != REDUCING:
            if self.native_close:
                return 0
            if severity == HALTED and order.is_reducing and _is_proven(account):
                return 0
        return severity

    def explain(self, order: Candidate, account: AccountView) -> Finding:
        """Return the finding, naming each restriction that stands in the way."""
        observed = self.observe(order, account)
        status = "denied" if observed > self.limit else "passed"
        return Finding(self.name, status, self.unit, observed, self.limit, _tell(observed, order, account))


def _is_proven(account: AccountView) -> bool:
    """Return whether nothing puts the position itself in doubt."""
    return all(held.state is not TradingState.CANCEL_ONLY for held in account.restrictions.values())


def _tell(observed: int, order: Candidate, account: AccountView) -> str:
    state = STATE_BY_SEVERITY[account.severity]
    if not observed:
        return f"the account is {state}" if not account.severity else f"the account is {state}; an exit passes"
    causes = []
    for key, held in account.restrictions.items():
        until = f" until {render_instant(held.until)}" if held.until else ""
        causes.append(f"{key} ({held.reason}){until}")
    named = "; ".join(causes) or "its group or firm is restricted"
    return f"the account is {state}: {named}. {_what_passes(state)}"


def _what_passes(state: TradingState) -> str:
    if state is TradingState.REDUCING:
        return "Only orders that provably reduce pass"
    if state is TradingState.CANCEL_ONLY:
        return "Only cancels pass, and a close that the broker works out itself"
    return "Only cancels, close and flatten pass"
