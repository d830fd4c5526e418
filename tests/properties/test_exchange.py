"""The exchange under any orders and quotes: what must hold of every fill, and of all of them together.

A naive twin keeps its own count of displayed size and of each order; it knows nothing of
ladders and ranks.
"""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from stopline.model.numbers import QTY_ONE, SECOND
from stopline.model.order import OrderType, Side, TimeInForce
from stopline.model.quote import Quote
from stopline.venue.equities import CENT, equity
from stopline.venue.exchange import Exchange
from stopline.venue.fees import FeeSchedule
from stopline.venue.orders import VenueOrder
from stopline.venue.reports import Accepted, Amended, Ended, Executed, Refused, Report, Triggered
from tests.unit.venue.build import NOW

AAPL = equity("AAPL")
PRICES = st.integers(9_990, 10_010)
SIZES = st.integers(1, 300)
SIDES = st.sampled_from(list(Side))
TIMES = st.sampled_from([TimeInForce.DAY, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK])
OWNERS = st.sampled_from(["A1", "A2"])
TYPES = st.sampled_from([OrderType.MARKET, OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT])


@dataclass
class Known:
    """What the twin knows of a live order."""

    order: VenueOrder
    side: Side
    qty: int
    limit: int | None
    stop: int | None
    came: int
    """Its place in time, as the rules give it: entry, trigger, or a replace that loses it."""
    cum: int = 0
    is_triggered: bool = False


