"""The simulated Alpaca without a socket: its own application, in virtual time, on a loop that never dies."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, MutableMapping
from typing import Any, Final
from urllib.parse import urlsplit

from stopline.brokers.alpaca.book import routed_of
from stopline.model.ids import RoutedOrderId
from stopline.model.instrument import Instrument
from stopline.model.numbers import Money, Nanos
from stopline.ports.transport import Answer
from stopline.sim.alpaca.app import TradingApp
from stopline.sim.alpaca.assets import Assets
from stopline.sim.alpaca.book import Book, SimOrder
from stopline.sim.alpaca.faults import Faults
from stopline.sim.alpaca.front import Front
from stopline.sim.alpaca.hours import ALWAYS, Hours
from stopline.sim.alpaca.house import House
from stopline.sim.alpaca.hub import Hub
from stopline.sim.alpaca.keys import Keys
from stopline.sim.alpaca.options import SimOptions
from stopline.sim.alpaca.protocol import CUT
from stopline.sim.alpaca.rate import RateLimit
from stopline.sim.world.loop import VirtualLoop
from stopline.sim.world.timeline import Timeline
from stopline.sim.world.violation import Violated

MICROSECOND: Final[Nanos] = 1_000
KEYS: Final = Keys(SimOptions().key, SimOptions().secret)
Message = MutableMapping[str, Any]


class Server:
    """One Alpaca, one account."""

    def __init__(
        self, timeline: Timeline, instruments: tuple[Instrument, ...], cash: Money, on_fault: Callable[..., None]
    ) -> None:
        self._timeline = timeline
        self.loop = VirtualLoop(timeline, on_fault)
        self._tasks: set[asyncio.Task[None]] = set()
        at, faults = self.at(), Faults()
        book = Book(opening_cash=cash, cash=cash, last_equity=cash, began_at=at)
        self.house = House(book, Assets(instruments), Hours(ALWAYS), at)
        self.hub = Hub(faults)
        self.house.on_update = self.hub.publish
        self._front = Front(self.house, KEYS, RateLimit(), faults, self.at, lambda: None)
        self._app = TradingApp(self._front, self.hub, self.house.tape, KEYS)

    def at(self) -> Nanos:
        """Return Alpaca's time, in whole microseconds."""
        return self._timeline.now // MICROSECOND * MICROSECOND

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Answer one request at this instant."""
        place = urlsplit(url)
        scope = {
            "type": "http",
            "method": method,
            "path": place.path,
            "query_string": place.query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "state": {CUT: _never},
        }
        said: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body or b"", "more_body": False}

        async def send(message: Message) -> None:
            said.append(message)

        _run_through(self._app(scope, receive, send))
        begin, end = said
        if begin["status"] >= 500:
            raise Violated(f"S15 the simulated Alpaca fell over: {method} {place.path}")
        told = {name.decode(): value.decode() for name, value in begin["headers"]}
        return Answer(begin["status"], told, end["body"])

    def open(self, path: str, say: Callable[[bytes], None], cut: Callable[[], None]) -> "Connection":
        """Open a WebSocket: `say` gets each frame, `cut` is called where Alpaca ends it."""
        connection = Connection(say, cut)
        scope: Message = {"type": "websocket", "path": path, "state": {CUT: cut}}
        task = self.loop.create_task(self._app(scope, connection.receive, connection.send))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return connection


class Connection:
    """One WebSocket at Alpaca."""

    def __init__(self, say: Callable[[bytes], None], cut: Callable[[], None]) -> None:
        self._say, self._cut = say, cut
        self._said: asyncio.Queue[Message] = asyncio.Queue()
        self._said.put_nowait({"type": "websocket.connect"})

    def hear(self, frame: bytes) -> None:
        """Hear a text frame."""
        self._said.put_nowait({"type": "websocket.receive", "text": frame.decode()})

    def lose(self) -> None:
        """Learn that the other side is gone."""
        self._said.put_nowait({"type": "websocket.disconnect"})

    async def receive(self) -> Message:
        """Return what came."""
        return await self._said.get()

    async def send(self, message: Message) -> None:
        """Send what Alpaca says."""
        if message["type"] == "websocket.send":
            self._say(message["bytes"])
        elif message["type"] == "websocket.close":
            self._cut()


def routed_id(book: Book, order: SimOrder) -> RoutedOrderId:
    """Return under which id Stopline knows an order: as it was routed, or as whoever else placed it named it."""
    while order.replaces:
        order = book.orders[order.replaces]
    return routed_of(order.client_order_id) or order.client_order_id


def is_foreign(book: Book, order: SimOrder) -> bool:
    """Return whether somebody else placed it."""
    return not routed_of(routed_id(book, order))


def _never() -> None:
    raise Violated("S15 the simulated Alpaca cut a connection that nobody asked it to cut")


def _run_through(work: Coroutine[Any, Any, None]) -> None:
    """Run what waits for nothing."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise Violated("S15 the simulated Alpaca waited in the middle of a request")
