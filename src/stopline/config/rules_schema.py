"""What a configuration file may say of the account rules: a section for each, whose keys are its terms.

The keys are the fields of the records in `stopline.model.rules`. A rule that is not written
down is not armed; `none` in an account takes out one that all accounts have.
"""

from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import BeforeValidator, PlainValidator, model_validator

from stopline.config import rule_units, units
from stopline.config.section import Section
from stopline.model.breach import Mode, RuleScope
from stopline.model.limits import RateWindow
from stopline.model.market_hours import LocalSpan
from stopline.model.rules import ContractTier, DrawdownKind, LossTier

Bool: TypeAlias = Annotated[bool, PlainValidator(units.read_bool)]
Loss: TypeAlias = Annotated[int, PlainValidator(units.read_positive_money)]
Contracts: TypeAlias = Annotated[int, PlainValidator(units.read_ratio)]
QtyOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_qty))]
Products: TypeAlias = Annotated[dict[str, int], PlainValidator(rule_units.read_products)]
CountOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_count))]
TicksOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(rule_units.read_ticks))]
Grace: TypeAlias = Annotated[int, PlainValidator(rule_units.read_grace)]
DurationOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_duration))]
Windows: TypeAlias = Annotated[tuple[RateWindow, ...], PlainValidator(rule_units.read_rule_rates)]
MoneyOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_signed_money))]
LossOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_positive_money))]
Count: TypeAlias = Annotated[int, PlainValidator(units.read_count)]
Times: TypeAlias = Annotated[int, PlainValidator(rule_units.read_times)]
Ticks: TypeAlias = Annotated[int, PlainValidator(rule_units.read_ticks)]
Ratio: TypeAlias = Annotated[int, PlainValidator(units.read_ratio)]
Share: TypeAlias = Annotated[int, PlainValidator(rule_units.read_positive_share)]
ShareOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(rule_units.read_positive_share))]
Duration: TypeAlias = Annotated[int, PlainValidator(units.read_duration)]
WithinAnHour: TypeAlias = Annotated[int, PlainValidator(rule_units.read_rule_window)]
Window: TypeAlias = Annotated[RateWindow, PlainValidator(rule_units.read_rule_rate)]
Tiers: TypeAlias = Annotated[tuple[LossTier, ...], PlainValidator(rule_units.read_tiers)]
Hours: TypeAlias = Annotated[tuple[LocalSpan, ...], PlainValidator(units.read_hours)]
Weekdays: TypeAlias = Annotated[tuple[int, ...], PlainValidator(rule_units.read_weekdays)]
Patterns: TypeAlias = Annotated[tuple[str, ...], PlainValidator(units.read_patterns)]
Scope: TypeAlias = Annotated[RuleScope, PlainValidator(rule_units.read_rule_scope)]


ContractTiers: TypeAlias = Annotated[tuple[ContractTier, ...], PlainValidator(rule_units.read_contract_tiers)]
Buffer: TypeAlias = Annotated[int, PlainValidator(units.read_money)]
BufferTicks: TypeAlias = Annotated[int, PlainValidator(rule_units.read_ticks)]


class RuleSection(Section):
    """What every rule has."""

    mode: Annotated[Mode, PlainValidator(rule_units.read_mode)] = Mode.ENFORCE


def one_of_these(section: RuleSection, *names: str) -> None:
    """Refuse a rule that says none of its keys: it would watch nothing."""
    if not any(getattr(section, name) not in (None, (), {}) for name in names):
        raise units.Unfit("says nothing to watch", f"write one of {', '.join(names)}")


class MaxContractsSection(RuleSection):
    """[max_contracts](rules/max_contracts.md): the most futures contracts held; a micro counts a tenth."""

    limit: Contracts
    tiers: ContractTiers = ()


class MaxContractsPerInstrumentSection(RuleSection):
    """[max_contracts_per_instrument](rules/max_contracts_per_instrument.md): for all, or for single products."""

    limit: QtyOrNone = None
    products: Products = {}

    @model_validator(mode="after")
    def _says_something(self) -> "MaxContractsPerInstrumentSection":
        one_of_these(self, "limit", "products")
        return self


class DailyRealizedLossSection(RuleSection):
    """[daily_realized_loss](rules/daily_realized_loss.md)."""

    loss_limit: Loss


class DailyUnrealizedLossSection(RuleSection):
    """[daily_unrealized_loss](rules/daily_unrealized_loss.md)."""

    loss_limit: Loss
    scope: Scope = RuleScope.POSITION


class MaxUnrealizedProfitSection(RuleSection):
    """[max_unrealized_profit](rules/max_unrealized_profit.md)."""

    target: Loss


class TradeFrequencySection(RuleSection):
    """[trade_frequency](rules/trade_frequency.md): without a cooldown, until there is room for a trade."""

    windows: Windows = ()
    per_session: CountOrNone = None
    cooldown: DurationOrNone = None

    @model_validator(mode="after")
    def _says_something(self) -> "TradeFrequencySection":
        one_of_these(self, "windows", "per_session")
        return self


class CooldownAfterLossSection(RuleSection):
    """[cooldown_after_loss](rules/cooldown_after_loss.md)."""

    tiers: Tiers


class StopLossGraceSection(RuleSection):
    """[stop_loss_grace](rules/stop_loss_grace.md)."""

    grace: Grace


class SessionBlockSection(RuleSection):
    """[session_block](rules/session_block.md): in the zone of the account's reset."""

    hours: Hours
    weekdays: Weekdays = (0, 1, 2, 3, 4)
    flatten: Bool = False

    @model_validator(mode="after")
    def _says_something(self) -> "SessionBlockSection":
        for name in ("hours", "weekdays"):
            one_of_these(self, name)
        return self


