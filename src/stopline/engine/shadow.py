"""Rules over what happened, in shadow: what they would have said, and when. Nothing is done about it.

After each step it takes the step's events, looks at the account once, and reports the breaches
that opened and closed. What a rule asks for does not happen, so what comes next is judged as it
came, and not as it would have come.

Source     issue 4 (over one's own history); semantics.md section 6 (shadow).
"""

from collections.abc import Iterable

from msgspec import Struct

from stopline.engine.history import observe, remember
from stopline.engine.rulebook import arm_rules, ask, changes
from stopline.engine.situation import situation_of
from stopline.messages.events import Event
from stopline.model.breach import RuleVerdict
from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos
from stopline.model.rules import Rules
from stopline.model.week import Week
from stopline.rules.base import Period
from stopline.state.history import History
from stopline.state.situation import Surroundings
from stopline.state.state import State


class Change(Struct, frozen=True):
    """A breach that opened at this instant, or (`is_open` false) was over at it."""

    at: Nanos
    is_open: bool
    verdict: RuleVerdict


class Shadow:
    """The rules of one account, beside an engine that knows nothing of them."""

    def __init__(self, account: AccountId, rules: Rules) -> None:
        self._account = account
        self._rules = arm_rules(rules)
        self._history = History()
        self._breaches: dict[tuple[str, str], RuleVerdict] = {}
        self.unknown: frozenset[str] = frozenset()
        """Rules that could not judge something when they were asked last."""

    def look(self, state: State, events: Iterable[Event], at: Nanos, around: Surroundings) -> list[Change]:
        """Take the events of one step (one fill at most), look at the account, and return what changed."""
        account = state.accounts.get(self._account)
        if account is None:
            return []
        before = self._history.session_since, self._history.week
        for event in events:
            remember(self._history, account, event, at, around.week)
        over = _periods_over(before, (self._history.session_since, self._history.week))
        observe(self._history, situation_of(state, account, self._history, at, around))
        now = ask(self._rules, situation_of(state, account, self._history, at, around))
        self.unknown = frozenset(rule for rule, _ in now.unknown)
        opened, closed = changes(self._rules, self._breaches, now, over)
        for verdict in closed:
            del self._breaches[verdict.breach_id]
        self._breaches |= {verdict.breach_id: verdict for verdict in opened}
        return [
            *(Change(at, False, verdict) for verdict in closed),
            *(Change(at, True, verdict) for verdict in opened),
        ]


def _periods_over(before: tuple[Nanos, Week | None], after: tuple[Nanos, Week | None]) -> frozenset[Period]:
    """Return which periods ended between two looks."""
    session = {Period.SESSION} if before[0] != after[0] else set()
    return frozenset(session | ({Period.WEEK} if before[1] != after[1] else set()))
