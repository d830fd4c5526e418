"""Killed at the named points: nothing acknowledged is lost, nothing is sent twice, what is owed is done.

The points and the campaign are in tests/failpoints; `make kills` goes through all, and on at drawn passes of each. The
controls plant a bug in the process and demand that kills at the points around it find it.
"""

import os
import random
import signal
from pathlib import Path

import pytest
from msgspec import structs

from stopline.messages import events
from tests.acceptance.evidence import Violation
from tests.acceptance.nursery import Nursery, Stuck
from tests.failpoints.arm import find
from tests.failpoints.campaign import run
from tests.failpoints.lives import Lives
from tests.failpoints.points import POINTS, Scene

SEED = int(os.environ.get("FAILPOINTS_SEED", "1"))
EVERY = 1 if os.environ.get("FAILPOINTS") == "all" else 2
"""Every second point is enough for each run of the tests: two beside each other are mostly one step apart."""
STARTS = (Scene.FRESH, Scene.START, Scene.SPOOLED, Scene.STOP)
PARTS = {
    "starting and stopping": [point for point in POINTS.values() if point.scene in STARTS][::EVERY],
    "trading": [point for point in POINTS.values() if point.scene is Scene.TRADE][::EVERY],
    "acting": [point for point in POINTS.values() if point.scene not in (*STARTS, Scene.TRADE)][::EVERY],
}
kills = pytest.mark.skipif(not hasattr(os, "fork") or not hasattr(signal, "SIGKILL"), reason="needs fork and SIGKILL")


def test_there_are_enough_and_each_is_in_the_code():
    assert len(POINTS) >= 60
    assert sum(map(len, PARTS.values())) >= 60
    for point in POINTS.values():
        if point.kind == "call":
            find(point.at)
        elif point.kind == "record":
            assert hasattr(events, point.at.split()[0]), point


@kills
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", PARTS)
def test_killed_once_at_a_point(part: str):
    figures = run(PARTS[part], SEED)
    print(figures)
    assert figures.points == {point.name for point in PARTS[part]}
    assert figures.acknowledged > figures.directories


AROUND_A_COMMIT = [
    POINTS[name] for name in ("journal.commit.before", "journal.rows_written.after", "disk.journal.db-wal.write.before")
]
CONTROLS = {
    "reply_before_commit": AROUND_A_COMMIT,
    "send_before_commit": AROUND_A_COMMIT,
    "report_before_commit": [POINTS["broker.commit.before"], POINTS["disk.paper.db-wal.write.before"]],
    "send_again": [POINTS["record.OrderApproved.durable"], POINTS["journal.publish.before"]],
}
"""Bugs, and the points around which kills must find them."""


@kills
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("bug", CONTROLS)
def test_control_kills_find(bug: str):
    with pytest.raises((Violation, Stuck)):
        run(CONTROLS[bug] * 10, SEED, plant=bug)


@kills
def test_control_a_point_that_is_never_passed_is_no_success(tmp_path: Path):
    """What a first start passes, a second does not."""
    elsewhere = structs.replace(POINTS["fresh.paper_book.before"], scene=Scene.START)
    with Nursery() as nursery:
        lives = Lives(nursery, tmp_path, "never", random.Random(SEED))
        try:
            with pytest.raises(Stuck, match="did not say 'point'"):
                lives.die_at(elsewhere, 1, "0", patience_s=3.0)
        finally:
            lives.close()
