"""One connection to the stream: who it is, what it wants to hear, and what waits to be sent to it."""

import asyncio
from collections.abc import Callable
from typing import Final

from stopline.dialects.alpaca.stream import TRADE_UPDATES

MAX_WAITING: Final = 10_000


class Listener:
    """One connection. `cut` ends it without a word."""

    def __init__(self, cut: Callable[[], object]) -> None:
        self.cut = cut
        self.streams: frozenset[str] = frozenset()
        self.account = ""
        """Whose updates it may hear; empty until it has said who it is."""
        self.waiting: asyncio.Queue[bytes] = asyncio.Queue(MAX_WAITING)

    @property
    def is_authorized(self) -> bool:
        """Whether it has said who it is."""
        return bool(self.account)

    @property
    def is_listening(self) -> bool:
        """Whether it has asked for trade updates."""
        return TRADE_UPDATES in self.streams

    def offer(self, frame: bytes) -> None:
        """Queue a frame; one that never reads is cut."""
        try:
            self.waiting.put_nowait(frame)
        except asyncio.QueueFull:
            self.cut()
