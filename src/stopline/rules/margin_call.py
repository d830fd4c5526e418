"""Leave the market before the broker does it for you.

Measures   equity against the maintenance margin of all positions, with a buffer on top: per contract for
           futures, a share of the value for everything else.
Units      account currency; `buffer` is a share of the maintenance margin.
Boundary   equity exactly at margin and buffer is a breach.
Scope      the account.
No data    no breach while a position has no trusted mark, or the margin of one is unknown.
Enforces   cancels working orders, flattens, and `reducing` while it holds.
Does not   count working orders (the check `buying_power` does), reduce step by step, or know the broker's own
           margin model: it is a warning line of one's own.
Source     semantics.md sections 5 (14) and 6.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, ActionKind, RuleScope
from stopline.model.numbers import RATIO_ONE, div_ceil
from stopline.model.rules import MarginCallTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule, Situation, shown


class MarginCall(Rule, frozen=True, gc=False):
    """Equity against margin and buffer: both are money."""

    terms: MarginCallTerms

    name: ClassVar[str] = "margin_call"
    unit: ClassVar[Unit] = Unit.MONEY
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    falls: ClassVar[bool] = True

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure the account, while it holds anything."""
        margin, equity = seen.maintenance_margin, seen.equity
        if not seen.positions:
            return
        if margin is None:
            yield Reading("", None, 0, False)
            return
        needed = div_ceil(margin * (RATIO_ONE + self.terms.buffer), RATIO_ONE)
        yield Reading("", equity, needed, equity is not None and equity <= needed)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return equity beside what is needed."""
        equity, needed = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        return f"equity is {equity}, at or below the {needed} of maintenance margin and buffer"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Leave the market."""
        return (Action(ActionKind.CANCEL), Action(ActionKind.FLATTEN), Action(ActionKind.REDUCING))
