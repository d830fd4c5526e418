"""Instants as the tests write them."""

from datetime import UTC, datetime

from stopline.model.numbers import SECOND


def at(text: str) -> int:
    """Return the nanoseconds of an instant such as `2026-11-27T18:15Z`."""
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


def shown(instant: int | None) -> str | None:
    """Return an instant in UTC, to the minute."""
    return None if instant is None else f"{datetime.fromtimestamp(instant // SECOND, UTC):%Y-%m-%dT%H:%MZ}"
