"""Close what is held in one instrument beyond its limit; futures count by product.

Measures   the quantity held, long and short alike; of a future, in all expiries of its product
           together: two ESZ6 and one ESH7 are three.
Units      contracts, or units of another instrument.
Boundary   exactly the limit is in bounds.
Scope      each futures product, and each instrument of another class.
No data    needs none.
Enforces   closes that product's excess, taken from the latest increase.
Does not   lock, weigh micros against minis (MES is a product of its own), or touch another product.
Source     document 002, RULE-002; semantics.md sections 1 (per product) and 6 (002).
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.measures.contracts import Contract, latest_excess
from stopline.model.breach import Action, ActionKind, RuleScope
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import QTY_ONE, RATIO_ONE, Qty, div_ceil
from stopline.model.rules import MaxContractsPerInstrumentTerms
from stopline.model.verdict import Unit
from stopline.rules.base import HeldPosition, Reading, Rule, Situation, shown


class MaxContractsPerInstrument(Rule, frozen=True, gc=False):
    """The most that may be held of one product or instrument, as a quantity."""

    terms: MaxContractsPerInstrumentTerms

    name: ClassVar[str] = "max_contracts_per_instrument"
    unit: ClassVar[Unit] = Unit.QTY
    scope: ClassVar[RuleScope] = RuleScope.INSTRUMENT
    hangs_on_marks: ClassVar[bool] = False

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure each product that is held and has a limit."""
        groups: dict[str, list[HeldPosition]] = {}
        for each in seen.positions:
            groups.setdefault(_counted_as(each.instrument), []).append(each)
        for key, members in groups.items():
            limit = self._limit(members[0].instrument)
            if limit is not None:
                held = sum(abs(each.qty) for each in members)
                yield Reading(key, held, limit, held > limit, detail=members)

    def _limit(self, instrument: Instrument) -> Qty | None:
        """Return the limit written for its canonical id, product or symbol (as in patterns), else that for all."""
        products, short = self.terms.products, instrument.product.rpartition(":")[2]
        for name in (instrument.instrument_id, instrument.product, instrument.symbol, short):
            if name in products:
                return products[name]
        return self.terms.limit

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return both quantities."""
        held, most = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        return f"{held} of {reading.key} are held, and {most} may be"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Close the excess, the latest increase first."""
        contracts = {each.instrument.instrument_id: _contract(each.instrument) for each in reading.detail}
        increases = [(each.instrument_id, each.qty) for each in seen.increases]
        excess = div_ceil(((reading.observed or 0) - reading.limit) * RATIO_ONE, QTY_ONE)
        closing = latest_excess(increases, excess, contracts)
        return tuple(Action(ActionKind.REDUCE_EXCESS, name, qty) for name, qty in closing.items())


def _counted_as(instrument: Instrument) -> str:
    return instrument.product if instrument.asset_class is AssetClass.FUTURE else instrument.instrument_id


def _contract(instrument: Instrument) -> Contract:
    is_future = instrument.asset_class is AssetClass.FUTURE
    return Contract(RATIO_ONE, max(instrument.lot_size, QTY_ONE) if is_future else instrument.lot_size)
