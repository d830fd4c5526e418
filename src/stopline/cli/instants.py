"""Instants as people read them, to the second or the minute, always in UTC; and as people write them."""

from stopline.cli.figures import instant
from stopline.cli.outcome import Exit, Stop
from stopline.model.numbers import SECOND, Nanos
from stopline.views.wire import instant as exact


def seconds_text(at: Nanos) -> str:
    """Return 2013-10-07 14:30:00Z."""
    return instant(exact(at - at % SECOND))


def minutes_text(at: Nanos) -> str:
    """Return 2013-10-07 14:30."""
    return seconds_text(at)[:16]


def checked(option: str, text: str) -> str:
    """Return what an option says of an instant, if the API will read it; else the command ends here."""
    from stopline.doors.native.errors import Wrong
    from stopline.doors.native.fields import instant as read

    if text:
        try:
            read(text)
        except Wrong as wrong:
            raise Stop(Exit.USAGE, f"{option}: {wrong}; write {wrong.fix}") from None
    return text
