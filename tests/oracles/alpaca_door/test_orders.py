"""Every order type and class, replace, cancel and close, from the vendor's client through the gate to a simulator."""

from uuid import uuid4

import pytest

from tests.oracles.alpaca.sdk import APIError, r
from tests.oracles.alpaca_door.stage import wait_status
from tests.sims import wait_until

AAPL = {"symbol": "AAPL", "qty": 2, "side": "buy", "time_in_force": "day"}
TYPES = {
    "market": r.MarketOrderRequest(**AAPL),
    "limit": r.LimitOrderRequest(**AAPL | {"time_in_force": "gtc"}, limit_price=150),
    "limit, extended hours": r.LimitOrderRequest(**AAPL, limit_price=150, extended_hours=True),
    "stop": r.StopOrderRequest(**AAPL, stop_price=190),
    "stop limit": r.StopLimitOrderRequest(**AAPL | {"time_in_force": "gtc"}, stop_price=190, limit_price=191),
    "trailing, by amount": r.TrailingStopOrderRequest(**AAPL, trail_price=20),
    "trailing, by percent": r.TrailingStopOrderRequest(**AAPL, trail_percent=20),
    "immediate or cancel": r.MarketOrderRequest(**AAPL | {"time_in_force": "ioc"}),
    "fill or kill": r.LimitOrderRequest(**AAPL | {"time_in_force": "fok"}, limit_price=180),
}
FILLED = {"market", "immediate or cancel", "fill or kill"}


@pytest.fixture
def held(bot):
    """Ten shares of AAPL."""
    order = bot.submit_order(r.MarketOrderRequest(**AAPL | {"qty": 10}))
    return wait_status(bot, order.id, "filled")


def refused(run):
    with pytest.raises(APIError) as caught:
        run()
    return caught.value.status_code, caught.value.code, caught.value.message


def test_every_type_of_order(stage, bot):
    for name, asked in TYPES.items():
        order = bot.submit_order(asked)
        assert (order.symbol, order.qty, order.filled_qty, order.type) == ("AAPL", "2", "0", asked.type), name
        assert order.status.value in ("pending_new", "accepted"), name
        now = wait_status(bot, order.id, "filled" if name in FILLED else "new")
        assert bot.get_order_by_client_id(order.client_order_id).id == order.id
        if name in FILLED:
            assert (now.filled_qty, now.filled_avg_price) == ("2", "175.01"), name
            wait_status(bot, bot.close_position("AAPL").id, "filled")
        else:
            bot.cancel_order_by_id(order.id)
            wait_status(bot, order.id, "canceled")
    with stage.at_alpaca() as alpaca:
        theirs = alpaca.get_orders(r.GetOrdersRequest(status="all", limit=500))
    assert len(theirs) == len(TYPES) + len(FILLED)
    assert bot.get_orders() == bot.get_all_positions() == []


def test_an_order_for_money(bot):
    order = bot.submit_order(r.MarketOrderRequest(symbol="AAPL", notional=900, side="buy", time_in_force="day"))
    assert (order.qty, order.notional) == (None, "900")
    assert float(wait_status(bot, order.id, "filled").filled_qty) >= 1


def bracket(**more):
    exits = {"take_profit": r.TakeProfitRequest(limit_price=190), "stop_loss": r.StopLossRequest(stop_price=160)}
    return r.LimitOrderRequest(
        **AAPL | {"time_in_force": "gtc"}, limit_price=176, order_class="bracket", **exits | more
    )


def legs(bot, order):
    nested = bot.get_order_by_id(order.id, r.GetOrderByIdRequest(nested=True))
    return {leg.type.value: leg for leg in nested.legs}


def test_a_bracket_from_entry_to_profit(stage, bot):
    order = bot.submit_order(bracket())
    assert [leg.status.value for leg in order.legs] == ["held", "held"]
    wait_status(bot, order.id, "filled")
    profit, stop = (legs(bot, order)[kind] for kind in ("limit", "stop"))
    wait_until(lambda: legs(bot, order)["stop"].status.value in ("new", "held"), "the stop is looked after")
    assert (profit.limit_price, stop.stop_price) == ("190", "160")
    wait_status(bot, stop.id, "new", "accepted", "held")
    stage.sim.quote("AAPL", "190.10", "190.12")
    bot.close_position("AAPL")
    wait_until(lambda: bot.get_all_positions() == [], "flat")
    wait_until(lambda: bot.get_orders() == [], "no order is left")


def test_one_triggers_other_and_one_cancels_other(bot, held):
    oco = bot.submit_order(
        r.LimitOrderRequest(
            symbol="AAPL", qty=10, side="sell", time_in_force="gtc", limit_price=190, order_class="oco",
            take_profit=r.TakeProfitRequest(limit_price=190), stop_loss=r.StopLossRequest(stop_price=150),
        )
    )  # fmt: skip
    assert (oco.order_class.value, oco.limit_price, len(oco.legs)) == ("oco", "190", 1)
    assert len(bot.get_orders(r.GetOrdersRequest(nested=False))) == 2
    bot.cancel_orders()
    wait_until(lambda: bot.get_orders() == [], "both are gone")
    oto = bot.submit_order(
        r.MarketOrderRequest(
            symbol="SPY", qty=1, side="buy", time_in_force="day", order_class="oto",
            stop_loss=r.StopLossRequest(stop_price=400),
        )
    )  # fmt: skip
    wait_status(bot, oto.id, "filled")
    wait_status(bot, oto.legs[0].id, "new")


