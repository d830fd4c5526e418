"""Close a position that was well in profit before it turns into a loss.

Measures   the mark against the average entry price, once the best mark was `trigger_ticks` beyond it.
Units      price; ticks are the instrument's.
Boundary   a mark exactly `offset_ticks` beyond the entry closes; so does the trigger exactly reached arm it.
Scope      each position.
No data    no breach without a mark that two usable quotes in a row confirm; such a mark arms nothing either.
Enforces   closes the position.
Does not   rest at the broker, count fees (an offset can), or act before the trigger.
Source     semantics.md section 6.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.measures.average import average_price
from stopline.model.breach import Action, RuleScope
from stopline.model.rules import BreakevenTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Quiet, Reading, Rule, Situation, close, shown


class Breakeven(Rule, frozen=True, gc=False):
    """What must be left of a profit, as a distance of prices from the entry."""

    terms: BreakevenTerms

    name: ClassVar[str] = "breakeven"
    unit: ClassVar[Unit] = Unit.PRICE
    scope: ClassVar[RuleScope] = RuleScope.POSITION
    falls: ClassVar[bool] = True

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure each position that was in profit enough."""
        for each in seen.positions:
            tick = each.instrument.tick_size
            entry = average_price(each.cost, each.qty, each.instrument.multiplier)
            if entry is None or each.best_mark is None:
                continue
            if (each.best_mark - entry) * each.sign < self.terms.trigger_ticks * tick:
                continue
            left = (each.mark - entry) * each.sign if each.is_trusted and each.mark is not None else None
            limit = self.terms.offset_ticks * tick
            yield Reading(each.instrument.instrument_id, left, limit, left is not None and left <= limit, each, entry)

    def quiet(self, seen: Situation) -> Quiet | None:
        """Return: between each best mark and where the profit ends, if that counts yet."""
        bounds = []
        for each in seen.positions:
            entry = average_price(each.cost, each.qty, each.instrument.multiplier)
            if each.best_mark is None or not each.is_trusted or each.mark is None or entry is None:
                return None
            left = entry + each.sign * (self.terms.offset_ticks * each.instrument.tick_size + 1)
            if (each.mark - left) * each.sign < 0:
                return None
            edges = sorted((each.best_mark, left))
            bounds.append((each.instrument.instrument_id, edges[0], edges[1]))
        return Quiet(marks=tuple(bounds))

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return what is left of the profit."""
        left, limit = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        entry = shown(reading.detail, self.unit)
        return f"{reading.key} was in profit, and is {left} beyond its entry at {entry}: {limit} is the least"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Close it."""
        return close(reading.held)
