"""The account rules, in the order of semantics.md section 6: RULE-001 to RULE-013, then those beyond."""

from stopline.rules.base import Rule
from stopline.rules.bracket import Bracket
from stopline.rules.connection_guard import ConnectionGuard
from stopline.rules.cooldown_after_loss import CooldownAfterLoss
from stopline.rules.daily_realized_loss import DailyRealizedLoss
from stopline.rules.daily_realized_profit import DailyRealizedProfit
from stopline.rules.daily_unrealized_loss import DailyUnrealizedLoss
from stopline.rules.max_contracts import MaxContracts
from stopline.rules.max_contracts_per_instrument import MaxContractsPerInstrument
from stopline.rules.max_unrealized_profit import MaxUnrealizedProfit
from stopline.rules.session_block import SessionBlock
from stopline.rules.stop_loss_grace import StopLossGrace
from stopline.rules.symbol_block import SymbolBlock
from stopline.rules.trade_frequency import TradeFrequency

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
)
