"""Say so when one day makes too much of the whole profit.

Measures   the best day's profit / the profit of all days together, this one included; days in equity, net of
           transfers and fees.
Units      a share.
Boundary   exactly the share is in bounds.
Scope      the account.
No data    no breach without a profit, while a position has no trusted mark, or on an account whose opening
           equity of today nobody knows.
Enforces   an alert, and nothing else: it is a meter.
Does not   deny or close anything: the firm counts it when money is to be paid out.
Source     issue 5 (prop-firm packs, consistency meter).
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, ActionKind, RuleScope
from stopline.model.numbers import RATIO_ONE, div_ceil
from stopline.model.rules import ConsistencyTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule, Situation, shown


class Consistency(Rule, frozen=True, gc=False):
    """The best day's share of the profit, as a ratio."""

    terms: ConsistencyTerms

    name: ClassVar[str] = "consistency"
    unit: ClassVar[Unit] = Unit.RATIO
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure the account, while it has made anything."""
        if seen.equity is None or seen.start_equity is None or seen.total_pnl is None:
            yield Reading("", None, self.terms.share, False)
            return
        made, best = seen.equity - seen.start_equity, max(seen.best_day, seen.total_pnl)
        if made > 0 and best > 0:
            share = div_ceil(best * RATIO_ONE, made)
            yield Reading("", share, self.terms.share, share > self.terms.share, detail=(best, made))

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return the best day beside all days."""
        best, made = (shown(each, Unit.MONEY) for each in reading.detail)
        share, limit = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        return f"the best day made {best} of {made}: {share}, and {limit} may be"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Tell people."""
        return (Action(ActionKind.WARN, text="more days in profit bring the share down"),)
