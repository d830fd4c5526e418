"""Limits as people see them: the seven fields of document 001, or every one under its own name."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from stopline.engine.strictest import resolve_symbol
from stopline.model.ids import AccountId
from stopline.model.instrument import Instrument
from stopline.model.limits import Limits, RateWindow, SymbolLimit
from stopline.model.numbers import SECOND, render_qty, render_scaled
from stopline.model.verdict import Unit
from stopline.state.limits import LimitBook, Proposal
from stopline.views.wire import (
    InstantText,
    JsonNumber,
    figure,
    instant,
    money_number,
    optional_instant,
    percent_number,
    ratio_number,
)

SCALARS: Final[Mapping[str, Unit]] = {
    "daily_loss": Unit.MONEY,
    "drawdown_floor": Unit.MONEY,
    "max_order_qty": Unit.QTY,
    "max_order_notional": Unit.MONEY,
    "max_position": Unit.MONEY,
    "max_position_qty": Unit.QTY,
    "max_contracts": Unit.RATIO,
    "max_open_positions": Unit.COUNT,
    "gross_exposure": Unit.RATIO,
    "net_exposure": Unit.RATIO,
    "concentration": Unit.RATIO,
    "sector_concentration": Unit.RATIO,
    "tag_concentration": Unit.RATIO,
    "leverage": Unit.RATIO,
    "quote_max_age": Unit.NANOS,
    "quote_max_spread": Unit.RATIO,
    "quote_min_size": Unit.QTY,
    "price_collar": Unit.RATIO,
    "duplicate_window": Unit.NANOS,
    "trades_per_session": Unit.COUNT,
    "breaker_expiry": Unit.NANOS,
}
"""Limits that are one number, with its unit. Durations are shown in seconds, ratios as such: 25 % is 0.25."""
SWITCHES: Final = (
    "enabled",
    "buying_power",
    "open_risk",
    "stop_required",
    "short_sale",
    "session_hours",
    "self_match",
    "breakers_reset_with_session",
)
PATTERNS: Final = ("allow", "deny")
WINDOWS: Final = (
    "trade_frequency",
    "order_rate",
    "order_rate_per_user",
    "order_rate_per_client",
    "order_rate_per_strategy",
    "order_rate_per_symbol",
)


class LimitsBody(Struct):
    """Document 001's limits. Null is not armed: that limit protects nothing."""

    max_position_size: JsonNumber | None
    max_order_size: JsonNumber | None
    daily_loss_limit: JsonNumber | None
    max_portfolio_concentration: JsonNumber | None
    max_leverage: JsonNumber | None
    max_orders_per_second: int | None
    enabled: bool


class SymbolLimitBody(Struct, omit_defaults=True):
    """What one symbol may hold: its own limit, or the account's where it has none of its own."""

    max_position: JsonNumber | None
    max_concentration_pct: JsonNumber | None
    max_position_qty: str | None = None


class ProposalBody(Struct):
    """A loosening that waits: for its time, or for a second person."""

    status: str
    proposal_id: int
    effective_at: InstantText | None
    message: str


class OpenProposalBody(Struct):
    """A loosening that waits; `limits` are those that would change, under their own names."""

    proposal_id: int
    account: str
    scope: str
    scope_id: str
    symbol: str
    proposed_at: InstantText
    effective_at: InstantText | None
    actor: str
    reason: str
    limits: dict[str, Any]


def limits_body(limits: Limits) -> LimitsBody:
    """Return the seven fields of document 001."""
    return LimitsBody(
        money_number(limits.max_position),
        money_number(limits.max_order_notional),
        money_number(limits.daily_loss),
        percent_number(limits.concentration),
        ratio_number(limits.leverage),
        per_second(limits.order_rate),
        limits.enabled,
    )


def per_second(windows: tuple[RateWindow, ...]) -> int | None:
    """Return the count of the one-second window, or None where there is none."""
    counts = [window.count for window in windows if window.window == SECOND]
    return min(counts) if counts else None


def all_limits(limits: Limits) -> dict[str, Any]:
    """Return every limit under its own name, as exact text."""
    shown: dict[str, Any] = {name: getattr(limits, name) for name in SWITCHES}
    shown |= {name: figure(getattr(limits, name), unit) for name, unit in SCALARS.items()}
    shown |= {name: list(getattr(limits, name)) for name in PATTERNS}
    shown |= {name: [window_body(each) for each in getattr(limits, name)] for name in WINDOWS}
    shown["reject_burst"] = None if limits.reject_burst is None else window_body(limits.reject_burst)
    shown["money_classes"] = [each.value for each in limits.money_classes]
    return shown


def window_body(window: RateWindow) -> dict[str, Any]:
    """Return a rate window: at most `count` in `seconds`."""
    return {"count": window.count, "seconds": render_scaled(window.window, 9)}


def symbol_limit_of(book: LimitBook, instrument: Instrument) -> SymbolLimit:
    """Return the strictest limit that names the symbol, its canonical id or its product."""
    names = dict.fromkeys((instrument.symbol, instrument.instrument_id, instrument.product))
    return resolve_symbol(tuple(book.symbols[name] for name in names if name in book.symbols))


def symbol_limit_body(book: LimitBook, instrument: Instrument) -> SymbolLimitBody:
    """Return what applies to one symbol."""
    limit, own = symbol_limit_of(book, instrument), book.own()
    applies_here = instrument.asset_class in own.money_classes
    ceiling = own.max_position if applies_here else None
    share = own.concentration if applies_here else None
    return SymbolLimitBody(
        money_number(ceiling if limit.max_position is None else limit.max_position),
        percent_number(share if limit.concentration is None else limit.concentration),
        None if limit.max_position_qty is None else render_qty(limit.max_position_qty),
    )


def proposal_body(proposal_id: int, effective_at: int) -> ProposalBody:
    """Return a loosening that waits, as the one who asked for it hears it."""
    when = f"takes effect at {instant(effective_at)}" if effective_at else "waits for a second person"
    return ProposalBody(
        "proposed",
        proposal_id,
        optional_instant(effective_at),
        f"the account is armed and this loosens it: proposal {proposal_id} {when}",
    )


def open_proposals(account: AccountId, book: LimitBook) -> list[OpenProposalBody]:
    """Return what waits, oldest first."""
    return [_open_proposal(account, book.proposals[number]) for number in sorted(book.proposals)]


def _open_proposal(account: AccountId, proposal: Proposal) -> OpenProposalBody:
    return OpenProposalBody(
        proposal.proposal_id,
        account,
        proposal.scope.value,
        proposal.scope_id,
        proposal.symbol,
        instant(proposal.proposed_at),
        optional_instant(proposal.effective_at),
        proposal.actor,
        proposal.reason,
        _asked_for(proposal),
    )


def _asked_for(proposal: Proposal) -> dict[str, Any]:
    """Return the limits that would change, under their own names."""
    if proposal.limits is not None:
        old, new = all_limits(proposal.base or Limits()), all_limits(proposal.limits)
    else:
        old, new = (_symbol_limits(limit or SymbolLimit()) for limit in (proposal.symbol_base, proposal.symbol_limit))
    return {name: value for name, value in new.items() if value != old[name]}


def _symbol_limits(limit: SymbolLimit) -> dict[str, Any]:
    return {
        "max_position": figure(limit.max_position, Unit.MONEY),
        "concentration": figure(limit.concentration, Unit.RATIO),
        "max_position_qty": figure(limit.max_position_qty, Unit.QTY),
    }
