"""An account's rules as people see them: armed or not, on what terms, and what they measure and find now.

A rule that is not armed is shown too: it watches nothing.
"""

from typing import cast

from msgspec import Struct

from stopline.config.diff import rules_shown
from stopline.engine.measuring import Measure, measured
from stopline.model.numbers import Nanos
from stopline.model.rules import TERMS
from stopline.state.account import AccountState
from stopline.state.state import State
from stopline.state.view import StateView
from stopline.views.breaches import BreachBody, breaches_of
from stopline.views.wire import InstantText, figure, instant

ARMED = "armed"
NOT_ARMED = "not_armed"


class MeasureBody(Struct):
    """What a rule measures now of the account (`key` empty) or of what `key` names; null is unknown."""

    key: str
    unit: str
    observed: str | None
    limit: str | None


class RuleBody(Struct):
    """One rule. `terms` are in human units, as in the configuration; `breaches` are those that stand."""

    rule: str
    status: str
    mode: str | None
    terms: dict[str, str]
    measures: list[MeasureBody]
    breaches: list[BreachBody]
    defect: str | None


class RulesProposalBody(Struct):
    """A loosening that waits: until `effective_at`, or for a second person."""

    terms: dict[str, dict[str, str]]
    proposed_at: InstantText
    effective_at: InstantText
    actor: str
    reason: str


class RulesBody(Struct):
    """All rules of an account, the armed first."""

    account: str
    armed: bool
    rules: list[RuleBody]
    proposal: RulesProposalBody | None


def rules_body(account: AccountState, state: StateView, at: Nanos) -> RulesBody:
    """Return every rule of an account."""
    shown, breaches = rules_shown(account.rules), breaches_of(account)
    # The view is the state; measuring only reads it.
    measures = measured(cast("State", state), account, at)
    bodies = [
        _rule_body(name, shown.get(name), measures.get(name, ()), [each for each in breaches if each.rule == name])
        for name in TERMS
    ]
    bodies.sort(key=lambda body: body.status != ARMED)
    return RulesBody(account.terms.account, account.is_armed, bodies, _proposal_body(account))


def _rule_body(
    name: str, terms: dict[str, str] | None, measures: tuple[Measure, ...], breaches: list[BreachBody]
) -> RuleBody:
    if terms is None:
        return RuleBody(name, NOT_ARMED, None, {}, [], breaches, f"{name} is not armed: it watches nothing")
    rest = {key: value for key, value in terms.items() if key != "mode"}
    said = [
        MeasureBody(each.key, each.unit.value, figure(each.observed, each.unit), figure(each.limit, each.unit))
        for each in measures
    ]
    return RuleBody(name, ARMED, terms["mode"], rest, said, breaches, None)


def _proposal_body(account: AccountState) -> RulesProposalBody | None:
    waiting = account.rules_proposal
    if waiting is None:
        return None
    terms = rules_shown(waiting.rules)
    since, due = instant(waiting.proposed_at), instant(waiting.effective_at)
    return RulesProposalBody(terms, since, due, waiting.actor, waiting.reason)
