"""Rules over a trade history: what each would have said, when, and on what numbers.

A history of fills has no orders, quotes or broker in it, and prices only at the end of a day.
So some rules cannot be judged by it at all, and those that need prices are asked when a day is
marked, at its end.
"""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct, structs

from stopline.cli.replay.days import Days
from stopline.engine.shadow import Shadow
from stopline.messages.events import Event
from stopline.model.account import AccountTerms
from stopline.model.breach import RuleVerdict
from stopline.model.calendar import Session
from stopline.model.numbers import Nanos
from stopline.model.rules import Rules
from stopline.runtime.own_hours import own_hours
from stopline.state.situation import Surroundings
from stopline.state.state import State

NOT_IN_FILLS: Final = {
    "stop_loss_grace": "orders",
    "bracket": "orders",
    "reject_burst": "orders",
    "error_burst": "orders",
    "connection_guard": "the broker's session",
    "position_mismatch": "the broker's own book",
    "stale_feed": "quotes",
    "loss_velocity": "prices within the day",
    "volatility_breaker": "prices within the day",
    "trailing_stop": "prices within the day",
    "breakeven": "prices within the day",
    "expiry_guard": "expiry dates",
}
"""Rules that no file of fills can judge, and what they would need."""
AT_MARKS: Final = frozenset(
    """daily_unrealized_loss max_unrealized_profit daily_total_loss weekly_loss max_drawdown profit_giveback
    margin_call""".split()
)
"""Rules that are judged when a day is marked: on closing prices."""
NEEDS_TIMES: Final = frozenset({"session_block"})
"""Rules that a file which knows dates only cannot judge."""


class Fired(Struct):
    """One breach, from its opening on. `ended_at` None: it stood at the end of the history."""

    at: Nanos
    day: str
    verdict: RuleVerdict
    ended_at: Nanos | None = None


class Watch:
    """The rules beside a replay. `fired` grows as the history is booked."""

    def __init__(self, rules: Rules, terms: AccountTerms, days: Days) -> None:
        self._terms, self._days, self._rules = terms, days, judged(rules, is_dated=days.name == "date")
        self._shadow = Shadow(terms.account, self._rules)
        self._open: dict[tuple[str, str], Fired] = {}
        self.fired: list[Fired] = []
        self._unknown: dict[str, frozenset[str]] = {}

    def look(self, state: State, events: Iterable[Event], at: Nanos, session: Session) -> None:
        """Take what one step said; marks of this very instant are the history's own."""
        around = Surroundings(
            week=self._days.week_of(session),
            trading_hours=own_hours(self._terms, self._rules.session_block, at),
            vouches_for=at,
        )
        for change in self._shadow.look(state, events, at, around):
            key = change.verdict.breach_id
            if change.is_open:
                self._open[key] = Fired(at, session.session_id, change.verdict)
                self.fired.append(self._open[key])
            elif key in self._open:
                self._open.pop(key).ended_at = at
        self._unknown[session.session_id] = self._shadow.unknown

    def unknown_days(self) -> dict[str, int]:
        """Return on how many days' ends a rule could not be judged, for rules of which there are such days."""
        counts: dict[str, int] = {}
        for names in self._unknown.values():
            for name in sorted(names):
                counts[name] = counts.get(name, 0) + 1
        return counts


def judged(rules: Rules, *, is_dated: bool) -> Rules:
    """Return the rules that a history of fills can judge."""
    left_out = dict.fromkeys(not_judged(rules, is_dated=is_dated))
    return structs.replace(rules, **left_out)


def not_judged(rules: Rules, *, is_dated: bool) -> dict[str, str]:
    """Return the armed rules that a history of fills cannot judge, and what they would need."""
    needs = NOT_IN_FILLS | (dict.fromkeys(NEEDS_TIMES, "times of day") if is_dated else {})
    return {name: needs[name] for name in rules.armed() if name in needs}
