"""Deny new risk while the broker is not connected or decisions cannot be stored.

Measures   whether the journal takes appends, and whether the account's broker is connected.
Boundary   either of them denies.
Exits      exempt here: without the broker's word on the position, `trading_state` holds them
           (`cancel_only`); with the store failing, provable reductions go.
No data    a broker that was never connected is not connected.
Source     document 002, RULE-010; semantics.md sections 3 and 5 (20); architecture.md promise 6.

An account that is connected but not reconciled is held by its restriction, in `trading_state`.
"""

from typing import ClassVar, Final, Self

from stopline.checks.base import Armament, Candidate, Check
from stopline.model.verdict import Unit
from stopline.state.view import AccountView

STORE_UNAVAILABLE: Final = 1
BROKER_DOWN: Final = 2


class Connection(Check, frozen=True, gc=False):
    """Observes 0 if all is up, 1 while the store fails, 2 while the broker is down."""

    limit: int = 0
    broker: str = ""

    name: ClassVar[str] = "connection"
    unit: ClassVar[Unit] = Unit.STATE

    @classmethod
    def arm(cls, armament: Armament) -> Self:
        """Armed always."""
        return cls(0, armament.terms.broker)

    def observe(self, order: Candidate, account: AccountView) -> int:
        """Return what is down."""
        if order.store_failing:
            return STORE_UNAVAILABLE
        return 0 if order.broker_connected else BROKER_DOWN

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return what is down, and why if anybody said."""
        if observed == STORE_UNAVAILABLE:
            return f"store_unavailable: no new risk while decisions cannot be stored ({order.store_failing})"
        if observed == BROKER_DOWN:
            return f"broker_down: no new risk while broker {self.broker!r} is not connected"
        return f"broker {self.broker!r} is connected, and decisions are stored"
