"""Kills a Stopline at each named point, restarts it, and looks: once each, or in many rounds at drawn passes."""

import random
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

from msgspec import Struct, field

from tests.acceptance.evidence import Violation
from tests.acceptance.nursery import Nursery, Stuck
from tests.failpoints.lives import Lives
from tests.failpoints.points import Point, Scene

PER_DIRECTORY = 24
ALONE = frozenset({Scene.FRESH, Scene.KILL, Scene.CONTROL})
"""Scenes that want a directory of their own: a first start, and a kill switch that nobody releases at once."""


class Figures(Struct):
    """What was done and seen."""

    kills: int = 0
    points: set[str] = field(default_factory=set)
    directories: int = 0
    records: int = 0
    acknowledged: int = 0
    repeats_compared: int = 0
    broker_orders: int = 0
    broker_fills: int = 0
    found_at_broker: int = 0
    never_sent: int = 0
    limits_promised: int = 0
    locks_promised: int = 0
    seconds: float = 0.0

    def add(self, lives: Lives) -> None:
        """Take in a directory that has settled."""
        seen = lives.figures
        self.directories += 1
        for (
            name
        ) in "records acknowledged repeats_compared broker_orders broker_fills found_at_broker never_sent".split():
            setattr(self, name, getattr(self, name) + getattr(seen, name))
        self.limits_promised += lives.promises.told_limit
        self.locks_promised += lives.promises.told_locks

    def __str__(self) -> str:
        """Say it in a few lines."""
        figures = {name: getattr(self, name) for name in self.__struct_fields__ if name != "points"}
        return f"{len(self.points)} points: " + ", ".join(f"{value} {name}" for name, value in figures.items())


def run(
    points: Iterable[Point],
    seed: int,
    *,
    rounds: int = 1,
    plant: str = "",
    root: Path | None = None,
    log: Callable[[str], None] = lambda line: None,
) -> Figures:
    """Kill at each point, in the first round when it is first passed, later at a drawn pass. Raises Violation."""
    began, draw, figures = time.monotonic(), random.Random(seed), Figures()
    wanted = list(points)
    with ExitStack() as stack:
        folder = root or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="failpoints-")))
        nursery = stack.enter_context(Nursery())
        for turn in range(rounds):
            order = draw.sample(wanted, len(wanted)) if turn else wanted
            for index, group in enumerate(_directories(order)):
                lives = Lives(nursery, folder, f"r{turn}d{index}", draw, plant)
                stack.callback(lives.close)
                for point in group:
                    _kill_at(lives, point, draw.randint(1, point.most) if turn else 1, figures, seed, turn)
                lives.settle()
                figures.add(lives)
                log(f"round {turn}: {figures.kills} kills, {len(figures.points)} of {len(wanted)} points")
    figures.seconds = round(time.monotonic() - began, 1)
    return figures


def _kill_at(lives: Lives, point: Point, nth: int, figures: Figures, seed: int, turn: int) -> None:
    try:
        lives.die_at(point, nth, f"{turn}-{figures.kills}")
    except (Violation, Stuck) as error:
        error.add_note(f"at {point.name}, pass {nth} (seed {seed}, round {turn})")
        raise
    figures.kills += 1
    figures.points.add(point.name)


def _directories(points: list[Point]) -> list[list[Point]]:
    """Return which points share a data directory, one after the other."""
    shared = [point for point in points if point.scene not in ALONE]
    groups = [shared[first : first + PER_DIRECTORY] for first in range(0, len(shared), PER_DIRECTORY)]
    return [[point] for point in points if point.scene in ALONE] + groups
