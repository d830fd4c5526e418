"""`stopline run --broker alpaca --market alpaca`: the gate judges by Alpaca's own quotes, here the simulator's."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.alpaca_stage import Stage, on_real_processes, opened

pytestmark = on_real_processes


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with opened(tmp_path, "market: {source: alpaca}\nlimits: {quote_max_age: 10 min}\n") as made:
        yield made


def mark(stage: Stage) -> Any:
    found = stage.line.get("/api/positions")["positions"]
    return next((each["mark_price"] for each in found if each["symbol"] == "AAPL"), None)


def seen(stage: Stage, price: str) -> None:
    """Wait until a position is priced like this."""
    stage.wait_for(lambda: mark(stage) is not None and Decimal(mark(stage)) == Decimal(price), f"a mark of {price}")


def test_positions_are_priced_and_targets_triggered_by_alpacas_quotes(stage: Stage):
    stage.approved("E1", quantity=4, order_class="bracket", take_profit="180.00", stop_loss="170.00")
    stage.wait_state("E1/stop_loss", "working")
    seen(stage, "175.00")
    stage.quote("177.00", "177.02")
    seen(stage, "177.01")
    assert stage.state("E1/take_profit") == "held"
    stage.quote("180.10", "180.12")
    stage.wait_state("E1/take_profit", "filled")
    stage.wait_state("E1/stop_loss", "canceled")
    assert stage.held() == "0"
    stage.assert_agrees()


def test_quotes_come_back_after_the_stream_is_lost_and_after_the_simulator_died(stage: Stage):
    stage.approved("E1", quantity=2)
    stage.wait_state("E1", "filled")
    stage.control("POST", "/drop")
    stage.quote("176.00", "176.02")
    seen(stage, "176.01")
    stage.kill_sim()
    stage.start_sim()
    seen(stage, "175.00")
    stage.quote("174.00", "174.02")
    seen(stage, "174.01")
    stage.assert_agrees()


def test_a_price_far_from_the_market_is_denied_by_its_quote(stage: Stage):
    stage.quote("120.00", "120.02")
    stage.approved("E1", quantity=1)
    stage.wait_state("E1", "filled")
    seen(stage, "120.01")
    far = stage.order("far", "BUY", "LIMIT", 1, price=175.00)
    assert (far.status, far.json()["check"]) == (403, "price_collar")
