"""Positions and money: figures that add up, and closing."""

import pytest

from stopline.dialects.alpaca.close import ClosePosition
from stopline.dialects.alpaca.errors import Refused
from stopline.model.numbers import QTY_ONE, parse_price
from tests.unit.sim.alpaca.build import Room


def test_a_long_position_in_figures():
    room = Room()
    room.hold("10")
    room.quote("AAPL", "110.00", "110.02", last="110.00")
    shown = room.house.position("AAPL")
    assert (shown.side, shown.qty, shown.avg_entry_price) == ("long", 10 * QTY_ONE, parse_price("100.02"))
    assert (shown.market_value, shown.cost_basis) == (parse_price("1100"), parse_price("1000.20"))
    assert (shown.unrealized_pl, shown.unrealized_plpc) == (parse_price("99.80"), 99_780)


def test_a_short_position_is_negative():
    room = Room()
    room.hold("-10")
    room.quote("AAPL", "90.00", "90.02", last="90.00")
    shown = room.house.position("AAPL")
    assert (shown.side, shown.qty, shown.qty_available) == ("short", -10 * QTY_ONE, -10 * QTY_ONE)
    assert (shown.market_value, shown.unrealized_pl) == (parse_price("-900"), parse_price("100"))


def test_the_account_adds_up():
    room = Room(cash="10000")
    room.hold("50")
    room.quote("AAPL", "110.00", "110.02", last="110.00")
    account = room.house.account()
    assert account.equity == account.cash + account.long_market_value
    assert account.equity == parse_price("10000") + 50 * parse_price("9.98")
    assert account.last_equity == parse_price("10000")
    assert account.initial_margin == parse_price("2750")
    assert account.buying_power == 2 * (account.equity - account.initial_margin)


def test_close_a_part_a_share_and_the_rest():
    room = Room()
    room.hold("10")
    room.house.close("AAPL", ClosePosition(qty=3 * QTY_ONE), room.at)
    assert room.held == 7
    room.house.close("AAPL", ClosePosition(percentage=500_000), room.at)
    assert room.book.holding("AAPL").qty == 3_500_000_000
    room.house.close(room.house.assets.id("AAPL"), ClosePosition(), room.at)
    assert room.house.positions() == []
    with pytest.raises(Refused, match="position does not exist"):
        room.house.close("AAPL", ClosePosition(), room.at)


def test_closing_more_than_is_free_is_refused():
    room = Room()
    room.hold("10")
    room.submit(side="sell", type="limit", limit_price="110", qty="10")
    with pytest.raises(Refused, match="requested: 10, available: 0"):
        room.house.close("AAPL", ClosePosition(), room.at)


def test_close_all_says_what_became_of_each():
    room = Room()
    room.quote("SPY", "450.00", "450.02")
    room.hold("10")
    room.submit(symbol="SPY", side="sell", qty="2")
    room.submit(side="sell", type="limit", limit_price="110", qty="4")
    first = room.house.close_all(False, room.at)
    assert [(each.symbol, each.status) for each in first] == [("AAPL", 403), ("SPY", 200)]
    second = room.house.close_all(True, room.at)
    assert [(each.symbol, each.status) for each in second] == [("AAPL", 200)]
    assert room.house.positions() == []
    assert room.book.open_orders() == []


def test_cancel_all_names_every_order_that_was_open():
    room = Room()
    exits = {"take_profit": {"limit_price": "105"}, "stop_loss": {"stop_price": "95"}}
    room.submit(type="limit", limit_price="99", order_class="bracket", **exits)
    room.submit(type="limit", limit_price="98")
    assert [each.status for each in room.house.cancel_all(room.at)] == [200] * 4
    assert {order.status for order in room.book.orders.values()} == {"canceled"}
