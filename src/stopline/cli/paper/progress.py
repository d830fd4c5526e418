"""How far a recording has come: one line that rewrites itself, on a terminal only."""

import sys
from typing import Final, TextIO

from stopline.cli.figures import group
from stopline.cli.instants import seconds_text
from stopline.model.numbers import SECOND, Nanos

BAR: Final = 20
CLEAR: Final = "\r\x1b[K"


def per_mille(starts_at: Nanos, ends_at: Nanos, at: Nanos) -> int:
    """Return how far engine time has come, in tenths of a percent."""
    return max(0, min(1000, (at - starts_at) * 1000 // max(ends_at - starts_at, 1)))


def remaining(done: int, elapsed: Nanos) -> Nanos | None:
    """Return how long it will still take, judged by how long it took so far; None while nobody can say."""
    return elapsed * (1000 - done) // done if done >= 5 else None


def duration(nanos: Nanos) -> str:
    """Return a duration as 1:02:03, or 2:03."""
    minutes, seconds = divmod(nanos // SECOND, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def line(done: int, at: Nanos, rate: int, left: Nanos | None, width: int) -> str:
    """Return percent, engine time, quotes a second and what is left, as far as they fit; a bar if there is room."""
    percent = f"{done // 10:3} %"
    words = [
        percent,
        seconds_text(at),
        f"{group(str(rate))} quotes/s",
        f"ETA {'-' if left is None else duration(left)}",
    ]
    said = words[0]
    for word in words[1:]:
        if len(said) + 2 + len(word) <= width:
            said = f"{said}  {word}"
    if len(said) + BAR + 3 <= width:
        full = done * BAR // 1000
        said = f"[{'#' * full}{'.' * (BAR - full)}] {said}"
    return said[:width]


class Progress:
    """The line on stderr. Where stderr is no terminal, nothing is written."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self.is_shown = self._stream.isatty()

    def show(self, text: str) -> None:
        """Write the line over the one before."""
        if self.is_shown:
            self._stream.write(f"{CLEAR}{text}")
            self._stream.flush()

    def clear(self) -> None:
        """Leave nothing of it."""
        self.show("")
