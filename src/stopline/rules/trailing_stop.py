"""Close a position that has come back too far from its best price.

Measures   how far the mark is behind the best mark since the position was opened.
Units      price; `ticks` are the instrument's.
Boundary   exactly the distance closes.
Scope      each position.
No data    no breach without a mark that two usable quotes in a row confirm; such a mark moves no best one either.
Enforces   closes the position.
Does not   rest at the broker: it acts on the quotes that arrive here, and while Stopline is away nobody does. It does
           not act before the best mark was `arm_ticks` beyond the average entry price.
Source     semantics.md section 6.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.measures.average import average_price
from stopline.model.breach import Action, RuleScope
from stopline.model.rules import TrailingStopTerms
from stopline.model.verdict import Unit
from stopline.rules.base import HeldPosition, Quiet, Reading, Rule, Situation, close, shown


class TrailingStop(Rule, frozen=True, gc=False):
    """How far a mark may come back, as a distance of prices."""

    terms: TrailingStopTerms

    name: ClassVar[str] = "trailing_stop"
    unit: ClassVar[Unit] = Unit.PRICE
    scope: ClassVar[RuleScope] = RuleScope.POSITION

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure each position that has a best mark, and is armed."""
        for each in seen.positions:
            if each.best_mark is None or not self._is_armed(each, each.best_mark):
                continue
            limit = self.terms.ticks * each.instrument.tick_size
            back = (each.best_mark - each.mark) * each.sign if each.is_trusted and each.mark is not None else None
            is_breach = back is not None and back >= limit
            yield Reading(each.instrument.instrument_id, back, limit, is_breach, each, each.best_mark)

    def _is_armed(self, held: HeldPosition, best_mark: int) -> bool:
        entry = average_price(held.cost, held.qty, held.instrument.multiplier)
        needed = self.terms.arm_ticks * held.instrument.tick_size
        return entry is not None and (needed == 0 or (best_mark - entry) * held.sign >= needed)

    def quiet(self, seen: Situation) -> Quiet | None:
        """Return: between each best mark and the stop behind it."""
        bounds = []
        for each in seen.positions:
            if each.best_mark is None or not each.is_trusted or each.mark is None:
                return None
            limit = self.terms.ticks * each.instrument.tick_size
            if (each.best_mark - each.mark) * each.sign >= limit:
                return None
            edges = sorted((each.best_mark, each.best_mark - each.sign * (limit - 1)))
            bounds.append((each.instrument.instrument_id, edges[0], edges[1]))
        return Quiet(marks=tuple(bounds))

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return how far it came back, from where."""
        back, limit = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        return f"{reading.key} is {back} behind its best mark of {shown(reading.detail, self.unit)}, {limit} is allowed"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Close it."""
        return close(reading.held)
