"""The door as an ASGI application on one desk: HTTP to the front, WebSockets to the stream. serve.py binds it."""

from functools import partial

from stopline.config.settings import AlpacaDoor
from stopline.dialects.alpaca.serving.stream import serve_stream
from stopline.dialects.alpaca.serving.wire import Receive, Scope, Send, read_request, send_answer
from stopline.doors.alpaca.book import Book
from stopline.doors.alpaca.front import Front
from stopline.doors.alpaca.hub import Hub
from stopline.doors.alpaca.keyring import Keyring
from stopline.doors.native.stream import HANG_UP
from stopline.ports.desk import Desk
from stopline.runtime.calendars.market import MarketCalendar

GOING_AWAY = 1001


class AlpacaApp:
    """What a client of Alpaca talks to."""

    def __init__(self, desk: Desk, door: AlpacaDoor, calendar: MarketCalendar) -> None:
        book = Book()
        self._keyring = Keyring(door.bots)
        self._hub = Hub(desk, book)
        self._front = Front(desk, book, self._keyring, calendar)

    @property
    def listening(self) -> int:
        """How many connections hear trade updates."""
        return self._hub.listening

    def start(self) -> None:
        """Begin to remember what becomes of orders; before the first request."""
        self._hub.start()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection or request."""
        if scope["type"] == "http":
            await send_answer(send, await self._front.answer(await read_request(scope, receive)), [])
        elif scope["type"] == "websocket":
            cut = partial(scope["state"][HANG_UP], GOING_AWAY, "the stream ends")
            await serve_stream(scope, receive, send, self._hub, self._keyring.admit, cut)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._hub.stop()
        await send({"type": "lifespan.shutdown.complete"})
