"""The ASGI application of the trading port: HTTP to the front, WebSockets to the streams."""

from stopline.dialects.alpaca.serving.quotes import PATHS, serve_quotes
from stopline.dialects.alpaca.serving.stream import serve_stream
from stopline.dialects.alpaca.serving.wire import Receive, Scope, Send, read_request, send_answer
from stopline.sim.alpaca.front import Cut, Front
from stopline.sim.alpaca.hub import Hub
from stopline.sim.alpaca.keys import Keys
from stopline.sim.alpaca.protocol import CUT
from stopline.sim.alpaca.tape import Tape


class TradingApp:
    """What a client of Alpaca talks to."""

    def __init__(self, front: Front, hub: Hub, tape: Tape, keys: Keys) -> None:
        self._front, self._hub, self._tape, self._keys = front, hub, tape, keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection or request."""
        if scope["type"] == "http":
            await self._serve_request(scope, receive, send)
        elif scope["type"] == "websocket" and self._front.faults.is_out():
            await receive()
            scope["state"][CUT]()
        elif scope["type"] == "websocket" and scope["path"] in PATHS:
            await serve_quotes(scope, receive, send, self._tape, self._keys.admit, scope["state"][CUT])
        elif scope["type"] == "websocket":
            await serve_stream(scope, receive, send, self._hub, self._keys.admit, scope["state"][CUT])

    async def _serve_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await read_request(scope, receive)
        try:
            answer = await self._front.answer(request)
        except Cut:
            scope["state"][CUT]()
            return
        await send_answer(send, answer, self._front.rate.headers())
