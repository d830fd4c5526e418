"""One data directory and the real command on it, as a person runs it: start, trade over plain HTTP, pull the plug."""

import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.acceptance.nursery import RealDaemon
from tests.acceptance.wire import Answer, HeldPort, Line, NoAnswer
from tests.small import COMMAND

PATIENCE_S = 60.0
MOVES_WITH_THE_MARKET = frozenset(
    "mark_price mark_at market_value unrealized_pnl open_pnl worst_money equity total_pnl gross_exposure "
    "initial_margin available_margin".split()
)


class Evening:
    """One data directory, and whatever process runs on it."""

    def __init__(self, folder: Path, stopline: Sequence[str] = COMMAND) -> None:
        self._stopline = stopline
        self.data_dir, self.log, self._held = folder / "data", folder / "stopline.log", HeldPort()
        self.port = self._held.number
        self._daemon: RealDaemon | None = None
        self.line = Line(self.port)

    def run(self) -> None:
        self._daemon = RealDaemon(self.data_dir, self.port, self.log, config=None, stopline=self._stopline)
        self.wait_for(self._is_ready, "ready")

    def _is_ready(self) -> bool:
        try:
            return self.line.ask("GET", "/ready").status == 200
        except NoAnswer:
            return False

    def pull_the_plug(self) -> None:
        assert self._daemon is not None
        self._daemon.kill()
        assert self._daemon.wait() == -signal.SIGKILL

    def end(self) -> int:
        assert self._daemon is not None
        self._daemon.terminate()
        return self._daemon.wait()

    def close(self) -> None:
        self._held.close()
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()

    def wait_for(self, happened: Callable[[], Any], what: str) -> Any:
        ends = time.monotonic() + PATIENCE_S
        while not (found := happened()):
            assert time.monotonic() < ends, f"not {what} after {PATIENCE_S} s:\n{self.log.read_text()}"
            time.sleep(0.02)
        return found

    # --- what one types ------------------------------------------------------------------------

    def order(self, order_id: str, side: str, quantity: int, symbol: str, **more: Any) -> Answer:
        return self.ask("POST", "/api/order", _asked(order_id, side, quantity, symbol, more))

    def order_once(self, order_id: str, side: str, quantity: int, symbol: str, **more: Any) -> Answer:
        """Send an order, and take what comes: a refusal of the store is an answer too."""
        return self.line.ask("POST", "/api/order", _asked(order_id, side, quantity, symbol, more))

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Ask until it is decided: where the disk of the machine is slow, Stopline says so and asks for a repeat."""

        def decided() -> Answer | None:
            answer = self.line.ask(method, path, body)
            return None if answer.status == 503 else answer

        answer: Answer = self.wait_for(decided, f"decided: {method} {path}")
        return answer

    def filled(self, order_id: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found = self.line.get(f"/api/order/{order_id}")
            return found if found["state"] == "filled" else None

        return self.wait_for(look, f"filled: {order_id}")

    def picture(self) -> dict[str, Any]:
        """All that a person can look at, without what moves with the market."""
        get = self.line.get
        seen = {
            "orders": get("/api/orders")["orders"],
            "executions": get("/api/executions")["executions"],
            "positions": get("/api/positions")["positions"],
            "account": get("/api/account"),
            "limits": get("/api/risk/limits"),
            "KO": get("/api/risk/position-limits/KO"),
            "breakers": get("/api/risk/circuit-breakers")["circuit_breakers"],
            "realized": get("/api/risk/daily-pnl")["realized_pnl"],
        }
        return _still(seen)

    def alerts(self) -> list[str]:
        return [alert["message"] for alert in self.line.get("/api/risk/alerts")["alerts"]]


def _still(seen: Any) -> Any:
    if isinstance(seen, dict):
        return {name: _still(each) for name, each in seen.items() if name not in MOVES_WITH_THE_MARKET}
    return [_still(each) for each in seen] if isinstance(seen, list) else seen


def _asked(order_id: str, side: str, quantity: int, symbol: str, more: dict[str, Any]) -> dict[str, Any]:
    asked = {"client_order_id": order_id, "symbol": symbol, "side": side, "quantity": quantity}
    return asked | {"order_type": "MARKET"} | more
