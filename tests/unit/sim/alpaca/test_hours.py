"""Hours: when orders wait, and when they go on the exchange, come off it, and end."""

import pytest

from stopline.sim.alpaca.hours import ALWAYS, MARKET, Hours, Phase
from tests.unit.sim.alpaca.build import Room, instant


@pytest.mark.parametrize(
    ("at", "phase"),
    [
        ("2026-01-06T03:59:59-05:00", Phase.CLOSED),
        ("2026-01-06T04:00:00-05:00", Phase.EXTENDED),
        ("2026-01-06T09:30:00-05:00", Phase.REGULAR),
        ("2026-01-06T15:59:59-05:00", Phase.REGULAR),
        ("2026-01-06T16:00:00-05:00", Phase.EXTENDED),
        ("2026-01-06T20:00:00-05:00", Phase.CLOSED),
        ("2026-01-10T12:00:00-05:00", Phase.CLOSED),
        ("2026-11-26T12:00:00-05:00", Phase.CLOSED),
    ],
)
def test_phases_of_the_market(at, phase):
    assert Hours(MARKET).phase(instant(at)) is phase
    assert Hours(ALWAYS).phase(instant(at)) is Phase.REGULAR


def test_the_next_changes():
    hours, friday = Hours(MARKET), instant("2026-01-09T12:00:00-05:00")
    assert hours.next_close(friday) == instant("2026-01-09T16:00:00-05:00")
    assert hours.next_open(friday) == instant("2026-01-12T09:30:00-05:00")
    assert hours.next_change(friday) == instant("2026-01-09T16:00:00-05:00")


def closed() -> Room:
    return Room(hours=MARKET, at="2026-01-06T21:00:00-05:00")


def test_an_order_at_night_waits_for_the_morning():
    room = closed()
    answer = room.answer(type="limit", limit_price="101")
    order = room.book.orders[answer.id]
    assert (order.status, order.filled_qty) == ("accepted", 0)
    room.go("2026-01-07T09:29:59-05:00")
    assert order.status == "accepted"
    room.go("2026-01-07T09:30:00-05:00")
    room.quote("AAPL", "100.00", "100.02")
    assert order.status == "filled"


def test_extended_hours_are_for_orders_that_ask_for_them():
    room = Room(hours=MARKET, at="2026-01-06T17:00:00-05:00")
    plain = room.submit(type="limit", limit_price="101")
    extended = room.submit(type="limit", limit_price="101", extended_hours=True)
    assert (plain.status, extended.status) == ("accepted", "filled")


def test_a_day_order_ends_with_its_session():
    room = Room(hours=MARKET)
    order = room.submit(type="limit", limit_price="99")
    good = room.submit(type="limit", limit_price="98", time_in_force="gtc")
    room.go("2026-01-06T16:00:00-05:00")
    assert (order.status, good.status) == ("expired", "new")
    assert room.said[-1] == "expired limit buy"
    room.quote("AAPL", "97.00", "97.02")
    assert good.status == "new"
    room.go("2026-01-07T09:30:00-05:00")
    room.quote("AAPL", "97.00", "97.02")
    assert good.status == "filled"


def test_a_bracket_whose_entry_expires_takes_its_legs_along():
    room = Room(hours=MARKET)
    exits = {"take_profit": {"limit_price": "105"}, "stop_loss": {"stop_price": "95"}}
    entry = room.submit(type="limit", limit_price="99", order_class="bracket", **exits)
    room.go("2026-01-06T16:00:00-05:00")
    assert [entry.status, *(leg.status for leg in room.legs(entry))] == ["expired", "canceled", "canceled"]


def test_an_order_for_the_opening_trades_when_it_opens_or_not_at_all():
    room = closed()
    market = room.submit(time_in_force="opg", qty="1")
    away = room.submit(time_in_force="opg", type="limit", limit_price="50", qty="1")
    room.go("2026-01-07T09:29:00-05:00")
    room.quote("AAPL", "100.00", "100.02")
    assert (market.status, away.status) == ("accepted", "accepted")
    room.go("2026-01-07T09:30:00-05:00")
    assert (market.status, away.status) == ("filled", "canceled")


def test_an_order_for_the_close_trades_when_it_closes():
    room = Room(hours=MARKET)
    order = room.submit(time_in_force="cls", qty="1")
    room.go("2026-01-06T15:59:58-05:00")
    room.quote("AAPL", "100.00", "100.02")
    assert order.status == "accepted"
    room.go("2026-01-06T16:00:00-05:00")
    assert order.status == "filled"
    assert room.book.last_equity == room.house.purse.equity()


def test_yesterday_counts_from_the_last_close():
    room = Room(hours=MARKET)
    room.hold("10")
    room.go("2026-01-06T16:00:00-05:00")
    room.go("2026-01-07T09:30:00-05:00")
    room.quote("AAPL", "110.00", "110.02", last="110.00")
    shown = room.house.position("AAPL")
    assert shown.unrealized_intraday_pl < shown.unrealized_pl + 10**9
    assert shown.change_today > 90_000


def test_an_order_for_money_at_night_finds_its_quantity_in_the_morning():
    room = closed()
    order = room.submit(notional="500")
    assert (order.status, order.qty) == ("accepted", 0)
    room.go("2026-01-07T09:30:00-05:00")
    room.quote("AAPL", "100.00", "100.02")
    assert order.status == "filled"
