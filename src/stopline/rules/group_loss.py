"""Lock every account of a group out for the day once they have lost too much together.

Measures   the day P&L of all accounts of the group added up (copy trading: one trade, many accounts).
Units      the accounts' currency; `loss_limit` is a positive amount.
Boundary   a loss equal to the limit is a breach.
Scope      the group: each of its accounts that sets the rule is flattened and locked for itself.
No data    no breach while the day P&L of one account of the group is unknown, or hangs on a mark that two
           usable quotes do not confirm; nor for an account that is in no group.
Enforces   cancels working orders, flattens, locks until the account's next reset.
Does not   add up accounts of different currencies (the configuration refuses such a group), or act on an
           account of the group that does not set it.
Source     issue 4 (groups); semantics.md sections 2 (group scope) and 6.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, RuleScope
from stopline.model.rules import GroupLossTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Period, Reading, Rule, Situation, flatten_and_lock, shown


class GroupLoss(Rule, frozen=True, gc=False):
    """The loss of a group's day that ends it: observed and limit are P&L, both negative for a loss."""

    terms: GroupLossTerms

    name: ClassVar[str] = "group_loss"
    unit: ClassVar[Unit] = Unit.MONEY
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    falls: ClassVar[bool] = True
    period: ClassVar[Period] = Period.SESSION
    latches: ClassVar[bool] = True

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure the group, for an account that is in one."""
        limit, total = -self.terms.loss_limit, seen.group_pnl
        if seen.group:
            yield Reading("", total, limit, total is not None and total <= limit)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return the group's day P&L beside its limit."""
        total, limit = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        return f"P&L of the day of group {seen.group} is {total}, at or below {limit}"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Leave the market until the next reset."""
        return flatten_and_lock(seen.resets_at())
