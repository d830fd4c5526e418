"""The matching exchange: clients' orders, in price-time priority, against a stream of quotes.

Clients trade with the quoted market, never with one another. What trades, and at what:
only on a usable quote that still stands: two sides, not crossed, not a stub, not too old;
at most the displayed size, which our own fills use up until the next quote;
an order that meets the market takes the quote's price; one that has rested behind a usable
quote has its own limit, and no better: it was there first;
a stop triggers on the mark (the last trade clipped into bid and ask, else their mid) and
is from then on a new market or limit order, behind those that were there before;
a replace keeps its place in time only if it takes away quantity and nothing else.

It reads no clock: each call brings `at`. It draws no lots: ids are counters. Each call
returns what happened, in order.

Source     architecture.md promise 11; incident N5 (stub quotes); FIX 4.4 (59 TimeInForce).
"""

from collections.abc import Iterable
from heapq import heappop, heappush

from stopline.model.ids import InstrumentId, RoutedOrderId
from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos, Price, Qty
from stopline.model.order import Side, TimeInForce
from stopline.model.quote import Quote
from stopline.venue.entry import defect
from stopline.venue.fees import FREE, FeeSchedule
from stopline.venue.market import Market
from stopline.venue.orders import EXPIRING, IMMEDIATE, VenueOrder
from stopline.venue.reports import (
    Accepted,
    Amended,
    Ended,
    Executed,
    NotAmended,
    NotCanceled,
    Refused,
    Report,
    Triggered,
)

CANCELED, EXPIRED = "canceled", "expired"


