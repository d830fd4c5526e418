"""What a configuration file may say of the account rules: a section for each, whose keys are its terms.

The keys are the fields of the records in `stopline.model.rules`. A rule that is not written
down is not armed; `none` in an account takes out one that all accounts have.
"""

from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import BeforeValidator

from stopline.config import units
from stopline.config.rules_schema.base import RuleSection
from stopline.config.rules_schema.holdings import (
    MarginCallSection,
    MaxContractsPerInstrumentSection,
    MaxContractsSection,
    SymbolBlockSection,
)
from stopline.config.rules_schema.hours import ExpiryGuardSection, SessionBlockSection, TimeExitSection
from stopline.config.rules_schema.losses import (
    DailyRealizedLossSection,
    DailyTotalLossSection,
    DailyUnrealizedLossSection,
    GroupLossSection,
    LossVelocitySection,
    MaxDrawdownSection,
    WeeklyLossSection,
)
from stopline.config.rules_schema.pace import ConsecutiveLossesSection, CooldownAfterLossSection, TradeFrequencySection
from stopline.config.rules_schema.profits import (
    ConsistencySection,
    DailyRealizedProfitSection,
    MaxUnrealizedProfitSection,
    ProfitGivebackSection,
    ProfitTargetSection,
)
from stopline.config.rules_schema.stops import (
    BracketSection,
    BreakevenSection,
    StopLossGraceSection,
    TrailingStopSection,
)
from stopline.config.rules_schema.trouble import (
    ConnectionGuardSection,
    ErrorBurstSection,
    PositionMismatchSection,
    RejectBurstSection,
    StaleFeedSection,
    VolatilityBreakerSection,
)
from stopline.config.section import Section

__all__ = ["RuleSection", "RulesSection"]

S = TypeVar("S", bound=RuleSection)


def _none_or_section(value: Any) -> Any:
    """Let `none` take a rule out; a key without a value must not."""
    if value is None:
        raise units.Unfit("has no value", "write its settings below it, {} for all defaults, or `none`")
    return None if value == units.NONE else value


Armed: TypeAlias = Annotated[S | None, BeforeValidator(_none_or_section)]


class RulesSection(Section):
    """Account rules, each with its terms. One that an account sets replaces that of all accounts as a whole."""

    max_contracts: Armed[MaxContractsSection] = None
    max_contracts_per_instrument: Armed[MaxContractsPerInstrumentSection] = None
    daily_realized_loss: Armed[DailyRealizedLossSection] = None
    daily_unrealized_loss: Armed[DailyUnrealizedLossSection] = None
    max_unrealized_profit: Armed[MaxUnrealizedProfitSection] = None
    trade_frequency: Armed[TradeFrequencySection] = None
    cooldown_after_loss: Armed[CooldownAfterLossSection] = None
    stop_loss_grace: Armed[StopLossGraceSection] = None
    session_block: Armed[SessionBlockSection] = None
    connection_guard: Armed[ConnectionGuardSection] = None
    symbol_block: Armed[SymbolBlockSection] = None
    bracket: Armed[BracketSection] = None
    daily_realized_profit: Armed[DailyRealizedProfitSection] = None
    daily_total_loss: Armed[DailyTotalLossSection] = None
    weekly_loss: Armed[WeeklyLossSection] = None
    max_drawdown: Armed[MaxDrawdownSection] = None
    consecutive_losses: Armed[ConsecutiveLossesSection] = None
    reject_burst: Armed[RejectBurstSection] = None
    error_burst: Armed[ErrorBurstSection] = None
    profit_giveback: Armed[ProfitGivebackSection] = None
    trailing_stop: Armed[TrailingStopSection] = None
    breakeven: Armed[BreakevenSection] = None
    time_exit: Armed[TimeExitSection] = None
    position_mismatch: Armed[PositionMismatchSection] = None
    margin_call: Armed[MarginCallSection] = None
    stale_feed: Armed[StaleFeedSection] = None
    loss_velocity: Armed[LossVelocitySection] = None
    volatility_breaker: Armed[VolatilityBreakerSection] = None
    expiry_guard: Armed[ExpiryGuardSection] = None
    group_loss: Armed[GroupLossSection] = None
    profit_target: Armed[ProfitTargetSection] = None
    consistency: Armed[ConsistencySection] = None
