"""Durations: 2h from the command line, and how long something takes or took for people."""

from datetime import datetime

from stopline.cli.outcome import Exit, Stop

_SIZES = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def seconds_of(option: str, text: str) -> str:
    """Return a duration in seconds."""
    if not text:
        return ""
    from stopline.config.units import Unfit, read_duration
    from stopline.model.numbers import render_scaled

    try:
        return render_scaled(read_duration(text), 9)
    except Unfit as unfit:
        raise Stop(Exit.USAGE, f"{option}: {unfit}; write 30s, 5min or 1h") from None


def span(seconds: object) -> str:
    """Return whole seconds in the two largest units that say something: 3 d 4 h, 1 h 59 min, 64 s."""
    if not isinstance(seconds, int):
        return "-"
    if seconds < 120:
        return f"{seconds} s"
    first = next(place for place, (size, _) in enumerate(_SIZES) if seconds >= size)
    parts, rest = [], seconds
    for size, unit in _SIZES[first : first + 2]:
        count, rest = divmod(rest, size)
        parts.append(f"{count} {unit}" if count else "")
    return " ".join(part for part in parts if part)


def seconds_between(earlier: object, later: object) -> int | None:
    """Return the whole seconds from one instant of an answer to another; None where one is not known."""
    if not isinstance(earlier, str) or not isinstance(later, str):
        return None
    try:
        # To the second: the nanoseconds are more than datetime takes.
        return int((datetime.fromisoformat(later[:19]) - datetime.fromisoformat(earlier[:19])).total_seconds())
    except ValueError:
        return None
