"""Stop new risk when the broker rejects one order after another.

Measures   orders that the broker rejected, in a sliding window.
Units      rejections.
Boundary   the limit itself is reached; what happened exactly one window ago no longer counts.
Scope      the account.
No data    needs none.
Enforces   cancels entries; a cooldown from the newest of them where one is configured, else a lock until a person
           lifts it.
Does not   count what our own gate denied, or an order whose cancel was refused (`error_burst` does); close anything.
Source     semantics.md sections 4 (`reject_burst`) and 6.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, RuleScope
from stopline.model.instants import render_duration
from stopline.model.rules import RejectBurstTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule, Situation, rest


class RejectBurst(Rule, frozen=True, gc=False):
    """How many rejections in a window are too many."""

    terms: RejectBurstTerms

    name: ClassVar[str] = "reject_burst"
    unit: ClassVar[Unit] = Unit.COUNT
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    hangs_on_marks: ClassVar[bool] = False

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure the window."""
        window, log = self.terms.window, seen.reject_times
        count = log.count_since(seen.at - window.window)
        yield Reading("", count, window.count, count >= window.count, detail=log.nth_newest(1))

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return how many, in what time."""
        span = render_duration(self.terms.window.window)
        return f"{reading.observed} rejections by the broker within {span}, the limit is {reading.limit}"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Stop."""
        return rest(reading.detail, self.terms.cooldown)
