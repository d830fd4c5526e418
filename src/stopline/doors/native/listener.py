"""One listener's queue: bounded, states conflated, events never dropped.

Source     reliability.md F36.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from stopline.model.ids import AccountId

MAX_WAITING: Final = 1_000
MAX_WAITING_BYTES: Final = 1024 * 1024


class Message(Struct, frozen=True, gc=False):
    """One numbered message, ready to send. `record` is the journal record up to which it knows."""

    seq: int
    record: int
    account: AccountId
    key: str
    """Which state it tells; empty for an event."""
    text: str


class Listener:
    """What waits to be sent to one connection. `account` empty means all accounts."""

    def __init__(self, account: AccountId = "") -> None:
        self.account = account
        self.is_overrun = False
        self.on_overrun: Callable[[], object] = lambda: None
        """Called once when it did not keep up; what would wait for it to read must be given up then."""
        self._waiting: dict[str, Message] = {}
        self._size = 0
        self._is_held = True
        self._wake = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def offer(self, message: Message) -> None:
        """Queue a message if it concerns this listener; a state takes the place of its older self."""
        if self.is_overrun or (self.account and message.account not in ("", self.account)):
            return
        key = message.key or f"#{message.seq}"
        older = self._waiting.pop(key, None)
        if older is not None:
            self._size -= len(older.text)
        self._waiting[key] = message
        self._size += len(message.text)
        if len(self._waiting) > MAX_WAITING or self._size > MAX_WAITING_BYTES:
            self.is_overrun = True
            self._waiting.clear()
            self.on_overrun()
        elif not self._is_held:
            self._wake.set()

    def forget_until(self, record: int) -> int | None:
        """Drop what a snapshot as of `record` already tells; return the lowest number that is left."""
        self._waiting = {key: each for key, each in self._waiting.items() if each.record > record}
        self._size = sum(len(each.text) for each in self._waiting.values())
        return min((each.seq for each in self._waiting.values()), default=None)

    def replay(self, messages: Sequence[Message]) -> bool:
        """Queue these in place of what waits; return False, and do nothing, if they would be too many."""
        if len(messages) > MAX_WAITING or sum(len(each.text) for each in messages) > MAX_WAITING_BYTES:
            return False
        self._waiting.clear()
        self._size = 0
        for message in messages:
            self.offer(message)
        return True

    def hold(self) -> None:
        """Let messages wait until what must come first is sent."""
        self._is_held = True

    def release(self) -> None:
        """Let messages go."""
        self._is_held = False
        self._wake.set()

    async def take(self) -> Message:
        """Return the next message."""
        while True:
            if self._waiting and not self._is_held:
                key = next(iter(self._waiting))
                message = self._waiting.pop(key)
                self._size -= len(message.text)
                return message
            self._wake.clear()
            await self._wake.wait()
