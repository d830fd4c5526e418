"""Stopline with Alpaca as its broker: two real processes, and a third party at the same account (alpaca_stage.py)."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.alpaca_stage import KEY, KEYS, PATIENCE_S, SECRET, STOPLINE, Stage, on_real_processes, opened

pytestmark = on_real_processes


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with opened(tmp_path) as made:
        yield made


def test_every_kind_of_order_goes_to_alpaca_and_back(stage: Stage):
    stage.approved("entry", quantity=5)
    filled = stage.wait_state("entry", "filled")
    assert float(filled["avg_price"]) == 175.01
    stage.approved("rest", "BUY", "LIMIT", 3, price=150.00)
    stage.wait_state("rest", "working")
    stage.done(lambda: stage.line.ask("PATCH", "/api/order/rest", {"quantity": 2, "price": 151.00}))
    stage.wait_for(lambda: stage.line.get("/api/order/rest")["limit_price"] == "151.00", "the replace")
    (theirs,) = stage.alpaca("GET", "/v2/orders?status=open")
    assert (theirs["qty"], theirs["limit_price"]) == ("2", "151")
    stage.done(lambda: stage.line.ask("DELETE", "/api/order/rest"))
    stage.wait_state("rest", "canceled")
    stage.approved("stop", "SELL", "STOP", 1, stop_price=170.00)
    stage.approved("stop-limit", "SELL", "STOP_LIMIT", 1, stop_price=169.00, price=168.50)
    stage.approved("trail", "SELL", "TRAILING_STOP", 1, trail_amount=3.00)
    for order_id in ("stop", "stop-limit", "trail"):
        stage.wait_state(order_id, "working")
    for bid in ("176.00", "172.00", "169.90", "168.90", "168.80"):
        stage.quote(bid, f"{float(bid) + 0.02:.2f}")
    for order_id in ("stop", "stop-limit", "trail"):
        stage.wait_state(order_id, "filled")
    assert stage.held() == "2"
    stage.close_position()
    stage.wait_for(lambda: stage.held() == "0", "flat")
    assert stage.alpaca("GET", "/v2/positions") == []
    stage.assert_agrees()
    assert stage.end() == 0
    assert not any(secret in stage.log.read_text() for secret in (KEY, SECRET))
    for file in (stage.folder / "data").rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file


@pytest.mark.parametrize("kind", ["lost_reply", "gateway_timeout"])
def test_a_lost_answer_is_unknown_until_alpaca_says_and_never_two_orders(stage: Stage, kind: str):
    stage.fault("unavailable", times=0, method="GET", path="/v2/orders:by_client_order_id")
    stage.fault("lost_event", times=2)
    stage.fault(kind, method="POST")
    stage.approved("lost", "BUY", "LIMIT", 4, price=160.00)
    stage.wait_state("lost", "unknown")
    assert len(stage.at_alpaca()) == 1
    assert "ORDER_UNKNOWN" in stage.alerts()
    stage.control("DELETE", "/faults")
    stage.wait_state("lost", "working")
    assert len(stage.at_alpaca()) == 1
    stage.quote("159.98", "160.00")
    stage.wait_state("lost", "filled")
    stage.assert_agrees()


def test_a_stream_that_drops_repeats_and_reorders(stage: Stage):
    stage.approved("one", "BUY", "LIMIT", 5, price=170.00)
    stage.wait_state("one", "working")
    stage.fault("stream_drop")
    stage.quote("169.98", "170.00", "2")
    stage.wait_for(lambda: stage.held() == "2", "the fill that the stream lost")
    stage.wait_for(stage.is_ready, "the stream is back")
    stage.fault("duplicate_event", times=3)
    stage.fault("reorder_events", times=2)
    stage.quote("169.98", "170.00", "1")
    stage.quote("169.98", "170.00", "1")
    stage.quote("169.98", "170.00", "1")
    stage.wait_state("one", "filled")
    stage.wait_for(lambda: stage.held() == "5", "all fills, once each")
    stage.assert_agrees()
    executions = [each for each in stage.line.get("/api/executions")["executions"] if each["client_order_id"] == "one"]
    assert sum(int(each["qty"]) for each in executions) == 5


def test_a_broker_that_is_killed_in_mid_day_and_comes_back(stage: Stage):
    stage.approved("held", quantity=3)
    stage.wait_state("held", "filled")
    stage.approved("rest", "BUY", "LIMIT", 2, price=150.00)
    stage.wait_state("rest", "working")
    stage.kill_sim()
    stage.wait_for(lambda: stage.trading_state() == "cancel_only", "no new risk while nothing is known")
    assert stage.order("blind", "BUY", "LIMIT", 1, price=150.00).status in (403, 503)
    stage.start_sim()
    stage.assert_agrees()
    assert stage.held() == "3"
    stage.quote("149.98", "150.00")
    stage.wait_state("rest", "filled")
    stage.assert_agrees()


def test_stopline_itself_is_killed_in_mid_day(stage: Stage):
    stage.approved("held", quantity=3)
    stage.wait_state("held", "filled")
    stage.approved("rest", "BUY", "LIMIT", 2, price=150.00)
    stage.approved("gone", "BUY", "LIMIT", 2, price=149.00)
    stage.wait_state("gone", "working")
    stage.kill()
    stage.quote("149.98", "150.00", "1")
    gone = next(each for each in stage.alpaca("GET", "/v2/orders?status=open") if each["limit_price"] == "149")
    stage.alpaca("DELETE", f"/v2/orders/{gone['id']}")
    stage.start()
    stage.wait_state("gone", "canceled")
    assert stage.wait_state("rest", "partially_filled")["cum_qty"] == "1"
    assert stage.held() == "4"
    stage.assert_agrees()


def test_what_others_do_at_alpaca_is_seen_and_counted(stage: Stage):
    order = {"symbol": "AAPL", "qty": "7", "side": "buy", "type": "market", "time_in_force": "day"}
    stage.alpaca("POST", "/v2/orders", order)
    stage.wait_for(lambda: stage.held() == "7", "a position that others made")
    resting = order | {"type": "limit", "limit_price": "140", "qty": "9", "client_order_id": "by-hand"}
    stage.alpaca("POST", "/v2/orders", resting)
    stage.wait_for(lambda: "EXTERNAL_ORDER" in stage.alerts(), "an order that others made")
    stage.assert_agrees()
    seen = next(each for each in stage.line.get("/api/orders")["orders"] if each["state"] == "working")
    stage.done(lambda: stage.line.ask("DELETE", f"/api/order/{seen['client_order_id']}"))
    stage.wait_for(lambda: stage.alpaca("GET", "/v2/orders?status=open") == [], "it can be cancelled here")


def test_the_last_line_is_drawn_once_halted_and_flat_and_taken_back(tmp_path: Path):
    stage = Stage(tmp_path)
    stage.config.write_text(stage.config.read_text().replace("}", ", suspend_when_halted: true}"))
    try:
        stage.start_sim()
        stage.start()
        stage.done(lambda: stage.line.ask("POST", "/api/kill", {"reason": "enough for today"}))
        stage.wait_for(lambda: stage.alpaca("GET", "/v2/account/configurations")["suspend_trade"], "Alpaca refuses too")
        stage.kill()
        stage.start()
        assert stage.trading_state() == "halted"
        assert stage.alpaca("GET", "/v2/account/configurations")["suspend_trade"]
    finally:
        stage.close()


def test_what_was_held_before_the_first_start_is_there(tmp_path: Path):
    stage = Stage(tmp_path)
    try:
        stage.start_sim()
        order = {"symbol": "AAPL", "qty": "7", "side": "buy", "type": "market", "time_in_force": "day"}
        stage.alpaca("POST", "/v2/orders", order)
        stage.start()
        assert stage.held() == "7"
        stage.assert_agrees()
        account, theirs = stage.line.get("/api/account"), stage.alpaca("GET", "/v2/account")
        assert float(account["cash"]) == float(theirs["cash"])
        stage.close_position()
        stage.wait_for(lambda: stage.held() == "0", "flat")
        stage.kill()
        stage.start()
        assert stage.held() == "0"
        stage.assert_agrees()
    finally:
        stage.close()


@pytest.mark.parametrize(
    ("environ", "file", "says"),
    [
        ({}, None, "APCA_API_KEY_ID and APCA_API_SECRET_KEY not set in the environment"),
        ({"APCA_API_KEY_ID": KEY}, None, "APCA_API_SECRET_KEY not set in the environment"),
        (KEYS, "APCA_API_KEY_ID=x\n", "others can read it: chmod 600"),
        (KEYS, "", "cannot be read"),
    ],
)
def test_keys_that_are_not_there_are_said_before_anything_happens(tmp_path: Path, environ, file, says):
    config = tmp_path / "stopline.yaml"
    config.write_text(
        "alpaca: {environment: paper, keys_file: "
        + ("none" if file is None else "keys.env")
        + "}\nmarket: {source: none}\n"
    )
    if file:
        (tmp_path / "keys.env").write_text(file)
        (tmp_path / "keys.env").chmod(0o644)
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("APCA_", "STOPLINE_"))}
    done = subprocess.run(
        [*STOPLINE, "run", "--broker", "alpaca", "--config", str(config), "--port", "0"],
        cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S, env=bare | environ,
    )  # fmt: skip
    assert done.returncode == 2, done
    assert says in done.stderr
    assert KEY not in done.stderr + done.stdout and "Traceback" not in done.stderr


def test_made_up_prices_do_not_trade_at_alpaca(tmp_path: Path):
    done = subprocess.run(
        [*STOPLINE, "run", "--broker", "alpaca", "--port", "0", "--data-dir", str(tmp_path / "d")],
        cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S, env=os.environ | KEYS,
    )  # fmt: skip
    assert done.returncode == 2, done
    assert "those are not its prices" in done.stderr


def test_the_account_stays_with_its_broker(stage: Stage):
    assert stage.end() == 0
    done = subprocess.run(
        [*STOPLINE, "run", "--config", str(stage.config), "--data-dir", str(stage.folder / "data"), "--port", "0"],
        cwd=stage.folder, capture_output=True, text=True, timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 2, done
    assert "was with alpaca" in done.stderr
    assert json.loads((stage.folder / "data" / "alpaca.json").read_text())["account"] == "paper"
