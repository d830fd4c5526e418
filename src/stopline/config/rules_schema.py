"""What a configuration file may say of the account rules: a section for each, whose keys are its terms.

The keys are the fields of the records in `stopline.model.rules`. A rule that is not written
down is not armed; `none` in an account takes out one that all accounts have.
"""

from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import BeforeValidator, PlainValidator, model_validator

from stopline.config import units
from stopline.config.section import Section
from stopline.model.breach import Mode, RuleScope
from stopline.model.limits import RateWindow
from stopline.model.market_hours import LocalSpan
from stopline.model.rules import LossTier

Bool: TypeAlias = Annotated[bool, PlainValidator(units.read_bool)]
Loss: TypeAlias = Annotated[int, PlainValidator(units.read_positive_money)]
Contracts: TypeAlias = Annotated[int, PlainValidator(units.read_ratio)]
QtyOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_qty))]
Products: TypeAlias = Annotated[dict[str, int], PlainValidator(units.read_products)]
CountOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_count))]
TicksOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_ticks))]
Grace: TypeAlias = Annotated[int, PlainValidator(units.read_grace)]
DurationOrNone: TypeAlias = Annotated[int | None, PlainValidator(units.optional(units.read_duration))]
Windows: TypeAlias = Annotated[tuple[RateWindow, ...], PlainValidator(units.read_windows)]
Tiers: TypeAlias = Annotated[tuple[LossTier, ...], PlainValidator(units.read_tiers)]
Hours: TypeAlias = Annotated[tuple[LocalSpan, ...], PlainValidator(units.read_hours)]
Weekdays: TypeAlias = Annotated[tuple[int, ...], PlainValidator(units.read_weekdays)]
Patterns: TypeAlias = Annotated[tuple[str, ...], PlainValidator(units.read_patterns)]
Scope: TypeAlias = Annotated[RuleScope, PlainValidator(units.read_rule_scope)]


class RuleSection(Section):
    """What every rule has."""

    mode: Annotated[Mode, PlainValidator(units.read_mode)] = Mode.ENFORCE


def one_of_these(section: RuleSection, *names: str) -> None:
    """Refuse a rule that says none of its keys: it would watch nothing."""
    if not any(getattr(section, name) not in (None, (), {}) for name in names):
        raise units.Unfit("says nothing to watch", f"write one of {', '.join(names)}")


class MaxContractsSection(RuleSection):
    """[max_contracts](rules/max_contracts.md): the most futures contracts held; a micro counts a tenth."""

    limit: Contracts


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
        for window in self.windows:
            if window.window > units.LONGEST_RULE_WINDOW:
                raise units.Unfit("a window is longer than an hour", "count longer ones with per_session")
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
