"""One simulated Alpaca, wired: the market, the house, the trading port and the control port."""

import asyncio
import socket
from types import TracebackType
from typing import Any, Final, Self

import uvicorn

from stopline.dialects.alpaca.stream import TradeUpdate
from stopline.doors.native.serve import QuietServer, Serving, listen
from stopline.model.ids import InstrumentId
from stopline.model.numbers import Nanos
from stopline.model.quote import Quote
from stopline.runtime.clocks import RecordedClock
from stopline.sim.alpaca.app import TradingApp
from stopline.sim.alpaca.assets import Assets
from stopline.sim.alpaca.book import Book
from stopline.sim.alpaca.control import ControlApp
from stopline.sim.alpaca.faults import Faults, Kind
from stopline.sim.alpaca.front import Front
from stopline.sim.alpaca.hours import Hours
from stopline.sim.alpaca.house import House
from stopline.sim.alpaca.hub import Hub
from stopline.sim.alpaca.keys import Keys
from stopline.sim.alpaca.market import SimMarket, open_market
from stopline.sim.alpaca.memory import load_book, save_book
from stopline.sim.alpaca.options import SimOptions
from stopline.sim.alpaca.protocol import CuttableHttp, CuttableStream
from stopline.sim.alpaca.rate import RateLimit

MICROSECOND: Final[Nanos] = 1_000
SHUTDOWN_S: Final = 2
KEEP_ALIVE_S: Final = 65


class Simulator:
    """A simulated Alpaca. `async with Simulator(options)` opens its ports and closes them."""

    def __init__(self, options: SimOptions) -> None:
        self.options = options
        self.market: SimMarket
        self.house: House
        self.front: Front
        self.hub: Hub
        self.trading: Serving
        self.control: Serving | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._servings: list[Serving] = []
        self._is_changed = False

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def at(self) -> Nanos:
        """Return the simulator's time, in whole microseconds: more a client's datetime does not hold."""
        return self.market.clock.at() // MICROSECOND * MICROSECOND

    @property
    def url(self) -> str:
        """Where the trading API is."""
        return self.trading.url

    @property
    def stream_url(self) -> str:
        """Where the stream is."""
        return f"ws{self.url.removeprefix('http')}/stream"

    @property
    def quotes_url(self) -> str:
        """Where the stream of quotes is."""
        return f"ws{self.url.removeprefix('http')}/v2/iex"

    async def start(self) -> None:
        """Open everything; raises MarketRefused, RecordingError, MemoryLost and BindRefused."""
        options = self.options
        left = None if options.state is None else load_book(options.state)
        not_before = 0 if left is None else left.newest_at
        self.market = market = open_market(options, not_before)
        at = market.clock.at()
        book = left or Book(opening_cash=options.cash, cash=options.cash, last_equity=options.cash, began_at=at)
        listed = {each.symbol: each for each in market.instruments} | book.instruments
        faults, keys = Faults(), Keys(options.key, options.secret)
        for fault in options.faults:
            faults.add(fault)
        self.house = House(book, Assets(listed.values()), Hours(options.hours), at)
        self.hub = Hub(faults)
        self.house.on_update = self._publish
        self.house.is_too_late = lambda what: faults.take(Kind(f"{what}_rejected")) is not None
        self.front = Front(self.house, keys, RateLimit(options.rate_limit), faults, self.at, self._save)
        self.house.resume(at)
        await self._open(TradingApp(self.front, self.hub, self.house.tape, keys))
        self._tasks = [asyncio.create_task(self._keep_time())]
        if market.feed is not None:
            self._tasks.append(asyncio.create_task(self._run_market()))

    async def _open(self, app: Any) -> None:
        options = self.options
        listener = listen(options.host, options.port)
        try:
            control = None if options.control_port is None else listen(options.host, options.control_port)
        except Exception:
            listener.close()
            raise
        self.trading = await self._serve(app, listener)
        if control is not None:
            self.control = await self._serve(ControlApp(self), control)

    async def _serve(self, app: Any, listener: socket.socket) -> Serving:
        serving = Serving(_server(app), listener)
        self._servings.append(serving)
        await serving.open()
        return serving

    async def stop(self) -> None:
        """Close the ports and end the market."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for serving in self._servings:
            self.cut_streams()
            await serving.close()

    def cut_streams(self) -> int:
        """Cut every stream, of updates and of quotes; return how many there were."""
        return self.hub.cut_all() + self.house.tape.cut_all()

    async def until(self, stop: asyncio.Event) -> None:
        """Return when told to stop; raises what ended the market or the clock."""
        told = asyncio.ensure_future(stop.wait())
        waiting: set[asyncio.Future[Any]] = {told, *self._tasks}
        try:
            while not told.done():
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for each in done:
                    each.result()
        finally:
            told.cancel()

    # --- what happens by itself ----------------------------------------------------------------------

    def take_quote(self, quote: Quote) -> None:
        """Let the market have a quote."""
        at = self.at()
        self.house.advance(at)
        self.house.quote(quote, at)
        if self._is_changed:
            self._save()

    async def _run_market(self) -> None:
        feed, clock = self.market.feed, self.market.clock
        if feed is None:
            return
        standing: dict[InstrumentId, Quote] = {}
        async for quote in feed.quotes():
            if quote.source_at < self.market.begins_at:
                standing[quote.instrument_id] = quote
                continue
            if isinstance(clock, RecordedClock):
                clock.advance_to(quote.source_at)
            for each in (*standing.values(), quote):
                self.take_quote(each)
            standing.clear()
            await asyncio.sleep(0)
        for each in standing.values():
            self.take_quote(each)
        if isinstance(clock, RecordedClock):
            clock.run_on()

    async def _keep_time(self) -> None:
        """Open and close sessions, and expire orders, when nobody asks and nothing is quoted."""
        while True:
            await self.market.clock.sleep_until(self.house.sessions.next_due)
            self.house.advance(self.at())
            self._save()

    def _publish(self, update: TradeUpdate) -> None:
        self._is_changed = True
        self.hub.publish(update)

    def _save(self) -> None:
        self._is_changed = False
        if self.options.state is not None:
            save_book(self.options.state, self.house.book)


def _server(app: Any) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        http=CuttableHttp,
        ws=CuttableStream,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    return QuietServer(config)
