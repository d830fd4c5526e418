"""Whatever is asked of the simulated Alpaca, its books add up and no share is promised twice."""

from contextlib import suppress

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from stopline.dialects.alpaca.close import ClosePosition
from stopline.dialects.alpaca.errors import Refused
from stopline.measures.pnl import money_of
from stopline.model.numbers import PRICE_ONE, SECOND
from stopline.model.order import OrderClass, Side
from tests.unit.sim.alpaca.build import Room

prices = st.integers(9_000, 11_000)
chosen = st.integers(0, 40)


def cents(price: int) -> str:
    return f"{price // 100}.{price % 100:02d}"


class AlpacaMachine(RuleBasedStateMachine):
    """Orders of every kind and class, at a market that jumps about."""

    def __init__(self) -> None:
        super().__init__()
        self.room = Room(hours="market")

    def try_to(self, run, *arguments, **fields):
        with suppress(Refused):
            run(*arguments, **fields)

    @rule(price=prices, spread=st.integers(1, 30), size=st.integers(1, 30))
    def quote(self, price, spread, size):
        self.room.quote("AAPL", cents(price), cents(price + spread), size=str(size), last=cents(price))

    @rule(
        side=st.sampled_from(["buy", "sell"]),
        qty=st.integers(1, 20),
        kind=st.sampled_from(["market", "limit", "stop", "stop_limit", "trailing_stop"]),
        family=st.sampled_from(["simple", "bracket", "oco", "oto"]),
        tif=st.sampled_from(["day", "gtc", "ioc", "fok", "opg", "cls"]),
        price=prices,
        width=st.integers(1, 500),
        extended=st.booleans(),
    )
    def submit(self, side, qty, kind, family, tif, price, width, extended):
        fields = {"side": side, "qty": str(qty), "type": kind, "order_class": family, "time_in_force": tif}
        if kind in ("limit", "stop_limit"):
            fields["limit_price"] = cents(price)
        if kind in ("stop", "stop_limit"):
            fields["stop_price"] = cents(price)
        if kind == "trailing_stop":
            fields["trail_price"] = cents(width)
        up = (side == "buy") is (family != "oco")
        profit, stop = (price + width, price - width) if up else (price - width, price + width)
        if family != "simple":
            fields["stop_loss"] = {"stop_price": cents(stop)}
        if family in ("bracket", "oco"):
            fields["take_profit"] = {"limit_price": cents(profit)}
        self.try_to(self.room.answer, **fields, extended_hours=extended and kind == "limit")

    @rule(qty=st.integers(1, 500))
    def submit_parts(self, qty):
        self.try_to(self.room.answer, side="buy", notional=str(qty))

    @rule(which=chosen)
    def cancel(self, which):
        order = self.pick(which)
        if order is not None:
            self.try_to(self.room.house.cancel, order.id, self.room.at)

    @rule(which=chosen, price=prices, qty=st.none() | st.integers(1, 30))
    def replace(self, which, price, qty):
        order = self.pick(which)
        if order is None:
            return
        fields = {} if qty is None else {"qty": str(qty)}
        if order.limit_price is not None:
            fields["limit_price"] = cents(price)
        self.try_to(self.room.replace, order, **fields)

    @rule(percent=st.integers(1, 100))
    def close(self, percent):
        self.try_to(self.room.house.close, "AAPL", ClosePosition(percentage=percent * 10_000), self.room.at)

    @rule(cancel_orders=st.booleans())
    def close_all(self, cancel_orders):
        self.room.house.close_all(cancel_orders, self.room.at)

    @rule(hours=st.integers(1, 20))
    def wait(self, hours):
        self.room.at += hours * 3_600 * SECOND
        self.room.house.advance(self.room.at)

    def pick(self, which):
        orders = list(self.room.book.orders.values())
        return orders[which % len(orders)] if orders else None

    @invariant()
    def books_add_up(self):
        book = self.room.book
        signed = [(each.qty if each.side is Side.BUY else -each.qty, each) for each in book.executions]
        assert book.holding("AAPL").qty == sum(qty for qty, _ in signed)
        money = sum((1 if qty > 0 else -1) * money_of(each.qty, each.price, PRICE_ONE) for qty, each in signed)
        assert book.cash == book.opening_cash - money
        for order in book.orders.values():
            assert order.filled_qty == sum(each.qty for each in book.executions if each.order_id == order.id)
            assert (order.status == "filled") is (order.qty > 0 and order.leaves_qty == 0), order

    @invariant()
    def no_share_is_promised_twice(self):
        """What simple orders are to close, all together, is there to be closed."""
        book = self.room.book
        held = book.holding("AAPL").qty
        side = Side.SELL if held > 0 else Side.BUY
        exits = [
            order
            for order in book.open_orders("AAPL")
            if order.side is side and order.order_class is OrderClass.SIMPLE and order.position_intent.endswith("close")
        ]
        if held:
            assert sum(order.leaves_qty for order in exits) <= abs(held), exits

    @invariant()
    def what_is_listed_as_open_is_open(self):
        book = self.room.book
        assert set(book.working) == {order.id for order in book.orders.values() if order.is_open}

    @invariant()
    def families_agree(self):
        book = self.room.book
        for order in book.orders.values():
            if order.order_class is OrderClass.SIMPLE or not order.is_open or not order.parent:
                continue
            entry = book.orders[order.parent]
            if order.order_class is OrderClass.OCO:
                assert entry.is_open or order.is_triggered, order
            else:
                assert entry.is_open or entry.status == "filled", order

    @invariant()
    def answers_can_be_shown(self):
        self.room.house.account()
        self.room.house.positions()
        self.room.orders(status="all", limit=500, nested=True)


AlpacaMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestAlpacaHouse = AlpacaMachine.TestCase
