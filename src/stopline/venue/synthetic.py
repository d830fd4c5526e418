"""The seeded synthetic market: made-up quotes of the seeded symbols, and of index futures.

Everything follows from the seed and from the time since the market began: the same seed
and beginning give the same quotes, also after a restart in between. It is called
`synthetic:SEED` wherever a person sees it.

Source     semantics.md sections 5 (start prices) and 12 (within 2 % for the first minute).
"""

from collections.abc import AsyncIterator, Iterable
from typing import Final

from msgspec import Struct

from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import QTY_ONE, SECOND, Nanos, Price, Qty, parse_price
from stopline.model.quote import Quote
from stopline.ports.clock import EngineClock
from stopline.venue.equities import START_PRICES, equity
from stopline.venue.futures import front_contract
from stopline.venue.prng import draw, key_of
from stopline.venue.walk import BILLION, Walk

PER_SECOND: Final = 2
"""Quotes per second and symbol."""
INDEX_START: Final[dict[str, Price]] = {
    root: parse_price(price)
    for roots, price in (("ES MES", "6900"), ("NQ MNQ", "25500"), ("YM MYM", "48000"), ("RTY M2K", "2500"))
    for root in roots.split()
}
"""Where the index futures begin."""
ROUND_LOT: Final[Qty] = 100 * QTY_ONE
MOST_LOTS: Final = 20


class Source(Struct, gc=False):
    """One instrument's made-up market."""

    instrument: Instrument
    start_ticks: int
    walk: Walk
    key: int
    lot: Qty
    """What sizes are multiples of: round lots of shares, single contracts."""


class SyntheticFeed:
    """Quotes from a seed. `begins_at` is when this market first began: the journal's first instant, or now.

    `also` are instruments to quote beside the seeded ones: held contracts that are no longer in front.
    """

    is_recorded = False

    def __init__(
        self,
        seed: int,
        clock: EngineClock,
        *,
        begins_at: Nanos | None = None,
        futures: bool = True,
        also: Iterable[Instrument] = (),
        per_second: int = PER_SECOND,
    ) -> None:
        self.name = f"synthetic:{seed}"
        self._clock = clock
        self._begins_at = clock.at() if begins_at is None else begins_at
        self._interval = SECOND // per_second
        listed = [equity(symbol) for symbol in START_PRICES]
        if futures:
            listed += [front_contract(root, clock.at()) for root in INDEX_START]
        listed += [each for each in also if _start_price(each) is not None]
        unique = {each.instrument_id: each for each in listed}
        self._sources = [_source(seed, instrument) for instrument in unique.values()]

    def instruments(self) -> tuple[Instrument, ...]:
        """Return what it quotes."""
        return tuple(source.instrument for source in self._sources)

    def starts_at(self) -> Nanos | None:
        """Return None: its time is ours."""
        return None

    async def quotes(self) -> AsyncIterator[Quote]:
        """Yield a first quote of everything at once, then round after round, evenly through each interval."""
        current = self._round_now()
        for source in self._sources:
            yield self.quote(source, current, self._due(current))
        while True:
            current = max(current + 1, self._round_now())
            for place, source in enumerate(self._sources):
                due = self._due(current) + self._interval * place // len(self._sources)
                await self._clock.sleep_until(due)
                yield self.quote(source, current, due)

    def quote(self, source: Source, number: int, at: Nanos) -> Quote:
        """Return an instrument's quote in round `number`."""
        tick = source.instrument.tick_size
        level = source.walk.level(max(at - self._begins_at, 0))
        middle = source.start_ticks * level // BILLION
        chance = draw(source.key, number)
        spread = 1 + chance % 3
        bid = (middle - spread // 2) * tick
        ask = bid + spread * tick
        bid_size, ask_size, last_size = (source.lot * (1 + (chance >> shift) % MOST_LOTS) for shift in (8, 24, 40))
        trades = (chance >> 56) % 2 == 0
        return Quote(
            instrument_id=source.instrument.instrument_id,
            source_at=at,
            bid=bid,
            ask=ask,
            bid_size=bid_size,
            ask_size=ask_size,
            last_price=(bid if (chance >> 57) % 2 else ask) if trades else None,
            last_size=last_size if trades else 0,
        )

    def _round_now(self) -> int:
        return max(self._clock.at() - self._begins_at, 0) // self._interval

    def _due(self, number: int) -> Nanos:
        return self._begins_at + number * self._interval


def _start_price(instrument: Instrument) -> Price | None:
    """Return where an instrument begins, or None if nobody said."""
    if instrument.asset_class is AssetClass.EQUITY:
        return START_PRICES.get(instrument.symbol)
    return INDEX_START.get(instrument.product.rpartition(":")[2])


def _source(seed: int, instrument: Instrument) -> Source:
    """Contracts on one index share its walk."""
    price = _start_price(instrument)
    if price is None:
        raise ValueError(f"{instrument.instrument_id} has no start price")
    is_future = instrument.asset_class is AssetClass.FUTURE
    path = f"index {price}" if is_future else instrument.instrument_id
    return Source(
        instrument=instrument,
        start_ticks=price // instrument.tick_size,
        walk=Walk(seed, path),
        key=key_of(seed, instrument.instrument_id, "quotes"),
        lot=QTY_ONE if is_future else ROUND_LOT,
    )
