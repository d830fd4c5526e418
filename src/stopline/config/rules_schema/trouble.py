"""Rules over what goes wrong: the broker, the feed, the market."""

from stopline.config.rules_schema.base import RuleSection
from stopline.config.rules_schema.terms import Duration, DurationOrNone, Grace, Share, Window, WithinAnHour


class ConnectionGuardSection(RuleSection):
    """[connection_guard](rules/connection_guard.md)."""


class PositionMismatchSection(RuleSection):
    """[position_mismatch](rules/position_mismatch.md)."""

    grace: Grace = 0


class StaleFeedSection(RuleSection):
    """[stale_feed](rules/stale_feed.md)."""

    max_age: Duration


class RejectBurstSection(RuleSection):
    """[reject_burst](rules/reject_burst.md): without a cooldown, until a person lifts it."""

    window: Window
    cooldown: DurationOrNone = None


class ErrorBurstSection(RuleSection):
    """[error_burst](rules/error_burst.md): without a cooldown, until a person lifts it."""

    window: Window
    cooldown: DurationOrNone = None


class VolatilityBreakerSection(RuleSection):
    """[volatility_breaker](rules/volatility_breaker.md)."""

    move: Share
    window: WithinAnHour
    cooldown: Duration
