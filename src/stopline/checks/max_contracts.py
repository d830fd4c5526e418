"""Deny an order that could bring the account more futures contracts than it may have.

Measures   the sum of worst-case contracts over all futures; a mini counts 1, a micro its share
           (0.1), as the instrument's `contract_weight` says.
Boundary   exactly the limit passes.
Exits      exempt.
No data    needs none: contracts need no price.
Source     document 002, RULE-001; semantics.md section 5 (9).

Long and short contracts add up: a spread of one against one is two. It is asked for futures
only; an equity order is no contract.
"""

from typing import ClassVar, Final, Self

from stopline.checks.base import Armament, Candidate, Check, shown
from stopline.model.instrument import AssetClass
from stopline.model.numbers import QTY_ONE, RATIO_ONE, Qty
from stopline.model.verdict import Unit
from stopline.state.view import AccountView

_QTY_PER_RATIO: Final = QTY_ONE // RATIO_ONE


class MaxContracts(Check, frozen=True, gc=False):
    """The most contracts, in full-size equivalents, as a quantity."""

    name: ClassVar[str] = "max_contracts"
    unit: ClassVar[Unit] = Unit.QTY
    scoped: ClassVar[bool] = True
    qty_monotone: ClassVar[bool] = True

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `max_contracts`, for futures."""
        most = armament.limits.max_contracts
        if most is None or armament.instrument.asset_class is not AssetClass.FUTURE:
            return None
        return cls(most * _QTY_PER_RATIO)

    def observe(self, order: Candidate, account: AccountView) -> Qty:
        """Return the worst-case contracts after the order."""
        return order.contracts_after * _QTY_PER_RATIO

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return both numbers of contracts."""
        relation = "exceed" if observed is None or observed > self.limit else "are within"
        most = shown(self.limit, self.unit)
        return f"{shown(observed, self.unit)} worst-case contracts {relation} the limit {most}"
