"""The account rules, in the order of semantics.md section 6: RULE-001 to RULE-013, then those beyond."""

from stopline.rules.base import Rule
from stopline.rules.bracket import Bracket
from stopline.rules.breakeven import Breakeven
from stopline.rules.connection_guard import ConnectionGuard
from stopline.rules.consecutive_losses import ConsecutiveLosses
from stopline.rules.consistency import Consistency
from stopline.rules.cooldown_after_loss import CooldownAfterLoss
from stopline.rules.daily_realized_loss import DailyRealizedLoss
from stopline.rules.daily_realized_profit import DailyRealizedProfit
from stopline.rules.daily_total_loss import DailyTotalLoss
from stopline.rules.daily_unrealized_loss import DailyUnrealizedLoss
from stopline.rules.error_burst import ErrorBurst
from stopline.rules.expiry_guard import ExpiryGuard
from stopline.rules.group_loss import GroupLoss
from stopline.rules.loss_velocity import LossVelocity
from stopline.rules.margin_call import MarginCall
from stopline.rules.max_contracts import MaxContracts
from stopline.rules.max_contracts_per_instrument import MaxContractsPerInstrument
from stopline.rules.max_drawdown import MaxDrawdown
from stopline.rules.max_unrealized_profit import MaxUnrealizedProfit
from stopline.rules.position_mismatch import PositionMismatch
from stopline.rules.profit_giveback import ProfitGiveback
from stopline.rules.profit_target import ProfitTarget
from stopline.rules.reject_burst import RejectBurst
from stopline.rules.session_block import SessionBlock
from stopline.rules.stale_feed import StaleFeed
from stopline.rules.stop_loss_grace import StopLossGrace
from stopline.rules.symbol_block import SymbolBlock
from stopline.rules.time_exit import TimeExit
from stopline.rules.trade_frequency import TradeFrequency
from stopline.rules.trailing_stop import TrailingStop
from stopline.rules.volatility_breaker import VolatilityBreaker
from stopline.rules.weekly_loss import WeeklyLoss

RULES: tuple[type[Rule], ...] = (
    MaxContracts,
    MaxContractsPerInstrument,
    DailyRealizedLoss,
    DailyUnrealizedLoss,
    MaxUnrealizedProfit,
    TradeFrequency,
    CooldownAfterLoss,
    StopLossGrace,
    SessionBlock,
    ConnectionGuard,
    SymbolBlock,
    Bracket,
    DailyRealizedProfit,
    DailyTotalLoss,
    WeeklyLoss,
    MaxDrawdown,
    ConsecutiveLosses,
    RejectBurst,
    ErrorBurst,
    ProfitGiveback,
    TrailingStop,
    Breakeven,
    TimeExit,
    PositionMismatch,
    MarginCall,
    StaleFeed,
    LossVelocity,
    VolatilityBreaker,
    ExpiryGuard,
    GroupLoss,
    ProfitTarget,
    Consistency,
)
