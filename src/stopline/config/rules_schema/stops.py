"""Rules over the way out of a single position."""

from pydantic import model_validator

from stopline.config import units
from stopline.config.rules_schema.base import RuleSection, one_of_these
from stopline.config.rules_schema.terms import Bool, Count, Grace, Ticks, TicksOrNone


class StopLossGraceSection(RuleSection):
    """[stop_loss_grace](rules/stop_loss_grace.md)."""

    grace: Grace


class BracketSection(RuleSection):
    """[bracket](rules/bracket.md): distances from the average entry price."""

    stop_ticks: TicksOrNone = None
    target_ticks: TicksOrNone = None
    trailing: Bool = False

    @model_validator(mode="after")
    def _says_something(self) -> "BracketSection":
        one_of_these(self, "stop_ticks", "target_ticks")
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
