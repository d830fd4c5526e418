"""Alpaca's message budget (200 requests a minute and account), as its headers say, with a lane that only exits may use.

Every answer carries `X-RateLimit-Limit`, `-Remaining` and `-Reset`. What is under way counts
as spent. Entries and questions stop where the reserve begins: 20 % of the budget, or as many
messages as it takes to cancel and close all that there is, whichever is more. Cancels and
exits stop where the budget ends: beyond it Alpaca takes nothing.

Source     semantics.md section 7; reliability.md F27; brokers.md 2.1.
"""

import time
from collections.abc import Callable, Mapping

from stopline.ports.broker import RateLimited

USUAL = 200
WINDOW_S = 60.0
RESERVED_PERCENT = 20
TOO_MANY = 429


class Budget:
    """Counts requests. `needed` is how many it would take now to cancel and close everything."""

    def __init__(
        self,
        needed: Callable[[], int] = lambda: 0,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._needed, self._now, self._wall = needed, now, wall
        self.limit = self._left = USUAL
        self._resets_at = 0.0
        self._under_way = 0

    @property
    def left(self) -> int:
        """How many requests may still be sent in this window."""
        if self._now() >= self._resets_at:
            self._left = self.limit
        return self._left - self._under_way

    @property
    def reserve(self) -> int:
        """How many of them only cancels and exits may use."""
        return max(self.limit * RESERVED_PERCENT // 100, self._needed())

    def begin(self, *, is_exit: bool, adds: int = 0) -> None:
        """Count a request that goes out now; raises RateLimited. Each must be ended by `end`.

        `adds` is how many messages more it will take to leave once this one is carried out.
        """
        left = self.left
        reserve = 0 if is_exit else max(self.reserve, self._needed() + adds)
        if left <= reserve:
            kept = "" if is_exit else f", {reserve} of them kept for cancels and exits"
            raise RateLimited(f"Alpaca's message budget is spent: {max(left, 0)} of {self.limit} left{kept}")
        self._under_way += 1

    def end(self, status: int = 0, headers: Mapping[str, str] | None = None) -> None:
        """Take an answer's word for what is left; without an answer the request counts as spent."""
        if self._now() >= self._resets_at:
            self._left, self._resets_at = self.limit, self._now() + WINDOW_S
        self._under_way -= 1
        self._left -= 1
        told = headers or {}
        limit, left = _whole(told, "x-ratelimit-limit"), _whole(told, "x-ratelimit-remaining")
        if limit:
            self.limit = limit
        if left is not None:
            self._left = left
        if left is not None or status == TOO_MANY:
            self._resets_at = self._now() + self._wait_s(_whole(told, "x-ratelimit-reset"))
        if status == TOO_MANY:
            self._left = 0

    def _wait_s(self, resets_at: int | None) -> float:
        """Return how long until the window ends; at most a whole one, whatever the clocks say."""
        left_s = WINDOW_S if resets_at is None else resets_at - self._wall()
        return left_s if 0 < left_s <= WINDOW_S else WINDOW_S


def _whole(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
