"""What the account rules are set to: one record per rule, named as the rule; None is not armed.

Source     semantics.md section 6.
"""

from enum import StrEnum
from typing import Final, get_args, get_type_hints

from msgspec import Struct

from stopline.model.breach import Mode, RuleScope
from stopline.model.limits import RateWindow
from stopline.model.market_hours import LocalSpan
from stopline.model.numbers import Money, Nanos, Qty, Ratio


class RuleTerms(Struct, frozen=True, kw_only=True):
    """What every rule has. One that is written down acts, unless it says that it only watches."""

    mode: Mode = Mode.ENFORCE


class ContractTier(Struct, frozen=True):
    """From a profit of `profit` at the day's open on, `limit` contracts."""

    profit: Money
    limit: Ratio


class MaxContractsTerms(RuleTerms, frozen=True, kw_only=True):
    """`limit` in full-size equivalents, 1e-6: a micro counts a tenth. A tier that was reached goes before it."""

    limit: Ratio
    tiers: tuple[ContractTier, ...] = ()


class MaxContractsPerInstrumentTerms(RuleTerms, frozen=True, kw_only=True):
    """`limit` for every instrument (futures: product), `products` for single ones, which go before it."""

    limit: Qty | None = None
    products: dict[str, Qty] = {}


class DailyRealizedLossTerms(RuleTerms, frozen=True, kw_only=True):
    """`loss_limit` is positive."""

    loss_limit: Money


class DailyUnrealizedLossTerms(RuleTerms, frozen=True, kw_only=True):
    """`loss_limit` is positive, for each position or for all of them together."""

    loss_limit: Money
    scope: RuleScope = RuleScope.POSITION


class MaxUnrealizedProfitTerms(RuleTerms, frozen=True, kw_only=True):
    """`target` for each position."""

    target: Money


class TradeFrequencyTerms(RuleTerms, frozen=True, kw_only=True):
    """`cooldown` None: until there is room again."""

    windows: tuple[RateWindow, ...] = ()
    per_session: int | None = None
    cooldown: Nanos | None = None


class LossTier(Struct, frozen=True):
    """A loss of at least `loss` costs `cooldown`."""

    loss: Money
    cooldown: Nanos


class CooldownAfterLossTerms(RuleTerms, frozen=True, kw_only=True):
    """`tiers` in any order; the largest loss that was reached counts."""

    tiers: tuple[LossTier, ...]


class StopLossGraceTerms(RuleTerms, frozen=True, kw_only=True):
    """`grace` 0: a position may never be without its stop."""

    grace: Nanos


class SessionBlockTerms(RuleTerms, frozen=True, kw_only=True):
    """`hours` in the account's zone on each of `weekdays` (0 is Monday)."""

    hours: tuple[LocalSpan, ...]
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    flatten: bool = False


class ConnectionGuardTerms(RuleTerms, frozen=True, kw_only=True):
    """Nothing to set but the mode."""


class SymbolBlockTerms(RuleTerms, frozen=True, kw_only=True):
    """`blocked` are patterns (model/patterns.py)."""

    blocked: tuple[str, ...]


class BracketTerms(RuleTerms, frozen=True, kw_only=True):
    """Distances from the average entry price in ticks; one of them at least."""

    stop_ticks: int | None = None
    target_ticks: int | None = None
    trailing: bool = False


class DailyRealizedProfitTerms(RuleTerms, frozen=True, kw_only=True):
    """Whether the day's profit is also taken off the table: `flatten`."""

    target: Money
    flatten: bool = False


class BufferedTerms(RuleTerms, frozen=True, kw_only=True):
    """`loss_limit` is positive; the rule acts `buffer`, and `buffer_ticks` of all that is held, before it."""

    loss_limit: Money
    buffer: Money = 0
    buffer_ticks: int = 0


class DailyTotalLossTerms(BufferedTerms, frozen=True, kw_only=True):
    """Of the day."""


class WeeklyLossTerms(BufferedTerms, frozen=True, kw_only=True):
    """Of the week."""


class DrawdownKind(StrEnum):
    """What a drawdown is measured from."""

    STATIC = "static"
    END_OF_DAY = "end_of_day"
    INTRADAY = "intraday"


class MaxDrawdownTerms(BufferedTerms, frozen=True, kw_only=True):
    """`loss_limit` below what `kind` says; the floor rises no further than `lock_level`."""

    kind: DrawdownKind
    lock_level: Money | None = None


class ConsecutiveLossesTerms(RuleTerms, frozen=True, kw_only=True):
    """`cooldown` None: until the reset."""

    count: int
    cooldown: Nanos | None = None


class RejectBurstTerms(RuleTerms, frozen=True, kw_only=True):
    """`window.count` in `window.window` is too many; `cooldown` None: until a person lifts it."""

    window: RateWindow
    cooldown: Nanos | None = None


class ErrorBurstTerms(RuleTerms, frozen=True, kw_only=True):
    """As RejectBurstTerms, for errors of every kind."""

    window: RateWindow
    cooldown: Nanos | None = None


