"""Rules over losses: of the day, of the week, from the peak."""

from typing import Annotated

from pydantic import PlainValidator, model_validator

from stopline.config import rule_units, units
from stopline.config.rules_schema.base import RuleSection
from stopline.config.rules_schema.terms import (
    Bool,
    Buffer,
    BufferTicks,
    DurationOrNone,
    Loss,
    MoneyOrNone,
    Scope,
    WithinAnHour,
)
from stopline.model.breach import RuleScope
from stopline.model.rules import DrawdownKind


class DailyRealizedLossSection(RuleSection):
    """[daily_realized_loss](rules/daily_realized_loss.md)."""

    loss_limit: Loss


class DailyUnrealizedLossSection(RuleSection):
    """[daily_unrealized_loss](rules/daily_unrealized_loss.md)."""

    loss_limit: Loss
    scope: Scope = RuleScope.POSITION


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


class GroupLossSection(RuleSection):
    """[group_loss](rules/group_loss.md): all accounts of the account's group together."""

    loss_limit: Loss


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


class LossVelocitySection(RuleSection):
    """[loss_velocity](rules/loss_velocity.md): without a cooldown, until a person lifts it."""

    loss_limit: Loss
    window: WithinAnHour
    cooldown: DurationOrNone = None
    flatten: Bool = True
