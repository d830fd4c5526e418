"""A process that stands still, a machine whose wall clock is set, and several processes that want one data directory.

Source     reliability.md F17, F30 (steps), F44, I07, I09, I15, G6.
"""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from stopline.messages import events as e
from stopline.messages.events import Event
from stopline.model.numbers import SECOND
from tests.acceptance import doubled
from tests.acceptance.evidence import Evidence
from tests.acceptance.nursery import PATIENCE_S, ForkedDaemon, Nursery
from tests.acceptance.wire import Answer, HeldPort, Line, NoAnswer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not hasattr(os, "fork") or not hasattr(signal, "SIGSTOP"), reason="needs fork and SIGSTOP"),
]

ROUNDS = 6
STILL_S = 2.5
LOCKED_S = 2
DAY_S = 86_400


class Told(Evidence):
    """Evidence that keeps each event with its instant."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self.events: list[tuple[int, Event]] = []

    def _note(self, seq: int, at: int, event: Event) -> None:
        super()._note(seq, at, event)
        self.events.append((at, event))

    def of(self, kind: type) -> list[tuple[int, Any]]:
        return [(at, event) for at, event in self.events if isinstance(event, kind)]


class Day:
    """One process on one directory, with a wall clock that a test sets."""

    def __init__(self, nursery: Nursery, folder: Path) -> None:
        self._nursery, self.folder, self._held = nursery, folder, HeldPort()
        self.data_dir, self._wall = folder / "data", folder / "wall"
        self.set_wall(0)
        self.line = Line(self._held.number)
        self.daemon: ForkedDaemon

    def set_wall(self, by_s: int) -> None:
        """Set the machine's wall clock, as the process sees it."""
        fresh = self._wall.with_name("wall.new")
        fresh.write_text(str(by_s * SECOND))
        fresh.replace(self._wall)

    def start(self) -> None:
        log = self.folder / "log"
        self.daemon = self._nursery.fork(self.data_dir, self._held.number, log, wall=self._wall)
        self.wait_for(self._is_ready, "ready")

    def _is_ready(self) -> bool:
        try:
            return self.line.ask("GET", "/ready").status == 200
        except NoAnswer:
            return False

    def wait_for(self, happened: Callable[[], Any], what: str) -> None:
        ends = time.monotonic() + PATIENCE_S
        while not happened():
            assert time.monotonic() < ends, f"not {what} after {PATIENCE_S} s:\n{(self.folder / 'log').read_text()}"
            time.sleep(0.02)

    def buy(self, order_id: str) -> Answer:
        return self.line.ask("POST", "/api/order", order(order_id))

    def lock(self, seconds: int) -> None:
        answer = self.line.ask("POST", "/api/risk/lockout", {"for_s": seconds, "reason": "a while"})
        assert answer.status == 200, answer

    def is_free(self) -> bool:
        return not [lock for lock in self.line.get("/api/risk/lockouts")["standing"] if lock["key"] == "lock:self"]

    def end(self) -> Told:
        """Kill it, and return what its files prove."""
        self.daemon.kill()
        self.daemon.wait()
        told = Told(self.data_dir)
        told.read()
        return told

    def close(self) -> None:
        self.daemon.kill()
        self._held.close()


def order(order_id: str) -> dict[str, Any]:
    return {"client_order_id": order_id, "symbol": "KO", "side": "BUY", "quantity": 1, "order_type": "MARKET"}


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    with Nursery() as nursery:
        day = Day(nursery, tmp_path)
        try:
            day.start()
            with day.line:
                yield day
        finally:
            day.close()


def assert_locks_ended_when_due(told: Told, least: int) -> None:
    """Each lock ended by itself, not before its time."""
    placed = [event.until for _, event in told.of(e.RestrictionPlaced) if event.key == "lock:self"]
    lifted = [at for at, event in told.of(e.RestrictionLifted) if event.key == "lock:self"]
    assert len(placed) == len(lifted) >= least
    for until, at in zip(placed, lifted, strict=True):
        assert at >= until


def test_a_process_that_stands_still_wakes_to_the_time_it_is(day: Day):
    """Orders that came meanwhile are decided once, at the time it is by then; a lock that ran out meanwhile is over."""
    assert day.buy("before").status == 201
    day.lock(LOCKED_S)
    assert day.buy("locked").status == 403
    day.daemon.stand_still()
    with ExitStack() as opened:
        others = {f"meanwhile-{number}": opened.enter_context(Line(day.daemon.port)) for number in range(5)}
        for name, line in others.items():
            line.send("POST", "/api/order", json.dumps(order(name)).encode())
        time.sleep(STILL_S)
        day.daemon.go_on()
        answers = {name: line.receive() for name, line in others.items()}
    assert {answer.status for answer in answers.values()} <= {201, 403}
    day.wait_for(day.is_free, "free")
    day.wait_for(lambda: day.buy(f"after-{time.monotonic_ns()}").status == 201, "trading again")
    for name, answer in answers.items():
        again = day.line.ask("POST", "/api/order", order(name))
        assert (again.status, again.body) == (answer.status, answer.body)
    told = day.end()
    for name, answer in answers.items():
        told.expect_answer(name, answer)
    assert_locks_ended_when_due(told, 1)
    still = [at for at, event in told.events if getattr(event, "request", None) is not None]
    gap = max(later - earlier for earlier, later in pairwise(still))
    assert gap >= STILL_S * SECOND, "the boot clock counts what the process did not see"


def test_a_wall_clock_that_is_set_moves_no_lock(day: Day):
    """Forward by a day and back by two, while locked: engine time goes on, and nothing is let in until it is right."""
    day.lock(LOCKED_S + 2)
    day.set_wall(DAY_S)
    assert day.buy("a day later").status == 403
    day.wait_for(lambda: len(steps(day)) >= 1, "told of the first step")
    day.set_wall(-DAY_S)
    day.wait_for(lambda: len(steps(day)) >= 2, "told of the second step")
    assert not day.is_free(), "what ends with time does not end by a clock that nobody trusts"
    day.set_wall(0)
    day.wait_for(day.is_free, "free")
    told = day.end()
    assert_locks_ended_when_due(told, 1)
    by = [event.by for _, event in told.of(e.ClockSteppedBy)]
    assert [round(each / SECOND / DAY_S) for each in by] == [1, -2, 1]
    before = max(at for at, _ in told.events)
    day.set_wall(-DAY_S)
    day.start()
    again = day.end()
    assert max(at for at, _ in again.events) - before < 3600 * SECOND, "nor does a restart follow it"


def steps(day: Day) -> list[Any]:
    return [each for each in day.line.get("/api/risk/alerts")["alerts"] if "CLOCK" in each["alert_type"].upper()]


def test_one_of_several_decides(tmp_path: Path):
    assert doubled.run(ROUNDS, tmp_path) == ROUNDS * doubled.AT_ONCE
