"""Time zones from one pinned place, so that a session can say which rules it was computed with.

The system's own zone files have no version that Python can ask for and change under a
running process; the `tzdata` package is in the lock.

Source     reliability.md F31, F32 (calendar is data with a version).
"""

import re
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tzdata

TZDATA_VERSION = str(tzdata.IANA_VERSION)
"""Such as `2026b`."""
_NAME = re.compile(r"[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+){0,2}", re.ASCII)


class UnknownZone(ValueError):
    """A name that is no IANA zone."""


@lru_cache(maxsize=64)
def load_zone(name: str) -> ZoneInfo:
    """Return the zone; raises UnknownZone."""
    if _NAME.fullmatch(name):
        try:
            with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
                return ZoneInfo.from_file(file, key=name)
        except (OSError, ValueError, ZoneInfoNotFoundError):
            pass
    raise UnknownZone(f"{name!r} is no IANA time zone, such as America/New_York")
