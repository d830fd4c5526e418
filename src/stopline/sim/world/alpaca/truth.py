"""What the simulated Alpaca really has, as the watch reads it, and what people do there beside Stopline."""

from collections.abc import Mapping
from typing import Final

from stopline.brokers.alpaca.book import exec_id_of
from stopline.dialects.alpaca.create import CreateOrder
from stopline.dialects.alpaca.errors import Refused
from stopline.model.ids import AccountId, InstrumentId, RoutedOrderId
from stopline.model.instrument import Instrument
from stopline.model.numbers import Money, Nanos, Price, Qty
from stopline.model.order import OrderType, Side, TimeInForce
from stopline.model.quote import Quote
from stopline.sim.alpaca.book import SimOrder
from stopline.sim.world.alpaca.server import Server, is_foreign, routed_id
from stopline.sim.world.ledger import Holding
from stopline.sim.world.says import Ours
from stopline.sim.world.watch import Watch
from stopline.venue.orders import VenueOrder

_DAY: Final = TimeInForce.DAY


class Shelf:
    """The one account as the watch reads it."""

    def __init__(self, server: Server, account: AccountId, watch: Watch, ids: dict[str, InstrumentId]) -> None:
        self._book, self._account, self._watch, self._ids = server.house.book, account, watch, ids
        self._unasked: dict[str, tuple[InstrumentId, Qty, Qty, str]] = {}
        self._read = 0

    @property
    def orders(self) -> Mapping[RoutedOrderId, Ours]:
        """The orders that work, by the id that they were routed with."""
        shown = (self._show(order) for order in self._book.open_orders())
        return {order.terms.order_id: order for order in shown}

    @property
    def unasked(self) -> Mapping[str, tuple[InstrumentId, Qty, Qty, str]]:
        """What other people's orders have traded, under the ids that the adapter gives such executions."""
        for execution in self._book.executions[self._read :]:
            if is_foreign(self._book, self._book.orders[execution.order_id]):
                qty, is_buy = execution.qty, execution.side is Side.BUY
                moved = (self._ids[execution.symbol], qty if is_buy else 0, 0 if is_buy else qty, "")
                self._unasked[exec_id_of(execution.order_id, execution.cum_qty)] = moved
        self._read = len(self._book.executions)
        return self._unasked

    def _show(self, order: SimOrder) -> Ours:
        routed = routed_id(self._book, order)
        decided, is_other = self._watch.approved.get(routed), is_foreign(self._book, order)
        terms = VenueOrder(
            order_id=routed, owner=self._account, instrument_id=self._ids[order.symbol],
            side=order.side, order_type=order.order_type, time_in_force=order.time_in_force, order_qty=order.qty,
            cum_qty=order.filled_qty, limit_price=order.limit_price, stop_price=order.stop_price,
        )  # fmt: skip
        client_order_id = decided.request.client_order_id if decided is not None else order.client_order_id
        is_reducing = decided is not None and decided.reducing
        return Ours(terms, order.number, client_order_id, is_reducing, is_other)


class AlpacaTruth:
    """Alpaca's book. It has one account."""

    def __init__(self, server: Server, account: AccountId, watch: Watch, instruments: tuple[Instrument, ...]) -> None:
        self._server, self._house = server, server.house
        self._symbols = {each.instrument_id: each.symbol for each in instruments}
        self.instruments = {each.instrument_id: each for each in instruments}
        ids = {each.symbol: each.instrument_id for each in instruments}
        self.books = {account: Shelf(server, account, watch, ids)}

    def quote(self, quote: Quote, at: Nanos) -> None:
        """Let the market move."""
        self._house.advance(self._server.at())
        self._house.quote(quote, self._server.at())

    def qty(self, account: AccountId, instrument_id: InstrumentId) -> Qty:
        """Return how much is held."""
        return self._house.book.holding(self._symbols[instrument_id]).qty

    def holding(self, account: AccountId, instrument_id: InstrumentId) -> Holding:
        """Return what is held, and what it cost."""
        held = self._house.book.holding(self._symbols[instrument_id])
        return Holding(held.qty, held.cost, 0)

    def cash(self, account: AccountId) -> Money:
        """Return the cash."""
        return self._house.book.cash

    def working(self, account: AccountId) -> list[Ours]:
        """Return the working orders."""
        return list(self.books[account].orders.values())

    def trade_outside(
        self, account: AccountId, instrument_id: InstrumentId, side: Side, qty: Qty, price: Price, at: Nanos
    ) -> None:
        """Let the account's owner trade in Alpaca's own app."""
        asked = CreateOrder(
            symbol=self._symbols[instrument_id], side=side, order_type=OrderType.MARKET, time_in_force=_DAY, qty=qty
        )
        self._submit(asked)

    def order_outside(
        self, account: AccountId, instrument_id: InstrumentId, side: Side, qty: Qty, price: Price, at: Nanos
    ) -> RoutedOrderId:
        """Let the account's owner place an order that rests."""
        asked = CreateOrder(
            symbol=self._symbols[instrument_id], side=side, order_type=OrderType.LIMIT, time_in_force=_DAY, qty=qty,
            limit_price=price,
        )  # fmt: skip
        return self._submit(asked)

    def _submit(self, asked: CreateOrder) -> RoutedOrderId:
        """Return the new order's id, or nothing where Alpaca refuses it."""
        try:
            return self._house.submit(asked, self._server.at()).client_order_id
        except Refused:
            return ""

    def restart(self) -> None:
        """Drop everybody who listens."""
        self._server.hub.cut_all()

    def settle(self, before: Nanos) -> None:
        """Keep everything: a run has days, not years."""
