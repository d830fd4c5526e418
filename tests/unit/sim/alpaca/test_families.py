"""Brackets, OCO and OTO: what is held, what works, and what goes with what."""

import pytest

from stopline.model.numbers import QTY_ONE, parse_price
from tests.unit.sim.alpaca.build import Room

EXITS = {"take_profit": {"limit_price": "105"}, "stop_loss": {"stop_price": "95"}}
BRACKET = {"order_class": "bracket", **EXITS}


def bracket(room):
    entry = room.submit(type="limit", limit_price="99", **BRACKET)
    return entry, *room.legs(entry)


def test_legs_are_held_until_the_entry_has_filled_completely():
    room = Room()
    entry, profit, stop = bracket(room)
    assert [entry.status, profit.status, stop.status] == ["new", "held", "held"]
    room.quote("AAPL", "98.90", "98.95", size="4")
    assert [entry.status, profit.status, stop.status] == ["partially_filled", "held", "held"]
    room.quote("AAPL", "98.90", "98.95", size="100")
    assert [entry.status, profit.status, stop.status] == ["filled", "new", "held"]
    assert room.house.position("AAPL").qty_available == 0


def test_the_answer_shows_the_legs():
    answer = Room().answer(type="limit", limit_price="99", **BRACKET)
    assert [(leg.order_type, leg.side, leg.status) for leg in answer.legs] == [
        ("limit", "sell", "held"),
        ("stop", "sell", "held"),
    ]


def test_the_profit_cancels_the_stop():
    room = Room()
    entry, profit, stop = bracket(room)
    room.quote("AAPL", "98.90", "98.95")
    room.quote("AAPL", "105.10", "105.12")
    assert [entry.status, profit.status, stop.status] == ["filled", "filled", "canceled"]
    assert room.held == 0
    assert room.said[-2:] == ["fill limit sell", "canceled stop sell"]


def test_the_stop_cancels_the_profit():
    room = Room()
    _, profit, stop = bracket(room)
    room.quote("AAPL", "98.90", "98.95")
    room.quote("AAPL", "94.00", "94.02", last="94.00")
    assert [profit.status, stop.status, room.held] == ["canceled", "filled", 0]
    assert room.said[-3:] == ["new stop sell", "canceled limit sell", "fill stop sell"]


def test_what_the_profit_has_traded_is_taken_off_the_stop():
    room = Room()
    _, profit, stop = bracket(room)
    room.quote("AAPL", "98.90", "98.95")
    room.quote("AAPL", "105.10", "105.12", size="4")
    assert (profit.status, stop.qty) == ("partially_filled", 6 * QTY_ONE)
    assert "restated stop sell" in room.said
    room.quote("AAPL", "94.00", "94.02", last="94.00")
    assert (profit.status, stop.status, room.held) == ("canceled", "filled", 0)


@pytest.mark.parametrize("which", [0, 1, 2])
def test_canceling_one_of_a_bracket_that_waits_or_works(which):
    room = Room()
    family = bracket(room)
    room.house.cancel(family[which].id, room.at)
    wanted = ["canceled"] * 3 if which == 0 else ["new", "canceled", "canceled"]
    assert [order.status for order in family] == wanted


def test_a_bracket_to_sell_short_has_its_profit_below():
    room = Room()
    exits = {"take_profit": {"limit_price": "95"}, "stop_loss": {"stop_price": "105", "limit_price": "106"}}
    entry = room.submit(side="sell", type="market", order_class="bracket", **exits)
    profit, stop = room.legs(entry)
    assert (entry.status, room.held, profit.side, stop.order_type) == ("filled", -10, "buy", "stop_limit")
    room.quote("AAPL", "94.90", "94.95")
    assert (profit.status, stop.status, room.held) == ("filled", "canceled", 0)


def test_a_stop_with_a_limit_that_has_triggered_stays_when_the_profit_goes():
    room = Room()
    room.hold()
    exits = EXITS | {"stop_loss": {"stop_price": "95", "limit_price": "94.90"}}
    profit = room.submit(side="sell", type="limit", order_class="oco", **exits)
    (stop,) = room.legs(profit)
    room.quote("AAPL", "94.00", "94.02", last="94.00")
    assert (profit.status, stop.status, room.held) == ("canceled", "new", 10)
    assert room.house.position("AAPL").qty_available == 0
    room.quote("AAPL", "94.95", "94.97")
    assert (stop.status, room.held) == ("filled", 0)


def test_one_cancels_other():
    room = Room()
    room.hold()
    profit = room.submit(side="sell", type="limit", order_class="oco", **EXITS)
    (stop,) = room.legs(profit)
    assert (profit.status, profit.limit_price, stop.status) == ("new", parse_price("105"), "held")
    assert room.house.position("AAPL").qty_available == 0
    room.quote("AAPL", "94.00", "94.02", last="94.00")
    assert (profit.status, stop.status, room.held) == ("canceled", "filled", 0)


def test_a_pair_holds_its_shares_once():
    room = Room()
    room.hold("10")
    room.submit(qty="4", **BRACKET)
    assert room.house.position("AAPL").qty_available == 10 * QTY_ONE
    room.submit(side="sell", type="limit", order_class="oco", qty="4", **EXITS)
    assert room.house.position("AAPL").qty_available == 6 * QTY_ONE
    assert "requested: 7, available: 6" in room.refused(side="sell", qty="7").message


def test_one_cancels_other_by_hand_and_by_profit():
    room = Room()
    room.hold()
    profit = room.submit(side="sell", type="limit", order_class="oco", **EXITS)
    room.house.cancel(profit.id, room.at)
    assert [leg.status for leg in room.legs(profit)] == ["canceled"]
    again = room.submit(side="sell", type="limit", order_class="oco", **EXITS)
    room.quote("AAPL", "105.10", "105.12")
    assert (again.status, [leg.status for leg in room.legs(again)]) == ("filled", ["canceled"])


@pytest.mark.parametrize(
    ("exit_", "kind"),
    [({"stop_loss": {"stop_price": "95"}}, "stop"), ({"take_profit": {"limit_price": "105"}}, "limit")],
)
def test_one_triggers_other(exit_, kind):
    room = Room()
    entry = room.submit(order_class="oto", **exit_)
    (leg,) = room.legs(entry)
    assert (entry.status, leg.status, leg.order_type) == ("filled", "new", kind)
    room.house.cancel(leg.id, room.at)
    assert room.held == 10


def test_nested_lists_have_legs_under_their_parents_and_flat_ones_beside_them():
    room = Room()
    bracket(room)
    assert [len(order.legs or ()) for order in room.orders(nested=True)] == [2]
    assert [order.legs for order in room.orders()] == [None] * 3


def test_replacing_a_leg_keeps_the_family():
    room = Room()
    _, profit, stop = bracket(room)
    room.quote("AAPL", "98.90", "98.95")
    higher = room.replace(profit, limit_price="110")
    tighter = room.replace(stop, stop_price="97")
    assert (profit.status, higher.status, stop.status, tighter.status) == ("replaced", "new", "replaced", "held")
    room.quote("AAPL", "96.90", "96.92", last="96.90")
    assert (higher.status, tighter.status, room.held) == ("canceled", "filled", 0)


def test_replacing_an_entry_keeps_its_legs():
    room = Room()
    entry, profit, stop = bracket(room)
    new = room.replace(entry, limit_price="99.50")
    assert (entry.status, new.status, profit.status, profit.parent) == ("replaced", "new", "held", new.id)
    room.quote("AAPL", "99.40", "99.45")
    assert (new.status, profit.status, stop.status) == ("filled", "new", "held")
