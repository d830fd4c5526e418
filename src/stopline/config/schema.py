"""What a configuration file may say: sections and keys, each with its unit. Unknown keys are refused.

The keys of `limits` are the fields of `stopline.model.limits.Limits`, named as the
checks that they arm. What a person left out is not set: `load.py` lays sections over
one another.
"""

from typing import Annotated, TypeAlias

from pydantic import PlainValidator

from stopline.config import rule_units, units
from stopline.config.instants import read_instant
from stopline.config.rules_schema import RulesSection
from stopline.config.section import Section
from stopline.model.account import LotMethod
from stopline.model.instrument import AssetClass, InstrumentStatus
from stopline.model.limits import RateWindow
from stopline.model.market_hours import LocalSpan
from stopline.model.week import MONDAY_RESET, WeekTerms

_NAME = units.matching(
    r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}", "write at most 64 letters, digits and - _ . (the first no sign)"
)

Bool: TypeAlias = Annotated[bool, PlainValidator(units.read_bool)]
BoolOrNone: TypeAlias = Annotated[bool | None, PlainValidator(units.optional(units.read_bool))]
Money: TypeAlias = Annotated[int, PlainValidator(units.read_money)]
MoneyOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_money))]
LossOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_positive_money))]
FloorOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_signed_money))]
Price: TypeAlias = Annotated[int, PlainValidator(units.read_price)]
Multiplier: TypeAlias = Annotated[int, PlainValidator(units.read_multiplier)]
Qty: TypeAlias = Annotated[int, PlainValidator(units.read_qty)]
PositiveQty: TypeAlias = Annotated[int, PlainValidator(units.read_positive_qty)]
QtyOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_qty))]
Ratio: TypeAlias = Annotated[int, PlainValidator(units.read_ratio)]
RatioOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_ratio))]
InstantOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(read_instant))]
Share: TypeAlias = Annotated[int, PlainValidator(units.read_share)]
ShareOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_share))]
Count: TypeAlias = Annotated[int, PlainValidator(units.read_count)]
CountOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_count))]
Port: TypeAlias = Annotated[int, PlainValidator(units.read_port)]
DurationOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_duration))]
WindowOrNone: TypeAlias = Annotated[RateWindow | None, PlainValidator(units.optional(units.read_window))]
Windows: TypeAlias = Annotated[tuple[RateWindow, ...], PlainValidator(units.read_windows)]
Patterns: TypeAlias = Annotated[tuple[str, ...], PlainValidator(units.read_patterns)]
Classes: TypeAlias = Annotated[tuple[AssetClass, ...], PlainValidator(units.read_classes)]
Hours: TypeAlias = Annotated[tuple[LocalSpan, ...], PlainValidator(units.read_hours)]
Name: TypeAlias = Annotated[str, PlainValidator(_NAME)]
Text: TypeAlias = Annotated[str, PlainValidator(units.matching(r"[^\x00-\x1f]{0,200}", "write at most 200 characters"))]
Path: TypeAlias = Annotated[str, PlainValidator(units.matching(r"[^\x00-\x1f]{1,4000}", "write a path"))]
PathOrNone: TypeAlias = Annotated[
    str | None, PlainValidator(units.optional(units.matching(r"[^\x00-\x1f]{1,4000}", "write a path")))
]
Currency: TypeAlias = Annotated[str, PlainValidator(units.matching(r"[A-Z]{3}", "write three capitals such as USD"))]


class LimitsSection(Section):
    """Limits. `none` disarms one: it then protects nothing, and shows as not armed."""

    enabled: Bool = True
    daily_loss: LossOrNone = None
    drawdown_floor: FloorOrNone = None
    max_order_qty: QtyOrNone = None
    max_order_notional: MoneyOrNone = None
    max_position: MoneyOrNone = None
    max_position_qty: QtyOrNone = None
    max_contracts: RatioOrNone = None
    max_open_positions: CountOrNone = None
    gross_exposure: RatioOrNone = None
    net_exposure: RatioOrNone = None
    concentration: ShareOrNone = None
    sector_concentration: ShareOrNone = None
    tag_concentration: ShareOrNone = None
    leverage: RatioOrNone = None
    buying_power: Bool = False
    open_risk: Bool = False
    stop_required: Bool = False
    short_sale: BoolOrNone = None
    allow: Patterns = ()
    deny: Patterns = ()
    session_hours: Bool = False
    quote_max_age: DurationOrNone = None
    quote_max_spread: ShareOrNone = None
    quote_min_size: QtyOrNone = None
    price_collar: ShareOrNone = None
    self_match: Bool = False
    duplicate_window: DurationOrNone = None
    trade_frequency: Windows = ()
    order_rate: Windows = ()
    order_rate_per_user: Windows = ()
    order_rate_per_client: Windows = ()
    order_rate_per_strategy: Windows = ()
    order_rate_per_symbol: Windows = ()
    trades_per_session: CountOrNone = None
    breaker_expiry: DurationOrNone = None
    breakers_reset_with_session: Bool = False
    reject_burst: WindowOrNone = None
    money_classes: Classes = ()


class SymbolSection(Section):
    """What one symbol, or one futures product (ES, or fut:ES), may hold."""

    max_position: MoneyOrNone = None
    concentration: ShareOrNone = None
    max_position_qty: QtyOrNone = None


