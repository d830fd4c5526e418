"""`trade_updates` through the door, by the vendor's TradingStream: real events of the engine, of one's own account."""

import threading
from contextlib import contextmanager

from tests.doors import secret_of
from tests.oracles.alpaca.sdk import Heard, TradingStream, r
from tests.oracles.alpaca_door.stage import run_stage, wait_status
from tests.sims import wait_until

BUY = {"symbol": "AAPL", "qty": 10, "side": "buy", "time_in_force": "day"}


@contextmanager
def listening(stage, name="one", secret=""):
    """Listen with the vendor's stream until the end of the block."""
    heard = Heard()
    stream = TradingStream(
        f"SL{name.upper()}", secret or secret_of(name), url_override=stage.stopline.stream_url
    )  # fmt: skip
    stream._reconnect_min_backoff = 0.05
    stream.subscribe_trade_updates(heard.hear)
    thread = threading.Thread(target=stream.run, name="alpaca-py stream")
    before = stage.stopline.listening
    thread.start()
    try:
        wait_until(lambda: stage.stopline.listening > before, "a stream that listens")
        yield heard
    finally:
        stream.stop()
        thread.join(40)
        assert not thread.is_alive()


def test_each_event_is_heard_with_its_order(stage, bot):
    with listening(stage) as heard:
        stage.sim.quote("AAPL", "174.99", "175.01", size="4")
        order = bot.submit_order(r.MarketOrderRequest(**BUY))
        wait_until(lambda: "partial_fill" in heard.events, "a part has filled")
        stage.sim.quote("AAPL", "174.99", "175.01", size="100")
        *_, part, fill = heard.wait_for("pending_new", "new", "partial_fill", "fill")
        assert {each.order.id for each in heard.updates} == {order.id}
        assert (part.qty, part.price, part.position_qty, part.order.filled_qty) == (4.0, 175.01, 4.0, "4")
        assert (fill.qty, fill.position_qty, fill.order.filled_qty) == (6.0, 10.0, "10")
        assert fill.order.status.value == "filled" and fill.order.filled_at is not None
        assert fill.execution_id != part.execution_id
        resting = bot.submit_order(r.LimitOrderRequest(**BUY, limit_price=150))
        wait_status(bot, resting.id, "new")
        heard.wait_for("pending_new", "new")
        bot.replace_order_by_id(resting.id, r.ReplaceOrderRequest(limit_price=151))
        *_, replaced = heard.wait_for("pending_replace", "replaced")
        assert (replaced.order.id, replaced.order.limit_price) == (resting.id, "151")
        bot.cancel_orders()
        heard.wait_for("pending_cancel", "canceled")


def test_two_bots_and_a_hand_trader_have_one_ledger(tmp_path):
    with (
        run_stage(tmp_path, "one", "two") as stage,
        stage.bot("one") as one,
        stage.bot("two") as two,
        listening(stage, "two") as heard,
        stage.at_alpaca() as hand,
    ):
        first = one.submit_order(r.MarketOrderRequest(**BUY))
        wait_status(two, first.id, "filled")
        second = two.submit_order(r.MarketOrderRequest(**BUY | {"qty": 5}))
        wait_status(one, second.id, "filled")
        hand.submit_order(r.MarketOrderRequest(**BUY | {"qty": 2}))
        wait_until(lambda: one.get_open_position("AAPL").qty == "17", "all three are counted")
        by_native = {"client_order_id": "n", "symbol": "AAPL", "side": "BUY", "quantity": 3, "order_type": "MARKET"}
        assert stage.native.post("/api/order", json=by_native).status_code == 201
        wait_until(lambda: two.get_open_position("AAPL").qty == "20", "all four are counted")
        (ours,) = [each for each in stage.our("/api/positions")["positions"] if each["symbol"] == "AAPL"]
        assert ours["qty"] == "20" == hand.get_open_position("AAPL").qty
        wait_until(lambda: heard.events.count("fill") >= 3, "each fill of the account is heard by both")
        assert heard.updates[-1].position_qty == 20.0
        resting = hand.submit_order(r.LimitOrderRequest(**BUY, limit_price=150))
        (seen,) = wait_until(one.get_orders, "what a hand has sent is seen")
        one.cancel_order_by_id(seen.id)
        wait_until(lambda: hand.get_order_by_id(resting.id).status.value == "canceled", "and can be canceled")
        names = {each["actor"] for each in stage.our("/api/orders")["orders"]}
        assert {"one", "two", "local"} <= names


def test_a_stream_with_wrong_keys_hears_nothing(stage, bot):
    import websockets.sync.client as sync

    with sync.connect(stage.stopline.stream_url) as socket:
        socket.send('{"action": "auth", "key": "SLONE", "secret": "wrong"}')
        assert b"unauthorized" in socket.recv()
        socket.send('{"action": "listen", "data": {"streams": ["trade_updates"]}}')
        assert b"unauthorized" in socket.recv()
        bot.submit_order(r.MarketOrderRequest(**BUY))
        wait_until(bot.get_all_positions, "it has filled")
        socket.send('{"action": "auth", "key": "SLONE", "secret": "' + secret_of("one") + '"}')
        assert b'"authorized"' in socket.recv()
