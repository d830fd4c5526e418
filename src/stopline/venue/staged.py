"""A live market with a script: chosen instruments are quoted as told, all others as they come.

For the demonstration (`stopline demo`): whoever holds the script says where a price goes, and the
engine and the exchange see a quote like any other. A script that is over leaves each price where it
is, and the market beneath moves it from there.
"""

from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from stopline.model.ids import InstrumentId
from stopline.model.instrument import Instrument
from stopline.model.numbers import QTY_ONE, Nanos, Price, Qty
from stopline.model.quote import Quote
from stopline.ports.feed import Feed

SHOWN: Final[Qty] = 1_000 * QTY_ONE


class Scene(Struct, frozen=True, gc=False):
    """What one instrument shows from now on."""

    instrument_id: InstrumentId
    bid: Price
    ask: Price
    size: Qty = SHOWN


class StagedFeed:
    """Another feed's quotes, with a script laid over them."""

    is_recorded = False

    def __init__(self, feed: Feed) -> None:
        self.name = f"{feed.name}, with a script"
        self._feed = feed
        self._scenes: dict[InstrumentId, Scene] = {}
        self._news: deque[Scene] = deque()
        self._released: set[InstrumentId] = set()
        self._moved: dict[InstrumentId, Price] = {}
        """By how much a released instrument stands above the market beneath."""

    def instruments(self) -> tuple[Instrument, ...]:
        """Return what it quotes."""
        return self._feed.instruments()

    def starts_at(self) -> Nanos | None:
        """Return None: its time is ours."""
        return self._feed.starts_at()

    def show(self, scene: Scene) -> None:
        """Quote an instrument like this at once, and until told otherwise."""
        self._scenes[scene.instrument_id] = scene
        self._news.append(scene)

    def release(self) -> None:
        """End the script: every price goes on from where it stands."""
        self._released = set(self._scenes)

    async def quotes(self) -> AsyncIterator[Quote]:
        """Yield the feed's quotes, those of the script in their place, and news before anything else."""
        async for quote in self._feed.quotes():
            while self._news:
                scene = self._news.popleft()
                yield _quote(scene, quote.source_at)
            yield self._staged(quote)

    def _staged(self, quote: Quote) -> Quote:
        name = quote.instrument_id
        scene = self._scenes.get(name)
        if scene is not None and name not in self._released:
            return _quote(scene, quote.source_at)
        if scene is not None and quote.bid is not None:
            self._released.discard(name)
            self._moved[name] = self._scenes.pop(name).bid - quote.bid
        by = self._moved.get(name, 0)
        return replace(quote, bid=_by(quote.bid, by), ask=_by(quote.ask, by), last_price=_by(quote.last_price, by))


def _quote(scene: Scene, at: Nanos) -> Quote:
    """Return a quote, with a print at the bid, so that the mark is known to the cent."""
    return Quote(
        instrument_id=scene.instrument_id,
        source_at=at,
        bid=scene.bid,
        ask=scene.ask,
        bid_size=scene.size,
        ask_size=scene.size,
        last_price=scene.bid,
        last_size=scene.size,
    )


def _by(price: Price | None, by: Price) -> Price | None:
    return None if price is None else price + by
