"""Prices: a walk from the seed that can be read at any instant, and what goes wrong with it."""

from msgspec import Struct

from stopline.model.instrument import Instrument
from stopline.model.numbers import PRICE_ONE, QTY_ONE, Nanos, Price
from stopline.model.quote import Quote
from stopline.sim.world.chance import Chance
from stopline.venue.walk import BILLION, Walk


class Mark(Struct):
    """One instrument's market."""

    instrument: Instrument
    start: Price
    walk: Walk
    shift: Price = 0
    """What jumps have come to."""
    is_frozen: bool = False
    is_crossed: bool = False
    is_stub: bool = False


class Prices:
    """All instruments."""

    def __init__(self, seed: int, listed: list[tuple[Instrument, Price]], begins_at: Nanos) -> None:
        self._begins_at, self._chance = begins_at, Chance(seed, "market")
        self.marks = {each.instrument_id: Mark(each, start, Walk(seed, each.instrument_id)) for each, start in listed}

    def mid(self, instrument_id: str, at: Nanos) -> Price:
        """Return the price, on its tick."""
        mark = self.marks[instrument_id]
        level = mark.start * mark.walk.level(at - self._begins_at) // BILLION + mark.shift
        tick = mark.instrument.tick_size
        if not mark.instrument.price_may_be_negative:
            level = max(level, 2 * PRICE_ONE)
        return level // tick * tick

    def jump(self, instrument_id: str, per_mille: int, at: Nanos) -> None:
        """Move a price by so many thousandths in one tick."""
        mid, tick = self.mid(instrument_id, at), self.marks[instrument_id].instrument.tick_size
        self.marks[instrument_id].shift += mid * per_mille // 1000 // tick * tick

    def fall_below_zero(self, instrument_id: str, at: Nanos) -> None:
        """Let a price that may be negative be so."""
        mark = self.marks[instrument_id]
        if mark.instrument.price_may_be_negative:
            mark.shift -= self.mid(instrument_id, at) + 37 * PRICE_ONE

    def quote(self, instrument_id: str, at: Nanos) -> Quote | None:
        """Return the quote at an instant, with whatever is wrong with it; None while quotes have stopped."""
        mark = self.marks[instrument_id]
        if mark.is_frozen:
            return None
        tick, mid = mark.instrument.tick_size, self.mid(instrument_id, at)
        wide = self._chance.between(1, 3) * tick
        bid, ask = mid - wide, mid + wide
        if mark.is_crossed:
            bid, ask = ask, bid
        if mark.is_stub:
            bid = tick
            ask = mid * 100
        size = self._chance.between(1, 20) * QTY_ONE
        last = self._chance.pick((bid, ask, mid))
        return Quote(instrument_id, at, bid, ask, size, self._chance.between(1, 20) * QTY_ONE, last, QTY_ONE)
