"""The market's day: orders go on the exchange when it opens for them, and come off when it closes."""

from stopline.dialects.alpaca.words import Status
from stopline.model.numbers import Nanos
from stopline.model.order import TimeInForce
from stopline.sim.alpaca.book import Book, SimOrder
from stopline.sim.alpaca.floor import AUCTIONS, Floor
from stopline.sim.alpaca.hours import Hours, Phase
from stopline.sim.alpaca.money import Purse


class Sessions:
    """Turns the day when its instants come."""

    def __init__(self, book: Book, floor: Floor, hours: Hours, purse: Purse, at: Nanos) -> None:
        self._book, self._floor, self._hours, self._purse = book, floor, hours, purse
        self.next_due = hours.next_change(at)

    def advance(self, at: Nanos) -> None:
        """Turn every opening and closing up to an instant, in order, then expire what is due."""
        while self.next_due <= at:
            due = self.next_due
            self.next_due = self._hours.next_change(due)
            self._turn(due)
        self._floor.expire(at)

    def _turn(self, at: Nanos) -> None:
        if self._hours.closes_at(at):
            self._auction(TimeInForce.CLS, at)
            self._note_close()
        self._floor.expire(at)
        self.place_all(at)
        if self._hours.opens_at(at):
            self._auction(TimeInForce.OPG, at)

    def place_all(self, at: Nanos) -> None:
        """Let every order be on the exchange that the market is open for, and no other."""
        phase = self._hours.phase(at)
        for order in self._book.open_orders():
            if phase is Phase.CLOSED or (phase is Phase.EXTENDED and not order.extended_hours):
                self._floor.park(order, at)
            elif not _waits(self._book, order):
                self._floor.place(order, at)

    def _auction(self, tif: TimeInForce, at: Nanos) -> None:
        """Let the orders for an auction trade at once, or not at all."""
        for order in self._book.open_orders():
            if order.time_in_force is tif and order.is_open:
                self._floor.enter(order, at)
                if order.is_open:
                    self._floor.withdraw(order, Status.CANCELED, at, "canceled")

    def _note_close(self) -> None:
        self._book.last_equity = self._purse.equity()
        for symbol in self._book.instruments:
            price = self._floor.price(symbol)
            if price is not None:
                self._book.lastday[symbol] = price


def _waits(book: Book, order: SimOrder) -> bool:
    """Return whether an order is a leg whose entry has not filled, or is for an auction."""
    if order.time_in_force in AUCTIONS:
        return True
    if not order.parent or order.is_shadow:
        return False
    return order.status is Status.HELD and book.orders[order.parent].is_open
