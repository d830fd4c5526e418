"""Breaches of account rules: what a rule found, and what that asks for."""

from msgspec import Struct

from stopline.messages.events import BreachEnded, RuleBreached
from stopline.model.breach import RuleVerdict
from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos
from stopline.state.account import AccountState
from stopline.views.rules import action_text
from stopline.views.wire import InstantText, figure, instant


class BreachBody(Struct):
    """A breach that stands, as it was when it opened. `key` is empty for the account, else whom it is about."""

    account: str
    rule: str
    mode: str
    scope: str
    key: str
    unit: str
    observed: str | None
    limit: str | None
    reason: str
    asks_for: list[str]
    since: InstantText


class RuleMessage(Struct):
    """RULE: a breach opened (`active`), or ended. Its numbers are said when it opens."""

    rule: str
    key: str
    active: bool
    reason: str
    mode: str | None = None
    scope: str | None = None
    unit: str | None = None
    observed: str | None = None
    limit: str | None = None
    asks_for: list[str] = []


def breach_body(account: AccountId, verdict: RuleVerdict, since: Nanos) -> BreachBody:
    """Return a breach that stands."""
    return BreachBody(
        account,
        verdict.rule,
        verdict.mode.value,
        verdict.scope.value,
        verdict.key,
        verdict.unit.value,
        figure(verdict.observed, verdict.unit),
        figure(verdict.limit, verdict.unit),
        verdict.reason,
        asked_for(verdict),
        instant(since),
    )


def asked_for(verdict: RuleVerdict) -> list[str]:
    """Return what a breach asks for, in words and in order."""
    return [action_text(action) for action in verdict.actions]


def breaches_of(account: AccountState) -> list[BreachBody]:
    """Return the breaches of an account that stand, the oldest first."""
    name = account.terms.account
    standing = sorted(account.breaches.values(), key=lambda breach: breach.since)
    return [breach_body(name, breach.verdict, breach.since) for breach in standing]


def breached_message(event: RuleBreached) -> RuleMessage:
    """Return a breach that opened."""
    verdict = event.verdict
    return RuleMessage(
        verdict.rule,
        verdict.key,
        True,
        verdict.reason,
        verdict.mode.value,
        verdict.scope.value,
        verdict.unit.value,
        figure(verdict.observed, verdict.unit),
        figure(verdict.limit, verdict.unit),
        asked_for(verdict),
    )


def breach_ended_message(event: BreachEnded) -> RuleMessage:
    """Return a breach that ended."""
    return RuleMessage(event.rule, event.key, False, event.reason)
