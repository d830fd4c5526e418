"""Rules over profits: taken, given back, aimed at."""

from pydantic import model_validator

from stopline.config.rules_schema.base import RuleSection, one_of_these
from stopline.config.rules_schema.terms import Bool, Loss, LossOrNone, Share, ShareOrNone


class MaxUnrealizedProfitSection(RuleSection):
    """[max_unrealized_profit](rules/max_unrealized_profit.md)."""

    target: Loss


class DailyRealizedProfitSection(RuleSection):
    """[daily_realized_profit](rules/daily_realized_profit.md)."""

    target: Loss
    flatten: Bool = False


class ProfitGivebackSection(RuleSection):
    """[profit_giveback](rules/profit_giveback.md): of an amount and a share, the one that is less."""

    arm_at: Loss
    amount: LossOrNone = None
    share: ShareOrNone = None

    @model_validator(mode="after")
    def _says_something(self) -> "ProfitGivebackSection":
        one_of_these(self, "amount", "share")
        return self


class ProfitTargetSection(RuleSection):
    """[profit_target](rules/profit_target.md)."""

    target: Loss
    flatten: Bool = False


class ConsistencySection(RuleSection):
    """[consistency](rules/consistency.md): the most that the best day may make of the profit."""

    share: Share
