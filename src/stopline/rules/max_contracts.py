"""Close what an account holds in futures contracts beyond its limit.

Measures   the sum of held contracts over all futures, long and short alike; a mini counts 1, a
           micro its share (0.1), as the instrument's `contract_weight` says.
Units      contracts in full-size equivalents.
Boundary   exactly the limit is in bounds; a tier begins at exactly its profit.
Scope      the account.
No data    needs none: contracts need no price.
Enforces   closes the excess, taken from the latest increase: 1 ES and then 3 MES at a limit of 1
           close the MES.
Does not   lock, cancel what is working (the check of the same name counts that before it
           leaves), or count equities, options and currencies.
A scaling plan is `tiers`: what may be held from so much profit at the day's open on; an unknown
profit is none. The gate knows the limit of the check of the same name, and no tiers.

Source     document 002, RULE-001; semantics.md section 6 (001).
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.measures.contracts import Contract, contracts_allowed, latest_excess
from stopline.measures.margin import weighted_contracts
from stopline.model.breach import Action, ActionKind, RuleScope
from stopline.model.instrument import AssetClass
from stopline.model.numbers import QTY_ONE, RATIO_ONE
from stopline.model.rules import MaxContractsTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule, Situation, shown

_QTY_PER_RATIO = QTY_ONE // RATIO_ONE


class MaxContracts(Rule, frozen=True, gc=False):
    """The most contracts held, in full-size equivalents, as a quantity."""

    terms: MaxContractsTerms

    name: ClassVar[str] = "max_contracts"
    unit: ClassVar[Unit] = Unit.QTY
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    hangs_on_marks: ClassVar[bool] = False

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure the account."""
        held = sum(
            weighted_contracts(abs(each.qty), each.instrument.contract_weight)
            for each in seen.positions
            if each.instrument.asset_class is AssetClass.FUTURE
        )
        limit = contracts_allowed(self.terms, seen.opening_profit)
        yield Reading("", held * _QTY_PER_RATIO, limit * _QTY_PER_RATIO, held > limit, detail=held - limit)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return both numbers of contracts."""
        return f"{shown(reading.observed, self.unit)} contracts are held, and {shown(reading.limit, self.unit)} may be"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Close the excess, the latest increase first."""
        contracts = {
            each.instrument.instrument_id: Contract(
                each.instrument.contract_weight, max(each.instrument.lot_size, QTY_ONE)
            )
            for each in seen.positions
            if each.instrument.asset_class is AssetClass.FUTURE
        }
        increases = [(each.instrument_id, each.qty) for each in seen.increases]
        closing = latest_excess(increases, reading.detail, contracts)
        return tuple(Action(ActionKind.REDUCE_EXCESS, name, qty) for name, qty in closing.items())
