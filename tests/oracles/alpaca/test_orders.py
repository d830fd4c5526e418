"""Every order type and class, replace, cancel and close, by the vendor's client."""

import pytest

from tests.oracles.alpaca.sdk import APIError, r

TYPES = {
    "market": r.MarketOrderRequest(symbol="AAPL", qty=1, side="buy", time_in_force="day"),
    "market for money": r.MarketOrderRequest(symbol="AAPL", notional=250.5, side="buy", time_in_force="day"),
    "market for a part of a share": r.MarketOrderRequest(symbol="AAPL", qty=0.123, side="buy", time_in_force="day"),
    "limit": r.LimitOrderRequest(symbol="AAPL", qty=1, side="buy", time_in_force="gtc", limit_price=99.5),
    "limit, extended hours": r.LimitOrderRequest(
        symbol="AAPL", qty=1, side="buy", time_in_force="day", limit_price=99.5, extended_hours=True
    ),
    "stop": r.StopOrderRequest(symbol="AAPL", qty=1, side="buy", time_in_force="day", stop_price=101),
    "stop limit": r.StopLimitOrderRequest(
        symbol="AAPL", qty=1, side="buy", time_in_force="gtc", stop_price=101, limit_price=101.5
    ),
    "trailing, by amount": r.TrailingStopOrderRequest(
        symbol="AAPL", qty=1, side="sell", time_in_force="day", trail_price=1.5
    ),
    "trailing, by percent": r.TrailingStopOrderRequest(
        symbol="AAPL", qty=1, side="sell", time_in_force="gtc", trail_percent=2
    ),
    "immediate or cancel": r.MarketOrderRequest(symbol="AAPL", qty=1, side="buy", time_in_force="ioc"),
    "fill or kill": r.LimitOrderRequest(symbol="AAPL", qty=1, side="buy", time_in_force="fok", limit_price=101),
    "on open": r.MarketOrderRequest(symbol="AAPL", qty=1, side="buy", time_in_force="opg"),
    "on close": r.LimitOrderRequest(symbol="AAPL", qty=1, side="buy", time_in_force="cls", limit_price=99),
}
FILLED = {"market", "market for money", "market for a part of a share", "immediate or cancel", "fill or kill"}
WAITING = {"on open", "on close"}


@pytest.mark.parametrize("name", TYPES)
def test_every_type_of_order(client, name):
    order = client.submit_order(TYPES[name])
    assert order.status.value == "pending_new"
    now = client.get_order_by_id(order.id)
    wanted = "filled" if name in FILLED else "accepted" if name in WAITING else "new"
    assert now.status.value == wanted
    assert client.get_order_by_client_id(order.client_order_id).id == order.id
    if wanted != "filled":
        client.cancel_order_by_id(order.id)
        assert client.get_order_by_id(order.id).status.value == "canceled"


def bracket(**more):
    return r.LimitOrderRequest(
        symbol="AAPL",
        qty=10,
        side="buy",
        time_in_force="gtc",
        limit_price=99,
        order_class="bracket",
        take_profit=r.TakeProfitRequest(limit_price=105),
        stop_loss=r.StopLossRequest(stop_price=95),
        **more,
    )


def statuses(client, order):
    nested = client.get_order_by_id(order.id, r.GetOrderByIdRequest(nested=True))
    return [nested.status.value, *(leg.status.value for leg in nested.legs)]


def test_a_bracket_from_entry_to_profit(client, sim):
    order = client.submit_order(bracket())
    assert statuses(client, order) == ["new", "held", "held"]
    sim.quote("AAPL", "98.90", "98.95")
    assert statuses(client, order) == ["filled", "new", "held"]
    assert client.get_open_position("AAPL").qty_available == "0"
    sim.quote("AAPL", "105.10", "105.12")
    assert statuses(client, order) == ["filled", "filled", "canceled"]
    assert client.get_all_positions() == []


