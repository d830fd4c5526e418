"""Real markets through the whole system: a day of IBM ticks, a week of ES minutes, and the other files for a while.

A scripted trader (real_day.py) sends hundreds of orders of every kind. Nothing crashes on
one-sided, crossed or stub quotes; market orders on quotes that are not to be trusted are
denied; both books are equal at the end; what replay makes of the journal is the live state,
byte for byte; and a second run, in a process of its own, writes the same journal.
"""

import csv
import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from stopline.engine.replay import decode_state, encode_state, fold, state_hash
from stopline.messages.upcast import decode_events
from stopline.state.state import State
from stopline.stores.sqlite import snapshots
from stopline.stores.tools import verify
from tests.acceptance.evidence import Evidence
from tests.acceptance.real_day import Story, fills_of, run

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "market"

if not DATA.exists() and not os.environ.get("CI"):
    pytest.skip(f"{DATA} is not there (in CI it must be)", allow_module_level=True)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def ibm_day() -> Path:
    return DATA / "ibm_ticks_20131007.csv.gz"


@pytest.fixture
def es_week(tmp_path: Path) -> Path:
    """From Sunday evening, when the week of 2013-10-07 opens, to its Friday."""
    return cut("es_minutes_2013.csv.gz", tmp_path, lambda row: "2013-10-06T22" <= row[0] < "2013-10-12")


def cut(name: str, folder: Path, wanted: Callable[[list[str]], bool]) -> Path:
    """Write the wanted rows of a file to a file of the same name."""
    path = folder / name
    with gzip.open(DATA / name, "rt", newline="") as source, gzip.open(path, "wt", newline="") as sink:
        rows, writer = csv.reader(source), csv.writer(sink)
        writer.writerow(next(rows))
        writer.writerows(row for row in rows if wanted(row))
    return path


def test_a_day_of_ibm_ticks(ibm_day: Path, tmp_path: Path):
    story = play_twice(ibm_day, tmp_path, every=61)
    assert story.quotes > 78_000
    assert story.fed["one-sided"] >= 1 and story.fed["crossed"] > 100 and story.fed["locked"] > 500
    assert story.quote_flaws["unusable"] > 10 and story.quote_flaws["stale"] > 5
    assert story.exits_on_bad_quotes > 0, "an exit goes at whatever price there is"
    assert len(story.fills) > 500
    assert {f"SubmitOrder: {said}" for said in ("OrderApproved", "OrderDenied")} <= story.replies.keys()
    assert {"ReplaceOrder: ReplaceApproved", "CancelOrder: Done", "ClosePosition: OrderApproved", "Flatten: Done"} <= (
        story.replies.keys()
    )
    assert story.denied_by["max_order_notional"] and story.denied_by["self_match"]


def test_a_week_of_es_minutes(es_week: Path, tmp_path: Path):
    story = play_twice(es_week, tmp_path, every=17)
    assert story.quotes > 19_000
    assert story.fed["one-sided"] > 3_000 and story.fed["crossed"] >= 4 and story.fed["stub"] >= 4 and story.fed["none"]
    assert story.quote_flaws["unusable"] > 300 and story.quote_flaws["stale"] > 50
    assert len(story.fills) > 100
    evidence = read(tmp_path / "first")
    days = list(dict.fromkeys(evidence.sessions))
    # Chicago trades for a quarter of an hour on Friday after the reset in New York: that is Monday's.
    assert days == ["2013-10-07", "2013-10-08", "2013-10-09", "2013-10-10", "2013-10-11", "2013-10-14"]


def test_a_week_in_three_lives(es_week: Path, tmp_path: Path):
    """The recording goes on where it stopped, on what the last life left: positions, stops that wait, the day's P&L."""
    data_dir = tmp_path / "data"
    fills = 0
    for most in (6_000, 7_000, 1 << 62):
        story = run(es_week, data_dir, 17, most)
        look_at(story, data_dir)
        assert len(story.fills) > fills
        fills = len(story.fills)
    evidence = read(data_dir)
    assert len(evidence.epochs) == 3
    assert evidence.sessions == list(dict.fromkeys(evidence.sessions)), "a trading day opened twice"


@pytest.mark.parametrize(
    ("name", "wanted", "every"),
    [
        pytest.param("spy_seconds_20131010.csv.gz", lambda row: row[0] < "2013-10-10T14:30", 23, id="SPY seconds"),
        pytest.param(
            "us4_minutes_201310.csv.gz", lambda row: row[1] < "2013-10-08", 17, id="four symbols by the minute"
        ),
        pytest.param("us_daily_raw_1998_2012.csv.gz", lambda row: row[1] < "2000", 7, id="two years of days"),
    ],
)
def test_other_markets(name: str, wanted: Callable[[list[str]], bool], every: int, tmp_path: Path):
    data_dir = tmp_path / "data"
    story = run(cut(name, tmp_path, wanted), data_dir, every)
    look_at(story, data_dir)
    assert story.quotes > 3_000
    assert story.quote_flaws["stale"] > 10
    assert len(story.fills) > 10


# --- what must hold of every run ---------------------------------------------------------------


def play_twice(path: Path, folder: Path, every: int) -> Story:
    """Play a file here and in another process, whose sets are shuffled otherwise; both must come to the same."""
    again, sink = folder / "again", folder / "again.json"
    command = [sys.executable, "-m", "tests.acceptance.real_day", str(path), str(again), str(every)]
    with sink.open("wb") as output:
        other = subprocess.Popen(command, cwd=ROOT, stdout=output, env={**os.environ, "PYTHONHASHSEED": "4242"})
        try:
            story = run(path, folder / "first", every)
            assert other.wait(240) == 0
        finally:
            other.kill()
            other.wait()
    look_at(story, folder / "first")
    first, second = records(folder / "first", story.seq), records(again, story.seq)
    assert len(first) == story.seq
    assert first == second, "the same quotes and the same trader made another journal"
    assert story.fills == fills_of(again)
    return story


def look_at(story: Story, data_dir: Path) -> None:
    """Nothing broke, nothing traded on a bad quote, both books are equal, and replay makes the live state."""
    assert story.step_failures == 0 and story.feed_error == ""
    assert story.bad_quotes_traded == []
    evidence = read(data_dir)
    evidence.expect_reconciled()
    assert verify(data_dir).intact
    stored = records(data_dir, evidence.seq)
    folded, halfway = State(), State()
    for seq, at, body in stored:
        fold(folded, seq, at, decode_events(body))
        if seq == story.seq // 2:
            halfway = decode_state(encode_state(folded), at)
        elif seq > story.seq // 2:
            fold(halfway, seq, at, decode_events(body))
        if seq == story.seq:
            assert state_hash(folded).hex() == story.state_hash, "replay is not the live state"
            assert state_hash(halfway).hex() == story.state_hash, "a snapshot and the tail are not the live state"
    newest = snapshots.read(max((data_dir / "snapshots").iterdir()))
    assert (newest.seq, newest.state_hash) == (evidence.seq, state_hash(folded))
    assert newest.state == encode_state(folded)


def read(data_dir: Path) -> Evidence:
    evidence = Evidence(data_dir)
    evidence.read()
    return evidence


def records(data_dir: Path, until_seq: int) -> list[tuple[int, int, bytes]]:
    connection = apsw.Connection(str(data_dir / "journal.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute(
            "SELECT seq, at, body FROM records WHERE seq <= ? ORDER BY seq", (until_seq,)
        ).fetchall()
    finally:
        connection.close()
