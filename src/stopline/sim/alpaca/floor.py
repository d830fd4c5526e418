"""The orders that are on the exchange, and what its reports do to them.

Orders come and go with the market's phases: outside its hours an order waits in the book
and is not on the exchange. Every change that a client would hear of is told.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from stopline.dialects.alpaca.words import Status
from stopline.measures.pnl import book_fill, money_of
from stopline.model.numbers import PRICE_ONE, QTY_ONE, Nanos, Price
from stopline.model.order import OrderType, Side, TimeInForce
from stopline.model.quote import Quote
from stopline.sim.alpaca.book import Book, Execution, SimOrder
from stopline.sim.alpaca.hours import Hours, Phase
from stopline.venue import reports as r
from stopline.venue.exchange import Exchange
from stopline.venue.orders import VenueOrder

Tell = Callable[[str, SimOrder, Nanos, Execution | None], None]
"""Called with the event's name, the order, the instant and, when it traded, the execution."""
AUCTIONS: Final = (TimeInForce.OPG, TimeInForce.CLS)
_ENDS: Final = {
    Status.CANCELED: "canceled_at",
    Status.EXPIRED: "expired_at",
    Status.REJECTED: "failed_at",
    Status.FILLED: "filled_at",
    Status.REPLACED: "replaced_at",
}


