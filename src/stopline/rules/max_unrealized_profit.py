"""Close a position once its open profit has reached the target.

Measures   open P&L of each position against what it cost at entry.
Units      account currency.
Boundary   a profit equal to the target closes.
Scope      each position.
No data    no breach, without a mark that two usable quotes in a row confirm.
Enforces   closes the position at target.
Does not   lock, or add positions up: two that are half way there are none at target.
Source     document 002, RULE-005; semantics.md section 6 (005).
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, RuleScope
from stopline.model.rules import MaxUnrealizedProfitTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule, Situation, close, shown


class MaxUnrealizedProfit(Rule, frozen=True, gc=False):
    """The open profit that is taken, money."""

    terms: MaxUnrealizedProfitTerms

    name: ClassVar[str] = "max_unrealized_profit"
    unit: ClassVar[Unit] = Unit.MONEY
    scope: ClassVar[RuleScope] = RuleScope.POSITION

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure each position."""
        target = self.terms.target
        for each in seen.positions:
            profit = each.open_pnl if each.is_trusted else None
            key = each.instrument.instrument_id
            yield Reading(key, profit, target, profit is not None and profit >= target, held=each)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return the profit beside the target."""
        profit, target = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        return f"open profit of {reading.key} is {profit}, at or above the target of {target}"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Close it."""
        return close(reading.held)
