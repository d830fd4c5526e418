"""Instants and durations as people read them."""

from datetime import UTC, datetime, timedelta
from typing import Final

from stopline.model.numbers import SECOND, Nanos, render_scaled

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS: Final = ((3_600 * SECOND, "h"), (60 * SECOND, "min"), (SECOND, "s"))


def render_instant(at: Nanos) -> str:
    """Return an instant as `2026-01-06T22:00:00Z`, to the second."""
    moment = _EPOCH + timedelta(seconds=at // SECOND)
    return f"{moment.replace(tzinfo=None).isoformat()}Z"


def render_duration(length: Nanos) -> str:
    """Return a duration as `1 h`, `90 s`, `0.25 s`: in the largest unit that needs no fraction."""
    for size, name in _UNITS:
        if length >= size and length % size == 0:
            return f"{length // size} {name}"
    return f"{render_scaled(length, 9)} s"