class ConnectionGuardSection(RuleSection):
    """[connection_guard](rules/connection_guard.md)."""


class SymbolBlockSection(RuleSection):
    """[symbol_block](rules/symbol_block.md)."""

    blocked: Patterns

    @model_validator(mode="after")
    def _says_something(self) -> "SymbolBlockSection":
        one_of_these(self, "blocked")
        return self


class BracketSection(RuleSection):
    """[bracket](rules/bracket.md): distances from the average entry price."""

    stop_ticks: TicksOrNone = None
    target_ticks: TicksOrNone = None
    trailing: Bool = False

    @model_validator(mode="after")
    def _says_something(self) -> "BracketSection":
        one_of_these(self, "stop_ticks", "target_ticks")
        return self


class DailyRealizedProfitSection(RuleSection):
    """[daily_realized_profit](rules/daily_realized_profit.md)."""

    target: Loss
    flatten: Bool = False


class DailyTotalLossSection(RuleSection):
    """[daily_total_loss](rules/daily_total_loss.md)."""

    loss_limit: Loss
    buffer: Buffer = 0
    buffer_ticks: BufferTicks = 0


class WeeklyLossSection(RuleSection):
    """[weekly_loss](rules/weekly_loss.md)."""

    loss_limit: Loss
    buffer: Buffer = 0
    buffer_ticks: BufferTicks = 0


class MaxDrawdownSection(RuleSection):
    """[max_drawdown](rules/max_drawdown.md): the floor rises no further than `lock_level`, an equity."""

    loss_limit: Loss
    buffer: Buffer = 0
    buffer_ticks: BufferTicks = 0
    kind: Annotated[DrawdownKind, PlainValidator(rule_units.read_drawdown_kind)]
    lock_level: MoneyOrNone = None

    @model_validator(mode="after")
    def _locks_what_moves(self) -> "MaxDrawdownSection":
        if self.kind is DrawdownKind.STATIC and self.lock_level is not None:
            raise units.Unfit("a static floor does not move", "take lock_level out, or write another kind")
        return self


class ConsecutiveLossesSection(RuleSection):
    """[consecutive_losses](rules/consecutive_losses.md): without a cooldown, until the reset."""

    count: Times
    cooldown: DurationOrNone = None


class RejectBurstSection(RuleSection):
    """[reject_burst](rules/reject_burst.md): without a cooldown, until a person lifts it."""

    window: Window
    cooldown: DurationOrNone = None


class ErrorBurstSection(RuleSection):
    """[error_burst](rules/error_burst.md): without a cooldown, until a person lifts it."""

    window: Window
    cooldown: DurationOrNone = None


class ProfitGivebackSection(RuleSection):
    """[profit_giveback](rules/profit_giveback.md): of an amount and a share, the one that is less."""

    arm_at: Loss
    amount: LossOrNone = None
    share: ShareOrNone = None

    @model_validator(mode="after")
    def _says_something(self) -> "ProfitGivebackSection":
        one_of_these(self, "amount", "share")
        return self


class TrailingStopSection(RuleSection):
    """[trailing_stop](rules/trailing_stop.md)."""

    ticks: Ticks
    arm_ticks: Count = 0


class BreakevenSection(RuleSection):
    """[breakeven](rules/breakeven.md)."""

    trigger_ticks: Ticks
    offset_ticks: Count = 0

    @model_validator(mode="after")
    def _triggers_above(self) -> "BreakevenSection":
        if self.offset_ticks >= self.trigger_ticks:
            raise units.Unfit("offset_ticks is not below trigger_ticks", "it would close at the moment of the trigger")
        return self


class TimeExitSection(RuleSection):
    """[time_exit](rules/time_exit.md)."""

    max_hold: DurationOrNone = None
    before_reset: DurationOrNone = None

    @model_validator(mode="after")
    def _says_something(self) -> "TimeExitSection":
        one_of_these(self, "max_hold", "before_reset")
        return self


class PositionMismatchSection(RuleSection):
    """[position_mismatch](rules/position_mismatch.md)."""

    grace: Grace = 0


class MarginCallSection(RuleSection):
    """[margin_call](rules/margin_call.md): the buffer is a share of the maintenance margin."""

    buffer: Ratio = 0


class StaleFeedSection(RuleSection):
    """[stale_feed](rules/stale_feed.md)."""

    max_age: Duration


class LossVelocitySection(RuleSection):
    """[loss_velocity](rules/loss_velocity.md): without a cooldown, until a person lifts it."""

    loss_limit: Loss
    window: WithinAnHour
    cooldown: DurationOrNone = None
    flatten: Bool = True


class VolatilityBreakerSection(RuleSection):
    """[volatility_breaker](rules/volatility_breaker.md)."""

    move: Share
    window: WithinAnHour
    cooldown: Duration


class GroupLossSection(RuleSection):
    """[group_loss](rules/group_loss.md): all accounts of the account's group together."""

    loss_limit: Loss


class ExpiryGuardSection(RuleSection):
    """[expiry_guard](rules/expiry_guard.md)."""

    before: Duration


class ProfitTargetSection(RuleSection):
    """[profit_target](rules/profit_target.md)."""

    target: Loss
    flatten: Bool = False


class ConsistencySection(RuleSection):
    """[consistency](rules/consistency.md): the most that the best day may make of the profit."""

    share: Share


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
