"""Events as people and programs outside read them: field names, exact decimal text, ISO instants.

Which field is which kind of number is written down here once; a test compares it with the
types in the source, so that a new field cannot be forgotten.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any, Final

from msgspec import Struct

from stopline.config.diff import rules_shown
from stopline.messages.events import BreakerTripped, Event, RuleEvidence
from stopline.model.account import AccountTerms
from stopline.model.breach import RuleVerdict
from stopline.model.numbers import render_money, render_percent, render_price, render_qty, render_ratio, render_scaled
from stopline.model.rules import Rules
from stopline.model.verdict import Finding
from stopline.ports.journal import Record
from stopline.views.wire import figure, optional_instant

Render = Callable[[int], str | None]


def _seconds(nanos: int) -> str:
    return render_scaled(nanos, 9)


PRICES: Final = (
    "ask bid limit_price mark price reserve_price stop_loss stop_loss_limit stop_price take_profit target_price "
    "tick_size trail trail_amount"
).split()
MONEY: Final = (
    "amount baseline cash daily_loss day_pnl difference drawdown_floor equity fee initial_margin "
    "maintenance_margin max_order_notional max_position multiplier notional opening_cash peak_equity peak_pnl "
    "realized_pnl total_pnl "
    "unrealized_pnl"
).split()
QUANTITIES: Final = (
    "cum_qty lot_size max_order_qty max_passing_qty max_position_qty max_qty min_qty order_qty position qty "
    "quote_min_size working_buys working_sells"
).split()
RATIOS: Final = (
    "concentration gross_exposure leverage max_contracts net_exposure price_collar quote_max_spread "
    "sector_concentration tag_concentration"
).split()
PERCENTS: Final = ["trail_percent"]
"""Ratios that are shown as percent, because their name says so."""
INSTANTS: Final = (
    "after boot_offset changed_at closes_at due_at effective_at executed_at expire_at expires_at next_at opened_at "
    "opens_at resets_at until"
).split()
DURATIONS: Final = (
    "breaker_expiry by cancel_after duplicate_window partial_timeout quote_max_age silent_for timeout window"
).split()
COUNTS: Final = (
    "alert_id attempts breaker_id contract_weight count epoch escalations limits_version max_open_positions "
    "obligation_id proposal_id schema_version stress_move trades_per_session version"
).split()
"""Plain numbers."""

_RENDER: Final[dict[str, Render]] = {
    **dict.fromkeys(PRICES, render_price),
    **dict.fromkeys(MONEY, render_money),
    **dict.fromkeys(QUANTITIES, render_qty),
    **dict.fromkeys(RATIOS, render_ratio),
    **dict.fromkeys(PERCENTS, render_percent),
    **dict.fromkeys(INSTANTS, optional_instant),
    **dict.fromkeys(DURATIONS, _seconds),
}
COUNTING_BREAKERS: Final = frozenset({"REJECT_BURST"})
"""Breakers whose numbers are counts; all others are money."""


def readable_record(record: Record, events: tuple[Event, ...]) -> dict[str, Any]:
    """Return a record with its events, as `stopline journal show` has it."""
    return {
        "seq": record.seq,
        "at": optional_instant(record.at),
        "hash": record.hash.hex(),
        "prev_hash": record.prev_hash.hex(),
        "events": [readable_event(event) for event in events],
    }


def readable_event(event: Event) -> dict[str, Any]:
    """Return an event as {type, field: text, ...}."""
    return {"type": type(event).__name__, **readable_struct(event)}


def readable_struct(value: Struct) -> dict[str, Any]:
    """Return a record of the model or of the messages as {field: text, ...}."""
    special = _SPECIAL.get(type(value))
    if special is not None:
        return special(value)
    shown = {name: _field(name, getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, BreakerTripped):
        for name in ("trigger_value", "threshold"):
            shown[name] = breaker_figure(value.trigger_type, getattr(value, name))
    elif isinstance(value, AccountTerms):
        for name in ("initial_margin", "maintenance_margin"):
            shown[name] = render_ratio(getattr(value, name))
    return shown


def breaker_figure(trigger_type: str, value: int) -> str:
    """Return what tripped a breaker, or the threshold it passed: a count, or money."""
    return str(value) if trigger_type in COUNTING_BREAKERS else render_money(value)


def _field(name: str, value: object) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, int):
        render = _RENDER.get(name)
        return value if render is None else render(value)
    if isinstance(value, Struct):
        return readable_struct(value)
    if isinstance(value, tuple):
        if name == "marks":
            return {instrument_id: render_price(mark) for instrument_id, mark in value}
        return [_field(name, each) for each in value]
    return value


def _verdict(verdict: RuleVerdict) -> dict[str, Any]:
    """Return what a rule said: its numbers in their unit, and what it asks for."""
    return {
        "rule": verdict.rule,
        "mode": verdict.mode.value,
        "scope": verdict.scope.value,
        "key": verdict.key,
        "unit": verdict.unit.value,
        "observed": figure(verdict.observed, verdict.unit),
        "limit": figure(verdict.limit, verdict.unit),
        "reason": verdict.reason,
        "actions": [readable_struct(action) for action in verdict.actions],
    }


def _evidence(evidence: RuleEvidence) -> dict[str, Any]:
    """Return what a rule saw; each position as [instrument, quantity, mark]."""
    shown = {name: _field(name, getattr(evidence, name)) for name in ("realized_pnl", "total_pnl", "equity")}
    shown["positions"] = [
        [instrument_id, render_qty(qty), None if mark is None else render_price(mark)]
        for instrument_id, qty, mark in evidence.positions
    ]
    return shown


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "status": finding.status,
        "unit": finding.unit.value,
        "observed": figure(finding.observed, finding.unit),
        "limit": figure(finding.limit, finding.unit),
        "reason": finding.reason,
    }


_SPECIAL: Final[dict[type, Callable[[Any], dict[str, Any]]]] = {
    Finding: _finding,
    RuleVerdict: _verdict,
    RuleEvidence: _evidence,
    Rules: rules_shown,
}