class Exchange:
    """All instruments and all live orders. `next_exec` goes on where an earlier life stopped."""

    def __init__(self, fees: FeeSchedule = FREE, *, next_exec: int = 1) -> None:
        self._fees = fees
        self._next_exec, self._next_rank = next_exec, 1
        self._markets: dict[InstrumentId, Market] = {}
        self._orders: dict[RoutedOrderId, VenueOrder] = {}
        self._expiries: list[tuple[Nanos, int, RoutedOrderId]] = []

    # --- what it holds -----------------------------------------------------------------------

    def list_instrument(self, instrument: Instrument) -> None:
        """Trade an instrument from now on, or on new terms or status."""
        market = self._markets.get(instrument.instrument_id)
        if market is None:
            self._markets[instrument.instrument_id] = Market(instrument)
        else:
            market.instrument = instrument

    def instrument(self, instrument_id: InstrumentId) -> Instrument | None:
        """Return the terms it trades on."""
        market = self._markets.get(instrument_id)
        return None if market is None else market.instrument

    def order(self, order_id: RoutedOrderId) -> VenueOrder | None:
        """Return a live order."""
        return self._orders.get(order_id)

    def mark(self, instrument_id: InstrumentId) -> Price | None:
        """Return the newest mark of a usable quote, however old."""
        market = self._markets.get(instrument_id)
        return None if market is None else market.mark

    def price_for(self, instrument_id: InstrumentId, side: Side, at: Nanos) -> Price | None:
        """Return what an order of this side would trade at now, or None while there is no market."""
        market = self._markets.get(instrument_id)
        return market.opposite(side) if market is not None and market.trades(at) else None

    def restore(self, orders: Iterable[VenueOrder]) -> None:
        """Take live orders over from an earlier life. Nothing trades until quotes come."""
        for order in orders:
            if order.instrument_id not in self._markets:
                raise LookupError(f"order {order.order_id!r} is in {order.instrument_id!r}, which is not listed")
            order.is_maker = False
            self._keep(order)
            self._next_rank = max(self._next_rank, order.rank + 1)

    # --- what clients ask ------------------------------------------------------------------------

    def enter(self, order: VenueOrder, at: Nanos) -> list[Report]:
        """Take a new order."""
        market = self._markets.get(order.instrument_id)
        found = defect(order, None if market is None else market.instrument, at)
        if found is None and order.order_id in self._orders:
            found = ("duplicate_order_id", f"order id {order.order_id!r} is in use")
        if found is not None or market is None:
            code, reason = found or ("unknown_instrument", order.instrument_id)
            return [Refused(order, code, reason)]
        reports: list[Report] = [Accepted(order)]
        if market.trades(at):
            self._match(market, order.side, at, reports)
        if order.time_in_force is TimeInForce.FOK and not self._can_fill(order, market, at):
            reports.append(Ended(order, CANCELED, 0, "fill or kill: the displayed size does not fill it at once"))
            return reports
        order.rank = self._take_rank()
        self._keep(order)
        self._meet(order, market, at, reports)
        if order.time_in_force in IMMEDIATE and order.leaves_qty:
            self._end(order, CANCELED, "immediate or cancel: nothing more is displayed at its price", reports)
        return reports

    def cancel(self, order_id: RoutedOrderId, at: Nanos, reason: str = "canceled by its owner") -> list[Report]:
        """Take an order out of the book."""
        order = self._orders.get(order_id)
        if order is None:
            return [NotCanceled(order_id, f"there is no live order {order_id!r}")]
        reports: list[Report] = []
        self._end(order, CANCELED, reason, reports)
        return reports

    def amend(
        self, order_id: RoutedOrderId, order_qty: Qty, limit_price: Price | None, stop_price: Price | None, at: Nanos
    ) -> list[Report]:
        """Change a live order. With no more left than has filled, it ends."""
        order = self._orders.get(order_id)
        if order is None:
            return [NotAmended(order_id, f"there is no live order {order_id!r}")]
        market = self._markets[order.instrument_id]
        wanted = VenueOrder(
            order_id=order_id, owner=order.owner, instrument_id=order.instrument_id, side=order.side,
            order_type=order.order_type, time_in_force=order.time_in_force, expires_at=order.expires_at,
            order_qty=max(order_qty, order.cum_qty), limit_price=limit_price, stop_price=stop_price,
        )  # fmt: skip
        found = defect(wanted, market.instrument, at)
        if found is not None:
            return [NotAmended(order_id, found[1])]
        keeps_place = order_qty <= order.order_qty and (limit_price, stop_price) == (
            order.limit_price,
            order.stop_price,
        )
        reports: list[Report] = [Amended(order, wanted.order_qty, limit_price, stop_price)]
        if keeps_place:
            order.order_qty = wanted.order_qty
        else:
            self._move(order, wanted, market)
        if order.leaves_qty == 0:
            self._end(order, CANCELED, "the replace left nothing to trade", reports)
        elif not keeps_place:
            self._meet(order, market, at, reports)
        return reports

    # --- what the world brings -----------------------------------------------------------------

    def quote(self, quote: Quote, at: Nanos) -> list[Report]:
        """Let a quote stand: trigger stops, then match both sides."""
        market = self._markets.get(quote.instrument_id)
        if market is None:
            return []
        market.receive(quote, at)
        reports: list[Report] = []
        if not market.trades(at):
            return reports
        for side in Side:
            while (stop := market.stops[side].head()) is not None and market.is_reached(stop):
                self._trigger(stop, market, reports)
        for side in Side:
            self._match(market, side, at, reports)
        self._settle_newcomers(market)
        return reports

    def expire(self, at: Nanos) -> list[Report]:
        """End the DAY and GTD orders whose time has come."""
        reports: list[Report] = []
        while self._expiries and self._expiries[0][0] <= at:
            _, _, order_id = heappop(self._expiries)
            order = self._orders.get(order_id)
            if order is not None:
                self._end(order, EXPIRED, f"its time in force ({order.time_in_force}) is over", reports)
        return reports

    def next_expiry(self) -> Nanos | None:
        """Return when `expire` may next have something to do."""
        return self._expiries[0][0] if self._expiries else None

    # --- matching ------------------------------------------------------------------------------

    def _can_fill(self, order: VenueOrder, market: Market, at: Nanos) -> bool:
        """Return whether the displayed size fills all of it at once; who goes before it has had his share."""
        price = market.opposite(order.side)
        if price is None or not market.trades(at) or not order.takes(price):
            return False
        return market.left(order.side) >= order.leaves_qty

    def _meet(self, order: VenueOrder, market: Market, at: Nanos, reports: list[Report]) -> None:
        """Let an order that has just come into the book meet the quote that stands."""
        if not market.trades(at):
            return
        if order.waits:
            if not market.is_reached(order):
                return
            self._trigger(order, market, reports)
        self._match(market, order.side, at, reports)
        self._settle_newcomers(market)

    def _match(self, market: Market, side: Side, at: Nanos, reports: list[Report]) -> None:
        """Give the displayed size to the orders of one side, the best first."""
        price = market.opposite(side)
        if price is None:
            return
        while (order := market.resting[side].head()) is not None:
            qty = min(order.leaves_qty, market.left(side))
            if qty <= 0 or not order.takes(price):
                return
            at_price = order.limit_price if order.is_maker and order.limit_price is not None else price
            market.consume(side, qty)
            self._execute(order, market, qty, at_price, at, reports)

    def _execute(
        self, order: VenueOrder, market: Market, qty: Qty, price: Price, at: Nanos, reports: list[Report]
    ) -> None:
        order.cum_qty += qty
        fee = self._fees.fee(market.instrument, qty)
        reports.append(Executed(order, self._next_exec, qty, price, fee, at, order.leaves_qty))
        self._next_exec += 1
        if order.leaves_qty == 0:
            market.remove(order)
            del self._orders[order.order_id]

    def _trigger(self, stop: VenueOrder, market: Market, reports: list[Report]) -> None:
        market.remove(stop)
        stop.is_triggered = True
        stop.rank = self._take_rank()
        market.add(stop)
        reports.append(Triggered(stop))

    def _settle_newcomers(self, market: Market) -> None:
        """Whom the quote passed over has rested behind it from now on."""
        passed = []
        for order in market.newcomers.values():
            price = market.opposite(order.side)
            if price is not None and not order.takes(price):
                order.is_maker = True
                passed.append(order.order_id)
        for order_id in passed:
            del market.newcomers[order_id]

    # --- the book ------------------------------------------------------------------------------

    def _take_rank(self) -> int:
        self._next_rank += 1
        return self._next_rank - 1

    def _keep(self, order: VenueOrder) -> None:
        self._orders[order.order_id] = order
        self._markets[order.instrument_id].add(order)
        if order.time_in_force in EXPIRING:
            heappush(self._expiries, (order.expires_at, order.rank, order.order_id))

    def _move(self, order: VenueOrder, wanted: VenueOrder, market: Market) -> None:
        """Give an order new terms and the last place in time; it meets the market anew."""
        market.remove(order)
        order.order_qty = wanted.order_qty
        order.limit_price, order.stop_price = wanted.limit_price, wanted.stop_price
        order.rank, order.is_maker = self._take_rank(), False
        market.add(order)

    def _end(self, order: VenueOrder, outcome: str, reason: str, reports: list[Report]) -> None:
        self._markets[order.instrument_id].remove(order)
        del self._orders[order.order_id]
        reports.append(Ended(order, outcome, order.cum_qty, reason))
