"""Engine and paper broker side by side: whatever is traded, both books are one.

Orders go through the real gate, effects go to the paper broker's house, its reports come
back as inputs; then the broker's picture is compared, by the engine itself.
"""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stopline.brokers.paper.file import Remembered
from stopline.brokers.paper.house import House
from stopline.messages import effects as f
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages.inputs import Input
from stopline.model.account import AccountTerms, LotMethod
from stopline.model.limits import Limits
from stopline.model.numbers import SECOND, parse_money
from stopline.model.order import Side, TimeInForce
from stopline.model.quote import Quote
from stopline.runtime.sessions import find_session
from stopline.venue.fees import FeeSchedule
from tests.build import World, qty
from tests.unit.checks.build import AAPL, ES_DEC

TRADED = {"AAPL": AAPL, "ES": ES_DEC}
START = {"AAPL": 10_000, "ES": 27_600}
"""In ticks."""


class Pair:
    """A world and a house that hear of one another."""

    def __init__(self, method: LotMethod) -> None:
        cash = parse_money("1000000")
        self.world = World(
            cash=cash,
            instruments=TRADED.values(),
            limits=Limits(buying_power=True),
            strict=False,
            fifo=method is LotMethod.FIFO,
        )
        fees = FeeSchedule(per_share=parse_money("0.0035"), per_contract=parse_money("2.25"))
        left = Remembered("p1", {}, (), {}, (), 1, 1, False)
        self.house = House("paper", fees, find_session, left)
        for instrument in TRADED.values():
            self.house.list_instrument(instrument)
        terms = AccountTerms("A1", "paper", opening_cash=cash, lot_method=method)
        self.house.open_account(terms, self.world.at)
        self.heard: list[Input] = []
        self.made = 0

    def step(self, message: Input) -> None:
        """Let the engine take an input, and the broker what follows from it, until all is quiet."""
        self.world.step(message)
        while self.world.effects:
            effect = self.world.effects.pop(0)
            at = self.world.at
            if isinstance(effect, f.PlaceOrder):
                self.hear(self.house.place(effect.order, at))
            elif isinstance(effect, f.CancelAtBroker):
                self.hear(self.house.cancel(self.house.orders[effect.routed_order_id], at))
            elif isinstance(effect, f.ReplaceAtBroker):
                self.hear(self.house.replace(self.house.orders[effect.routed_order_id], effect.change, at))

    def hear(self, reports: Iterable[Input]) -> None:
        for report in reports:
            self.heard.append(report)
            self.step(report)

    def quote(self, symbol: str, move: int, size: int) -> None:
        instrument = TRADED[symbol]
        bid = (START[symbol] + move) * instrument.tick_size
        quote = Quote(instrument.instrument_id, self.world.at, bid, bid + instrument.tick_size, qty(size), qty(size))
        self.world.step(i.QuoteReceived(quote=quote))
        self.hear(self.house.quote(quote, self.world.at))

    def order(self, symbol: str, side: Side, size: int, move: int | None, tif: str) -> None:
        self.made += 1
        limit = None if move is None else (START[symbol] + move) * TRADED[symbol].tick_size
        terms = {} if limit is None else {"limit": limit}
        self.step(
            self.world.asking(
                side, str(size), TRADED[symbol].symbol, id=f"C{self.made}", time_in_force=TimeInForce(tif), **terms
            )
        )

    def compare(self) -> None:
        """Neither cash nor position nor order may differ, and nothing may have been called a difference."""
        account, theirs = self.world.account(), self.house.ledger.accounts["A1"]
        assert account.cash == theirs.cash
        for report in self.house.picture("A1"):
            self.step(report)
        assert self.world.journal(e.MismatchFound) == []
        assert self.world.journal(e.CashReported) == []
        assert {order.routed_order_id for order in account.live.values()} == {
            name for name, order in self.house.orders.items() if order.is_working
        }
        for name, (held, cost) in {n: (p.qty, p.cost) for n, p in account.positions.items()}.items():
            book = theirs.books.get(name)
            assert (held, cost) == ((0, 0) if book is None else (book.holding.qty, book.holding.cost))
            if book is not None:
                position = account.positions[name]
                assert (position.working_buys, position.working_sells) == (book.buy_qty, book.sell_qty)


