"""The stream's socket: who is it, what does it want to hear, and then binary frames until it goes."""

import asyncio
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, Final

from stopline.dialects.alpaca.exact_json import Malformed
from stopline.dialects.alpaca.stream import (
    TRADE_UPDATES,
    Authenticate,
    Authorization,
    Listen,
    Listening,
    parse_client_frame,
    render_server_frame,
)
from stopline.sim.alpaca.hub import Hub, Listener
from stopline.sim.alpaca.keys import Keys
from stopline.sim.alpaca.protocol import CUT
from stopline.sim.alpaca.wire import Receive, Scope, Send

PATH: Final = "/stream"
NOT_UNDERSTOOD: Final = 1003
NOT_HERE: Final = 1008


async def serve_stream(scope: Scope, receive: Receive, send: Send, hub: Hub, keys: Keys) -> None:
    """Serve one connection until it ends."""
    await receive()
    if scope["path"] != PATH:
        await send({"type": "websocket.close", "code": NOT_HERE, "reason": f"the stream is at {PATH}"})
        return
    await send({"type": "websocket.accept"})
    listener = Listener(scope["state"][CUT])
    hub.join(listener)
    sender = asyncio.create_task(_send_all(listener, send))
    try:
        while (message := await receive())["type"] == "websocket.receive":
            _hear(message, listener, keys)
    except Malformed as fault:
        with suppress(Exception):
            await send({"type": "websocket.close", "code": NOT_UNDERSTOOD, "reason": str(fault)[:100]})
    finally:
        hub.leave(listener)
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)


def _hear(message: MutableMapping[str, Any], listener: Listener, keys: Keys) -> None:
    """Do what a client says; raises Malformed."""
    said = parse_client_frame(message.get("bytes") or message.get("text") or b"")
    match said:
        case Authenticate(key, secret, action):
            listener.is_authorized = keys.are(key, secret)
            listener.offer(render_server_frame(Authorization(listener.is_authorized, action)))
        case Listen(streams) if listener.is_authorized:
            listener.streams = frozenset(streams) & {TRADE_UPDATES}
            listener.offer(render_server_frame(Listening(tuple(sorted(listener.streams)))))
        case Listen():
            listener.offer(render_server_frame(Authorization(False, "listen")))


async def _send_all(listener: Listener, send: Send) -> None:
    while True:
        await send({"type": "websocket.send", "bytes": await listener.waiting.get()})
