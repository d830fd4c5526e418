"""A simulated Alpaca and a Stopline in front of it, as two real processes: what one types to both.

`python -m stopline sim alpaca` with prices by hand, `python -m stopline run --broker alpaca`
in front of it. Faults come over the simulator's control port; kills are `kill -9`.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from tests.acceptance.wire import Answer, HeldPort, Line, NoAnswer

PATIENCE_S = 60.0
KEY, SECRET = "PKCANARY7KEY", "canary-secret-nobody-may-read"
KEYS = {"APCA_API_KEY_ID": KEY, "APCA_API_SECRET_KEY": SECRET}
STOPLINE = [sys.executable, "-m", "stopline"]
on_real_processes = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL"),
]


class Stage:
    """A simulated Alpaca, a Stopline in front of it, and what one types to both. `market` is said to both of them."""

    def __init__(self, folder: Path, market: tuple[str, ...] = ()) -> None:
        self._market = market
        self.folder, self.log = folder, folder / "stopline.log"
        self._held = [HeldPort() for _ in range(3)]
        self.port, self.sim_port, self.control_port = (each.number for each in self._held)
        self.config = folder / "stopline.yaml"
        self.config.write_text(f'alpaca: {{environment: "http://127.0.0.1:{self.sim_port}"}}\n')
        self.line = Line(self.port)
        self._control = httpx2.Client(base_url=f"http://127.0.0.1:{self.control_port}")
        self._alpaca = httpx2.Client(
            base_url=f"http://127.0.0.1:{self.sim_port}",
            headers={"APCA-API-KEY-ID": KEY, "APCA-API-SECRET-KEY": SECRET},
        )
        self._sim: subprocess.Popen[bytes] | None = None
        self._stopline: subprocess.Popen[bytes] | None = None

    # --- processes -----------------------------------------------------------------------------

    def start_sim(self, *more: str) -> None:
        command = [*STOPLINE, "sim", "alpaca", "--port", str(self.sim_port), "--control-port", str(self.control_port)]
        command += ["--key", KEY, "--secret", SECRET, "--state", str(self.folder / "sim.json")]
        command += ["--rate-limit", "0", *(self._market or ("--market", "manual")), *more]
        self._sim = self._spawn(command, self.folder / "sim.log")
        self.wait_for(self._sim_answers, "the simulator answers")
        if not self._market:
            self.quote("174.99", "175.01")

    def _sim_answers(self) -> bool:
        try:
            return self._control.get("/").status_code == 200
        except httpx2.HTTPError:
            return False

    def start(self) -> None:
        command = [*STOPLINE, "run", "--broker", "alpaca", "--config", str(self.config), "--port", str(self.port)]
        self._stopline = self._spawn([*command, *self._market, "--data-dir", str(self.folder / "data")], self.log)
        self.wait_for(self.is_ready, "Stopline is ready")

    def _spawn(self, command: list[str], log: Path) -> "subprocess.Popen[bytes]":
        with log.open("ab") as sink:
            return subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, env=os.environ | KEYS
            )

    def is_ready(self) -> bool:
        assert self._stopline is None or self._stopline.poll() is None, self.log.read_text()
        with suppress(NoAnswer):
            return self.line.ask("GET", "/ready").status == 200
        return False

    def kill_sim(self) -> None:
        assert self._sim is not None
        self._sim.kill()
        self._sim.wait()

    def kill(self) -> None:
        assert self._stopline is not None
        self._stopline.kill()
        self._stopline.wait()

    def end(self) -> int:
        assert self._stopline is not None
        self._stopline.terminate()
        return self._stopline.wait(PATIENCE_S)

    def close(self) -> None:
        for process in (self._stopline, self._sim):
            if process is not None:
                process.kill()
                process.wait()
        self._control.close()
        self._alpaca.close()
        self.line.__exit__(None, None, None)
        for port in self._held:
            port.close()

    def wait_for(self, happened: Callable[[], Any], what: str) -> Any:
        ends = time.monotonic() + PATIENCE_S
        while not (found := happened()):
            said = self.log.read_text() if self.log.exists() else ""
            assert time.monotonic() < ends, f"not in {PATIENCE_S} s: {what}\n{said}"
            time.sleep(0.02)
        return found

    # --- at Alpaca -----------------------------------------------------------------------------

    def quote(self, bid: str, ask: str, size: str = "10000", symbol: str = "AAPL") -> None:
        self.control("POST", "/quotes", {"symbol": symbol, "bid": bid, "ask": ask, "size": size})

    def fault(self, kind: str, **more: Any) -> None:
        self.control("POST", "/faults", {"kind": kind, **more})

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._control.request(method, path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def alpaca(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._alpaca.request(method, path, json=body)
        assert answer.status_code in (200, 204, 207), answer.text
        return answer.json() if answer.content else None

    def at_alpaca(self) -> list[dict[str, Any]]:
        orders: list[dict[str, Any]] = self.alpaca("GET", "/v2/orders?status=all&limit=500&direction=asc")
        return orders

    # --- at Stopline -----------------------------------------------------------------------------

    def order(self, order_id: str, side: str = "BUY", kind: str = "MARKET", quantity: int = 2, **more: Any) -> Answer:
        asked = {"client_order_id": order_id, "symbol": "AAPL", "side": side, "quantity": quantity}
        return self.line.ask("POST", "/api/order", asked | {"order_type": kind} | more)

    def approved(self, order_id: str, *args: Any, **more: Any) -> None:
        self.done(lambda: self.order(order_id, *args, **more))

    def close_position(self) -> None:
        self.done(lambda: self.line.ask("POST", "/api/positions/AAPL/close", {}))

    def done(self, ask: Callable[[], Answer]) -> None:
        """Ask until it is taken: on a busy machine a slow disk says `send it again later`."""

        def taken() -> bool:
            answer = ask()
            assert answer.status in (200, 201, 202, 503), answer
            return answer.status != 503

        self.wait_for(taken, "the request is taken")

    def state(self, order_id: str) -> str:
        return str(self.line.get(f"/api/order/{quote(order_id, safe='')}")["state"])

    def wait_state(self, order_id: str, state: str) -> dict[str, Any]:
        self.wait_for(lambda: self.state(order_id) == state, f"{order_id} is {state}")
        found: dict[str, Any] = self.line.get(f"/api/order/{quote(order_id, safe='')}")
        return found

    def held(self) -> str:
        return self.holdings().get("AAPL", "0")

    def holdings(self) -> dict[str, str]:
        return {each["symbol"]: each["qty"] for each in self.line.get("/api/positions")["positions"]}

    def trading_state(self) -> str:
        return str(self.line.get("/api/account")["trading_state"])

    def at(self) -> str:
        """Return Stopline's time, whatever else is wrong."""
        return str(self.line.ask("GET", "/ready").json()["at"])

    def alerts(self) -> set[str]:
        return {each["alert_type"] for each in self.line.get("/api/risk/alerts")["alerts"]}

    def assert_agrees(self) -> None:
        """Both books say the same, and no order was sent twice."""
        self.wait_for(lambda: self.is_ready() and self.trading_state() == "active", "everything is reconciled")
        at_alpaca = {each["symbol"]: each["qty"] for each in self.alpaca("GET", "/v2/positions")}
        assert self.held() == at_alpaca.get("AAPL", "0")
        ids = [each["client_order_id"] for each in self.at_alpaca()]
        assert len(ids) == len(set(ids))
        theirs = self.alpaca("GET", "/v2/orders?status=open&limit=500")
        ours = [
            each for each in self.line.get("/api/orders")["orders"] if each["state"] in ("working", "partially_filled")
        ]
        assert len(ours) == len(theirs)


@contextmanager
def opened(folder: Path, settings: str = "") -> Iterator[Stage]:
    """Run both, with more settings than where Alpaca is."""
    stage = Stage(folder)
    stage.config.write_text(stage.config.read_text() + settings)
    try:
        stage.start_sim()
        stage.start()
        yield stage
    finally:
        stage.close()