def test_replace_keeps_the_order_and_its_id(stage, bot):
    old = bot.submit_order(TYPES["limit"])
    wait_status(bot, old.id, "new")
    new = bot.replace_order_by_id(old.id, r.ReplaceOrderRequest(qty=3, limit_price=151.5))
    assert (new.id, new.client_order_id, new.qty, new.limit_price) == (old.id, old.client_order_id, "3", "151.5")
    now = wait_status(bot, old.id, "new")
    assert (now.qty, now.limit_price) == ("3", "151.5")
    with stage.at_alpaca() as alpaca:
        (theirs,) = alpaca.get_orders()
        assert (theirs.qty, theirs.limit_price) == ("3", "151.5")
    renamed = r.ReplaceOrderRequest(qty=4, client_order_id="other")
    assert refused(lambda: bot.replace_order_by_id(old.id, renamed))[:2] == (422, 42210000)
    assert refused(lambda: bot.replace_order_by_id(old.id, r.ReplaceOrderRequest(time_in_force="day")))[0] == 422
    bot.cancel_order_by_id(old.id)
    wait_status(bot, old.id, "canceled")
    late = (422, 42210000, 'order is already in "canceled" state')
    assert refused(lambda: bot.cancel_order_by_id(old.id)) == late
    assert refused(lambda: bot.replace_order_by_id(old.id, r.ReplaceOrderRequest(qty=4))) == late


def test_a_position_is_closed_in_parts_and_past_its_own_stop(stage, bot, held):
    stop = bot.submit_order(r.StopOrderRequest(symbol="AAPL", qty=10, side="sell", time_in_force="gtc", stop_price=150))
    wait_status(bot, stop.id, "new")
    part = bot.close_position("AAPL", r.ClosePositionRequest(qty="3"))
    wait_status(bot, part.id, "filled")
    wait_until(lambda: bot.get_open_position("AAPL").qty == "7", "seven are left")
    half = bot.close_position(bot.get_asset("AAPL").id, r.ClosePositionRequest(percentage="50"))
    assert half.qty == "3"
    wait_status(bot, half.id, "filled")
    rest = bot.close_position("AAPL")
    wait_status(bot, rest.id, "filled")
    wait_until(lambda: bot.get_orders() == [], "the stop went with the position")
    assert refused(lambda: bot.close_position("AAPL")) == (404, 40410000, "position does not exist")


def test_close_all_with_and_without_orders(bot, held):
    bot.submit_order(r.MarketOrderRequest(symbol="SPY", qty=3, side="sell", time_in_force="day"))
    wait_until(lambda: len(bot.get_all_positions()) == 2, "long one, short the other")
    closed = bot.close_all_positions()
    assert sorted((each.symbol, each.status, each.body.side.value) for each in closed) == [
        ("AAPL", 200, "sell"),
        ("SPY", 200, "buy"),
    ]
    wait_until(lambda: bot.get_all_positions() == [], "flat")
    bot.submit_order(r.MarketOrderRequest(**AAPL))
    resting = bot.submit_order(TYPES["limit"])
    wait_until(lambda: len(bot.get_all_positions()) == 1, "long")
    assert [(each.symbol, each.status) for each in bot.close_all_positions(cancel_orders=True)] == [("AAPL", 200)]
    wait_status(bot, resting.id, "canceled")
    wait_until(lambda: bot.get_all_positions() == [], "flat again")


def test_lists_of_orders(bot):
    first = bot.submit_order(TYPES["market"])
    wait_status(bot, first.id, "filled")
    second = bot.submit_order(TYPES["limit"])

    def ids(**query):
        return [order.id for order in bot.get_orders(r.GetOrdersRequest(**query))]

    assert ids() == [second.id]
    assert ids(status="closed") == [first.id]
    assert ids(status="all", direction="asc") == [first.id, second.id]
    assert ids(status="all", limit=1) == [second.id]
    assert ids(status="all", symbols=["SPY"]) == ids(status="all", side="sell") == []
    assert ids(status="all", after=first.submitted_at) == [second.id]
    nobody = str(uuid4())
    assert refused(lambda: bot.get_order_by_id(nobody)) == (404, 40410000, f"order not found for {nobody}")


def test_one_id_is_one_order(bot):
    asked = r.LimitOrderRequest(**AAPL, limit_price=150, client_order_id="mine")
    assert bot.submit_order(asked) == bot.submit_order(asked)
    other = r.LimitOrderRequest(**AAPL, limit_price=151, client_order_id="mine")
    assert refused(lambda: bot.submit_order(other)) == (422, 40010001, "client_order_id must be unique")
    reserved = r.LimitOrderRequest(**AAPL, limit_price=151, client_order_id="close-1")
    assert refused(lambda: bot.submit_order(reserved))[:2] == (422, 42210000)
    assert len(bot.get_orders()) == 1
