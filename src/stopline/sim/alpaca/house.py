"""What happens inside the simulated broker: orders, positions, money. No clock and no socket.

Each call brings the time. What a client of the stream would hear goes to `on_update`, in
order, before the call returns.
"""

from collections.abc import Callable

from stopline.dialects.alpaca.account import Account, Configurations
from stopline.dialects.alpaca.close import ClosePosition
from stopline.dialects.alpaca.create import CreateOrder
from stopline.dialects.alpaca.defects import defect
from stopline.dialects.alpaca.errors import Refused
from stopline.dialects.alpaca.orders import Order
from stopline.dialects.alpaca.positions import Position
from stopline.dialects.alpaca.query import OrdersQuery
from stopline.dialects.alpaca.refusals import (
    insufficient_buying_power,
    insufficient_qty,
    invalid,
    not_cancelable,
    not_found,
)
from stopline.dialects.alpaca.replace import ReplaceOrder
from stopline.dialects.alpaca.results import CancelResult, CloseResult
from stopline.dialects.alpaca.stream import TradeUpdate
from stopline.dialects.alpaca.words import Status
from stopline.model.numbers import SECOND, Nanos, Qty
from stopline.model.order import OrderClass, OrderType, Side, TimeInForce
from stopline.model.quote import Quote
from stopline.sim.alpaca import trailing
from stopline.sim.alpaca.assets import Assets
from stopline.sim.alpaca.book import Book, Execution, SimOrder
from stopline.sim.alpaca.configuring import configured
from stopline.sim.alpaca.floor import Floor
from stopline.sim.alpaca.hours import Hours
from stopline.sim.alpaca.ids import EVENT, EXECUTION, make_id
from stopline.sim.alpaca.legs import Legs
from stopline.sim.alpaca.listing import select
from stopline.sim.alpaca.making import make_order
from stopline.sim.alpaca.money import Purse, opens
from stopline.sim.alpaca.permits import refusal
from stopline.sim.alpaca.replacing import replacement, shortfall
from stopline.sim.alpaca.sessions import Sessions
from stopline.sim.alpaca.show import show_account, show_order, show_position
from stopline.sim.alpaca.tape import Tape
from stopline.venue.exchange import Exchange

MINUTE: Nanos = 60 * SECOND
KEPT_MINUTES = 20_000


