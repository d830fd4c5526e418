"""Brackets, OCO and OTO: what one order of a family does to the others.

Entry      legs are `held` until the entry has filled completely; if it ends otherwise, so do they.
Pair       of a profit and a stop, the profit is on the exchange and the stop stays `held`; when
           the stop triggers the profit is canceled, and when either ends the other is canceled.
Parts      what one half of a pair has traded is taken off the other.
Source     Alpaca's order documentation (bracket, OCO and OTO orders).
"""

from stopline.dialects.alpaca.words import Status
from stopline.model.numbers import Nanos
from stopline.model.order import OrderClass
from stopline.sim.alpaca.book import Book, SimOrder
from stopline.sim.alpaca.floor import Floor


class Legs:
    """Hears the floor, and lets families follow."""

    def __init__(self, book: Book, floor: Floor) -> None:
        self._book, self._floor = book, floor
        floor.on_end, floor.on_part = self._ended, self._parted

    def release(self, entry: SimOrder, at: Nanos) -> None:
        """Set the legs of an entry to work: it has filled."""
        legs = [leg for leg in self._book.legs(entry) if leg.is_open]
        for leg in legs:
            leg.is_shadow = len(legs) > 1 and leg.stop_price is not None
        for leg in legs:
            self._floor.place(leg, at)
            if not leg.is_shadow and leg.status is Status.HELD:
                self._floor.change(leg, Status.ACCEPTED, at, "accepted")

    def _ended(self, order: SimOrder, at: Nanos) -> None:
        if order.legs and order.order_class is not OrderClass.OCO:
            if order.status is Status.FILLED:
                self.release(order, at)
            else:
                self._cancel(self._book.legs(order), at)
        self._cancel(self._book.family(order), at)

    def _cancel(self, orders: list[SimOrder], at: Nanos) -> None:
        for order in orders:
            if order.is_open and not order.is_triggered:  # a stop that has triggered is why the other goes
                self._floor.withdraw(order, Status.CANCELED, at, "canceled")

    def _parted(self, order: SimOrder, at: Nanos) -> None:
        """A part has traded, or a stop has triggered."""
        for other in self._book.family(order):
            if not other.is_open:
                continue
            if order.is_triggered:
                self._floor.withdraw(other, Status.CANCELED, at, "canceled")
            elif order.leaves_qty < other.leaves_qty:
                other.qty = other.filled_qty + order.leaves_qty
                self._floor.change(other, other.status, at, "restated")
                self._floor.shrink(other, at)
