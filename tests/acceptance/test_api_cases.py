"""The contract of api.md to the letter, over real HTTP, against the command that a person runs.

Each test has its own process on its own data directory with the documented defaults.
"""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.sync.client import connect

from tests.small import COMMAND

PATIENCE_S = 60.0
TEST_001 = (
    b'{"client_order_id": "TEST-001", "symbol": "AAPL", "side": "BUY", "quantity": 100, "price": 175.00, '
    b'"order_type": "LIMIT"}'
)
"""The order of api.md, byte for byte."""


@contextmanager
def running(data_dir: Path, *options: str) -> Iterator[str]:
    """Run `stopline run` on a free port and yield its URL once it is ready for orders."""
    command = [*COMMAND, "run", "--data-dir", str(data_dir), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said: list[str] = []
        try:
            for line in process.stderr:
                said.append(line)
                if found := re.search(r"http://[0-9.]+:[0-9]+", line):
                    break
            else:
                pytest.fail("it did not start:\n" + "".join(said))
            wait_until_ready(found.group())
            yield found.group()
        finally:
            process.terminate()
            try:
                said.append(process.communicate(timeout=PATIENCE_S)[1])
            finally:
                process.kill()
    assert process.returncode == 0, "".join(said)


def wait_until_ready(url: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while (answer := httpx2.get(f"{url}/ready")).status_code != 200:
        assert time.monotonic() < until, answer.text
        time.sleep(0.01)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with running(tmp_path / "data", "--market", "synthetic:1") as found:
        yield found


@pytest.fixture
def door(url: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=url) as client:
        yield client


def limit_order(client_order_id: str, quantity: int, symbol: str, price: float) -> dict[str, Any]:
    return {
        "client_order_id": client_order_id,
        "symbol": symbol,
        "side": "BUY",
        "quantity": quantity,
        "price": price,
        "order_type": "LIMIT",
    }


def test_case_1_an_order_over_the_size_limit(door):
    response = door.post("/api/order", content=TEST_001)
    body = response.json()
    assert response.status_code == 403
    assert body["error"] == "risk_denied"
    assert body["check"] == "max_order_notional"
    assert "Order size exceeds limit: $17500.00 > $1000.00" in body["message"]
    assert (body["observed"], body["limit"], body["headroom"]) == ("17500.00", "1000.00", "-16500.00")
    assert body["retry_with_new_id"] is True
    assert body["max_passing_qty"] == "5"
    assert body["decision_id"]
    for check in body["checks"]:
        assert {"check", "passed", "observed", "limit", "headroom"} <= set(check)
    again = door.post("/api/order", content=TEST_001)
    assert (again.status_code, again.content) == (403, response.content)


def test_case_2_fifteen_quick_orders(door):
    statuses, messages = [], []
    for n in range(15):
        response = door.post("/api/order", json=limit_order(f"SPY-{n}", 1, "SPY", 450))
        statuses.append(response.status_code)
        messages.append(response.json().get("message", ""))
    assert statuses == [201] * 10 + [403] * 5
    assert all("rate limit exceeded" in message for message in messages[10:])


def test_case_3_a_report_that_names_order_size_and_symbol_limit(door):
    response = door.post("/api/order", json=limit_order("TSLA-1", 100, "TSLA", 250))
    body = response.json()
    denied = {check["check"]: check for check in body["checks"] if not check["passed"]}
    assert response.status_code == 403
    assert denied["max_order_notional"]["limit"] == "1000.00"
    assert denied["max_position"]["limit"] == "3000.00"
    assert "TSLA" in denied["max_position"]["reason"]


def test_limits_and_symbol_limits_are_the_bytes_of_the_contract(door):
    assert door.get("/api/risk/limits").content == (
        b'{"max_position_size":10000.00,"max_order_size":1000.00,"daily_loss_limit":5000.00,'
        b'"max_portfolio_concentration":25.00,"max_leverage":2.00,"max_orders_per_second":10,"enabled":true}'
    )
    changed = door.put("/api/risk/limits", json={"max_order_size": 2000})
    assert (changed.status_code, changed.json()["max_order_size"]) == (200, 2000)
    assert door.get("/api/risk/position-limits/TSLA").json()["max_position"] == 3000
    body = b'{"max_position": 5000.00, "max_concentration_pct": 15.00}'
    assert door.put("/api/risk/position-limits/TSLA", content=body).content == body.replace(b" ", b"")
    assert door.post("/api/order", json=limit_order("T-1", 7, "TSLA", 250)).status_code == 201


def test_alerts_pnl_breakers_and_the_stream(door, url):
    with connect(f"{url.replace('http', 'ws')}/ws", proxy=None) as stream:
        assert json.loads(stream.recv(timeout=PATIENCE_S))["type"] == "SNAPSHOT"
        door.post("/api/order", content=TEST_001)
        alert = until(stream, "RISK_ALERT")
        assert {name: alert["data"][name] for name in ("alert_type", "severity", "symbol")} == {
            "alert_type": "ORDER_REJECTED",
            "severity": "WARNING",
            "symbol": "AAPL",
        }
        pnl = until(stream, "PNL_UPDATE")
        assert set(pnl) == {"type", "data", "timestamp", "account", "seq"}
        assert set(pnl["data"]) == {
            "date",
            "realized_pnl",
            "unrealized_pnl",
            "total_pnl",
            "circuit_breaker_triggered",
        }
        assert pnl["data"] == door.get("/api/risk/daily-pnl").json()
        tripped = door.post("/api/risk/circuit-breaker/trip", json={"reason": "test"}).json()
        told = until(stream, "CIRCUIT_BREAKER")
        assert (told["data"]["active"], told["data"]["breaker_id"]) == (True, tripped["breaker_id"])
        assert door.post("/api/order", json=limit_order("T-1", 1, "AAPL", 175)).json()["check"] == "trading_state"
        reset = door.post("/api/risk/circuit-breaker/reset", json={"breaker_id": tripped["breaker_id"]})
        assert reset.status_code == 200
        stream.send(json.dumps({"type": "ORDER_SUBMIT", "data": limit_order("T-2", 1, "AAPL", 175)}))
        assert until(stream, "ORDER_DECISION")["status"] == 201
    alerts = door.get("/api/risk/alerts?limit=50").json()["alerts"]
    assert [each["alert_id"] for each in alerts] == sorted((each["alert_id"] for each in alerts), reverse=True)
    assert door.get("/api/risk/circuit-breakers").json()["circuit_breakers"][0]["active"] is False


def until(stream: Any, kind: str) -> dict[str, Any]:
    """Return the next message of a kind."""
    while True:
        message: dict[str, Any] = json.loads(stream.recv(timeout=PATIENCE_S))
        if message["type"] == kind:
            return message


def test_an_order_fills_and_is_closed_and_everybody_sees_the_same(door):
    accepted = door.post(
        "/api/order",
        json={"client_order_id": "B-1", "symbol": "AAPL", "side": "BUY", "quantity": 4, "order_type": "MARKET"},
    )
    assert accepted.status_code == 201, accepted.text
    eventually(lambda: door.get("/api/order/B-1").json()["state"] == "filled")
    position = door.get("/api/positions").json()["positions"][0]
    assert (position["symbol"], position["qty"], position["side"]) == ("AAPL", "4", "long")
    fills = door.get("/api/executions").json()["executions"]
    assert sum(int(fill["qty"]) for fill in fills) == 4
    assert door.get("/api/orders?status=filled").json()["orders"][0]["client_order_id"] == "B-1"
    assert door.post("/api/positions/AAPL/close").status_code == 201
    eventually(lambda: door.get("/api/positions").json()["positions"] == [])
    account = door.get("/api/account").json()
    assert account["equity"] == account["cash"]
    killed = door.post("/api/kill", json={"reason": "end of test"})
    assert killed.status_code == 200
    assert door.get("/api/account").json()["trading_state"] == "halted"


def eventually(is_so: Any) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until_s
        time.sleep(0.02)


def test_decisions_survive_a_restart_byte_for_byte(tmp_path):
    orders = [TEST_001, json.dumps(limit_order("OK-1", 1, "SPY", 440)).encode()]
    with running(tmp_path / "data", "--market", "synthetic:1") as url:
        first = [httpx2.post(f"{url}/api/order", content=order) for order in orders]
    with running(tmp_path / "data", "--market", "synthetic:1") as url:
        again = [httpx2.post(f"{url}/api/order", content=order) for order in orders]
        conflict = httpx2.post(f"{url}/api/order", json=limit_order("OK-1", 2, "SPY", 440))
    assert [each.status_code for each in first] == [403, 201]
    assert [(each.status_code, each.content) for each in again] == [(each.status_code, each.content) for each in first]
    assert (conflict.status_code, conflict.json()["error"]) == (409, "client_order_id_conflict")


def test_no_order_however_large_harms_the_system(door):
    """What is too large to be counted is denied; the account stays as it was."""
    for n, (symbol, quantity, price) in enumerate(
        [
            ("AAPL", "5", "92233720368.54775807"),
            ("AAPL", "9223372036.854775807", "175"),
            ("AAPL", "9223372036", "92233720368.54775807"),
        ]
    ):
        order = limit_order(f"BIG-{n}", 1, symbol, 1) | {"quantity": quantity, "price": price}
        assert door.post("/api/order", json=order).status_code == 403
        assert door.post("/api/risk/check", json=order).json()["approved"] is False
    assert door.get("/api/account").json()["trading_state"] == "active"
    assert door.get("/health").json()["problems"] == []