SYMBOLS = st.sampled_from(list(TRADED))
MOVES = st.integers(-20, 20)
SIZES = st.integers(1, 40)
ACTIONS = st.one_of(
    st.tuples(st.just("quote"), SYMBOLS, MOVES, st.integers(0, 50)),
    st.tuples(
        st.just("order"), SYMBOLS, st.sampled_from(list(Side)), SIZES, st.none() | MOVES,
        st.sampled_from(["day", "gtc", "ioc", "fok"]),
    ),
    st.tuples(st.just("cancel"), st.integers(1, 30)),
    st.tuples(st.just("replace"), st.integers(1, 30), SIZES, MOVES),
    st.tuples(st.just("wait"), st.integers(1, 100)),
)  # fmt: skip


def play(pair: Pair, actions: list[tuple]) -> None:
    for kind, *rest in actions:
        if kind == "quote":
            pair.quote(*rest)
        elif kind == "order":
            pair.order(*rest)
        elif kind == "wait":
            pair.world.at += rest[0] * SECOND
            pair.hear(pair.house.advance(pair.world.at))
        else:
            order = pair.world.account().order(f"C{rest[0]}")
            if order is None:
                continue
            if kind == "cancel":
                pair.step(i.CancelOrder(account="A1", client_order_id=order.client_order_id))
            elif order.limit_price is not None:
                symbol = "AAPL" if order.request.instrument_id == AAPL.instrument_id else "ES"
                limit = (START[symbol] + rest[2]) * TRADED[symbol].tick_size
                pair.step(
                    i.ReplaceOrder(
                        account="A1", client_order_id=order.client_order_id, order_qty=qty(rest[1]), limit_price=limit
                    )
                )


@settings(max_examples=100)
@given(st.lists(ACTIONS, max_size=40), st.sampled_from(list(LotMethod)))
def test_both_books_are_one(actions, method):
    pair = Pair(method)
    play(pair, [("quote", "AAPL", 0, 50), ("quote", "ES", 0, 50), *actions])
    pair.compare()


@settings(max_examples=50)
@given(st.lists(ACTIONS, min_size=5, max_size=40), st.data())
def test_reports_that_come_again_change_nothing(actions, data):
    pair = Pair(LotMethod.AVERAGE)
    play(pair, [("quote", "AAPL", 0, 50), ("quote", "ES", 0, 50), *actions])
    again = [each for each in pair.heard if isinstance(each, i.FillReported | i.OrderAccepted | i.OrderGone)]
    if again:
        pair.hear(data.draw(st.lists(st.sampled_from(again), max_size=20)))
    for order in list(pair.house.orders.values()):
        pair.hear(pair.house.answer(order))
    pair.compare()


def test_what_the_gate_lets_go_the_broker_takes():
    """The broker's margin is never stricter than the gate's, so that no approved order is refused for money."""
    pair = Pair(LotMethod.AVERAGE)
    play(pair, [("quote", "AAPL", 0, 1000), ("quote", "ES", 0, 1000)])
    for number in range(60):
        side = (Side.BUY, Side.SELL)[number % 2]
        pair.order("AAPL", side, 3_000, number - 30, "gtc")
        pair.order("ES", side, 7, None, "day")
        pair.quote("AAPL", number % 7 - 3, 900)
        pair.quote("ES", number % 5 - 2, 5)
    pair.compare()
    assert [each for each in pair.heard if isinstance(each, i.OrderRefused)] == []
    assert any(isinstance(each, i.FillReported) for each in pair.heard)
    assert pair.world.journal(e.OrderDenied), "the gate had something to deny"


@pytest.mark.parametrize("method", list(LotMethod))
def test_a_long_day(method):
    pair = Pair(method)
    for number in range(400):
        pair.quote("AAPL", number * 7 % 31 - 15, number % 60)
        pair.quote("ES", number * 11 % 41 - 20, number % 9)
        side = (Side.BUY, Side.SELL)[number // 9 % 2]
        pair.order("AAPL", side, 1 + number % 40, number % 11 - 5, ("gtc", "ioc", "day")[number % 3])
        pair.order("ES", side, 1 + number % 3, None if number % 2 else number % 9 - 4, "day")
    pair.compare()
    assert len([each for each in pair.heard if isinstance(each, i.FillReported)]) > 400
