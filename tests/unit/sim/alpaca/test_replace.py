"""Replacing makes a new order with a new id; executions add up over both."""

import pytest

from stopline.model.numbers import QTY_ONE, parse_price
from tests.unit.sim.alpaca.build import Room


def test_the_old_order_is_replaced_by_a_new_one():
    room = Room()
    old = room.submit(type="limit", limit_price="99", client_order_id="one")
    room.updates.clear()
    new = room.replace(old, limit_price="99.50", qty="12", client_order_id="two")
    assert (old.status, old.replaced_by, old.replaced_at) == ("replaced", new.id, room.at)
    assert (new.status, new.replaces, new.limit_price) == ("new", old.id, parse_price("99.50"))
    assert (new.qty, new.client_order_id) == (12 * QTY_ONE, "two")
    assert room.said == ["replaced limit buy", "pending_new limit buy", "new limit buy"]
    assert room.updates[0].order.replaced_by == new.id


def test_a_replaced_order_that_has_traded_hands_on_the_rest():
    room = Room()
    old = room.submit(type="limit", limit_price="99")
    room.quote("AAPL", "98.90", "98.95", size="4")
    new = room.replace(old, limit_price="98")
    assert (old.filled_qty, new.qty, new.filled_qty) == (4 * QTY_ONE, 6 * QTY_ONE, 0)
    room.quote("AAPL", "97.90", "97.95")
    assert (new.status, room.held) == ("filled", 10)


def test_a_trail_can_be_replaced():
    room = Room()
    room.hold()
    percent = room.submit(side="sell", type="trailing_stop", trail_percent="2")
    new = room.replace(percent, trail="5")
    assert (new.trail_percent, new.hwm) == (50_000, percent.hwm)
    assert new.stop_price < percent.stop_price


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, "order parameters are not changed"),
        ({"limit_price": "99.00", "qty": "10"}, "order parameters are not changed"),
        ({"qty": "4"}, "qty must be more than what has filled"),
        ({"stop_price": "98"}, "limit orders must not have stop_price"),
        ({"limit_price": "0"}, "limit_price must be > 0"),
        ({"trail": "1"}, "limit orders must not have trail"),
        ({"client_order_id": "one"}, "client_order_id must be unique"),
        ({"qty": "100000"}, "insufficient buying power"),
        ({"time_in_force": "opg"}, "auction"),
    ],
)
def test_what_cannot_be_replaced_stays_as_it_is(change, says):
    room = Room()
    order = room.submit(type="limit", limit_price="99", client_order_id="one")
    room.quote("AAPL", "98.90", "98.95", size="4")
    with pytest.raises(Exception, match=says):
        room.replace(order, **change)
    assert (order.status, len(room.book.orders)) == ("partially_filled", 1)
    room.quote("AAPL", "98.90", "98.95")
    assert order.status == "filled"


def test_more_shares_than_are_free_cannot_be_asked_for():
    room = Room()
    room.hold("10")
    order = room.submit(side="sell", type="limit", limit_price="110", qty="7")
    with pytest.raises(Exception, match="requested: 11, available: 10"):
        room.replace(order, qty="11")
    assert room.replace(order, qty="10").status == "new"


def test_an_order_that_is_over_cannot_be_replaced():
    room = Room()
    order = room.submit()
    with pytest.raises(Exception, match='already in "filled" state'):
        room.replace(order, qty="5")


def test_an_order_that_waits_for_the_market_cannot_be_replaced():
    room = Room(hours="market", at="2026-01-06T21:00:00-05:00")
    order = room.submit(type="limit", limit_price="99")
    with pytest.raises(Exception, match="an order that is accepted cannot be replaced"):
        room.replace(order, limit_price="98")


def test_a_replace_that_comes_too_late_leaves_the_old_order_working():
    room = Room()
    old = room.submit(type="limit", limit_price="99")
    room.updates.clear()
    room.house.is_too_late = lambda what: what == "replace"
    new = room.replace(old, limit_price="98")
    assert (old.status, new.status, room.book.open_orders()) == ("new", "rejected", [old])
    assert room.said == ["rejected limit buy", "order_replace_rejected limit buy"]
    room.quote("AAPL", "98.90", "98.95")
    assert old.status == "filled"


def test_a_cancel_that_comes_too_late_leaves_the_order_working():
    room = Room()
    order = room.submit(type="limit", limit_price="99")
    room.house.is_too_late = lambda what: what == "cancel"
    room.house.cancel(order.id, room.at)
    assert (order.status, room.said[-1]) == ("new", "order_cancel_rejected limit buy")
