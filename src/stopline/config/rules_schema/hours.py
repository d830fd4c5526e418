"""Rules over when one trades, and how long one holds."""

from pydantic import model_validator

from stopline.config.rules_schema.base import RuleSection, one_of_these
from stopline.config.rules_schema.terms import Bool, Duration, DurationOrNone, Hours, Weekdays


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


class TimeExitSection(RuleSection):
    """[time_exit](rules/time_exit.md)."""

    max_hold: DurationOrNone = None
    before_reset: DurationOrNone = None

    @model_validator(mode="after")
    def _says_something(self) -> "TimeExitSection":
        one_of_these(self, "max_hold", "before_reset")
        return self


class ExpiryGuardSection(RuleSection):
    """[expiry_guard](rules/expiry_guard.md)."""

    before: Duration
