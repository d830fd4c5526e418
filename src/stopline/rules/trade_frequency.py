"""Cool an account down that has made more trades than it may.

Measures   entry orders that got a fill, in each sliding window (per minute, per hour) and in the session.
Units      trades.
Boundary   exactly the limit is in bounds; a trade exactly one window ago no longer counts.
Scope      the account.
No data    needs none.
Enforces   a cooldown: as long as configured, from the newest trade on; else until the window has room for another;
           for the session, until the next reset.
Does not   count exits, partial fills of one entry, or entries that never filled; close anything.
Source     document 002, RULE-006; semantics.md section 6 (006, a trade) and 13 (sliding, not a counter).

The check of the same name denies the trade that would be one too many; this rule is for
trades that nobody asked us about. Windows reach one hour back at most.
"""

from collections.abc import Iterator
from typing import ClassVar

from stopline.measures.rate import free_at
from stopline.model.breach import Action, RuleScope
from stopline.model.instants import render_duration
from stopline.model.numbers import Nanos
from stopline.model.rules import TradeFrequencyTerms
from stopline.model.verdict import Unit
from stopline.rules.base import Reading, Rule, Situation, cooldown


class TradeFrequency(Rule, frozen=True, gc=False):
    """The most trades in each window and in the session."""

    terms: TradeFrequencyTerms

    name: ClassVar[str] = "trade_frequency"
    unit: ClassVar[Unit] = Unit.COUNT
    scope: ClassVar[RuleScope] = RuleScope.ACCOUNT
    hangs_on_marks: ClassVar[bool] = False

    def readings(self, seen: Situation) -> Iterator[Reading]:
        """Measure each window, and the session."""
        for window in self.terms.windows:
            span = render_duration(window.window)
            trades = seen.trade_times.count_since(seen.at - window.window)
            yield Reading(span, trades, window.count, trades > window.count, detail=(window, f"within {span}"))
        if self.terms.per_session is not None:
            trades, most = seen.session_trades, self.terms.per_session
            yield Reading("session", trades, most, trades > most, detail=(None, "in this session"))

    def reason(self, reading: Reading, seen: Situation) -> str:
        """Return how many, in what time."""
        return f"{reading.observed} trades {reading.detail[1]}, and {reading.limit} may be made"

    def actions(self, reading: Reading, seen: Situation) -> tuple[Action, ...]:
        """Wait."""
        return cooldown(self._until(reading, seen))

    def _until(self, reading: Reading, seen: Situation) -> Nanos:
        window, _ = reading.detail
        if self.terms.cooldown is not None:
            return (seen.trade_times.nth_newest(1) or seen.at) + self.terms.cooldown
        if window is None:
            return seen.resets_at()
        return free_at(seen.trade_times, window.count, window.window) or seen.at + window.window
