"""The connection of a stream of quotes: greeted, asked who it is, and then sent what it asks for."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from stopline.dialects.alpaca.exact_json import Malformed
from stopline.dialects.alpaca.quotes import (
    AUTH_FAILED,
    DataError,
    Login,
    ShareQuote,
    StreamMessage,
    Subscription,
    Success,
    parse_data_request,
    render_data_frame,
)
from stopline.dialects.alpaca.serving.wire import Receive, Scope, Send

PATHS: Final = ("/v2/iex", "/v2/sip")
NOT_AUTHENTICATED: Final = 401
BAD_SYNTAX: Final = 400
MAX_WAITING: Final = 10_000
Admit = Callable[[str, str], str]


class QuoteListener:
    """One connection. `cut` ends it without a word."""

    def __init__(self, cut: Callable[[], object], *, is_packed: bool) -> None:
        self.cut, self.is_packed = cut, is_packed
        self.symbols: frozenset[str] = frozenset()
        self._is_admitted = False
        self.waiting: asyncio.Queue[bytes] = asyncio.Queue(MAX_WAITING)
        self.say(Success("connected"))

    def say(self, message: StreamMessage) -> None:
        """Queue a message; one that never reads is cut."""
        try:
            self.waiting.put_nowait(render_data_frame([message], is_packed=self.is_packed))
        except asyncio.QueueFull:
            self.cut()

    def offer(self, quote: ShareQuote) -> None:
        """Queue a quote, if it was asked for."""
        if quote.symbol in self.symbols or "*" in self.symbols:
            self.say(quote)

    def hear(self, frame: bytes | str, admit: Admit) -> None:
        """Do what a client says."""
        try:
            said = parse_data_request(frame, is_packed=self.is_packed)
        except Malformed:
            self.say(DataError(BAD_SYNTAX, "invalid syntax"))
            return
        match said:
            case Login(key, secret):
                self._is_admitted = bool(admit(key, secret))
                self.say(Success("authenticated") if self._is_admitted else DataError(AUTH_FAILED, "auth failed"))
            case Subscription(quotes) if self._is_admitted:
                self.symbols |= frozenset(quotes)
                self.say(Subscription(tuple(sorted(self.symbols))))
            case Subscription():
                self.say(DataError(NOT_AUTHENTICATED, "not authenticated"))


class QuoteListeners(Protocol):
    """Where connections are kept while they last."""

    def join(self, listener: QuoteListener) -> None:
        """Let a connection hear what it asks for from now on."""

    def leave(self, listener: QuoteListener) -> None:
        """Forget a connection."""


async def serve_quotes(
    scope: Scope, receive: Receive, send: Send, listeners: QuoteListeners, admit: Admit, cut: Callable[[], object]
) -> None:
    """Serve one connection until it ends."""
    await receive()
    await send({"type": "websocket.accept"})
    headers = {name.lower(): value for name, value in scope["headers"]}
    listener = QuoteListener(cut, is_packed=headers.get(b"content-type") == b"application/msgpack")
    listeners.join(listener)
    sender = asyncio.create_task(_send_all(listener, send))
    try:
        while (message := await receive())["type"] == "websocket.receive":
            listener.hear(message.get("bytes") or message.get("text") or b"", admit)
    finally:
        listeners.leave(listener)
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)


async def _send_all(listener: QuoteListener, send: Send) -> None:
    while True:
        frame = await listener.waiting.get()
        body = {"bytes": frame} if listener.is_packed else {"text": frame.decode()}
        await send({"type": "websocket.send", **body})
