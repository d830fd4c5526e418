"""Day P&L, breakers and alerts as people see them."""

from typing import Final

from msgspec import Raw, Struct

from stopline.messages.events import AlertRaised, BreakerTripped
from stopline.model.account import SEVERITY
from stopline.model.ids import AccountId
from stopline.model.numbers import render_money
from stopline.state.account import AccountState
from stopline.state.lockouts import Breaker, Restriction
from stopline.state.view import StateView
from stopline.views.wire import InstantText, JsonNumber, instant, money_number, optional_instant


class DailyPnlBody(Struct):
    """Today's P&L. Null is unknown (a position without a price, or no opening equity), never zero."""

    date: str | None
    realized_pnl: JsonNumber | None
    unrealized_pnl: JsonNumber | None
    total_pnl: JsonNumber | None
    circuit_breaker_triggered: bool


class BreakerBody(Struct):
    """A circuit breaker, open (`active`) or past. Its numbers are money, or counts for REJECT_BURST."""

    breaker_id: int
    account: str
    trigger_type: str
    trigger_value: str
    threshold: str
    reason: str
    actor: str
    active: bool
    tripped_at: InstantText
    expires_at: InstantText | None
    reset_at: InstantText | None
    reset_by: str | None


class BreakerMessage(Struct, omit_defaults=True):
    """CIRCUIT_BREAKER on the stream."""

    trigger_type: str
    trigger_value: JsonNumber
    threshold: JsonNumber
    active: bool
    breaker_id: int
    reason: str = ""


class AlertMessage(Struct):
    """RISK_ALERT on the stream."""

    alert_type: str
    severity: str
    symbol: str
    message: str
    alert_id: int


class AlertBody(Struct):
    """An alert, as stored."""

    alert_id: int
    account: str
    alert_type: str
    severity: str
    symbol: str
    message: str
    raised_at: InstantText


class RestrictionBody(Struct):
    """One reason to do less, and until when. `keeps_flat`: what comes up meanwhile is closed again."""

    key: str
    state: str
    reason: str
    actor: str
    since: InstantText
    until: InstantText | None
    active: bool = True
    keeps_flat: bool = False


def daily_pnl(account: AccountState, state: StateView) -> DailyPnlBody:
    """Return the account's day. Realized and unrealized add up to the total, exactly."""
    session, total = account.day.session, account.total_pnl()
    valuation = account.valuation
    return DailyPnlBody(
        None if session is None else session.session_id,
        money_number(account.realized_pnl()),
        money_number(None if valuation.unmarked else valuation.unrealized),
        money_number(total),
        has_open_breaker(account.terms.account, state),
    )


def has_open_breaker(account: AccountId, state: StateView) -> bool:
    """Return whether a breaker of the account is open."""
    return any(each.active and each.account == account for each in state.breakers.values())


_COUNTS: Final = frozenset({"REJECT_BURST"})
"""Breakers whose numbers are counts; all others are money."""


def breaker_body(breaker: Breaker) -> BreakerBody:
    """Return a breaker, open or past."""
    return BreakerBody(
        breaker.breaker_id,
        breaker.account,
        breaker.trigger_type,
        _trigger_figure(breaker.trigger_type, breaker.trigger_value),
        _trigger_figure(breaker.trigger_type, breaker.threshold),
        breaker.reason,
        breaker.actor,
        breaker.active,
        instant(breaker.tripped_at),
        optional_instant(breaker.expires_at),
        optional_instant(breaker.reset_at),
        breaker.reset_by or None,
    )


def breakers_of(account: AccountId | None, state: StateView) -> list[BreakerBody]:
    """Return open and past breakers, newest first."""
    found = [each for each in state.breakers.values() if account is None or each.account == account]
    return [breaker_body(each) for each in sorted(found, key=lambda each: -each.breaker_id)]


def tripped_message(event: BreakerTripped) -> BreakerMessage:
    """Return a breaker that opened."""
    return BreakerMessage(
        event.trigger_type,
        Raw(_trigger_figure(event.trigger_type, event.trigger_value)),
        Raw(_trigger_figure(event.trigger_type, event.threshold)),
        True,
        event.breaker_id,
        event.reason,
    )


def reset_message(breaker: Breaker, reason: str) -> BreakerMessage:
    """Return a breaker that closed, with the numbers it was tripped on."""
    return BreakerMessage(
        breaker.trigger_type,
        Raw(_trigger_figure(breaker.trigger_type, breaker.trigger_value)),
        Raw(_trigger_figure(breaker.trigger_type, breaker.threshold)),
        False,
        breaker.breaker_id,
        reason,
    )


def _trigger_figure(trigger_type: str, value: int) -> str:
    return str(value) if trigger_type in _COUNTS else render_money(value)


def alert_message(event: AlertRaised) -> AlertMessage:
    """Return an alert as the stream tells it."""
    return AlertMessage(event.alert_type, event.severity, event.symbol, event.message, event.alert_id)


def restriction_body(restriction: Restriction) -> RestrictionBody:
    """Return one reason to do less."""
    return RestrictionBody(
        restriction.key,
        restriction.state.value,
        restriction.reason,
        restriction.actor,
        instant(restriction.since),
        optional_instant(restriction.until),
        keeps_flat=restriction.keeps_flat,
    )


def restrictions_of(account: AccountState, state: StateView) -> list[RestrictionBody]:
    """Return what restricts an account, its group and its firm, the strictest first."""
    return [restriction_body(each) for _, _, each in restricting(account, state)]


def restricting(account: AccountState, state: StateView) -> list[tuple[str, str, Restriction]]:
    """Return (scope, scope_id, restriction) of all that restricts an account, the strictest first."""
    found = [("account", account.terms.account, each) for each in account.restrictions.values()]
    for kind, name in (("group", account.terms.group), ("firm", account.terms.firm)):
        scope = state.scopes.get(f"{kind}:{name}") if name else None
        if scope is not None:
            found += [(kind, name, each) for each in scope.restrictions.values()]
    found.sort(key=lambda each: (-SEVERITY[each[2].state], each[2].since))
    return found
