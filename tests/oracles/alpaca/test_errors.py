"""Errors as the vendor's client sees them: APIError with code and message, its retries, and their price."""

import pytest

from tests.oracles.alpaca.sdk import APIError, TradingClient, client_of, r
from tests.sims import run_sim


def market(**more):
    return r.MarketOrderRequest(**{"symbol": "AAPL", "qty": 1, "side": "buy", "time_in_force": "day"} | more)


def limit(price, **more):
    asked = {"symbol": "AAPL", "qty": 1, "side": "buy", "time_in_force": "day", "limit_price": price} | more
    return r.LimitOrderRequest(**asked)


def refused(run):
    with pytest.raises(APIError) as caught:
        run()
    return caught.value.status_code, caught.value.code, caught.value.message


def test_each_refusal_has_its_code_and_its_words(client):
    def submit(order):
        return lambda: client.submit_order(order)

    assert refused(submit(market(qty=5000))) == (403, 40310000, "insufficient buying power")
    assert refused(submit(market(symbol="NOPE"))) == (422, 42210000, 'asset "NOPE" not found')
    assert refused(submit(limit(99.123)))[:2] == (422, 42210000)
    assert refused(submit(limit(99, extended_hours=True, time_in_force="ioc")))[:2] == (422, 42210000)
    client.submit_order(market(client_order_id="once"))
    assert refused(submit(market(client_order_id="once"))) == (422, 40010001, "client_order_id must be unique")
    wanted = "insufficient qty available for order (requested: 2, available: 1)"
    assert refused(submit(market(side="sell", qty=2))) == (403, 40310000, wanted)
    client.submit_order(limit(110, side="sell"))
    wash = "potential wash trade detected. use complex orders"
    assert refused(submit(market())) == (422, 42210000, wash)
    nobody = "00000000-0000-4000-8000-00000000ffff"
    assert refused(lambda: client.get_order_by_id(nobody)) == (404, 40410000, f"order not found for {nobody}")
    assert refused(lambda: client.get_open_position("SPY")) == (404, 40410000, "position does not exist")
    assert refused(lambda: client.get_asset("NOPE")) == (404, 40410000, "asset not found for NOPE")


def test_what_has_filled_can_be_neither_canceled_nor_replaced(client):
    order = client.submit_order(market())
    wanted = (422, 42210000, 'order is already in "filled" state')
    assert refused(lambda: client.cancel_order_by_id(order.id)) == wanted
    assert refused(lambda: client.replace_order_by_id(order.id, r.ReplaceOrderRequest(qty=2))) == wanted


def test_suspended_by_the_owner(client):
    configurations = client.get_account_configurations()
    configurations.suspend_trade = True
    assert client.set_account_configurations(configurations).suspend_trade
    wanted = (403, 40310000, "new orders are rejected by user request")
    assert refused(lambda: client.submit_order(market())) == wanted
    assert client.get_account().trade_suspended_by_user
    configurations.suspend_trade = False
    client.set_account_configurations(configurations)
    assert client.submit_order(market()).id


def test_wrong_keys_have_no_code(sim):
    client = TradingClient("wrong", "keys", url_override=sim.url)
    with pytest.raises(APIError) as caught:
        client.get_account()
    client._session.close()
    assert (caught.value.status_code, caught.value.message) == (403, "forbidden.")
    with pytest.raises(KeyError):
        _ = caught.value.code


def test_the_client_waits_out_a_429(client, sim):
    client._retry_wait = 0
    sim.fault("rate_limited", times=2)
    assert client.submit_order(market()).id
    assert sim.hits() == [2]
    sim.fault("rate_limited", times=0)
    assert refused(lambda: client.submit_order(market())) == (429, 42910000, "too many requests.")


def test_the_limit_counts_requests_and_says_so():
    with run_sim(rate_limit=3) as sim, client_of(sim) as client:
        client._retry_wait = 0
        seen = [client._session.get(f"{sim.url}/v2/clock", headers=client._get_auth_headers()) for _ in range(4)]
        assert [each.status_code for each in seen] == [200, 200, 200, 429]
        assert [each.headers["X-RateLimit-Remaining"] for each in seen] == ["2", "1", "0", "0"]
        assert {each.headers["X-RateLimit-Limit"] for each in seen} == {"3"}
        assert int(seen[-1].headers["X-RateLimit-Reset"]) * 10**9 > sim.simulator.at()
        sim.control("POST", "/clock", {"advance_s": 61})
        assert client.get_clock().is_open


def test_a_504_after_the_order_was_taken_is_sent_again_and_refused_as_not_unique(client, sim):
    """The trap: without a client_order_id of one's own, the client's retry makes a second order."""
    client._retry_wait = 0
    sim.fault("gateway_timeout", method="POST", path="/v2/orders")
    wanted = (422, 40010001, "client_order_id must be unique")
    assert refused(lambda: client.submit_order(market(client_order_id="once"))) == wanted
    assert client.get_order_by_client_id("once").status.value == "filled"
    assert len(client.get_orders(r.GetOrdersRequest(status="all"))) == 1
    sim.fault("gateway_timeout", method="POST", path="/v2/orders")
    client.submit_order(market())
    assert len(client.get_orders(r.GetOrdersRequest(status="all"))) == 3


def test_a_lost_reply_leaves_an_order_behind_and_a_lost_request_none(client, sim):
    import requests

    sim.fault("lost_reply", method="POST")
    with pytest.raises(requests.ConnectionError):
        client.submit_order(market(client_order_id="kept"))
    assert client.get_order_by_client_id("kept").status.value == "filled"
    sim.fault("lost_request", method="POST")
    with pytest.raises(requests.ConnectionError):
        client.submit_order(market(client_order_id="gone"))
    assert refused(lambda: client.get_order_by_client_id("gone"))[0] == 404


def test_an_outage_ends_when_it_is_cleared(client, sim):
    import requests

    sim.fault("outage", times=0)
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            client.get_account()
    sim.control("DELETE", "/faults")
    assert client.get_account().cash == "100000"


def test_late_answers_are_late_and_right(client, sim):
    sim.fault("latency", ms=120)
    before = sim.control("GET", "/")["requests"]
    assert client.get_account().status.value == "ACTIVE"
    assert sim.hits() == [1]
    assert sim.control("GET", "/")["requests"] == before + 1
