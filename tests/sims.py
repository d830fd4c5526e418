"""A simulated Alpaca in a thread of its own, on free ports, with its control port."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

import httpx2

from stopline.sim.alpaca.options import SimOptions
from stopline.sim.alpaca.simulator import Simulator

PATIENCE_S = 60.0


class RunningSim:
    """Where it is, and how to steer it."""

    def __init__(self, simulator: Simulator) -> None:
        assert simulator.control is not None
        self.simulator, self.options = simulator, simulator.options
        self.url, self.stream_url = simulator.url, simulator.stream_url
        self._control = httpx2.Client(base_url=simulator.control.url)

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the control port."""
        answer = self._control.request(method, path, json=body)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def quote(self, symbol: str, bid: str, ask: str, **more: str) -> None:
        """Let a quote come."""
        self.control("POST", "/quotes", {"symbol": symbol, "bid": bid, "ask": ask, **more})

    def fault(self, kind: str, **more: object) -> None:
        """Let something go wrong."""
        self.control("POST", "/faults", {"kind": kind, **more})

    def hits(self) -> list[int]:
        """Return how often each fault has hit."""
        return [fault["seen"] for fault in self.control("GET", "/faults")["faults"]]

    def close(self) -> None:
        """Let go of the control connection."""
        self._control.close()


@contextmanager
def run_sim(**options: Any) -> Iterator[RunningSim]:
    """Run a simulator with a manual market, unless told otherwise."""
    asked = SimOptions(**{"port": 0, "control_port": 0, "market": "manual", "rate_limit": 0, **options})
    ready, box = threading.Event(), {}

    async def serve() -> None:
        async with Simulator(asked) as simulator:
            box.update(simulator=simulator, loop=asyncio.get_running_loop(), stop=asyncio.Event())
            ready.set()
            await simulator.until(box["stop"])

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as fault:
            box["fault"] = fault
            ready.set()

    thread = threading.Thread(target=run, name="simulator")
    thread.start()
    assert ready.wait(PATIENCE_S)
    if "fault" in box:
        thread.join()
        raise box["fault"]
    running = RunningSim(box["simulator"])
    try:
        yield running
    finally:
        running.close()
        box["loop"].call_soon_threadsafe(box["stop"].set)
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    if "fault" in box:
        raise box["fault"]


def wait_until(is_so: Callable[[], Any], what: str) -> Any:
    """Return what `is_so` returns once it is true."""
    until = monotonic() + PATIENCE_S
    while not (found := is_so()):
        assert monotonic() < until, f"{what}: not within {PATIENCE_S:.0f} s"
        sleep(0.01)
    return found
