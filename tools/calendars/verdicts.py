"""What a source says of one weekday: usual hours, closed, an early close or a late open."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

FIRST, LAST = date(2000, 1, 1), date(2027, 12, 31)


@dataclass(frozen=True)
class Verdict:
    """How a day deviates. Times are local `HH:MM`; a day that only has a name is a usual one."""

    closed: bool = False
    opens: str = ""
    closes: str = ""

    def __str__(self) -> str:
        """Return it as the page of differences has it."""
        if self.closed:
            return "closed"
        parts = [f"opens {self.opens}" if self.opens else "", f"closes {self.closes}" if self.closes else ""]
        return " and ".join(part for part in parts if part) or "usual"


USUAL = Verdict()
CLOSED = Verdict(closed=True)
Verdicts = dict[date, Verdict]


def closes(at: str) -> Verdict:
    """Return an early close."""
    return Verdict(closes=at)


def weekdays(first: date = FIRST, last: date = LAST) -> Iterator[date]:
    """Yield Monday to Friday."""
    day = first
    while day <= last:
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)
