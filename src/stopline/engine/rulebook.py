"""An account's rules: armed from its terms, asked one after the other, and what changed since they were asked last.

A rule that raises is a verdict of its own: the account only reduces, and people are told.

Source     semantics.md sections 6 (a rule that raises) and 12 (a breach is an open fact).
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from stopline.model.breach import Action, ActionKind, Mode, OpenBreach, RuleScope, RuleVerdict
from stopline.model.numbers import Nanos
from stopline.model.rules import Rules
from stopline.model.verdict import Unit
from stopline.rules import RULES
from stopline.rules.base import Period, Rule
from stopline.state.history import History
from stopline.state.situation import Situation

DEFECT: Final = "defect"
"""The key of a verdict about a rule that failed."""


def arm_rules(rules: Rules) -> tuple[Rule, ...]:
    """Return the rules that somebody configured, in their order."""
    made = (kind.arm(rules) for kind in RULES)
    return tuple(rule for rule in made if rule is not None)


BreachId: TypeAlias = tuple[str, str]
"""(rule, key): what makes two verdicts tell of one breach."""


def next_due(rules: Iterable[Rule], seen: Situation) -> Nanos | None:
    """Return when time alone may change what the rules say; one that fails here is looked at with every mark."""
    instants = []
    for rule in rules:
        try:
            due = rule.due(seen)
        except Exception:
            continue
        if due is not None and due > seen.at:
            instants.append(due)
    return min(instants, default=None)


class Judgement(NamedTuple):
    """What all rules said of one situation."""

    verdicts: tuple[RuleVerdict, ...]
    unknown: frozenset[BreachId]
    """Breaches (rule, key) that nothing can judge now."""


def ask(rules: Iterable[Rule], seen: Situation) -> Judgement:
    """Return what is out of bounds, by every rule; no rule's failure keeps another from being asked."""
    said: list[RuleVerdict] = []
    unknown: set[BreachId] = set()
    for rule in rules:
        try:
            verdicts, keys = rule.judge(seen)
        except Exception as error:
            said.append(_defect(rule, error))
            continue
        said += verdicts
        unknown.update((rule.name, key) for key in keys)
    return Judgement(tuple(said), frozenset(unknown))


def _defect(rule: Rule, error: Exception) -> RuleVerdict:
    reason = f"the rule {rule.name} failed ({type(error).__name__}): nobody watches what it watched"
    actions = (Action(ActionKind.WARN, text=reason), Action(ActionKind.REDUCING))
    return RuleVerdict(rule.name, Mode.ENFORCE, RuleScope.ACCOUNT, DEFECT, Unit.COUNT, 1, 0, reason, actions)


def changes(
    rules: Iterable[Rule], breaches: Mapping[str, OpenBreach], now: Judgement, history: History
) -> tuple[list[RuleVerdict], list[RuleVerdict]]:
    """Return (openings, closings); `breaches` are those that stand, by their names.

    What nothing can judge now stays as it was: a missing figure ends no breach. One that latches
    ends with its period alone, and a breach of a new period is a new one. What the rules say no
    more because they were changed is over; what they watched and are to act on now is new.
    """
    by_name = {rule.name: rule for rule in rules}
    said = {verdict.name: verdict for verdict in now.verdicts}
    closed = []
    for name, breach in breaches.items():
        verdict = breach.verdict
        rule = by_name.get(verdict.rule)
        is_latched = rule is not None and rule.latches and verdict.key != DEFECT
        is_unknown = rule is not None and verdict.breach_id in now.unknown
        if _is_over(rule, breach, history) or not (name in said or is_unknown or is_latched):
            closed.append(verdict)
    ended = {verdict.name for verdict in closed}
    opened = [verdict for name, verdict in said.items() if name not in breaches or name in ended]
    return opened, closed


def _acts_now(rule: Rule | None, breach: OpenBreach) -> bool:
    """Return whether a breach that was only watched is one to act on now, because somebody changed the rule's mode."""
    return rule is not None and breach.verdict.mode is not Mode.ENFORCE and rule.terms.mode is Mode.ENFORCE


def _is_over(rule: Rule | None, breach: OpenBreach, history: History) -> bool:
    """Return whether the period in which the breach opened has ended, or it is one to act on now."""
    if _acts_now(rule, breach):
        return True
    if rule is None or rule.period is Period.NONE:
        return rule is None
    if rule.period is Period.SESSION:
        return breach.since < history.session_since
    return history.week is not None and breach.since < history.week_since
