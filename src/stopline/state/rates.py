"""A sliding log of instants: when things happened, for every window that a limit may ask about.

A ring of 8-byte instants in one bytearray, which the collector never looks at; it grows
only while its oldest entry is younger than the longest window.

Source     performance.md (P3, P4); semantics.md section 13 (sliding log, not a counter with a lifetime).
"""

from struct import Struct as Packing

from msgspec import Struct, field

from stopline.model.numbers import SECOND, Nanos

LONGEST_WINDOW: Nanos = 3_600 * SECOND
_INSTANT = Packing("<q")
_START_BYTES = 16 * 8


class RateLog(Struct, gc=False, array_like=True):
    """Instants in order. `start` is the byte offset of the oldest, `count` how many are kept."""

    ring: bytearray = field(default_factory=bytearray)
    start: int = 0
    count: int = 0

    def append(self, at: Nanos) -> None:
        """Write down that it happened at `at`."""
        size = len(self.ring)
        if self.count * 8 == size:
            self._make_room(at, size)
            size = len(self.ring)
        _INSTANT.pack_into(self.ring, (self.start + self.count * 8) % size, at)
        self.count += 1

    def _make_room(self, at: Nanos, size: int) -> None:
        horizon = at - LONGEST_WINDOW
        while self.count and self.oldest() <= horizon:
            self.start = (self.start + 8) % size
            self.count -= 1
        if self.count * 8 == size:
            grown = bytearray(max(_START_BYTES, size * 2))
            grown[: size - self.start] = self.ring[self.start :]
            grown[size - self.start : size] = self.ring[: self.start]
            self.ring, self.start = grown, 0

    def oldest(self) -> Nanos:
        """Return the oldest instant kept; the log must not be empty."""
        instant: int = _INSTANT.unpack_from(self.ring, self.start)[0]
        return instant

    def nth_newest(self, n: int) -> Nanos | None:
        """Return the n-th newest instant (1 is the newest), or None if fewer happened."""
        if n > self.count or n < 1:
            return None
        offset = (self.start + (self.count - n) * 8) % len(self.ring)
        instant: int = _INSTANT.unpack_from(self.ring, offset)[0]
        return instant

    def count_since(self, since: Nanos) -> int:
        """Return how many happened after `since` (by bisection: instants never run backwards)."""
        low, high = 0, self.count
        while low < high:
            middle = (low + high + 1) // 2
            instant = self.nth_newest(middle)
            if instant is not None and instant > since:
                low = middle
            else:
                high = middle - 1
        return low
