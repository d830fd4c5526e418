"""Rules over what happened, in shadow: what they would have said, and when. Nothing is done about it.

After each step it takes the step's events, looks at the account once, and reports the breaches
that opened and closed. What a rule asks for does not happen, so what comes next is judged as it
came, and not as it would have come.

Source     issue 4 (over one's own history); semantics.md section 6 (shadow).
"""

from collections.abc import Iterable

from msgspec import Struct

from stopline.engine.history import observe, remember, sample
from stopline.engine.rulebook import arm_rules, ask, changes
from stopline.engine.situation import situation_of, worked_marks
from stopline.messages.events import Event, SessionOpened
from stopline.model.breach import OpenBreach, RuleVerdict
from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos
from stopline.model.rules import Rules
from stopline.state.history import History, Recent
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
        self._recent = Recent()
        self._breaches: dict[str, OpenBreach] = {}
        self.unknown: frozenset[str] = frozenset()
        """Rules that could not judge something when they were asked last."""

    def look(self, state: State, events: Iterable[Event], at: Nanos, around: Surroundings) -> list[Change]:
        """Take the events of one step (one fill at most), look at the account, and return what changed."""
        account = state.accounts.get(self._account)
        if account is None:
            return []
        for event in events:
            remember(self._history, account, event, at, around.week)
            if type(event) is SessionOpened:
                self._recent = Recent()
        seen = situation_of(state, account, self._history, self._recent, at, around)
        observe(self._history, seen)
        sample(self._recent, seen, worked_marks(state, account))
        now = ask(self._rules, situation_of(state, account, self._history, self._recent, at, around))
        self.unknown = frozenset(rule for rule, _ in now.unknown)
        opened, closed = changes(self._rules, self._breaches, now, self._history)
        for verdict in closed:
            del self._breaches[verdict.name]
        self._breaches |= {verdict.name: OpenBreach(verdict, at) for verdict in opened}
        return [
            *(Change(at, False, verdict) for verdict in closed),
            *(Change(at, True, verdict) for verdict in opened),
        ]
