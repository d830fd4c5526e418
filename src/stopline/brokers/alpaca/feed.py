"""Alpaca's quotes as a market: the newest ones at each (re)connect, then the stream, for ever.

Gap        while the stream is away nothing is quoted and what stands grows old: the gate sees to that.
Order      the stream is subscribed to before the newest quotes are asked for, so that none falls in between;
           one that is older than what was told already is passed over.
Sizes      are taken for shares, as they come.
Source     brokers.md section 2.2; semantics.md section 3 (quotes grow old).
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Iterable
from typing import Final, TypeVar

from stopline.brokers.alpaca.budget import Budget
from stopline.brokers.alpaca.client import AlpacaClient, Keys
from stopline.dialects.alpaca.exact_json import Malformed
from stopline.dialects.alpaca.quotes import (
    FREE,
    DataError,
    Login,
    ShareQuote,
    StreamMessage,
    Subscription,
    Success,
    parse_data_frame,
    render_data_request,
)
from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos
from stopline.model.quote import Quote
from stopline.ports.broker import BrokerError
from stopline.ports.transport import NotSent, Stream, StreamLost, Transport

DATA_URL: Final = "https://data.alpaca.markets"
STREAM_URL: Final = "https://stream.data.alpaca.markets"
MOST: Final = 30
"""So many symbols may be listened to without a subscription of one's own."""
OPEN_S: Final = 10.0
LONGEST_PAUSE_S: Final = 90.0
"""Alpaca turns away who comes back too soon and too often."""
M = TypeVar("M", Success, Subscription)
log = logging.getLogger(__name__)


class AlpacaFeed:
    """Quotes of some shares. `data_url` answers requests; the stream is at `stream_url`."""

    is_recorded = False

    def __init__(
        self, transport: Transport, data_url: str, stream_url: str, keys: Keys, instruments: Iterable[Instrument]
    ) -> None:
        self.name = f"alpaca:{FREE}"
        self._transport, self._keys = transport, keys
        self._client = AlpacaClient(transport, data_url, keys, Budget())
        self._url = f"ws{stream_url.rstrip('/').removeprefix('http')}/v2/{FREE}"
        self._instruments = {each.symbol: each for each in instruments}
        self._told: dict[str, Nanos] = {}

    def instruments(self) -> tuple[Instrument, ...]:
        """Return what it quotes."""
        return tuple(self._instruments.values())

    def starts_at(self) -> Nanos | None:
        """Return None: its time is ours."""
        return None

    async def quotes(self) -> AsyncIterator[Quote]:
        """Yield quotes, whatever happens to the connection."""
        pause_s = 0.0
        try:
            while True:
                try:
                    async for quote in self._connected():
                        pause_s = 0.0
                        yield quote
                except (NotSent, StreamLost, BrokerError, Malformed, OSError) as error:
                    log.warning("no quotes from Alpaca: %s", error)
                await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))
                pause_s = min(max(pause_s * 2, 0.5), LONGEST_PAUSE_S)
        finally:
            await self._transport.close()

    async def _connected(self) -> AsyncIterator[Quote]:
        """Yield the newest quotes, then those of the stream until it is lost."""
        stream = await self._transport.open_stream(self._url, OPEN_S)
        try:
            async with asyncio.timeout(OPEN_S):
                await _subscribe(stream, self._keys, tuple(self._instruments))
            for share in await self._client.latest_quotes(self._instruments):
                if quote := self._news(share):
                    yield quote
            while True:
                for message in parse_data_frame(await stream.receive()):
                    if isinstance(message, DataError):
                        raise StreamLost(f"{message.said} ({message.code})")
                    if isinstance(message, ShareQuote) and (quote := self._news(message)):
                        yield quote
        except TimeoutError:
            raise StreamLost(f"Alpaca did not greet us within {OPEN_S:g} s") from None
        finally:
            await stream.close()

    def _news(self, share: ShareQuote) -> Quote | None:
        """Return a quote, unless it is of nobody or older than what was told."""
        instrument = self._instruments.get(share.symbol)
        if instrument is None or share.at < self._told.get(share.symbol, 0):
            return None
        self._told[share.symbol] = share.at
        return Quote(
            instrument_id=instrument.instrument_id,
            source_at=share.at,
            bid=share.bid,
            ask=share.ask,
            bid_size=share.bid_size,
            ask_size=share.ask_size,
        )


async def _subscribe(stream: Stream, keys: Keys, symbols: tuple[str, ...]) -> None:
    await _expect(stream, Success)
    await stream.send(render_data_request(Login(keys.key, keys.secret)))
    await _expect(stream, Success)
    await stream.send(render_data_request(Subscription(symbols)))
    await _expect(stream, Subscription)


async def _expect(stream: Stream, kind: type[M]) -> None:
    """Wait for one answer; raises StreamLost."""
    messages: list[StreamMessage] = parse_data_frame(await stream.receive())
    for message in messages:
        if isinstance(message, DataError):
            raise StreamLost(f"{message.said} ({message.code})")
    if not any(isinstance(message, kind) for message in messages):
        raise StreamLost(f"Alpaca's stream of quotes said something else than {kind.__name__}")
