"""Rules over how often one trades, and after what."""

from pydantic import model_validator

from stopline.config.rules_schema.base import RuleSection, one_of_these
from stopline.config.rules_schema.terms import CountOrNone, DurationOrNone, Tiers, Times, Windows


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


class ConsecutiveLossesSection(RuleSection):
    """[consecutive_losses](rules/consecutive_losses.md): without a cooldown, until the reset."""

    count: Times
    cooldown: DurationOrNone = None
