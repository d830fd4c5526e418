"""Deny an entry that could become one trade too many.

Measures   entry orders that got a fill in each sliding window and in the session, plus entries that
           are working without one, plus this order.
Boundary   exactly the limit passes; a trade exactly one window ago no longer counts.
Exits      exempt: exits are not trades.
No data    needs none.
Source     document 002, RULE-006; semantics.md sections 5 (24) and 6 (a trade).

A working entry takes a place, and gives it back if it ends without a fill: else many could
fill at once. A replace is no new trade. Windows reach one hour back at most.
"""

from typing import ClassVar, Self

from stopline.checks.base import Armament, Candidate, Check
from stopline.measures.rate import is_full
from stopline.model.instants import render_duration
from stopline.model.limits import RateWindow
from stopline.model.verdict import Finding, Unit
from stopline.state.view import AccountView


class TradeFrequency(Check, frozen=True, gc=False):
    """Observes 1 if a window or the session is full; its finding shows the fullest."""

    limit: int = 0
    windows: tuple[RateWindow, ...] = ()
    per_session: int | None = None

    name: ClassVar[str] = "trade_frequency"
    unit: ClassVar[Unit] = Unit.COUNT

    @classmethod
    def arm(cls, armament: Armament) -> Self | None:
        """Armed by `trade_frequency` or `trades_per_session`."""
        limits = armament.limits
        if not limits.trade_frequency and limits.trades_per_session is None:
            return None
        return cls(0, limits.trade_frequency, limits.trades_per_session)

    def observe(self, order: Candidate, account: AccountView) -> int:
        """Return 1 if there is no place for another trade."""
        if order.replaces is not None:
            return 0
        waiting = account.unfilled_entries
        if self.per_session is not None and account.day.trades + waiting >= self.per_session:
            return 1
        for window in self.windows:
            if is_full(account.trade_times, window.count - waiting, window.window, order.at):
                return 1
        return 0

    def explain(self, order: Candidate, account: AccountView) -> Finding:
        """Return the finding of the window that has least room."""
        if order.replaces is not None:
            return Finding(self.name, "passed", self.unit, None, None, "a replace is no new trade")
        counted = []
        waiting = account.unfilled_entries + 1
        if self.per_session is not None:
            counted.append((account.day.trades + waiting, self.per_session, "in this session"))
        for window in self.windows:
            trades = account.trade_times.count_since(order.at - window.window) + waiting
            counted.append((trades, window.count, f"in {render_duration(window.window)}"))
        trades, most, span = max(counted, key=_fullness)
        status, relation = ("denied", "exceeds") if trades > most else ("passed", "is within")
        text = f"trade {trades} {span}, working entries included, {relation} the limit {most}"
        return Finding(self.name, status, self.unit, trades, most, text)


def _fullness(counted: tuple[int, int, str]) -> int:
    """Return how far over its limit a count is (less than zero: how much room is left)."""
    return counted[0] - counted[1]
