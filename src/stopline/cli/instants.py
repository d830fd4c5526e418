"""Instants as people read them, to the second or the minute, always in UTC."""

from stopline.cli.figures import instant
from stopline.model.numbers import SECOND, Nanos
from stopline.views.wire import instant as exact


def seconds_text(at: Nanos) -> str:
    """Return 2013-10-07 14:30:00Z."""
    return instant(exact(at - at % SECOND))


def minutes_text(at: Nanos) -> str:
    """Return 2013-10-07 14:30."""
    return seconds_text(at)[:16]