class Floor:
    """The exchange, and the book's orders on it."""

    def __init__(self, book: Book, exchange: Exchange, hours: Hours, tell: Tell) -> None:
        self._book, self._exchange, self._hours, self._tell = book, exchange, hours, tell
        self.on_end: Callable[[SimOrder, Nanos], None] = lambda order, at: None
        """Called when an order has ended, by whatever way but a replace."""
        self.on_part: Callable[[SimOrder, Nanos], None] = lambda order, at: None
        """Called when a part of an order has traded."""
        self._now: Nanos = 0
        for instrument in book.instruments.values():
            exchange.list_instrument(instrument)

    # --- on and off the exchange -----------------------------------------------------------------

    def is_live(self, order: SimOrder) -> bool:
        """Return whether an order is on the exchange."""
        return self._exchange.order(order.id) is not None

    def place(self, order: SimOrder, at: Nanos) -> None:
        """Put an order on the exchange if the market is open for it and there is a price to do it at."""
        phase = self._hours.phase(at)
        is_open = phase is Phase.REGULAR or (phase is Phase.EXTENDED and order.extended_hours)
        if is_open and order.time_in_force not in AUCTIONS and not self.is_live(order):
            self.enter(order, at)

    def enter(self, order: SimOrder, at: Nanos) -> None:
        """Put an order on the exchange now."""
        if not self._is_priced(order, at):
            return
        self.play(self._exchange.enter(self._terms(order), at), at)

    def park(self, order: SimOrder, at: Nanos) -> None:
        """Take an order off the exchange; it stays in the book as it is."""
        live = self._exchange.order(order.id)
        if live is not None:
            order.is_triggered = live.is_triggered
            self._exchange.cancel(order.id, at)

    def withdraw(self, order: SimOrder, status: Status, at: Nanos, event: str) -> None:
        """End an order that is open, wherever it is."""
        self.park(order, at)
        self.end(order, status, at, event)

    def shrink(self, order: SimOrder, at: Nanos) -> None:
        """Let the exchange know that an order is for less now."""
        if self.is_live(order):
            self.play(self._exchange.amend(order.id, order.qty, order.limit_price, order.stop_price, at), at)

    def restop(self, order: SimOrder, at: Nanos) -> None:
        """Let the exchange know where a trailing stop has come to."""
        if self.is_live(order):
            self.play(self._exchange.amend(order.id, order.qty, None, order.stop_price, at), at)

    def quote(self, quote: Quote, at: Nanos) -> None:
        """Let the exchange have a quote."""
        self._now = at
        self.play(self._exchange.quote(quote, at), at)

    def expire(self, at: Nanos) -> None:
        """End the orders whose day is over, on the exchange and off it."""
        self._now = at
        self.play(self._exchange.expire(at), at)
        for order in self._book.open_orders():
            if order.expires_at and order.expires_at <= at and order.is_open and not order.parent:
                self.withdraw(order, Status.EXPIRED, at, "expired")

    def price(self, symbol: str) -> Price | None:
        """Return the newest mark of a symbol."""
        instrument = self._book.instruments.get(symbol)
        return None if instrument is None else self._exchange.mark(instrument.instrument_id)

    def far_side(self, symbol: str, side: Side) -> Price | None:
        """Return what an order of this side would trade at, or the newest mark while nothing trades."""
        instrument = self._book.instruments.get(symbol)
        if instrument is None:
            return None
        price = self._exchange.price_for(instrument.instrument_id, side, self._now)
        return self.price(symbol) if price is None else price

    # --- what the exchange reports ---------------------------------------------------------------

    def play(self, reports: Iterable[r.Report], at: Nanos) -> None:
        """Do to the book what the exchange reports, in order."""
        waiting = deque(reports)
        while waiting:
            self._one(waiting.popleft(), at)

    def _one(self, report: r.Report, at: Nanos) -> None:
        match report:
            case r.Accepted(order=live) | r.Triggered(order=live):
                order = self._book.orders[live.order_id]
                if isinstance(report, r.Triggered):
                    order.is_triggered, order.is_shadow = True, False
                if not order.is_shadow and order.status in (Status.PENDING_NEW, Status.ACCEPTED, Status.HELD):
                    self.change(order, Status.NEW, at, "new")
                if isinstance(report, r.Triggered):
                    self.on_part(order, at)
            case r.Executed():
                self._executed(report, self._book.orders[report.order.order_id])
            case r.Ended(order=live, outcome=outcome):
                order = self._book.orders[live.order_id]
                if order.is_open:
                    self.end(order, Status(outcome), at, outcome)
            case r.Refused(order=live):
                self.end(self._book.orders[live.order_id], Status.REJECTED, at, "rejected")
            case _:
                pass

    def _executed(self, report: r.Executed, order: SimOrder) -> None:
        book, at = self._book, report.at
        order.filled_qty += report.qty
        order.filled_value += report.qty * report.price
        signed = report.qty if order.side is Side.BUY else -report.qty
        money = money_of(report.qty, report.price, PRICE_ONE)
        holding = book_fill(book.holding(order.symbol), signed, money, fifo=False).holding
        book.holdings[order.symbol] = holding
        if not holding.qty:
            del book.holdings[order.symbol]
        book.cash -= money if signed > 0 else -money
        execution = Execution(
            number=book.next_execution,
            order_id=order.id,
            symbol=order.symbol,
            side=order.side,
            qty=report.qty,
            price=report.price,
            at=at,
            cum_qty=order.filled_qty,
            leaves_qty=order.leaves_qty,
            position_qty=holding.qty,
        )
        book.next_execution += 1
        book.executions.append(execution)
        if order.leaves_qty:
            self.change(order, Status.PARTIALLY_FILLED, at, "partial_fill", execution)
            self.on_part(order, at)
        else:
            self.end(order, Status.FILLED, at, "fill", execution)

    def change(
        self, order: SimOrder, status: Status, at: Nanos, event: str, execution: Execution | None = None
    ) -> None:
        """Give an order another status, and tell it."""
        order.status, order.updated_at = status, at
        self._tell(event, order, at, execution)

    def turn_down(self, order: SimOrder, at: Nanos) -> None:
        """Reject an order that has never lived; its family is not concerned."""
        order.failed_at = at
        self._book.working.pop(order.id, None)
        self.change(order, Status.REJECTED, at, "rejected")

    def end(self, order: SimOrder, status: Status, at: Nanos, event: str, execution: Execution | None = None) -> None:
        """Give an order its last status, tell it, and let its family follow."""
        setattr(order, _ENDS[status], at)
        order.is_shadow = False
        self._book.working.pop(order.id, None)
        self.change(order, status, at, event, execution)
        if status is not Status.REPLACED:
            self.on_end(order, at)

    # --- from our order to the exchange's ----------------------------------------------------------

    def _is_priced(self, order: SimOrder, at: Nanos) -> bool:
        """Find the quantity of an order for money and the first stop of a trailing one; False while nobody quotes."""
        if order.notional is not None and not order.qty:
            price = self._exchange.price_for(self._book.instruments[order.symbol].instrument_id, order.side, at)
            if price is None:
                return False
            order.qty = order.notional * QTY_ONE // price
        return order.order_type is not OrderType.TRAILING_STOP or order.stop_price is not None

    def _terms(self, order: SimOrder) -> VenueOrder:
        tif = order.time_in_force
        is_trailing = order.order_type is OrderType.TRAILING_STOP
        return VenueOrder(
            order_id=order.id,
            owner="simulated",
            instrument_id=self._book.instruments[order.symbol].instrument_id,
            side=order.side,
            order_type=OrderType.STOP if is_trailing else order.order_type,
            time_in_force=TimeInForce.IOC if tif in AUCTIONS else tif,
            order_qty=order.qty,
            cum_qty=order.filled_qty,
            limit_price=order.limit_price,
            stop_price=order.stop_price,
            expires_at=order.expires_at,
            is_triggered=order.is_triggered,
        )
