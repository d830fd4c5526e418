"""An account's rules: armed from its terms, asked one after the other, and what changed since they were asked last.

A rule that raises is a verdict of its own: the account only reduces, and people are told.

Source     semantics.md sections 6 (a rule that raises) and 12 (a breach is an open fact).
"""

from collections.abc import Container, Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from stopline.model.breach import Action, ActionKind, Mode, RuleScope, RuleVerdict
from stopline.model.rules import Rules
from stopline.model.verdict import Unit
from stopline.rules import RULES
from stopline.rules.base import Period, Rule
from stopline.state.situation import Situation

DEFECT: Final = "defect"
"""The key of a verdict about a rule that failed."""


def arm_rules(rules: Rules) -> tuple[Rule, ...]:
    """Return the rules that somebody configured, in their order."""
    made = (kind.arm(rules) for kind in RULES)
    return tuple(rule for rule in made if rule is not None)


BreachId: TypeAlias = tuple[str, str]
"""(rule, key): what makes two verdicts tell of one breach."""


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
    rules: Iterable[Rule],
    breaches: Mapping[BreachId, RuleVerdict],
    now: Judgement,
    periods_over: Container[Period] = (),
) -> tuple[list[RuleVerdict], list[RuleVerdict]]:
    """Return (openings, closings).

    What nothing can judge now stays as it was: a missing figure ends no breach. One that latches
    ends with its period alone, and a breach of a new period is a new one.
    """
    by_name = {rule.name: rule for rule in rules}
    said = {verdict.breach_id: verdict for verdict in now.verdicts}
    closed = []
    for key, verdict in breaches.items():
        rule = by_name.get(verdict.rule)
        is_over = rule is not None and rule.period in periods_over
        is_latched = rule is not None and rule.latches and verdict.key != DEFECT
        if is_over or (key not in said and key not in now.unknown and not is_latched):
            closed.append(verdict)
    ended = {verdict.breach_id for verdict in closed}
    opened = [verdict for key, verdict in said.items() if key not in breaches or key in ended]
    return opened, closed