class House:
    """One account at the simulated broker."""

    def __init__(self, book: Book, assets: Assets, hours: Hours, at: Nanos) -> None:
        self.book, self.assets, self.hours = book, assets, hours
        self.on_update: Callable[[TradeUpdate], None] = lambda update: None
        self.is_too_late: Callable[[str], bool] = lambda what: False
        """Asked with `replace` or `cancel`: whether one that was answered as taken fails after all."""
        self.tape = Tape()
        book.instruments |= assets.instruments
        self.floor = Floor(book, Exchange(), hours, self._tell)
        self.purse = Purse(book, self.floor.price, self.floor.far_side)
        self.legs = Legs(book, self.floor)
        self.sessions = Sessions(book, self.floor, hours, self.purse, at)

    # --- what clients ask --------------------------------------------------------------------------

    def submit(self, asked: CreateOrder, at: Nanos) -> Order:
        """Take an order; the answer shows it before anything happened to it. Raises Refused."""
        wrong = defect(asked) or refusal(asked, self.book, self.assets, self.purse)
        if wrong is not None:
            raise Refused(wrong)
        order = make_order(asked, self.book, self.hours, self.purse.price(asked.symbol), at)
        return self._begin(order, at)

    def _begin(self, order: SimOrder, at: Nanos) -> Order:
        answer = self.show(order, with_legs=True)
        self._tell("pending_new", order, at, None)
        self._place(order, at)
        return answer

    def _place(self, order: SimOrder, at: Nanos) -> None:
        self.floor.place(order, at)
        if order.order_class is OrderClass.OCO and order.is_open and not order.parent:
            for leg in self.book.legs(order):
                self.floor.place(leg, at)
        if order.status is Status.PENDING_NEW:
            self.floor.change(order, Status.ACCEPTED, at, "accepted")

    def replace(self, order_id: str, change: ReplaceOrder, at: Nanos) -> Order:
        """Put a new order in an order's place; the answer shows the new one. Raises Refused."""
        old = self.find(order_id)
        new = replacement(old, change, self.book, self.hours, at)
        short = shortfall(old, new, self.book, self.purse)
        if short is not None and opens(self.book, old):
            raise Refused(insufficient_buying_power(*short))
        if short is not None:
            held = abs(self.book.holding(old.symbol).qty)
            raise Refused(insufficient_qty(old.symbol, short[1], short[0], held))
        if self.is_too_late("replace"):
            return self._turn_down(old, new, at)
        self._take_over(old, new)
        answer = self.show(new, with_legs=True)
        old.replaced_by = new.id
        was_live = self.floor.is_live(old)
        self.floor.withdraw(old, Status.REPLACED, at, "replaced")
        if new.status is not Status.HELD:
            self._begin(new, at)
        elif was_live:
            self.floor.place(new, at)
        return answer

    def _turn_down(self, old: SimOrder, new: SimOrder, at: Nanos) -> Order:
        """Answer as if it were replaced, then let the old order work on."""
        new.legs = []
        self.book.add(new)
        answer = self.show(new, with_legs=True)
        self.floor.turn_down(new, at)
        self._tell("order_replace_rejected", old, at, None)
        return answer

    def _take_over(self, old: SimOrder, new: SimOrder) -> None:
        """Give the new order the old one's place in its family."""
        self.book.add(new)
        for leg in self.book.legs(old):
            leg.parent = new.id
        old.legs = []
        if old.parent:
            family = self.book.orders[old.parent].legs
            family[family.index(old.id)] = new.id

    def cancel(self, order_id: str, at: Nanos) -> None:
        """Cancel an order. Raises Refused."""
        order = self.find(order_id)
        if not order.is_open:
            raise Refused(not_cancelable(order.status))
        if self.is_too_late("cancel"):
            self._tell("order_cancel_rejected", order, at, None)
            return
        self.floor.withdraw(order, Status.CANCELED, at, "canceled")

    def cancel_all(self, at: Nanos) -> tuple[CancelResult, ...]:
        """Cancel every open order."""
        orders = self.book.open_orders()
        for order in orders:
            if order.is_open:  # it may have gone with its family
                self.floor.withdraw(order, Status.CANCELED, at, "canceled")
        return tuple(CancelResult(order.id, 200) for order in orders)

    def close(self, symbol_or_id: str, wanted: ClosePosition, at: Nanos) -> Order:
        """Close a position, or a part of it, at the market. Raises Refused."""
        symbol = self._held(symbol_or_id)
        held: Qty = self.book.holding(symbol).qty
        qty = wanted.amount(abs(held))
        if qty <= 0:
            raise Refused(invalid("qty must be > 0"))
        asked = CreateOrder(
            symbol=symbol,
            side=Side.SELL if held > 0 else Side.BUY,
            order_type=OrderType.MARKET,
            time_in_force=TimeInForce.DAY,
            qty=qty,
        )
        return self.submit(asked, at)

    def close_all(self, cancel_orders: bool, at: Nanos) -> tuple[CloseResult, ...]:
        """Close every position at the market; before that, cancel all orders if asked to."""
        if cancel_orders:
            self.cancel_all(at)
        results = []
        for symbol in sorted(self.book.holdings):
            try:
                results.append(CloseResult(symbol, 200, self.close(symbol, ClosePosition(), at)))
            except Refused as refused:
                results.append(CloseResult(symbol, refused.error.status, None, refused.error))
        return tuple(results)

    def configure(self, change: Configurations) -> Configurations:
        """Change the account's configurations. Raises Refused."""
        self.book.configurations = configured(self.book.configurations, change)
        return self.book.configurations

    # --- what clients see ----------------------------------------------------------------------------

    def find(self, order_id: str) -> SimOrder:
        """Return an order of the book; raises Refused."""
        order = self.book.orders.get(order_id)
        if order is None:
            raise Refused(not_found(f"order not found for {order_id[:80]}"))
        return order

    def find_by_client_id(self, client_order_id: str) -> SimOrder:
        """Return an order by its client_order_id; raises Refused."""
        order = self.book.with_client_id(client_order_id)
        if order is None:
            raise Refused(not_found(f"order not found for {client_order_id[:80]}"))
        return order

    def show(self, order: SimOrder, *, with_legs: bool) -> Order:
        """Return an order as Alpaca shows it."""
        return show_order(self.book, self.assets, order, with_legs=with_legs)

    def orders(self, query: OrdersQuery) -> list[Order]:
        """Return the orders of a query."""
        return [self.show(order, with_legs=query.nested) for order in select(self.book, query)]

    def positions(self) -> list[Position]:
        """Return what is held."""
        return [self.position(symbol) for symbol in sorted(self.book.holdings)]

    def position(self, symbol_or_id: str) -> Position:
        """Return one position; raises Refused."""
        return show_position(self.book, self.assets, self.purse, self._held(symbol_or_id))

    def _held(self, symbol_or_id: str) -> str:
        symbol = self.assets.symbol(symbol_or_id)
        if symbol is None or symbol not in self.book.holdings:
            raise Refused(not_found("position does not exist"))
        return symbol

    def account(self) -> Account:
        """Return the account."""
        return show_account(self.book, self.purse)

    # --- what the world brings -----------------------------------------------------------------------

    def quote(self, quote: Quote, at: Nanos) -> None:
        """Let the market have a quote."""
        self.floor.quote(quote, at)
        symbol = quote.instrument_id.rpartition(":")[2]
        self.tape.take(symbol, quote, at)
        trailing.follow(self.book, self.floor, symbol, at)
        for order in self.book.open_orders(symbol):
            if order.notional is not None and not order.qty:
                self.floor.place(order, at)  # it waited for a price
        self._note_equity(at)

    def _note_equity(self, at: Nanos) -> None:
        minute = at // MINUTE * MINUTE
        points = self.book.equities
        if points and points[-1][0] == minute:
            return
        points.append((minute, self.purse.equity()))
        del points[:-KEPT_MINUTES]

    def resume(self, at: Nanos) -> None:
        """Put the orders of an earlier life back on the exchange."""
        self.sessions.advance(at)
        self.sessions.place_all(at)

    def advance(self, at: Nanos) -> None:
        """Come to an instant: sessions open and close, orders expire."""
        self.sessions.advance(at)

    # --- what is said ----------------------------------------------------------------------------------

    def _tell(self, event: str, order: SimOrder, at: Nanos, execution: Execution | None) -> None:
        number = self.book.next_event
        self.book.next_event += 1
        self.on_update(
            TradeUpdate(
                event=event,
                event_id=make_id(EVENT, number),
                timestamp=at,
                order=self.show(order, with_legs=True),
                execution_id=make_id(EXECUTION, execution.number if execution else number),
                price=execution.price if execution else None,
                qty=execution.qty if execution else None,
                position_qty=execution.position_qty if execution else self.book.holding(order.symbol).qty,
            )
        )
