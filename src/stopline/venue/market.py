"""One instrument at the exchange: the quote that stands, and the orders that meet it."""

from typing import Final

from stopline.measures.price_quality import LAST_MAX_AGE, clip, mid, usable
from stopline.model.instrument import Instrument, InstrumentStatus
from stopline.model.numbers import SECOND, Nanos, Price, Qty, Ratio
from stopline.model.order import Side
from stopline.model.quote import Quote
from stopline.venue.ladder import Ladder, resting, waiting
from stopline.venue.orders import VenueOrder

STUB_SPREAD: Final[Ratio] = 100_000
"""A quote whose spread is more than a tenth of its mid is a stub: nothing trades or triggers on it."""
STANDS: Final[Nanos] = 60 * SECOND
"""How long a quote can be traded on whose source does not say it."""
SAME_DISPLAY: Final[Nanos] = SECOND
"""Within this time, a trade with the same bid and ask as before is a print and no new quote."""


class Market:
    """One instrument's quote, what of its displayed size is left to our clients, and their orders."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.resting = {side: resting(side) for side in Side}
        self.stops = {side: waiting(side) for side in Side}
        self.newcomers: dict[str, VenueOrder] = {}
        """Resting orders that no usable quote has passed over yet: they trade at the quote they meet."""
        self._quote: Quote | None = None
        self._received_at: Nanos = 0
        self._usable = False
        self._left: dict[Side, Qty] = dict.fromkeys(Side, 0)
        self._last: Price | None = None
        self._last_at: Nanos = 0
        self.mark: Price | None = None
        """The newest mark that a usable quote made, however old; None before the first."""

    def receive(self, quote: Quote, at: Nanos) -> None:
        """Let a quote stand in place of the one before it."""
        if not self._is_print(quote, at):
            self._left[Side.BUY], self._left[Side.SELL] = quote.ask_size, quote.bid_size
        may_be_negative = self.instrument.price_may_be_negative
        self._quote, self._received_at = quote, at
        self._usable = usable(quote.bid, quote.ask, STUB_SPREAD, may_be_negative)
        if quote.last_price is not None and (quote.last_price > 0 or may_be_negative):
            self._last, self._last_at = quote.last_price, at
        if self._usable:
            self.mark = self._mark(quote, at)

    def _is_print(self, quote: Quote, at: Nanos) -> bool:
        """Return whether this is a trade print that only repeats the quote that stands: it brings no new size."""
        before = self._quote
        if before is None or quote.last_price is None or at - self._received_at > SAME_DISPLAY:
            return False
        return _display(quote) == _display(before)

    def _mark(self, quote: Quote, at: Nanos) -> Price | None:
        """The last trade of the last minute, clipped into bid and ask; else their mid."""
        if quote.bid is None or quote.ask is None:
            return None
        if self._last is None or at - self._last_at > LAST_MAX_AGE:
            return mid(quote.bid, quote.ask)
        return clip(self._last, quote.bid, quote.ask)

    def trades(self, at: Nanos) -> bool:
        """Return whether there is a market now: open, and a usable quote that still stands."""
        if self._quote is None or not self._usable or self.instrument.status is not InstrumentStatus.OPEN:
            return False
        if self._quote.valid_until:
            return at <= self._quote.valid_until
        return at - self._received_at <= STANDS

    def opposite(self, side: Side) -> Price | None:
        """Return the price that an order of this side meets: the ask for a buy, the bid for a sell."""
        if self._quote is None:
            return None
        return self._quote.ask if side is Side.BUY else self._quote.bid

    def left(self, side: Side) -> Qty:
        """Return what of the displayed size an order of this side can still have."""
        return self._left[side]

    def consume(self, side: Side, qty: Qty) -> None:
        """Take displayed size."""
        self._left[side] -= qty

    def is_reached(self, order: VenueOrder) -> bool:
        """Return whether the mark has reached a stop."""
        if self.mark is None or order.stop_price is None:
            return False
        return self.mark >= order.stop_price if order.side is Side.BUY else self.mark <= order.stop_price

    def ladder_of(self, order: VenueOrder) -> Ladder:
        """Return where the order is, or belongs."""
        return (self.stops if order.waits else self.resting)[order.side]

    def add(self, order: VenueOrder) -> None:
        """Put an order into the book."""
        self.ladder_of(order).add(order)
        if not order.waits and not order.is_maker:
            self.newcomers[order.order_id] = order

    def remove(self, order: VenueOrder) -> None:
        """Take an order out of the book."""
        self.ladder_of(order).remove(order)
        self.newcomers.pop(order.order_id, None)


def _display(quote: Quote) -> tuple[Price | None, Qty, Price | None, Qty]:
    return quote.bid, quote.bid_size, quote.ask, quote.ask_size
