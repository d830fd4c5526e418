"""Stop an account whose equity has come down to its floor.

Measures   equity against a floor: `loss_limit` below the equity at the start (`static`), below the highest
           equity at the end of a day (`end_of_day`), or below the highest at any instant, open profit
           included (`intraday`).
Units      account currency; `loss_limit` is a positive amount, `lock_level` an equity.
Boundary   equity exactly at the floor is a breach; with a buffer the floor is that much higher.
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

from msgspec import structs

from stopline.measures.drawdown import drawdown_floor
from stopline.model.breach import Action, ActionKind, RuleScope
from stopline.model.numbers import Money
from stopline.model.rules import DrawdownKind, MaxDrawdownTerms
from stopline.model.verdict import Unit
from stopline.rules.base import ALWAYS, Quiet, Reading, Rule, Situation, cushion, less, shown


class MaxDrawdown(Rule, frozen=True, gc=False):
    """Equity against its floor: both are money, and the floor is the limit."""

    terms: MaxDrawdownTerms

    name: ClassVar[str] = "max_drawdown"
    unit: ClassVar[Unit] = Unit.MONEY
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    falls: ClassVar[bool] = True
    latches: ClassVar[bool] = True

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure the account."""
        floor = self._floor(seen)
        if floor is None:
            yield Reading("", None, 0, False)
            return
        is_breach = seen.equity is not None and seen.equity <= floor
        yield Reading("", seen.equity, floor, is_breach, detail=self._peak(seen))

    def _floor(self, seen: Situation) -> Money | None:
        start, peak = seen.start_equity, self._peak(seen)
        if start is None or peak is None:
            return None
        lock = None if self.terms.kind is DrawdownKind.STATIC else self.terms.lock_level
        level = None if lock is None else lock + seen.transfers
        return drawdown_floor(start, peak, self.terms.loss_limit, level) + cushion(self.terms, seen)

    def projected(self, seen: Situation) -> Money | None:
        """Return the floor of tomorrow, if the day ended at the equity of now."""
        if self.terms.kind is not DrawdownKind.END_OF_DAY or seen.equity is None:
            return None
        return self._floor(structs.replace(seen, peak_close=max(seen.peak_close or seen.equity, seen.equity)))

    def _peak(self, seen: Situation) -> Money | None:
        if self.terms.kind is DrawdownKind.END_OF_DAY:
            return seen.peak_close
        return seen.start_equity if self.terms.kind is DrawdownKind.STATIC else seen.peak_equity

    def quiet(self, seen: Situation) -> Quiet | None:
        """Return: above the floor, and up to the peak that it hangs on; what is reached stands."""
        floor = self._floor(seen)
        if floor is None or seen.equity is None:
            return None
        if seen.equity <= floor:
            return ALWAYS
        if self.terms.kind is DrawdownKind.INTRADAY and seen.peak_equity is not None:
            return Quiet(least_equity=floor + 1, most_equity=seen.peak_equity)
        return Quiet(least_equity=floor + 1)

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return equity, its floor, and what the floor hangs on."""
        equity, floor = shown(reading.observed, self.unit), shown(reading.limit, self.unit)
        source = "the start" if self.terms.kind is DrawdownKind.STATIC else f"the peak ({self.terms.kind})"
        was = f"{source} was {shown(reading.detail, self.unit)}"
        return f"equity is {equity}, at or below its floor of {floor}; {was}{less(self.terms, seen)}"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Leave the market, until a person says otherwise."""
        return (Action(ActionKind.CANCEL), Action(ActionKind.FLATTEN), Action(ActionKind.KILL))
