"""The ASGI application of the trading port: HTTP to the front, WebSockets to the stream."""

from stopline.sim.alpaca.front import Cut, Front
from stopline.sim.alpaca.hub import Hub
from stopline.sim.alpaca.keys import Keys
from stopline.sim.alpaca.protocol import CUT
from stopline.sim.alpaca.stream import serve_stream
from stopline.sim.alpaca.wire import Receive, Scope, Send, read_request, send_answer


class TradingApp:
    """What a client of Alpaca talks to."""

    def __init__(self, front: Front, hub: Hub, keys: Keys) -> None:
        self._front, self._hub, self._keys = front, hub, keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection or request."""
        if scope["type"] == "http":
            await self._serve_request(scope, receive, send)
        elif scope["type"] == "websocket" and self._front.faults.is_out():
            await receive()
            scope["state"][CUT]()
        elif scope["type"] == "websocket":
            await serve_stream(scope, receive, send, self._hub, self._keys)

    async def _serve_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await read_request(scope, receive)
        try:
            answer = await self._front.answer(request)
        except Cut:
            scope["state"][CUT]()
            return
        await send_answer(send, answer, self._front.rate.headers())
