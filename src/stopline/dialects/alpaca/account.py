"""The account as Alpaca reports it, and its configurations.

Not one of the pattern-day-trader fields is here: Alpaca took them away in July 2026.
`equity` and `cash` are needed; the day's P&L counts from `last_equity`.
"""

from typing import Final

from msgspec import Struct

from stopline.dialects.alpaca.codecs import COUNT, FLAG, INSTANT, MONEY, TEXT
from stopline.dialects.alpaca.records import Record
from stopline.model.numbers import Money, Nanos


class Account(Struct, frozen=True, kw_only=True):
    """Money and permissions."""

    id: str
    cash: Money
    equity: Money
    account_number: str = ""
    status: str = ""
    crypto_status: str | None = None
    currency: str = "USD"
    buying_power: Money | None = None
    regt_buying_power: Money | None = None
    non_marginable_buying_power: Money | None = None
    options_buying_power: Money | None = None
    portfolio_value: Money | None = None
    last_equity: Money | None = None
    long_market_value: Money | None = None
    short_market_value: Money | None = None
    initial_margin: Money | None = None
    maintenance_margin: Money | None = None
    last_maintenance_margin: Money | None = None
    sma: Money | None = None
    accrued_fees: Money | None = None
    pending_transfer_in: Money | None = None
    pending_transfer_out: Money | None = None
    intraday_adjustments: Money | None = None
    multiplier: str | None = None
    shorting_enabled: bool | None = None
    trading_blocked: bool = False
    transfers_blocked: bool = False
    account_blocked: bool = False
    trade_suspended_by_user: bool = False
    created_at: Nanos | None = None
    balance_asof: str | None = None
    options_approved_level: int | None = None
    options_trading_level: int | None = None


_MONEY: Final = (
    "cash equity buying_power regt_buying_power non_marginable_buying_power options_buying_power portfolio_value "
    "last_equity long_market_value short_market_value initial_margin maintenance_margin last_maintenance_margin sma "
    "accrued_fees pending_transfer_in pending_transfer_out intraday_adjustments"
).split()
_TEXT: Final = "id account_number status crypto_status currency multiplier balance_asof".split()
_FLAGS: Final = "shorting_enabled trading_blocked transfers_blocked account_blocked trade_suspended_by_user".split()
ACCOUNT: Final = Record(
    Account,
    dict.fromkeys(_TEXT, TEXT)
    | dict.fromkeys(_MONEY, MONEY)
    | dict.fromkeys(_FLAGS, FLAG)
    | {"created_at": INSTANT, "options_approved_level": COUNT, "options_trading_level": COUNT},
)


class Configurations(Struct, frozen=True, kw_only=True):
    """What the owner has set. In a change, what is None stays as it is."""

    suspend_trade: bool | None = None
    """The owner's own stop: new orders are refused until it is taken back."""
    no_shorting: bool | None = None
    fractional_trading: bool | None = None
    max_margin_multiplier: str | None = None
    max_options_trading_level: int | None = None
    trade_confirm_email: str | None = None
    ptp_no_exception_entry: bool | None = None
    disable_overnight_trading: bool | None = None


CONFIGURATIONS: Final = Record(
    Configurations,
    {
        "suspend_trade": FLAG,
        "no_shorting": FLAG,
        "fractional_trading": FLAG,
        "max_margin_multiplier": TEXT,
        "max_options_trading_level": COUNT,
        "trade_confirm_email": TEXT,
        "ptp_no_exception_entry": FLAG,
        "disable_overnight_trading": FLAG,
    },
)
