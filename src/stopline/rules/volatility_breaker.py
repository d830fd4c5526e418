"""Take no new risk while a market moves as it should not.

Measures   the range of an instrument's marks within a sliding window, as a share of the oldest of them.
Units      a share; `window` is an hour at most.
Boundary   a range equal to `move` is a breach; a mark exactly one window old still counts.
Scope      each instrument that is held or worked.
No data    no breach without a mark in the window; marks that are not trusted do not count, nor does a price of zero.
Enforces   cancels entries, and a cooldown from now.
Does not   close or cancel protection: leaving a market that moves is the trader's to decide. It does not know
           what is usual for an instrument; `move` says it.
Source     semantics.md section 6; reliability.md N5, N7.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.measures.window import range_ratio
from stopline.model.breach import Action, RuleScope
from stopline.model.instants import render_duration
from stopline.model.rules import VolatilityBreakerTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule, Situation, cooldown, shown


class VolatilityBreaker(Rule, frozen=True, gc=False):
    """The range that is too wide, as a ratio."""

    terms: VolatilityBreakerTerms

    name: ClassVar[str] = "volatility_breaker"
    unit: ClassVar[Unit] = Unit.RATIO
    scope: ClassVar[RuleScope] = RuleScope.INSTRUMENT

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure each instrument."""
        for name, samples in seen.prices.items():
            moved = range_ratio(samples, self.terms.window, seen.at)
            yield Reading(name, moved, self.terms.move, moved is not None and moved >= self.terms.move)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return how far, in what time."""
        moved, limit = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        return f"{reading.key} moved {moved} within {render_duration(self.terms.window)}, the limit is {limit}"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Wait."""
        return cooldown(seen.at + self.terms.cooldown)
