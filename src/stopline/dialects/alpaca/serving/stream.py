"""The stream's connection: who is it, what does it want to hear, and then binary frames until it goes."""

import asyncio
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from typing import Any, Final, Protocol

from stopline.dialects.alpaca.exact_json import Malformed
from stopline.dialects.alpaca.serving.listener import Listener
from stopline.dialects.alpaca.serving.wire import Receive, Scope, Send
from stopline.dialects.alpaca.stream import (
    TRADE_UPDATES,
    Authenticate,
    Authorization,
    Listen,
    Listening,
    parse_client_frame,
    render_server_frame,
)

PATH: Final = "/stream"
NOT_UNDERSTOOD: Final = 1003
NOT_HERE: Final = 1008
Admit = Callable[[str, str], str]
"""Returns the account that a pair of keys opens, or an empty text."""


class Listeners(Protocol):
    """Where connections are kept while they last."""

    def join(self, listener: Listener) -> None:
        """Let a connection hear what it asks for from now on."""

    def leave(self, listener: Listener) -> None:
        """Forget a connection."""


async def serve_stream(
    scope: Scope, receive: Receive, send: Send, hub: Listeners, admit: Admit, cut: Callable[[], object]
) -> None:
    """Serve one connection until it ends."""
    await receive()
    if scope["path"] != PATH:
        await send({"type": "websocket.close", "code": NOT_HERE, "reason": f"the stream is at {PATH}"})
        return
    await send({"type": "websocket.accept"})
    listener = Listener(cut)
    hub.join(listener)
    sender = asyncio.create_task(_send_all(listener, send))
    try:
        while (message := await receive())["type"] == "websocket.receive":
            _hear(message, listener, admit)
    except Malformed as fault:
        with suppress(Exception):
            await send({"type": "websocket.close", "code": NOT_UNDERSTOOD, "reason": str(fault)[:100]})
    finally:
        hub.leave(listener)
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)


def _hear(message: MutableMapping[str, Any], listener: Listener, admit: Admit) -> None:
    """Do what a client says; raises Malformed."""
    said = parse_client_frame(message.get("bytes") or message.get("text") or b"")
    match said:
        case Authenticate(key, secret, action):
            listener.account = admit(key, secret)
            if not listener.is_authorized:
                listener.streams = frozenset()
            listener.offer(render_server_frame(Authorization(listener.is_authorized, action)))
        case Listen(streams) if listener.is_authorized:
            listener.streams = frozenset(streams) & {TRADE_UPDATES}
            listener.offer(render_server_frame(Listening(tuple(sorted(listener.streams)))))
        case Listen():
            listener.offer(render_server_frame(Authorization(False, "listen")))


async def _send_all(listener: Listener, send: Send) -> None:
    while True:
        await send({"type": "websocket.send", "bytes": await listener.waiting.get()})
