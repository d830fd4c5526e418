"""How late the event loop runs, measured without a library.

Source     reliability.md F17, I20; performance.md (loop lag and pauses are metrics).
"""

import asyncio
from collections import deque
from time import perf_counter

LAG_EVERY_S = 0.1
LAG_KEPT = 100


class LoopLag:
    """How late the event loop runs what is due: the newest ten seconds."""

    def __init__(self) -> None:
        self._lags_s: deque[float] = deque(maxlen=LAG_KEPT)
        self._handle: asyncio.TimerHandle | None = None
        self._due = 0.0

    def start(self) -> None:
        """Begin to measure."""
        self._due = perf_counter() + LAG_EVERY_S
        self._handle = asyncio.get_running_loop().call_later(LAG_EVERY_S, self._look)

    def _look(self) -> None:
        self._lags_s.append(max(0.0, perf_counter() - self._due))
        self.start()

    def stop(self) -> None:
        """Measure no more."""
        if self._handle is not None:
            self._handle.cancel()

    @property
    def worst_ms(self) -> float:
        """The longest of the last ten seconds."""
        return round(max(self._lags_s, default=0.0) * 1000, 3)
