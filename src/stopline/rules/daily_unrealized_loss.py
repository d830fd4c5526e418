"""Close what loses too much on paper today.

Measures   unrealized P&L: its change since the session's open (since entry, for what was opened
           today), of each position, or of all of them together.
Units      account currency; `loss_limit` is a positive amount.
Boundary   a loss equal to the limit is a breach.
Scope      each position, or the account (`scope: account`).
No data    no breach, while a position that is measured has no mark that two usable quotes in a
           row confirm: a stub quote closes nothing.
Enforces   closes the losing position. Of the account: the positions that lose most, as many as
           it takes for the others to be above the limit.
Does not   lock, count what is realized, or wait for a position carried over night to lose as
           much against its entry.
Source     document 002, RULE-004; semantics.md sections 6 (004), 9 and 12 (P&L fields).
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, RuleScope
from stopline.model.rules import DailyUnrealizedLossTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Period, Reading, Rule, Situation, close, shown


class DailyUnrealizedLoss(Rule, frozen=True, gc=False):
    """The unrealized loss that closes: observed and limit are P&L, both negative for a loss."""

    terms: DailyUnrealizedLossTerms

    name: ClassVar[str] = "daily_unrealized_loss"
    unit: ClassVar[Unit] = Unit.MONEY
    scope: ClassVar[RuleScope] = RuleScope.POSITION
    falls: ClassVar[bool] = True
    period: ClassVar[Period] = Period.SESSION

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure each position, or their sum."""
        limit = -self.terms.loss_limit
        if self.terms.scope is RuleScope.ACCOUNT:
            total = _total(seen)
            yield Reading("", total, limit, total is not None and total <= limit)
            return
        for each in seen.positions:
            loss = each.unrealized_pnl if each.is_trusted else None
            key = each.instrument.instrument_id
            yield Reading(key, loss, limit, loss is not None and loss <= limit, held=each)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return the unrealized P&L beside its limit."""
        whose = f"of {reading.key}" if reading.key else "of all positions"
        loss, limit = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        return f"unrealized P&L {whose} is {loss}, at or below {limit}"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Close the position, or the worst ones until the rest is in bounds."""
        if reading.held is not None:
            return close(reading.held)
        left = reading.observed or 0
        closing: list[Action] = []
        for each in sorted(seen.positions, key=lambda held: held.unrealized_pnl or 0):
            if left > reading.limit or (each.unrealized_pnl or 0) >= 0:
                break
            left -= each.unrealized_pnl or 0
            closing += close(each)
        return tuple(closing)


def _total(seen: Situation) -> int | None:
    total = 0
    for each in seen.positions:
        if not each.is_trusted or each.unrealized_pnl is None:
            return None
        total += each.unrealized_pnl
    return total