class ProfitGivebackTerms(RuleTerms, frozen=True, kw_only=True):
    """From a day's profit of `arm_at` on: `amount` or `share` of the peak, whichever is less."""

    arm_at: Money
    amount: Money | None = None
    share: Ratio | None = None


class TrailingStopTerms(RuleTerms, frozen=True, kw_only=True):
    """`ticks` behind the best mark, once that was `arm_ticks` in profit."""

    ticks: int
    arm_ticks: int = 0


class BreakevenTerms(RuleTerms, frozen=True, kw_only=True):
    """Once `trigger_ticks` in profit, closed when only `offset_ticks` are left."""

    trigger_ticks: int
    offset_ticks: int = 0


class TimeExitTerms(RuleTerms, frozen=True, kw_only=True):
    """Held for `max_hold`, or held `before_reset`."""

    max_hold: Nanos | None = None
    before_reset: Nanos | None = None


class PositionMismatchTerms(RuleTerms, frozen=True, kw_only=True):
    """How long our book and the broker's may differ."""

    grace: Nanos = 0


class MarginCallTerms(RuleTerms, frozen=True, kw_only=True):
    """`buffer` is a share of the maintenance margin, on top of it."""

    buffer: Ratio = 0


class StaleFeedTerms(RuleTerms, frozen=True, kw_only=True):
    """How old the newest usable quote of a position may be."""

    max_age: Nanos


class LossVelocityTerms(RuleTerms, frozen=True, kw_only=True):
    """`loss_limit` within `window`; `cooldown` None: until a person lifts it."""

    loss_limit: Money
    window: Nanos
    cooldown: Nanos | None = None
    flatten: bool = True


class VolatilityBreakerTerms(RuleTerms, frozen=True, kw_only=True):
    """A range of `move` of the price within `window` costs `cooldown`."""

    move: Ratio
    window: Nanos
    cooldown: Nanos


class ExpiryGuardTerms(RuleTerms, frozen=True, kw_only=True):
    """How long before it stops trading a position is closed."""

    before: Nanos


class GroupLossTerms(RuleTerms, frozen=True, kw_only=True):
    """`loss_limit` is positive, for all accounts of the account's group together."""

    loss_limit: Money


class ProfitTargetTerms(RuleTerms, frozen=True, kw_only=True):
    """Profit since the beginning of the account; `flatten`: it is taken off the table, and the account locked."""

    target: Money
    flatten: bool = False


class ConsistencyTerms(RuleTerms, frozen=True, kw_only=True):
    """The most that the best day may make of the whole profit."""

    share: Ratio


class Rules(Struct, frozen=True, kw_only=True):
    """All account rules of one account."""

    max_contracts: MaxContractsTerms | None = None
    max_contracts_per_instrument: MaxContractsPerInstrumentTerms | None = None
    daily_realized_loss: DailyRealizedLossTerms | None = None
    daily_unrealized_loss: DailyUnrealizedLossTerms | None = None
    max_unrealized_profit: MaxUnrealizedProfitTerms | None = None
    trade_frequency: TradeFrequencyTerms | None = None
    cooldown_after_loss: CooldownAfterLossTerms | None = None
    stop_loss_grace: StopLossGraceTerms | None = None
    session_block: SessionBlockTerms | None = None
    connection_guard: ConnectionGuardTerms | None = None
    symbol_block: SymbolBlockTerms | None = None
    bracket: BracketTerms | None = None
    daily_realized_profit: DailyRealizedProfitTerms | None = None
    daily_total_loss: DailyTotalLossTerms | None = None
    weekly_loss: WeeklyLossTerms | None = None
    max_drawdown: MaxDrawdownTerms | None = None
    consecutive_losses: ConsecutiveLossesTerms | None = None
    reject_burst: RejectBurstTerms | None = None
    error_burst: ErrorBurstTerms | None = None
    profit_giveback: ProfitGivebackTerms | None = None
    trailing_stop: TrailingStopTerms | None = None
    breakeven: BreakevenTerms | None = None
    time_exit: TimeExitTerms | None = None
    position_mismatch: PositionMismatchTerms | None = None
    margin_call: MarginCallTerms | None = None
    stale_feed: StaleFeedTerms | None = None
    loss_velocity: LossVelocityTerms | None = None
    volatility_breaker: VolatilityBreakerTerms | None = None
    expiry_guard: ExpiryGuardTerms | None = None
    group_loss: GroupLossTerms | None = None
    profit_target: ProfitTargetTerms | None = None
    consistency: ConsistencyTerms | None = None

    def armed(self) -> dict[str, RuleTerms]:
        """Return what is set, by the name of its rule."""
        return {name: terms for name in self.__struct_fields__ if (terms := getattr(self, name)) is not None}


def _terms(hint: object) -> type[RuleTerms]:
    kind: type[RuleTerms] = next(kind for kind in get_args(hint) if kind is not type(None))
    return kind


TERMS: Final[dict[str, type[RuleTerms]]] = {name: _terms(hint) for name, hint in get_type_hints(Rules).items()}
"""The record of terms of each rule, by its name."""
