"""The `trade_updates` stream by the vendor's TradingStream, and with faults in it."""

from tests.oracles.alpaca.sdk import listening, r, wait_listening
from tests.sims import wait_until


def market(**more):
    return r.MarketOrderRequest(**{"symbol": "AAPL", "qty": 10, "side": "buy", "time_in_force": "day"} | more)


def test_each_event_is_heard_with_its_order(client, sim):
    with listening(sim) as heard:
        sim.quote("AAPL", "100.00", "100.02", size="4")
        order = client.submit_order(market())
        sim.quote("AAPL", "100.00", "100.02", size="100")
        *_, part, fill = heard.wait_for("pending_new", "new", "partial_fill", "fill")
        assert {each.order.id for each in heard.updates} == {order.id}
        assert (part.qty, part.price, part.position_qty) == (4.0, 100.02, 4.0)
        assert (fill.qty, fill.position_qty, fill.order.filled_qty) == (6.0, 10.0, "10")
        assert fill.execution_id != part.execution_id
        resting = client.submit_order(
            r.LimitOrderRequest(symbol="AAPL", qty=1, side="buy", time_in_force="day", limit_price=90)
        )
        heard.wait_for("pending_new", "new")
        client.replace_order_by_id(resting.id, r.ReplaceOrderRequest(limit_price=91))
        replaced, _, new = heard.wait_for("replaced", "pending_new", "new")
        assert replaced.order.replaced_by == new.order.id
        client.cancel_orders()
        heard.wait_for("canceled")


def test_a_dropped_stream_comes_back_and_has_missed_what_was_said(client, sim):
    with listening(sim) as heard:
        client.submit_order(market(client_order_id="before"))
        heard.wait_for("fill")
        count = len(heard.updates)
        sim.fault("stream_drop")
        client.submit_order(market(client_order_id="missed"))
        wait_listening(sim)
        assert client.get_order_by_client_id("missed").status.value == "filled"
        client.submit_order(market(client_order_id="after"))
        heard.wait_for("pending_new", "new", "fill")
        names = {each.order.client_order_id for each in heard.updates[count:]}
        assert "after" in names
        assert sim.hits() == [1]


def test_a_stream_cut_by_hand_comes_back(client, sim):
    with listening(sim) as heard:
        assert sim.control("POST", "/drop") == {"cut": 1}
        wait_until(lambda: sim.control("GET", "/")["listening"] == 1, "the stream to come back")
        client.submit_order(market())
        heard.wait_for("pending_new", "new", "fill")


def test_events_come_twice_out_of_order_or_not_at_all(client, sim):
    with listening(sim) as heard:
        sim.fault("duplicate_event")
        client.submit_order(market())
        heard.wait_for("pending_new", "pending_new", "new", "fill")
        sim.control("DELETE", "/faults")
        sim.fault("reorder_events")
        client.submit_order(market())
        heard.wait_for("new", "pending_new", "fill")
        sim.control("DELETE", "/faults")
        sim.fault("lost_event", times=2)
        client.submit_order(market())
        heard.wait_for("fill", "fill")
        assert sim.hits() == [2]


def test_an_event_held_back_comes_even_if_none_follows(client, sim):
    with listening(sim) as heard:
        order = client.submit_order(
            r.LimitOrderRequest(symbol="AAPL", qty=1, side="buy", time_in_force="day", limit_price=90)
        )
        heard.wait_for("new")
        sim.fault("reorder_events", ms=10)
        client.cancel_order_by_id(order.id)
        heard.wait_for("canceled")


def test_a_replace_and_a_cancel_that_came_too_late_are_told_on_the_stream(client, sim):
    with listening(sim) as heard:
        order = client.submit_order(
            r.LimitOrderRequest(symbol="AAPL", qty=1, side="buy", time_in_force="day", limit_price=90)
        )
        heard.wait_for("new")
        sim.fault("replace_rejected")
        new = client.replace_order_by_id(order.id, r.ReplaceOrderRequest(limit_price=91))
        rejected, told = heard.wait_for("rejected", "order_replace_rejected")
        assert (rejected.order.id, told.order.id) == (new.id, order.id)
        sim.fault("cancel_rejected")
        client.cancel_order_by_id(order.id)
        heard.wait_for("order_cancel_rejected")
        assert client.get_order_by_id(order.id).status.value == "new"
