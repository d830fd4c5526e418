"""Trading weeks of accounts: from reset to reset, in the account's zone. All instants are UTC."""

from typing import Final

from msgspec import Struct

from stopline.model.numbers import Nanos


class WeekTerms(Struct, frozen=True, gc=False, array_like=True):
    """When an account's trading week ends. No time or zone: that of its daily reset."""

    weekday: int = 0
    """0 is Monday, 6 is Sunday."""
    reset_time: str = ""
    reset_zone: str = ""


MONDAY_RESET: Final = WeekTerms()
FUTURES_WEEK: Final = WeekTerms(6, "17:00", "America/Chicago")
"""As prop firms in futures count."""


class Week(Struct, frozen=True, gc=False, array_like=True):
    """One trading week of one account, named by the calendar day on which it begins."""

    week_id: str
    opens_at: Nanos
    resets_at: Nanos
    tzdata: str
