"""Deny an order that would open one instrument too many.

Measures   how many instruments are held or worked, this order's included.
Boundary   exactly the limit passes; adding to what is open already opens nothing.
Exits      exempt.
No data    needs none.
Source     semantics.md section 5 (10).

A working order counts as much as a holding. Two expiries of one future are two.
"""

from typing import ClassVar, Self

from stopline.checks.base import Armament, Candidate, Check
from stopline.model.verdict import Unit
from stopline.state.view import AccountView


class MaxOpenPositions(Check, frozen=True, gc=False):
    """The most instruments held or worked at once."""

    name: ClassVar[str] = "max_open_positions"
    unit: ClassVar[Unit] = Unit.COUNT
    scoped: ClassVar[bool] = True

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `max_open_positions`."""
        most = armament.limits.max_open_positions
        return None if most is None else cls(most)

    def observe(self, order: Candidate, account: AccountView) -> int:
        """Return the number of instruments open after the order."""
        return order.open_instruments_after

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return both numbers."""
        relation = "exceed" if observed is None or observed > self.limit else "are within"
        return f"{observed} instruments held or worked {relation} the limit {self.limit}"
