"""A transport: requests with answers, and streams of frames, to somebody else's server.

It knows nothing of what it carries. What a failure proves is in its class: `NotSent`
means that nothing left this machine, `NoAnswer` that it may have arrived.
"""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

MAX_ANSWER = 16 * 1024 * 1024
"""Bytes of an answer or a frame; what is longer counts as no answer."""


class TransportError(Exception):
    """Base. The text names no header and no body: it is safe to show and to log."""


class NotSent(TransportError):
    """The connection could not be made: nothing left this machine."""


class NoAnswer(TransportError):
    """The request may have arrived; no whole answer came back."""


class StreamLost(TransportError):
    """The stream has ended, or nothing was heard of the other side for too long."""


class Answer(Struct, frozen=True):
    """One HTTP answer, whole. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Stream(Protocol):
    """One WebSocket. Its other side is asked for a sign of life all the time."""

    async def send(self, frame: bytes) -> None:
        """Send a text frame; raises StreamLost."""

    async def receive(self) -> bytes | str:
        """Return the next frame; raises StreamLost."""

    async def close(self) -> None:
        """End it."""


class Transport(Protocol):
    """Connections to servers; they are kept and used again."""

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout_s: float
    ) -> Answer:
        """Send one request, once, and return its answer, whatever its status. Raises NotSent and NoAnswer."""

    async def open_stream(self, url: str, timeout_s: float) -> Stream:
        """Open a WebSocket; raises NotSent and StreamLost."""

    async def close(self) -> None:
        """Let go of all connections."""