class AccountSection(Section):
    """One account. Its limits and symbols are laid over those of all accounts."""

    account: Name
    broker: Annotated[str, PlainValidator(units.one_of("paper", "alpaca"))] = "paper"
    currency: Currency = "USD"
    opening_cash: Money = 0
    margin_account: Bool = True
    initial_margin: Share = 500_000
    maintenance_margin: Share = 250_000
    lot_method: Annotated[LotMethod, PlainValidator(units.read_lot_method)] = LotMethod.AVERAGE
    reset_zone: Annotated[str, PlainValidator(units.read_zone)] = "America/New_York"
    reset_time: Annotated[str, PlainValidator(units.read_time_of_day)] = "17:00"
    weekly_reset: Annotated[WeekTerms, PlainValidator(rule_units.read_weekly_reset)] = MONDAY_RESET
    group: Name = ""
    firm: Name = ""
    armed: Bool = False
    limits: LimitsSection = LimitsSection()
    rules: RulesSection = RulesSection()
    symbols: dict[str, SymbolSection] = {}
    strategies: dict[str, LimitsSection] = {}
    users: dict[str, LimitsSection] = {}


class InstrumentSection(Section):
    """Terms of an instrument. With `asset_class` it is one of its own, else it changes what the market says."""

    asset_class: Annotated[AssetClass, PlainValidator(units.read_asset_class)] = AssetClass.EQUITY
    symbol: Name = ""
    product: Text = ""
    currency: Currency = "USD"
    tick_size: Price = 0
    lot_size: PositiveQty = 0
    multiplier: Multiplier = 0
    min_qty: Qty = 0
    max_qty: QtyOrNone = None
    status: Annotated[InstrumentStatus, PlainValidator(units.read_status)] = InstrumentStatus.OPEN
    price_may_be_negative: Bool = False
    initial_margin: MoneyOrNone = None
    maintenance_margin: MoneyOrNone = None
    contract_weight: Ratio = 1_000_000
    shortable: BoolOrNone = None
    sector: Text = ""
    tags: Text = ""
    stress_move: RatioOrNone = None
    expires_at: InstantOrNone = None


class ServerSection(Section):
    """Where the native door listens."""

    host: Annotated[
        str, PlainValidator(units.matching(r"[A-Za-z0-9_.:\-]{1,253}", "write an address such as 127.0.0.1"))
    ] = ""
    port: Port = 0


class MarketSection(Section):
    """Where quotes come from."""

    source: Path = ""
    speed: Count = 1


class LogSection(Section):
    """What is said on stderr while it runs."""

    level: Annotated[str, PlainValidator(units.one_of("debug", "info", "warning", "error"))] = "info"
    format: Annotated[str, PlainValidator(units.one_of("text", "json"))] = "text"


class DaySection(Section):
    """Hours of a market on one day."""

    hours: Hours = ()
    note: Text = ""


class CalendarSection(Section):
    """Hours that this installation knows better than the shipped calendar, by date."""

    days: dict[str, DaySection] = {}


class AlpacaSection(Section):
    """Where the accounts whose broker is `alpaca` are. The keys themselves stand nowhere here."""

    environment: Annotated[str, PlainValidator(units.read_environment)] = "paper"
    keys_file: PathOrNone = None
    suspend_when_halted: Bool = False


class BotSection(Section):
    """A bot at a door: its own pair of keys, and the account they open. `secret` comes from the environment only."""

    name: Name = ""
    key: Annotated[
        str, PlainValidator(units.matching(r"[A-Za-z0-9_\-]{4,64}", "write 4 to 64 letters, digits, - and _"))
    ] = ""
    secret: Annotated[str, PlainValidator(units.read_secret)] = ""
    secret_sha256: Annotated[str, PlainValidator(units.read_sha256)] = ""
    account: Name = ""


class AlpacaDoorSection(Section):
    """Alpaca's door: docs/doors/alpaca.md. It opens where there are bots."""

    host: Annotated[
        str, PlainValidator(units.matching(r"[A-Za-z0-9_.:\-]{1,253}", "write an address such as 127.0.0.1"))
    ] = ""
    port: Port = 0
    bots: tuple[BotSection, ...] = ()


class DoorsSection(Section):
    """Doors beside the native one, for bots as they are."""

    alpaca: AlpacaDoorSection = AlpacaDoorSection()


class FeesSection(Section):
    """What the paper broker charges."""

    per_share: Money = 0
    per_contract: Money = 0


class FileSection(Section):
    """The whole file."""

    data_dir: Path = ""
    spool_path: PathOrNone = None
    server: ServerSection = ServerSection()
    market: MarketSection = MarketSection()
    log: LogSection = LogSection()
    fees: FeesSection = FeesSection()
    alpaca: AlpacaSection = AlpacaSection()
    doors: DoorsSection = DoorsSection()
    accounts: tuple[AccountSection, ...] = ()
    limits: LimitsSection = LimitsSection()
    rules: RulesSection = RulesSection()
    symbols: dict[str, SymbolSection] = {}
    groups: dict[str, LimitsSection] = {}
    firms: dict[str, LimitsSection] = {}
    instruments: dict[str, InstrumentSection] = {}
    calendars: dict[str, CalendarSection] = {}
