"""Brackets, OCO, OTO and `close all` at Alpaca: Stopline keeps the legs, and one way out at a time is at the broker."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.alpaca_stage import Stage, on_real_processes, opened

pytestmark = on_real_processes


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with opened(tmp_path) as made:
        yield made


def open_orders(stage: Stage) -> list[tuple[str, str, str]]:
    """Return what works at Alpaca: side, type and quantity."""
    orders = stage.alpaca("GET", "/v2/orders?status=open")
    return [(each["side"], each["type"], each["qty"]) for each in orders]


def move_to_the_market(stage: Stage, target: str) -> None:
    """Lower a target below the market: the stop that works at Alpaca must make way for it."""
    path = f"/api/order/{target.replace('/', '%2F')}"
    stage.done(lambda: stage.line.ask("PATCH", path, {"price": "150.00"}))


def test_a_bracket_ends_at_its_stop_and_the_target_goes_with_it(stage: Stage):
    stage.approved("E1", quantity=4, order_class="bracket", take_profit="300.00", stop_loss="100.00")
    stage.wait_state("E1", "filled")
    stage.wait_state("E1/stop_loss", "working")
    assert open_orders(stage) == [("sell", "stop", "4")]
    assert stage.state("E1/take_profit") == "held"
    stage.quote("99.90", "99.92")
    stage.wait_state("E1/stop_loss", "filled")
    stage.wait_state("E1/take_profit", "canceled")
    assert stage.held() == "0"
    assert len(stage.at_alpaca()) == 2
    stage.assert_agrees()


def test_a_bracket_ends_at_its_target_and_the_stop_is_taken_back_first(stage: Stage):
    stage.approved("E1", quantity=4, order_class="bracket", take_profit="300.00", stop_loss="100.00")
    stage.wait_state("E1/stop_loss", "working")
    move_to_the_market(stage, "E1/take_profit")
    stage.wait_state("E1/take_profit", "filled")
    stage.wait_state("E1/stop_loss", "canceled")
    assert [(each["type"], each["status"]) for each in stage.at_alpaca()] == [
        ("market", "filled"),
        ("stop", "canceled"),
        ("limit", "filled"),
    ]
    stage.assert_agrees()


def test_one_triggers_other_only_once_it_fills(stage: Stage):
    stage.approved("E1", "BUY", "LIMIT", 4, price=170.00, order_class="oto", stop_loss="100.00")
    stage.wait_state("E1", "working")
    assert stage.state("E1/stop_loss") == "held"
    assert open_orders(stage) == [("buy", "limit", "4")]
    stage.quote("169.98", "170.00")
    stage.wait_state("E1/stop_loss", "working")
    assert open_orders(stage) == [("sell", "stop", "4")]
    stage.assert_agrees()


@pytest.mark.parametrize("way", ["stop", "target"])
def test_one_cancels_other(stage: Stage, way: str):
    stage.approved("E1", quantity=4)
    stage.wait_state("E1", "filled")
    stage.approved("O1", "SELL", "LIMIT", 4, price=300.00, order_class="oco", stop_loss="100.00")
    stage.wait_state("O1/stop_loss", "working")
    assert open_orders(stage) == [("sell", "stop", "4")]
    if way == "stop":
        stage.quote("99.90", "99.92")
    else:
        move_to_the_market(stage, "O1")
    ends = {"stop": ("O1/stop_loss", "O1"), "target": ("O1", "O1/stop_loss")}[way]
    stage.wait_state(ends[0], "filled")
    stage.wait_state(ends[1], "canceled")
    assert stage.held() == "0"
    stage.assert_agrees()


def test_a_bracket_whose_stop_fills_while_stopline_is_dead(stage: Stage):
    stage.approved("E1", quantity=4, order_class="bracket", take_profit="300.00", stop_loss="100.00")
    stage.wait_state("E1/stop_loss", "working")
    stage.kill()
    stage.quote("99.90", "99.92")
    assert stage.alpaca("GET", "/v2/positions") == []
    stage.start()
    stage.wait_state("E1/stop_loss", "filled")
    stage.wait_state("E1/take_profit", "canceled")
    assert len(stage.at_alpaca()) == 2
    stage.assert_agrees()


@pytest.mark.parametrize("fault", [None, "gateway_timeout"])
def test_close_all_takes_the_orders_back_and_then_closes_each_position_once(stage: Stage, fault: str | None):
    stage.quote("400.00", "400.02", symbol="MSFT")
    stage.approved("long", quantity=4)
    stage.approved("short", "SELL", quantity=2, symbol="MSFT")
    stage.wait_state("long", "filled")
    stage.wait_state("short", "filled")
    stage.approved("stop", "SELL", "STOP", 4, stop_price=100.00)
    stage.approved("rest", "BUY", "LIMIT", 1, price=350.00, symbol="MSFT")
    for name in ("stop", "rest"):
        stage.wait_state(name, "working")
    if fault is not None:
        stage.fault(fault, times=2, method="POST", path="/v2/orders")
    stage.done(lambda: stage.line.ask("POST", "/api/flatten", {"reason": "end of day"}))
    stage.wait_for(lambda: stage.alpaca("GET", "/v2/positions") == [], "flat at Alpaca")
    stage.wait_for(lambda: stage.holdings() == {} and is_done(stage), "flat here, and nothing is owed")
    closes = {(each["symbol"], each["qty"]): each["position_intent"] for each in stage.at_alpaca()[4:]}
    assert closes == {("AAPL", "4"): "sell_to_close", ("MSFT", "2"): "buy_to_close"}
    assert len(stage.at_alpaca()) == 6
    stage.assert_agrees()


def is_done(stage: Stage) -> bool:
    owed: list[Any] = stage.line.get("/api/risk/obligations")["open"]
    return not owed
