"""Connections that break between Stopline and its broker, and between bots and Stopline: still one order per id.

The proxy is ours (tests/fault_proxy.py); on either side of it are real processes.

Source     reliability.md F20, F21, I01, I03, I06, I17.
"""

import os
import random
import signal
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.acceptance.kill9 import LIVE, Directory
from tests.acceptance.nursery import PATIENCE_S, ForkedDaemon, Nursery
from tests.acceptance.test_alpaca import Stage
from tests.acceptance.traffic import Bot, Trigger
from tests.fault_proxy import Fault, FaultProxy
from tests.sims import run_sim

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL"),
]
FAULTS = [fault for fault in Fault if fault is not Fault.NONE]
EACH_S = 0.4
SEED = int(os.environ.get("PROXY_SEED", "1"))


class Broken(Stage):
    """A simulated Alpaca that Stopline reaches through the proxy, and everybody else directly."""

    def through(self, proxy: FaultProxy) -> None:
        self.config.write_text(f'alpaca: {{environment: "http://127.0.0.1:{proxy.port}"}}\n')


def test_a_broker_behind_a_line_that_breaks(tmp_path: Path):
    """Under each fault an order is sent; healed, it is at the broker once or never, and both books agree."""
    stage = Broken(tmp_path)
    try:
        stage.start_sim()
        with FaultProxy(stage.sim_port) as proxy:
            stage.through(proxy)
            stage.start()
            for fault in FAULTS:
                hits, there, name = proxy.hits, len(stage.at_alpaca()), f"under-{fault.value}"
                proxy.fault(fault)
                answer = stage.order(name)
                assert answer.status in (201, 403, 503), answer
                stage.wait_for(lambda before=hits: proxy.hits > before, f"{fault} was met")
                if fault is not Fault.DROP:
                    stage.wait_for(lambda before=there: len(stage.at_alpaca()) > before, f"{name} is at the broker")
                proxy.heal()
                stage.wait_for(lambda: agrees(stage), f"both books agree after {fault}")
            stage.assert_agrees()
            filled = [name for name in (f"under-{fault.value}" for fault in FAULTS) if is_filled(stage, name)]
            assert {each["client_order_id"] for each in filled_at(stage)} == routed(stage, filled)
            assert len(filled) == len(FAULTS) - 1, f"all but the one that never arrived: {filled}"
            assert stage.end() == 0
    finally:
        stage.close()


def agrees(stage: Stage) -> bool:
    """Whether nothing is under way, and both hold the same."""
    if not stage.is_ready() or stage.trading_state() != "active":
        return False
    if [each for each in stage.line.get("/api/orders")["orders"] if each["state"] in LIVE]:
        return False
    theirs = {each["symbol"]: each["qty"] for each in stage.alpaca("GET", "/v2/positions")}
    return stage.held() == theirs.get("AAPL", "0")


def is_filled(stage: Stage, name: str) -> bool:
    answer = stage.line.ask("GET", f"/api/order/{name}")
    return answer.status == 200 and answer.json()["state"] == "filled"


def routed(stage: Stage, names: list[str]) -> set[str]:
    return {stage.line.get(f"/api/order/{name}")["routed_order_id"] for name in names}


def filled_at(stage: Stage) -> list[dict[str, object]]:
    return [each for each in stage.at_alpaca() if each["status"] == "filled"]


class Reached(Directory):
    """A data directory whose bots come through a proxy."""

    def trade(self, faults: list[Fault], each_s: float) -> None:
        """Let bots trade, under each fault for a while, and kill the process at the end of it."""
        daemon = self._start(is_real=False)
        try:
            seen = self._wait_until_ready(daemon)
            with FaultProxy(self._port) as proxy:
                bots = [Bot(f"bot-{n}", f"{self._draw.random()}", proxy.port, self.ledger, NEVER) for n in range(4)]
                for bot in bots:
                    bot.start()
                for fault in faults:
                    self._expect_answers(proxy, 10)
                    proxy.fault(fault)
                    time.sleep(each_s)
                    proxy.heal()
                self._expect_answers(proxy, 10)
                for bot in bots:
                    bot.stop()
                proxy.heal()
                for bot in bots:
                    bot.join(PATIENCE_S)
            for violation in self.ledger.violations:
                raise violation
            assert isinstance(daemon, ForkedDaemon)
            daemon.kill()
            daemon.wait()
        finally:
            daemon.kill()
        self._look(seen, set())

    def _expect_answers(self, proxy: FaultProxy, count: int) -> None:
        """A line that is whole brings answers."""
        enough, ends = self.ledger.acknowledged + count, time.monotonic() + PATIENCE_S
        while self.ledger.acknowledged < enough and not self.ledger.violations:
            assert time.monotonic() < ends, f"no answers through a whole line, {proxy.hits} pieces were hit before"
            threading.Event().wait(0.01)


NEVER = Trigger(lambda: None)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_bots_behind_a_line_that_breaks(tmp_path: Path):
    """What a bot heard is in the journal, what it repeats gets the same bytes, nothing is decided twice."""
    draw = random.Random(SEED)
    with Nursery() as nursery:
        directory = Reached(nursery, tmp_path, "proxied", draw, "")
        try:
            directory.trade(draw.sample(FAULTS, len(FAULTS)), EACH_S)
            directory.settle()
        finally:
            directory.close()
    figures = directory.figures
    assert figures.unanswered > 0 and figures.repeats_compared > 0


def test_control_the_proxy_breaks_what_it_says():
    with ExitStack() as opened:
        sim = opened.enter_context(run_sim())
        proxy = opened.enter_context(FaultProxy(urlsplit(sim.url).port or 0))
        client = opened.enter_context(httpx2.Client(base_url=f"http://127.0.0.1:{proxy.port}"))
        for fault in (Fault.DROP, Fault.LOST_ANSWER, Fault.TRUNCATE):
            assert client.get("/v2/clock").status_code in (401, 403), "whole, it passes everything"
            proxy.fault(fault)
            with pytest.raises(httpx2.HTTPError):
                client.get("/v2/clock")
            proxy.heal()