class ExchangeMachine(RuleBasedStateMachine):
    """Orders, quotes, cancels and replaces in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.exchange = Exchange(FeeSchedule(per_share=7))
        self.exchange.list_instrument(AAPL)
        self.at = NOW
        self.quote: Quote | None = None
        self.left = dict.fromkeys(Side, 0)
        self.live: dict[str, Known] = {}
        self.made = self.came = self.execs = 0

    # --- what the twin makes of the reports --------------------------------------------------------

    def take(self, reports: list[Report]) -> None:
        for report in reports:
            match report:
                case Accepted(order=order):
                    self.came += 1
                    self.live[order.order_id] = Known(
                        order, order.side, order.order_qty, order.limit_price, order.stop_price, self.came
                    )
                case Triggered(order=order):
                    self.triggered(self.live[order.order_id])
                case Executed():
                    self.executed(report)
                case Ended(order=order, cum_qty=cum):
                    assert self.live.pop(order.order_id).cum == cum
                case Amended(order=order, order_qty=qty, limit_price=limit, stop_price=stop):
                    known = self.live[order.order_id]
                    if qty > known.qty or (limit, stop) != (known.limit, known.stop):
                        self.came += 1
                        known.came = self.came
                    known.qty, known.limit, known.stop = qty, limit, stop
                case Refused():
                    raise AssertionError(report.reason)

    def triggered(self, known: Known) -> None:
        quote = self.quote
        assert quote is not None and quote.bid is not None and quote.ask is not None, "no trigger without a quote"
        assert not known.is_triggered and known.stop is not None
        assert known.stop <= quote.ask if known.side is Side.BUY else known.stop >= quote.bid
        self.came += 1
        known.came, known.is_triggered = self.came, True

    def executed(self, report: Executed) -> None:
        known, quote = self.live[report.order.order_id], self.quote
        assert quote is not None and quote.bid is not None and quote.ask is not None
        assert known.stop is None or known.is_triggered, "no stop trades before it triggers"
        price = quote.ask if known.side is Side.BUY else quote.bid
        if known.side is Side.BUY:
            assert price <= report.price and (known.limit is None or report.price <= known.limit)
        else:
            assert price >= report.price and (known.limit is None or report.price >= known.limit)
        assert 0 < report.qty <= known.qty - known.cum, "no more than its leaves"
        self.left[known.side] -= report.qty
        assert self.left[known.side] >= 0, "no more than the displayed size"
        assert self.nobody_before(known), "price, then time"
        known.cum += report.qty
        assert report.leaves_qty == known.qty - known.cum
        assert report.fee == report.qty * 7 // QTY_ONE
        self.execs += 1
        assert report.exec_no == self.execs
        if known.qty == known.cum:
            del self.live[report.order.order_id]

    def nobody_before(self, known: Known) -> bool:
        """Whether no other live order of that side has a better price, or the same one and came earlier."""
        return min(self.rivals(known), key=priority) is known

    def rivals(self, known: Known) -> list[Known]:
        return [each for each in self.live.values() if each.side is known.side and is_in_play(each)]

    # --- what happens --------------------------------------------------------------------------------

    @rule(
        kind=TYPES, side=SIDES, size=SIZES, limit=PRICES, stop=PRICES, tif=TIMES, owner=OWNERS, day=st.integers(1, 30)
    )
    def enter(self, kind, side, size, limit, stop, tif, owner, day):
        waits = kind in (OrderType.STOP, OrderType.STOP_LIMIT)
        if waits and tif in (TimeInForce.IOC, TimeInForce.FOK):
            tif = TimeInForce.GTC
        self.made += 1
        order = VenueOrder(
            order_id=f"O{self.made}", owner=owner, instrument_id=AAPL.instrument_id, side=side, order_type=kind,
            time_in_force=tif, order_qty=size * QTY_ONE,
            limit_price=limit * CENT if kind in (OrderType.LIMIT, OrderType.STOP_LIMIT) else None,
            stop_price=stop * CENT if waits else None,
            expires_at=self.at + day * SECOND if tif is TimeInForce.DAY else 0,
        )  # fmt: skip
        reports = self.exchange.enter(order, self.at)
        self.take(reports)
        filled = sum(report.qty for report in reports if isinstance(report, Executed) and report.order is order)
        if tif is TimeInForce.FOK:
            assert filled in (0, order.order_qty)
        if tif in (TimeInForce.IOC, TimeInForce.FOK):
            assert order.order_id not in self.live

    @rule(bid=st.none() | PRICES, spread=st.integers(-2, 5), sizes=st.tuples(st.integers(0, 300), st.integers(0, 300)))
    def bring(self, bid, spread, sizes):
        ask = None if bid is None else (bid + spread) * CENT
        self.quote = Quote(
            AAPL.instrument_id, self.at, None if bid is None else bid * CENT, ask,
            sizes[0] * QTY_ONE, sizes[1] * QTY_ONE,
        )  # fmt: skip
        self.left = {Side.BUY: self.quote.ask_size, Side.SELL: self.quote.bid_size}
        if spread < 0 or bid is None:
            self.quote = None
        before = {name: known.cum for name, known in self.live.items()}
        reports = self.exchange.quote(
            Quote(
                AAPL.instrument_id,
                self.at,
                None if bid is None else bid * CENT,
                ask,
                sizes[0] * QTY_ONE,
                sizes[1] * QTY_ONE,
            ),
            self.at,
        )
        self.take(reports)
        if self.quote is None:
            assert not reports
            assert before == {name: known.cum for name, known in self.live.items()}

    @rule(print_at=PRICES)
    def stub(self, print_at):
        self.quote = None
        quote = Quote(
            AAPL.instrument_id, self.at, CENT, 10**6 * CENT, 10**5 * QTY_ONE, 10**5 * QTY_ONE, print_at * CENT, QTY_ONE
        )
        assert self.exchange.quote(quote, self.at) == []

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def cancel(self, data):
        self.take(self.exchange.cancel(data.draw(st.sampled_from(sorted(self.live))), self.at))

    @precondition(lambda self: self.live)
    @rule(data=st.data(), size=SIZES, limit=PRICES, stop=PRICES)
    def amend(self, data, size, limit, stop):
        name = data.draw(st.sampled_from(sorted(self.live)))
        known = self.live[name]
        self.take(
            self.exchange.amend(
                name, size * QTY_ONE, None if known.limit is None else limit * CENT,
                None if known.stop is None else stop * CENT, self.at,
            )
        )  # fmt: skip

    @rule(seconds=st.integers(0, 70))
    def wait(self, seconds):
        self.at += seconds * SECOND
        due = {name for name, known in self.live.items() if 0 < known.order.expires_at <= self.at}
        reports = self.exchange.expire(self.at)
        self.take(reports)
        assert {report.order.order_id for report in reports} == due

    # --- what always holds ---------------------------------------------------------------------------

    @invariant()
    def books_agree(self):
        for name, known in self.live.items():
            order = self.exchange.order(name)
            assert order is not None
            assert (order.cum_qty, order.order_qty) == (known.cum, known.qty)
            assert order.leaves_qty > 0

    @invariant()
    def nothing_marketable_waits_while_size_is_left(self):
        """Whoever could trade has traded: no fill is forgotten."""
        for side in Side:
            price = self.exchange.price_for(AAPL.instrument_id, side, self.at)
            if price is None or self.left[side] == 0:
                continue
            waiting = [each for each in self.live.values() if each.side is side and is_in_play(each)]
            assert not any(each.order.takes(price) for each in waiting)


def is_in_play(known: Known) -> bool:
    return known.stop is None or known.is_triggered


def priority(known: Known) -> tuple[int, int]:
    """The better price first, no limit before any; then the earlier."""
    if known.limit is None:
        return -(10**30), known.came
    return (-known.limit if known.side is Side.BUY else known.limit), known.came


ExchangeMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=40)
TestExchange = ExchangeMachine.TestCase


@given(st.lists(st.tuples(SIDES, SIZES, PRICES), max_size=20), st.lists(st.tuples(PRICES, SIZES), max_size=10))
def test_the_same_story_ends_the_same_way(orders, quotes):
    def tell() -> list[object]:
        exchange = Exchange()
        exchange.list_instrument(AAPL)
        said: list[object] = []
        for number, (side, size, limit) in enumerate(orders):
            order = VenueOrder(
                order_id=f"O{number}", owner="A1", instrument_id=AAPL.instrument_id, side=side,
                order_type=OrderType.LIMIT, time_in_force=TimeInForce.GTC, order_qty=size * QTY_ONE,
                limit_price=limit * CENT,
            )  # fmt: skip
            said += map(repr, exchange.enter(order, NOW))
            for bid, shown in quotes[number::7]:
                quote = Quote(AAPL.instrument_id, NOW, bid * CENT, (bid + 1) * CENT, shown * QTY_ONE, shown * QTY_ONE)
                said += map(repr, exchange.quote(quote, NOW))
        return said

    assert tell() == tell()
