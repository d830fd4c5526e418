"""Stop an account whose equity has come down to its floor.

Measures   equity against a floor: `loss_limit` below the equity at the start (`static`), below the highest
           equity at the end of a day (`end_of_day`), or below the highest at any instant, open profit
           included (`intraday`).
Units      account currency; `loss_limit` is a positive amount, `lock_level` an equity.
Boundary   equity exactly at the floor is a breach.
Scope      the account.
No data    no breach while a position has no trusted mark; such a mark never moves a peak either.
Enforces   cancels working orders, flattens, and the kill switch until a person releases it: at most firms
           such an account is over.
Does not   fall: what is lost lowers no floor. With a lock level (often the start, or a little more) the floor
           stays there once it has come up to it. Transfers shift start, peaks and lock level alike.
Source     semantics.md sections 6 (`max_drawdown`) and 9.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.measures.drawdown import drawdown_floor
from stopline.model.breach import Action, ActionKind, RuleScope
from stopline.model.numbers import Money
from stopline.model.rules import DrawdownKind, MaxDrawdownTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule, Situation, shown


class MaxDrawdown(Rule, frozen=True, gc=False):
    """Equity against its floor: both are money, and the floor is the limit."""

    terms: MaxDrawdownTerms

    name: ClassVar[str] = "max_drawdown"
    unit: ClassVar[Unit] = Unit.MONEY
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    latches: ClassVar[bool] = True

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure the account."""
        start, peak = seen.start_equity, self._peak(seen)
        if start is None or peak is None:
            yield Reading("", None, 0, False)
            return
        lock = None if self.terms.kind is DrawdownKind.STATIC else self.terms.lock_level
        floor = drawdown_floor(start, peak, self.terms.loss_limit, None if lock is None else lock + seen.transfers)
        yield Reading("", seen.equity, floor, seen.equity is not None and seen.equity <= floor, detail=peak)

    def _peak(self, seen: Situation) -> Money | None:
        if self.terms.kind is DrawdownKind.END_OF_DAY:
            return seen.peak_close
        return seen.start_equity if self.terms.kind is DrawdownKind.STATIC else seen.peak_equity

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return equity, its floor, and what the floor hangs on."""
        equity, floor = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        source = "the start" if self.terms.kind is DrawdownKind.STATIC else f"the peak ({self.terms.kind})"
        return f"equity is {equity}, at or below its floor of {floor}; {source} was {shown(reading.detail, self.unit)}"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Leave the market, until a person says otherwise."""
        return (Action(ActionKind.CANCEL), Action(ActionKind.FLATTEN), Action(ActionKind.KILL))
