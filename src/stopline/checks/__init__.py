"""The pre-trade checks, in order of precedence: the first that denies decides (semantics.md section 5)."""

from stopline.checks.base import Check
from stopline.checks.buying_power import BuyingPower
from stopline.checks.concentration import Concentration
from stopline.checks.connection import Connection
from stopline.checks.daily_loss import DailyLoss
from stopline.checks.drawdown import Drawdown
from stopline.checks.duplicate_order import DuplicateOrder
from stopline.checks.gross_exposure import GrossExposure
from stopline.checks.instrument_allowed import InstrumentAllowed
from stopline.checks.leverage import Leverage
from stopline.checks.max_contracts import MaxContracts
from stopline.checks.max_open_positions import MaxOpenPositions
from stopline.checks.max_order_notional import MaxOrderNotional
from stopline.checks.max_order_qty import MaxOrderQty
from stopline.checks.max_position import MaxPosition
from stopline.checks.net_exposure import NetExposure
from stopline.checks.open_risk import OpenRisk
from stopline.checks.order_rate import OrderRate
from stopline.checks.order_well_formed import OrderWellFormed
from stopline.checks.price_collar import PriceCollar
from stopline.checks.quote_usable import QuoteUsable
from stopline.checks.self_match import SelfMatch
from stopline.checks.session_hours import SessionHours
from stopline.checks.short_sale import ShortSale
from stopline.checks.stop_required import StopRequired
from stopline.checks.trade_frequency import TradeFrequency
from stopline.checks.trading_state import TradingStateCheck

CHECKS: tuple[type[Check], ...] = (
    OrderWellFormed,
    DuplicateOrder,
    TradingStateCheck,
    DailyLoss,
    Drawdown,
    MaxOrderQty,
    MaxOrderNotional,
    MaxPosition,
    MaxContracts,
    MaxOpenPositions,
    GrossExposure,
    NetExposure,
    Concentration,
    Leverage,
    BuyingPower,
    OpenRisk,
    StopRequired,
    ShortSale,
    InstrumentAllowed,
    SessionHours,
    Connection,
    QuoteUsable,
    PriceCollar,
    SelfMatch,
    TradeFrequency,
    OrderRate,
)
