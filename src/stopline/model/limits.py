"""Limits: one record per scope; the strictest over all scopes of an order is in force.

Source     semantics.md sections 5 and 10; api.md (names of the JSON fields).
"""

from enum import StrEnum

from msgspec import Struct

from stopline.model.instrument import AssetClass
from stopline.model.numbers import Money, Nanos, Qty, Ratio


class ScopeKind(StrEnum):
    """Where a limit hangs; the order is from widest to narrowest."""

    FIRM = "firm"
    GROUP = "group"
    ACCOUNT = "account"
    USER = "user"
    STRATEGY = "strategy"
    SYMBOL = "symbol"


class RateWindow(Struct, frozen=True, gc=False, array_like=True):
    """At most `count` in any `window` nanoseconds."""

    count: int
    window: Nanos


CASH_CLASSES = (AssetClass.EQUITY, AssetClass.CRYPTO, AssetClass.FOREX)


class Limits(Struct, frozen=True, array_like=True):
    """All limits of one scope. None (or an empty tuple) is not armed.

    `money_classes` are the asset classes that the money, concentration and leverage
    limits speak of: by default cash classes, because one micro future is worth more than
    any sensible cash default (semantics.md section 5).
    """

    enabled: bool = True
    daily_loss: Money | None = None
    drawdown_floor: Money | None = None
    max_order_qty: Qty | None = None
    max_order_notional: Money | None = None
    max_position: Money | None = None
    max_position_qty: Qty | None = None
    max_contracts: Ratio | None = None
    max_open_positions: int | None = None
    gross_exposure: Ratio | None = None
    net_exposure: Ratio | None = None
    concentration: Ratio | None = None
    sector_concentration: Ratio | None = None
    tag_concentration: Ratio | None = None
    leverage: Ratio | None = None
    buying_power: bool = False
    open_risk: bool = False
    stop_required: bool = False
    short_sale: bool | None = None
    """True allows shorts, False forbids, None: by account and class."""
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    session_hours: bool = False
    quote_max_age: Nanos | None = None
    quote_max_spread: Ratio | None = None
    quote_min_size: Qty | None = None
    price_collar: Ratio | None = None
    self_match: bool = False
    duplicate_window: Nanos | None = None
    trade_frequency: tuple[RateWindow, ...] = ()
    order_rate: tuple[RateWindow, ...] = ()
    order_rate_per_user: tuple[RateWindow, ...] = ()
    order_rate_per_client: tuple[RateWindow, ...] = ()
    order_rate_per_strategy: tuple[RateWindow, ...] = ()
    order_rate_per_symbol: tuple[RateWindow, ...] = ()
    trades_per_session: int | None = None
    breaker_expiry: Nanos | None = None
    """How long a circuit breaker stays open by itself; None until somebody resets it."""
    breakers_reset_with_session: bool = False
    reject_burst: RateWindow | None = None
    money_classes: tuple[AssetClass, ...] = CASH_CLASSES


class SymbolLimit(Struct, frozen=True, gc=False, array_like=True):
    """What one symbol (or futures product) may hold: `max_position` money, share of equity, contracts."""

    max_position: Money | None = None
    concentration: Ratio | None = None
    max_position_qty: Qty | None = None


class LimitsVersion(Struct, frozen=True, gc=False, array_like=True):
    """Which limits a decision was made on."""

    version: int
    changed_at: Nanos
    changed_by: str


DEFAULT_LIMITS = Limits(
    daily_loss=5_000 * 10**8,
    max_order_notional=1_000 * 10**8,
    max_position=10_000 * 10**8,
    concentration=250_000,
    leverage=2_000_000,
    buying_power=True,
    quote_max_age=5_000_000_000,
    quote_max_spread=50_000,
    price_collar=50_000,
    self_match=True,
    order_rate=(RateWindow(10, 1_000_000_000),),
    reject_burst=RateWindow(10, 60_000_000_000),
)
"""The defaults of semantics.md section 5, for a cash-equities account."""
