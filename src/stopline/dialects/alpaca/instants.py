"""Instants on the wire: RFC 3339 with any offset and up to nine decimals, to and from nanoseconds."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from stopline.dialects.alpaca.exact_json import Json, Malformed
from stopline.model.numbers import SECOND, Nanos

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FORM: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:\d\d)?)?", re.ASCII
)
_EXAMPLE: Final = "must be an instant such as 2026-01-06T14:30:00Z"


def read_instant(value: Json) -> Nanos:
    """Return an instant; a bare date is its first moment in UTC. Raises Malformed."""
    found = _FORM.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Malformed(_EXAMPLE)
    day, time, fraction, zone = found.groups(default="")
    try:
        moment = datetime.fromisoformat(f"{day}T{time or '00:00:00'}").replace(tzinfo=_zone(zone))
        seconds = (moment - _EPOCH) // timedelta(seconds=1)
    except (ValueError, OverflowError):
        raise Malformed(_EXAMPLE) from None
    return seconds * SECOND + int(fraction.ljust(9, "0") or 0)


def write_instant(at: Nanos) -> str:
    """Return an instant in UTC, decimals only as far as there are any."""
    seconds, nanos = divmod(at, SECOND)
    fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
    # Not by %Y, which writes the year 26 with two digits on some systems.
    moment = _EPOCH + timedelta(seconds=seconds)
    return f"{moment.replace(tzinfo=None).isoformat()}{fraction}Z"


def _zone(text: str) -> timezone:
    if text in ("", "Z", "z"):
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[4:6])))
