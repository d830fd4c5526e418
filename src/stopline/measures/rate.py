"""How often something happened, in sliding windows: never more than `count` in any `window`.

Not a counter with a lifetime, which lets twice the limit through at its edge. What
happened exactly one window ago no longer counts.

Source     semantics.md sections 5 (24, 25) and 13; reliability.md I16.
"""

from typing import Protocol

from stopline.model.numbers import Nanos


class Instants(Protocol):
    """When something happened, in order."""

    def nth_newest(self, n: int, /) -> Nanos | None:
        """Return the n-th newest instant (1 is the newest), or None if fewer happened."""

    def count_since(self, since: Nanos, /) -> int:
        """Return how many happened after `since`."""


def is_full(log: Instants, count: int, window: Nanos, at: Nanos) -> bool:
    """Return whether one more at `at` would make more than `count` in the window."""
    if count <= 0:
        return True
    oldest_that_counts = log.nth_newest(count)
    return oldest_that_counts is not None and oldest_that_counts > at - window


def free_at(log: Instants, count: int, window: Nanos) -> Nanos | None:
    """Return when a full window takes one more; None if it never will."""
    oldest_that_counts = log.nth_newest(count) if count > 0 else None
    return None if oldest_that_counts is None else oldest_that_counts + window