def test_one_cancels_other_and_one_triggers_other(client, sim):
    client.submit_order(TYPES["market"])
    oco = client.submit_order(
        r.LimitOrderRequest(
            symbol="AAPL",
            qty=1,
            side="sell",
            time_in_force="gtc",
            limit_price=105,
            order_class="oco",
            take_profit=r.TakeProfitRequest(limit_price=105),
            stop_loss=r.StopLossRequest(stop_price=95, limit_price=94.5),
        )
    )
    assert statuses(client, oco) == ["new", "held"]
    sim.quote("AAPL", "94.90", "94.95", last="94.95")
    assert statuses(client, oco) == ["canceled", "filled"]
    oto = client.submit_order(
        r.MarketOrderRequest(
            symbol="SPY",
            qty=2,
            side="buy",
            time_in_force="day",
            order_class="oto",
            stop_loss=r.StopLossRequest(stop_price=440),
        )
    )
    assert statuses(client, oto) == ["filled", "new"]


def test_replace_makes_a_new_order(client):
    old = client.submit_order(TYPES["limit"])
    new = client.replace_order_by_id(old.id, r.ReplaceOrderRequest(qty=2, limit_price=99.25, client_order_id="two"))
    assert (new.id != old.id, new.replaces, new.qty, new.limit_price) == (True, old.id, "2", "99.25")
    then = client.get_order_by_id(old.id)
    assert (then.status.value, then.replaced_by) == ("replaced", new.id)
    assert client.get_order_by_client_id("two").status.value == "new"


def test_cancel_all_and_close_all(client):
    client.submit_order(TYPES["market"])
    client.submit_order(r.MarketOrderRequest(symbol="SPY", qty=3, side="sell", time_in_force="day"))
    client.submit_order(bracket())
    assert [each.status for each in client.cancel_orders()] == [200] * 3
    assert [(each.symbol, each.status) for each in client.close_all_positions()] == [("AAPL", 200), ("SPY", 200)]
    assert client.get_all_positions() == []


def test_close_all_cancels_first_when_asked_to(client):
    client.submit_order(r.MarketOrderRequest(symbol="AAPL", qty=5, side="buy", time_in_force="day"))
    client.submit_order(r.LimitOrderRequest(symbol="AAPL", qty=5, side="sell", time_in_force="gtc", limit_price=110))
    (held,) = client.close_all_positions()
    assert (held.status, held.body.code, held.body.available) == (403, 40310000, 0)
    assert held.body.message == "insufficient qty available for order (requested: 5, available: 0)"
    assert [each.status for each in client.close_all_positions(cancel_orders=True)] == [200]
    assert client.get_orders() == []


def test_close_a_position_in_parts(client):
    client.submit_order(r.MarketOrderRequest(symbol="AAPL", qty=10, side="buy", time_in_force="day"))
    assert client.close_position("AAPL", r.ClosePositionRequest(qty="3")).qty == "3"
    assert client.close_position("AAPL", r.ClosePositionRequest(percentage="50")).qty == "3.5"
    asset = client.get_asset("AAPL")
    assert client.close_position(asset.id).qty == "3.5"
    with pytest.raises(APIError) as caught:
        client.close_position("AAPL")
    assert (caught.value.status_code, caught.value.code) == (404, 40410000)


def test_lists_of_orders(client):
    first = client.submit_order(TYPES["market"])
    second = client.submit_order(TYPES["limit"])
    third = client.submit_order(bracket())
    legs = [leg.id for leg in third.legs]

    def ids(**query):
        return [order.id for order in client.get_orders(r.GetOrdersRequest(**query))]

    assert ids() == [*reversed(legs), third.id, second.id]
    assert ids(status="all", direction="asc", nested=True) == [first.id, second.id, third.id]
    assert ids(status="closed") == [first.id]
    assert ids(status="all", limit=1) == [legs[1]]
    assert ids(status="all", symbols=["SPY"]) == []
    assert ids(status="all", side="sell", direction="asc") == legs
    assert ids(status="all", after=second.submitted_at, nested=True) == [third.id]
    assert ids(status="all", until=first.submitted_at) == [first.id]
