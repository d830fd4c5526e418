"""What is not taken, with the code and the words that Alpaca uses."""

import pytest

from stopline.dialects.alpaca.account import Configurations
from tests.unit.sim.alpaca.build import Room

EXITS = {"take_profit": {"limit_price": "105"}, "stop_loss": {"stop_price": "95"}}


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({"qty": "0"}, 40010001, "qty must be > 0"),
        ({"qty": None}, 40010001, "qty or notional is required"),
        ({"qty": "1", "notional": "5"}, 40010001, "only one of qty or notional"),
        ({"limit_price": "5"}, 40010001, "market orders require no stop or limit price"),
        ({"type": "limit"}, 40010001, "limit orders require a limit_price"),
        ({"type": "stop"}, 40010001, "stop orders require a stop_price"),
        ({"type": "stop_limit", "stop_price": "99"}, 40010001, "stop_limit orders require a limit_price"),
        ({"type": "trailing_stop"}, 40010001, "one of trail_price or trail_percent"),
        ({"type": "trailing_stop", "trail_price": "1", "trail_percent": "1"}, 40010001, "one of trail_price"),
        ({"type": "trailing_stop", "trail_price": "-1"}, 40010001, "trail must be > 0"),
        ({"trail_price": "1"}, 40010001, "market orders require no trail_price"),
        ({"type": "limit", "limit_price": "99.123"}, 42210000, "sub-penny increment"),
        ({"type": "limit", "limit_price": "-1"}, 40010001, "limit_price must be > 0"),
        ({"extended_hours": True}, 42210000, "extended hours order must be DAY or GTC limit orders"),
        ({"qty": "1.5", "time_in_force": "gtc"}, 42210000, "fractional orders must be DAY orders"),
        ({"qty": "1.5", "order_class": "bracket", **EXITS}, 42210000, "fractional orders must be simple orders"),
        ({"notional": "500", "qty": None, "type": "limit", "limit_price": "99"}, 42210000, "must be market orders"),
        ({"type": "stop", "stop_price": "101", "time_in_force": "ioc"}, 42210000, "ioc orders must be market or limit"),
        ({"symbol": "NOPE"}, 42210000, 'asset "NOPE" not found'),
        ({"symbol": "MSFT"}, 42210000, "has no price yet"),
        ({"take_profit": {"limit_price": "105"}}, 40010001, "simple orders require no take_profit"),
        ({"order_class": "bracket", "take_profit": {"limit_price": "105"}}, 40010001, "require stop_loss.stop_price"),
        ({"order_class": "bracket", "stop_loss": {"stop_price": "95"}}, 40010001, "require take_profit.limit_price"),
        ({"order_class": "oto", **EXITS}, 40010001, "either take_profit or stop_loss"),
        ({"order_class": "oco", **EXITS}, 40010001, "oco orders must be limit orders"),
        ({"order_class": "oco", "type": "limit", "side": "sell", **EXITS}, 40310000, "insufficient qty available"),
        ({"order_class": "bracket", "time_in_force": "ioc", **EXITS}, 42210000, "must be DAY or GTC"),
        (
            {"order_class": "bracket", "type": "limit", "limit_price": "106", **EXITS},
            42210000,
            "take_profit.limit_price must be >= base_price",
        ),
        (
            {"order_class": "bracket", "type": "limit", "limit_price": "95", **EXITS},
            42210000,
            "stop_loss.stop_price must be <= base_price",
        ),
        (
            {"order_class": "bracket", "take_profit": {"limit_price": "95"}, "stop_loss": {"stop_price": "105"}},
            42210000,
            "take_profit.limit_price must be >= stop_loss.stop_price",
        ),
        ({"qty": "100000"}, 40310000, "insufficient buying power"),
    ],
)
def test_a_bad_order_is_refused_in_known_words(fields, code, says):
    room = Room()
    error = room.refused(**fields)
    assert error.code == code
    assert says in error.message
    assert error.status == (403 if code == 40310000 else 422)
    assert room.book.orders == {}


def test_money_that_is_not_there_is_told_to_the_cent():
    error = Room(cash="1000").refused(qty="30")
    assert error.details == {"buying_power": "2000.00", "cost_basis": "3000.60"}


def test_working_orders_hold_money():
    room = Room(cash="1000")
    order = room.submit(type="limit", limit_price="90", qty="20")
    assert room.refused(type="limit", limit_price="90", qty="3").message == "insufficient buying power"
    room.house.cancel(order.id, room.at)
    assert room.submit(type="limit", limit_price="90", qty="3").status == "new"


def test_suspended_by_the_owner():
    room = Room()
    room.house.configure(Configurations(suspend_trade=True))
    error = room.refused()
    assert (error.status, error.code) == (403, 40310000)
    assert error.message == "new orders are rejected by user request"
    assert room.house.account().trade_suspended_by_user
    room.house.configure(Configurations(suspend_trade=False))
    assert room.submit().status == "filled"


def test_a_client_order_id_is_used_once_even_by_an_order_that_is_over():
    room = Room()
    room.submit(client_order_id="once")
    error = room.refused(client_order_id="once")
    assert (error.status, error.code, error.message) == (422, 40010001, "client_order_id must be unique")


def test_open_sells_hold_shares():
    room = Room()
    room.hold("10")
    room.submit(side="sell", type="limit", limit_price="110", qty="7")
    error = room.refused(side="sell", type="limit", limit_price="111", qty="5")
    assert error.message == "insufficient qty available for order (requested: 5, available: 3)"
    assert error.details == {"symbol": "AAPL", "available": "3", "existing_qty": "10", "held_for_orders": "7"}
    assert room.submit(side="sell", type="limit", limit_price="111", qty="3").status == "new"


def test_no_order_turns_a_position_round():
    room = Room()
    room.hold("10")
    assert "requested: 15, available: 10" in room.refused(side="sell", qty="15").message
    short = Room()
    short.hold("-10")
    assert "requested: 15, available: 10" in short.refused(side="buy", qty="15").message


def test_an_order_that_could_trade_with_another_is_a_wash_trade():
    room = Room()
    room.hold()
    resting = room.submit(side="sell", type="limit", limit_price="110")
    error = room.refused(side="buy", type="market")
    assert (error.status, error.code) == (422, 42210000)
    assert error.message == "potential wash trade detected. use complex orders"
    assert error.details == {"existing_order_id": resting.id, "reject_reason": "opposite side limit order exists"}
    assert room.refused(side="buy", type="limit", limit_price="110").code == 42210000
    assert room.submit(side="buy", type="limit", limit_price="99").status == "new"


def test_shorts_may_be_forbidden():
    room = Room()
    room.house.configure(Configurations(no_shorting=True))
    assert room.refused(side="sell").message == "account is not allowed to short"
    cash_only = Room()
    cash_only.house.configure(Configurations(max_margin_multiplier="1"))
    assert cash_only.refused(side="sell").message == "account is not allowed to short"
    assert not cash_only.house.account().shorting_enabled
    assert "fractional" in Room().refused(side="sell", qty="0.5").message


def test_parts_of_shares_may_be_forbidden():
    room = Room()
    room.house.configure(Configurations(fractional_trading=False))
    assert room.refused(qty="1.5").status == 403


def test_a_configuration_must_be_one_that_there_is():
    with pytest.raises(Exception, match="max_margin_multiplier must be one of 1, 2, 4"):
        Room().house.configure(Configurations(max_margin_multiplier="3"))
