"""What a person does on the first evening: run it, trade on the moving market, be denied, pull the plug, run it again.

`python -m stopline run` with the defaults on the synthetic market, plain HTTP, `kill -9` twice.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.acceptance.evening import Evening
from tests.acceptance.wire import Answer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL"),
]

LOCKED = 4
"""The exit code where another process has the data directory."""


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    evening = Evening(tmp_path)
    try:
        with evening.line:
            yield evening
    finally:
        evening.close()


def test_everything_is_there_again(evening: Evening):
    evening.run()
    denied = trade(evening)
    before, alerts = evening.picture(), evening.alerts()
    evening.pull_the_plug()

    evening.run()
    assert evening.picture() == before
    assert set(alerts) <= set(evening.alerts())
    assert_adds_up(evening)
    assert evening.order("TEST-001", "BUY", 100, "AAPL", order_type="LIMIT", price=175.00) == denied
    assert evening.order("TEST-001", "BUY", 99, "AAPL", order_type="LIMIT", price=175.00).status == 409
    assert_breaker_holds_until_it_is_reset(evening)
    assert_limits_are_the_changed_ones(evening)
    killed = evening.ask("POST", "/api/kill", {"reason": "enough for today", "keep_positions": True})
    assert killed.status == 200
    before = evening.picture()
    assert before["account"]["trading_state"] == "halted"
    evening.pull_the_plug()

    evening.run()
    assert evening.picture() == before
    assert_halted_and_a_way_out(evening)
    assert_no_second_process(evening)
    assert evening.end() == 0
    verified = subprocess.run(
        [sys.executable, "-m", "stopline", "journal", "verify", "--data-dir", str(evening.data_dir)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert verified.returncode == 0, verified.stderr
    assert "Traceback" not in evening.log.read_text(), evening.log.read_text()


def trade(evening: Evening) -> Answer:
    """Be denied, trade, leave a position with a stop, change limits, trip the breaker; returns the denial."""
    evening.wait_for(lambda: "SYNTHETIC, made-up prices" in evening.log.read_text(), "said that prices are made up")
    denied = evening.order("TEST-001", "BUY", 100, "AAPL", order_type="LIMIT", price=175.00)
    assert denied.status == 403
    assert denied.json()["message"] == "Order size exceeds limit: $17500.00 > $1000.00"
    # A round trip, so that something is realized.
    assert evening.order("M1", "BUY", 2, "MSFT").status == 201
    evening.filled("M1")
    closed = evening.ask("POST", "/api/positions/MSFT/close", {"client_order_id": "M2"})
    assert closed.status == 201
    evening.filled("M2")
    # Something held, with a stop beneath it, and something that rests.
    assert evening.order("K1", "BUY", 5, "KO").status == 201
    evening.filled("K1")
    stop = evening.order("K2", "SELL", 5, "KO", order_type="STOP", stop_price="50.00", time_in_force="GTC")
    assert stop.status == 201
    assert evening.order("W1", "BUY", 1, "WMT", order_type="LIMIT", price="155.00").status == 201
    assert evening.ask("DELETE", "/api/order/W1").status == 200
    evening.wait_for(lambda: evening.line.get("/api/order/W1")["state"] == "canceled", "canceled: W1")
    assert_the_market_moves(evening)
    assert evening.ask("PUT", "/api/risk/limits", {"max_order_size": "750.00"}).status == 200
    limit = {"max_position": "900.00", "max_concentration_pct": "12.00"}
    assert evening.ask("PUT", "/api/risk/position-limits/KO", limit).status == 200
    assert evening.ask("POST", "/api/risk/circuit-breaker/trip", {"reason": "lunch"}).status == 200
    evening.wait_for(lambda: evening.line.get("/api/order/K2")["state"] == "working", "working: K2")
    return denied


def assert_the_market_moves(evening: Evening) -> None:
    def mark() -> str:
        (held,) = evening.line.get("/api/positions")["positions"]
        return str(held["mark_price"])

    first = mark()
    evening.wait_for(lambda: mark() != first, "moving")


def assert_adds_up(evening: Evening) -> None:
    """Realized and unrealized make the total, and the total is what equity gained; all exactly."""
    account = evening.line.get("/api/account")
    realized, unrealized, total, equity, baseline = (
        Decimal(account[name]) for name in "realized_pnl unrealized_pnl total_pnl equity baseline".split()
    )
    assert realized + unrealized == total == equity - baseline
    bought, sold = (Decimal(evening.line.get(f"/api/order/{name}")["avg_price"]) for name in ("M1", "M2"))
    assert realized == 2 * (sold - bought)


def assert_breaker_holds_until_it_is_reset(evening: Evening) -> None:
    denied = evening.order("B1", "BUY", 1, "KO")
    assert (denied.status, denied.json()["check"]) == (403, "trading_state")
    assert evening.ask("POST", "/api/risk/circuit-breaker/reset", {"breaker_id": 1}).status == 200
    assert evening.order("B2", "BUY", 1, "BAC").status == 201
    evening.filled("B2")


def assert_limits_are_the_changed_ones(evening: Evening) -> None:
    large = evening.order("L1", "BUY", 5, "AAPL", order_type="LIMIT", price="175.00").json()
    assert large["message"] == "Order size exceeds limit: $875.00 > $750.00"
    much = evening.order("L2", "BUY", 12, "KO", order_type="LIMIT", price="58.00").json()
    assert (much["check"], much["limit"]) == ("max_position", "900.00")


def assert_halted_and_a_way_out(evening: Evening) -> None:
    denied = evening.order("H1", "BUY", 1, "KO")
    assert (denied.status, denied.json()["check"]) == (403, "trading_state")
    assert evening.ask("POST", "/api/release", {"reason": "I changed my mind"}).status == 403
    # The stop K2 stands in the way: it is called back, the close goes, and with the position the stop ends.
    assert evening.ask("POST", "/api/positions/KO/close", {"client_order_id": "X1"}).status == 201
    evening.filled("X1")
    evening.wait_for(lambda: evening.line.get("/api/order/K2")["state"] == "canceled", "canceled: K2")
    assert "KO" not in [held["symbol"] for held in evening.line.get("/api/positions")["positions"]]


def assert_no_second_process(evening: Evening) -> None:
    command = [sys.executable, "-m", "stopline", "run", "--data-dir", str(evening.data_dir), "--port", "0"]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert refused.returncode == LOCKED, refused.stderr
    assert str(evening.data_dir) in refused.stderr
