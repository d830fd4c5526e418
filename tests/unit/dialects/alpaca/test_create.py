import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from stopline.dialects.alpaca.create import CreateOrder, from_request, parse_create, render_create, to_request
from stopline.dialects.alpaca.exact_json import Malformed, encode
from stopline.dialects.alpaca.words import Intent, TimesInForce
from stopline.model.numbers import MAX_SCALED, PRICE_ONE, QTY_ONE
from stopline.model.order import OrderClass, OrderType, Side, TimeInForce

MARKET = CreateOrder(
    symbol="AAPL", side=Side.BUY, order_type=OrderType.MARKET, time_in_force=TimeInForce.DAY, qty=5 * QTY_ONE
)
prices = st.none() | st.integers(-MAX_SCALED, MAX_SCALED)
orders = st.builds(
    CreateOrder,
    symbol=st.text(min_size=1, max_size=12),
    side=st.sampled_from(Side),
    order_type=st.sampled_from(OrderType),
    time_in_force=st.sampled_from([TimeInForce(each) for each in TimesInForce]),
    qty=prices,
    notional=prices,
    limit_price=prices,
    stop_price=prices,
    trail_price=prices,
    trail_percent=prices,
    extended_hours=st.booleans(),
    client_order_id=st.text(max_size=128),
    order_class=st.sampled_from(OrderClass),
    take_profit=prices,
    stop_loss=prices,
    stop_loss_limit=prices,
    position_intent=st.none() | st.sampled_from(Intent),
)


@given(orders)
def test_what_we_send_reads_as_what_we_meant(order):
    assert parse_create(encode(render_create(order))) == order


@given(orders)
def test_numbers_travel_as_text(order):
    def leaves(value):
        return [each for part in value.values() for each in leaves(part)] if isinstance(value, dict) else [value]

    shown = json.loads(encode(render_create(order)))
    assert all(isinstance(each, str | bool) for each in leaves(shown))


def test_an_order_of_the_sdk_is_read():
    raw = b"""{"symbol": "AAPL", "qty": 2.0, "side": "buy", "type": "limit", "time_in_force": "gtc",
        "limit_price": 175.25, "order_class": "bracket", "take_profit": {"limit_price": 180.0},
        "stop_loss": {"stop_price": 170.5, "limit_price": 170}, "extended_hours": false,
        "position_intent": "buy_to_open"}"""
    assert parse_create(raw) == CreateOrder(
        symbol="AAPL",
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        qty=2 * QTY_ONE,
        limit_price=17_525 * PRICE_ONE // 100,
        order_class=OrderClass.BRACKET,
        take_profit=180 * PRICE_ONE,
        stop_loss=17_050 * PRICE_ONE // 100,
        stop_loss_limit=170 * PRICE_ONE,
        position_intent=Intent.BUY_TO_OPEN,
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"symbol": None}, "symbol is missing"),
        ({"side": "long"}, "side: must be one of buy, sell"),
        ({"type": "pegged"}, "type: must be one of market, limit, stop, stop_limit, trailing_stop"),
        ({"time_in_force": "gtd"}, "time_in_force: must be one of day, gtc, opg, cls, ioc, fok"),
        ({"qty": "1.0000000001"}, "qty: .*finer than 9"),
        ({"qty": True}, "qty: must be a decimal number"),
        ({"limit_price": "1e40"}, "limit_price: "),
        ({"extended_hours": "yes"}, "extended_hours: must be true or false"),
        ({"order_class": "mleg"}, "multi-leg"),
        ({"legs": [{"symbol": "A"}]}, "multi-leg"),
        ({"take_profit": {"limit_price": "x"}}, "take_profit.limit_price: "),
        ({"stop_loss": 170}, "stop_loss.must be a JSON object"),
        ({"client_order_id": "x" * 129}, "no longer than 128"),
    ],
)
def test_a_bad_field_is_named(change, says):
    body = {"symbol": "AAPL", "qty": "5", "side": "buy", "type": "market", "time_in_force": "day"} | change
    with pytest.raises(Malformed, match=says):
        parse_create(json.dumps(body).encode())


def test_empty_text_is_nothing_said():
    raw = json.dumps(render_create(MARKET) | {"order_class": "", "limit_price": "", "position_intent": ""}).encode()
    assert parse_create(raw) == MARKET


def test_an_approved_request_goes_out_and_comes_back():
    order = structs.replace(MARKET, client_order_id="sl1-7", order_class=OrderClass.OTO, stop_loss=170 * PRICE_ONE)
    request = to_request(order, "main", "eq:US:AAPL")
    assert (request.account, request.instrument_id, request.order_qty) == ("main", "eq:US:AAPL", 5 * QTY_ONE)
    assert from_request(request, "AAPL", "sl1-7") == order


def test_a_request_for_money_has_no_quantity():
    request = structs.replace(to_request(MARKET, "main", "eq:US:AAPL"), notional=500 * PRICE_ONE)
    assert render_create(from_request(request, "AAPL", "x"))["notional"] == "500"
    assert "qty" not in render_create(from_request(request, "AAPL", "x"))
