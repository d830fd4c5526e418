"""Say that the account has made what it was to make; take it off the table where configured.

Measures   equity - equity at the beginning of the account - net transfers since: all its profit, net of fees.
Units      account currency; `target` is a positive amount.
Boundary   a profit equal to the target is a breach.
Scope      the account.
No data    no breach while a position has no trusted mark, or nobody knows what the account began with.
Enforces   an alert; with `flatten` it cancels, flattens and locks until a person lifts it.
Does not   know the firm's other conditions for passing (`consistency` shows one), or begin anew with a day.
Source     issue 5 (prop-firm packs); semantics.md section 6.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.model.breach import Action, ActionKind, RuleScope
from stopline.model.rules import ProfitTargetTerms
from stopline.model.verdict import Unit
from stopline.rules.base import ALWAYS, Quiet, Reading, Rule, Situation, flatten_and_lock, shown


class ProfitTarget(Rule, frozen=True, gc=False):
    """The profit of an account that is enough, money."""

    terms: ProfitTargetTerms

    name: ClassVar[str] = "profit_target"
    unit: ClassVar[Unit] = Unit.MONEY
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    latches: ClassVar[bool] = True

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure the account."""
        if seen.equity is None or seen.start_equity is None:
            yield Reading("", None, self.terms.target, False)
            return
        made = seen.equity - seen.start_equity
        yield Reading("", made, self.terms.target, made >= self.terms.target)

    def quiet(self, seen: Situation) -> Quiet | None:
        """Return: below the target; what is reached stands."""
        if seen.equity is None or seen.start_equity is None:
            return None
        target = seen.start_equity + self.terms.target
        return ALWAYS if seen.equity >= target else Quiet(most_equity=target - 1)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return what was made, of what."""
        made, target = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        return f"the account has made {made}, at or above its target of {target}"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Tell people; leave the market where configured."""
        told = Action(ActionKind.WARN, text="the target is reached")
        return (told, *flatten_and_lock(0)) if self.terms.flatten else (told,)
