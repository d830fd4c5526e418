"""Simple orders of every type: when they trade, at what, and what the stream says."""

import pytest

from stopline.model.numbers import PRICE_ONE, QTY_ONE, parse_price
from tests.unit.sim.alpaca.build import Room


def test_a_market_order_fills_and_its_answer_shows_it_before():
    room = Room()
    answer = room.answer(client_order_id="mine")
    order = room.book.with_client_id("mine")
    assert (answer.status, answer.filled_qty) == ("pending_new", 0)
    assert (order.status, order.filled_avg_price) == ("filled", parse_price("100.02"))
    assert room.said == ["pending_new market buy", "new market buy", "fill market buy"]
    fill = room.updates[-1]
    assert (fill.price, fill.qty, fill.position_qty) == (parse_price("100.02"), 10 * QTY_ONE, 10 * QTY_ONE)
    assert room.book.cash == parse_price("100000") - 10 * parse_price("100.02")


def test_displayed_size_makes_parts():
    room = Room()
    room.quote("AAPL", "100.00", "100.02", size="4")
    order = room.submit(qty="10")
    assert (order.status, order.leaves_qty) == ("partially_filled", 6 * QTY_ONE)
    room.quote("AAPL", "100.04", "100.06", size="100")
    assert order.status == "filled"
    assert [update.event for update in room.updates[-2:]] == ["partial_fill", "fill"]
    assert order.filled_avg_price == (4 * parse_price("100.02") + 6 * parse_price("100.06")) // 10


def test_a_limit_order_waits_for_its_price():
    room = Room()
    order = room.submit(type="limit", limit_price="99.50")
    assert order.status == "new"
    room.quote("AAPL", "99.40", "99.45")
    assert (order.status, order.filled_avg_price) == ("filled", parse_price("99.50"))


def test_a_stop_triggers_on_the_mark_and_fills_at_the_market():
    room = Room()
    room.hold()
    order = room.submit(side="sell", type="stop", stop_price="99.00")
    assert order.status == "new"
    room.quote("AAPL", "98.90", "98.95", last="98.95")
    assert (order.status, order.filled_avg_price) == ("filled", parse_price("98.90"))
    assert room.held == 0


def test_a_stop_limit_rests_where_the_market_has_gone_through_it():
    room = Room()
    room.hold()
    order = room.submit(side="sell", type="stop_limit", stop_price="99.00", limit_price="98.95")
    room.quote("AAPL", "98.50", "98.60", last="98.60")
    assert order.status == "new"
    room.quote("AAPL", "98.96", "98.98")
    assert order.status == "filled"


@pytest.mark.parametrize(
    ("trail", "stop"), [({"trail_price": "1.50"}, "103.50"), ({"trail_percent": "2"}, "102.90")], ids=str
)
def test_a_trailing_stop_follows_and_never_goes_back(trail, stop):
    room = Room()
    room.hold()
    order = room.submit(side="sell", type="trailing_stop", **trail)
    assert order.hwm == parse_price("100.02") or order.hwm == parse_price("100.01")
    room.quote("AAPL", "105.00", "105.02", last="105.00")
    assert (order.hwm, order.stop_price) == (parse_price("105"), parse_price(stop))
    room.quote("AAPL", "104.00", "104.02", last="104.00")
    assert (order.hwm, order.stop_price, order.status) == (parse_price("105"), parse_price(stop), "new")
    room.quote("AAPL", "102.00", "102.02", last="102.00")
    assert (order.status, room.held) == ("filled", 0)


def test_a_trailing_stop_to_buy_follows_downwards():
    room = Room()
    room.hold("-10")
    order = room.submit(side="buy", type="trailing_stop", trail_price="1")
    room.quote("AAPL", "95.00", "95.02", last="95.00")
    assert order.stop_price == parse_price("96.00")
    room.quote("AAPL", "96.50", "96.52", last="96.50")
    assert (order.status, room.held) == ("filled", 0)


@pytest.mark.parametrize("tif", ["ioc", "fok"])
def test_what_must_trade_at_once_and_cannot_is_canceled(tif):
    room = Room()
    order = room.submit(type="limit", limit_price="99.00", time_in_force=tif)
    assert order.status == "canceled"
    assert room.said[-1] == "canceled limit buy"


def test_a_fill_or_kill_fills_completely_or_not_at_all():
    room = Room()
    room.quote("AAPL", "100.00", "100.02", size="4")
    assert room.submit(time_in_force="fok").filled_qty == 0
    assert room.submit(time_in_force="ioc").filled_qty == 4 * QTY_ONE


def test_an_order_for_money_buys_parts_of_shares():
    room = Room()
    answer = room.answer(notional="500")
    order = room.book.orders[answer.id]
    assert (answer.qty, answer.notional) == (None, 500 * PRICE_ONE)
    assert order.filled_qty == 500 * QTY_ONE * PRICE_ONE // parse_price("100.02")
    assert room.house.show(order, with_legs=False).qty is None


def test_cancel_and_cancel_again():
    room = Room()
    order = room.submit(type="limit", limit_price="99")
    room.house.cancel(order.id, room.at)
    assert (order.status, order.canceled_at) == ("canceled", room.at)
    with pytest.raises(Exception, match='order is already in "canceled" state') as caught:
        room.house.cancel(order.id, room.at)
    assert (caught.value.error.status, caught.value.error.code) == (422, 42210000)


def test_the_same_requests_make_the_same_ids():
    def play():
        room = Room()
        room.submit()
        room.submit(side="sell", type="limit", limit_price="101")
        return [(update.event, update.order.id, update.execution_id) for update in room.updates]

    assert play() == play()
