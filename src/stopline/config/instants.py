"""Instants in the configuration: ISO 8601 with a zone, to the second or finer."""

from datetime import UTC, datetime, timedelta
from typing import Final

from stopline.config.units import Unfit
from stopline.model.numbers import Nanos

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIX: Final = "write it as 2026-12-18T14:30:00Z"


def read_instant(value: object) -> Nanos:
    """Return an instant in nanoseconds since 1970. Raises Unfit for anything without a zone."""
    text = str(value)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unfit(f"{text!r} is no instant", _FIX) from None
    if moment.tzinfo is None:
        raise Unfit(f"{text!r} says no zone", _FIX)
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000
