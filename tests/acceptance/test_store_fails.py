"""The journal refuses under a real process, over real HTTP: who wants out leaves, new risk waits, a kill loses nothing.

The faults are the operating system's own: another program's lock (F08), a limit on the size
of files and a small disk that is full (F06).
"""

import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.acceptance.kill9 import LIVE
from tests.acceptance.nursery import PATIENCE_S
from tests.acceptance.test_restart_by_hand import Evening
from tests.acceptance.wire import HOST
from tests.small import WHOLE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL"),
]


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    evening = Evening(tmp_path, WHOLE)
    try:
        with evening.line:
            yield evening
    finally:
        evening.close()


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Hold the journal as another program would."""
    other = apsw.Connection(str(data_dir / "journal.db"))
    other.set_busy_timeout(20_000)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def begin(evening: Evening) -> None:
    """Hold five KO, with a buy resting far below."""
    evening.run()
    assert evening.order("entry", "BUY", 5, "KO").status == 201
    evening.filled("entry")
    assert evening.order("resting", "BUY", 1, "KO", order_type="LIMIT", price="40.00").status == 201
    evening.wait_for(lambda: evening.line.get("/api/order/resting")["state"] == "working", "working")


def refuse(evening: Evening, reason: str) -> str:
    """Find out that the journal refuses, as an entry does; returns the id of the one that was refused.

    Where the machine is so busy that the journal is slow before it refuses, an entry may still stand: it rests.
    """
    for number in range(1_000):
        probe = f"probe-{number}"
        answer = evening.order_once(probe, "BUY", 1, "KO", order_type="LIMIT", price="40.00")
        assert answer.status == 201 or (answer.status, answer.json()["error"]) == (503, "store_unavailable"), answer
        if answer.status == 503 and reason in answer.json()["message"]:
            return probe
        time.sleep(0.02)
    raise AssertionError(f"it never refused for {reason}: {answer}")


def with_headers(evening: Evening, method: str, path: str, body: Any = None) -> tuple[int, Any, str | None]:
    line = http.client.HTTPConnection(HOST, evening.port, timeout=PATIENCE_S)
    try:
        line.request(method, path, None if body is None else json.dumps(body), {"content-type": "application/json"})
        answer = line.getresponse()
        return answer.status, json.loads(answer.read()), answer.headers.get("stopline-store")
    finally:
        line.close()


def page(evening: Evening, name: str) -> list[dict[str, Any]]:
    """Return a page of rows once the tables are as far as the journal; on a busy machine that takes a while."""

    def look() -> list[dict[str, Any]] | None:
        answer = evening.line.ask("GET", f"/api/{name}")
        if answer.status == 503 and answer.json()["error"] == "projections_behind":
            return None
        assert answer.status == 200, answer
        rows: list[dict[str, Any]] = answer.json()[name.rpartition("/")[2]]
        return [{}, *rows]  # none of them is an answer too

    return evening.wait_for(look, f"on the page: {name}")[1:]  # type: ignore[no-any-return]


def flat(evening: Evening) -> bool:
    return all(each["qty"] == "0" for each in evening.line.get("/api/positions")["positions"])


def leave(evening: Evening, reason: str) -> None:
    """Do all that must work, and see that it says where it was kept; new risk waits and consumes no id."""
    kept = f"{reason}; recorded all the same"
    status, body, where = with_headers(evening, "DELETE", "/api/order/resting")
    assert (status, body["state"], where) == (200, "pending_cancel", kept)
    order = {"client_order_id": "out", "symbol": "KO", "side": "SELL", "quantity": 2, "order_type": "MARKET"}
    status, body, where = with_headers(evening, "POST", "/api/order", order)
    assert (status, where) == (201, kept), body
    waiting = evening.order_once("later", "BUY", 1, "KO")
    assert waiting.status == 503
    assert "flatten and kill still work" in waiting.json()["message"]
    evening.filled("out")
    status, body, where = with_headers(evening, "POST", "/api/positions/KO/close", {"client_order_id": "rest"})
    assert (status, where) == (201, kept), body
    evening.filled("rest")
    assert flat(evening)
    evening.wait_for(lambda: evening.line.get("/api/order/resting")["state"] == "canceled", "canceled")


def tells_the_truth(evening: Evening, reason: str) -> None:
    """I27."""
    health = evening.line.get("/health")
    assert (health["status"], health["mode"], health["store"], health["spool"]) == (
        "degraded",
        "cancel",
        reason,
        "in use",
    )
    assert any("only cancels" in problem for problem in health["problems"])
    assert health["durable_seq"] > health["journaled_seq"]
    assert evening.line.ask("GET", "/ready").status == 503


def people_are_told(evening: Evening, reason: str) -> None:
    """On the page of alerts, at once, while the journal still refuses."""
    found = [each for each in page(evening, "risk/alerts") if each["alert_type"] == "STORE_FAILING"]
    assert len(found) == 1 and reason in found[0]["message"] and found[0]["severity"] == "CRITICAL"


def all_is_well(evening: Evening) -> None:
    evening.wait_for(lambda: evening.line.get("/health")["store"] == "ok", "well again")
    evening.wait_for(lambda: evening.line.ask("GET", "/ready").status == 200, "ready")
    assert flat(evening)
    fills = {each["client_order_id"]: each["qty"] for each in page(evening, "executions")}
    assert fills == {"entry": "5", "out": "2", "rest": "3"}, "each once"
    assert any("were kept in the spool" in alert["message"] for alert in page(evening, "risk/alerts"))
    assert evening.order_once("out", "SELL", 2, "KO").status == 201, "the same answer as then"
    assert evening.order_once("later", "BUY", 1, "KO").status == 201, "its id was never used"
    evening.filled("later")


def journal_is_intact(evening: Evening) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "stopline", "journal", "verify", "--data-dir", str(evening.data_dir)],
        capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr


def test_locked_by_another_program(evening: Evening):
    """F08: while it lasts, and after."""
    begin(evening)
    with locked(evening.data_dir):
        refuse(evening, "store_locked")
        leave(evening, "store_locked")
        tells_the_truth(evening, "store_locked")
        people_are_told(evening, "store_locked")
    all_is_well(evening)
    assert evening.end() == 0
    journal_is_intact(evening)


def test_locked_and_killed(evening: Evening):
    """What was acknowledged from the spool is there after `kill -9`, and nothing is sent twice."""
    begin(evening)
    with locked(evening.data_dir):
        probe = refuse(evening, "store_locked")
        leave(evening, "store_locked")
        evening.pull_the_plug()
    evening.run()
    found = evening.line.ask("GET", f"/api/order/{probe}")
    assert found.status == 404 or found.json()["state"] == "expired", "never sent"
    all_is_well(evening)
    assert evening.end() == 0
    journal_is_intact(evening)


def held_and_sold(evening: Evening) -> tuple[str, list[str]]:
    (position,) = evening.line.get("/api/positions")["positions"] or [{"qty": "0"}]
    return position["qty"], [each["qty"] for each in page(evening, "executions") if each["side"] == "SELL"]


def test_killed_before_the_exit_was_known_to_have_arrived(evening: Evening):
    """The exit was recorded and sent an instant before the kill: the next process asks, and adopts what it finds."""
    begin(evening)
    with locked(evening.data_dir):
        refuse(evening, "store_locked")
        assert evening.line.ask("POST", "/api/flatten", {"reason": "out"}).status == 200
        evening.pull_the_plug()
    evening.run()
    evening.wait_for(lambda: evening.line.get("/health")["status"] == "ok", "well again")
    evening.wait_for(lambda: not [each for each in page(evening, "orders") if each["state"] in LIVE], "at rest")
    evening.wait_for(lambda: held_and_sold(evening) in (("5", []), ("0", ["5"])), "out once, or not at all")
    alerts = [alert["message"] for alert in page(evening, "risk/alerts")]
    assert not [alert for alert in alerts if "did not send" in alert], "adopted, not taken for a stranger's"


def test_the_kill_switch_while_it_refuses(evening: Evening):
    begin(evening)
    with locked(evening.data_dir):
        refuse(evening, "store_locked")
        status, body, where = with_headers(evening, "POST", "/api/kill", {"reason": "enough"})
        assert (status, where) == (200, "store_locked; recorded all the same")
        assert "resting" in body["canceling"]
        evening.wait_for(lambda: flat(evening), "flat")
        evening.pull_the_plug()
    evening.run()
    assert evening.line.get("/api/account")["trading_state"] == "halted", "it survived"
    assert evening.order_once("more", "BUY", 1, "KO").status == 403


def fill_up(evening: Evening) -> None:
    """Send orders that are denied, without a pause, until the journal has no room for the next denial."""
    for number in range(5_000):
        answer = evening.order_once(f"flood-{number}", "BUY", 100_000, "KO")
        if answer.status == 503 and "store_full" in answer.json()["message"]:
            return
        assert answer.status == 403 or "store_slow" in answer.json()["message"], answer
    raise AssertionError("it never filled up")


def test_a_limit_on_the_size_of_files(evening: Evening):
    """F06, from outside: of a sudden the process may write no file beyond its first 600 kB."""
    resource = pytest.importorskip("resource")
    if not hasattr(resource, "prlimit"):
        pytest.skip("no prlimit on this system")
    begin(evening)
    assert evening._daemon is not None
    pid, before = evening._daemon.pid, resource.prlimit(evening._daemon.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (600_000, before[1]))
    fill_up(evening)
    refuse(evening, "store_full")
    leave(evening, "store_full")
    tells_the_truth(evening, "store_full")
    resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
    all_is_well(evening)
    assert evening.end() == 0
    journal_is_intact(evening)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A filesystem of 40 MiB: the spool, the logs of the journal and the paper broker, the ballast, and little else."""
    where = tmp_path / "small"
    where.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=40m,mode=0700", "tmpfs", str(where)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        done = False
    if not done:
        pytest.skip("mounting a small disk is not permitted here")
    yield where
    subprocess.run(["umount", "-l", str(where)], check=True)


def take_all(file: Path) -> None:
    """Leave not a byte for anybody else."""
    with file.open("wb", buffering=0) as taken:
        while True:
            try:
                taken.write(bytes(4096))
            except OSError:
                return


def test_a_disk_that_is_full(small_disk: Path):
    """F06 on a real filesystem: while it lasts, at a start on it, and after."""
    evening = Evening(small_disk, WHOLE)
    try:
        with evening.line:
            begin(evening)
            evening.wait_for((evening.data_dir / "ballast.bin").exists, "ballast")
            take_all(small_disk / "one")
            fill_up(evening)
            refuse(evening, "store_full")
            leave(evening, "store_full")
            tells_the_truth(evening, "store_full")
            evening.pull_the_plug()
            take_all(small_disk / "two")
            evening.run()
            starts_on_the_ballast(evening)
            (small_disk / "one").unlink()
            (small_disk / "two").unlink()
            assert evening.end() == 0
            evening.run()
            all_is_well(evening)
            assert evening.end() == 0
            journal_is_intact(evening)
    finally:
        evening.close()


def starts_on_the_ballast(evening: Evening) -> None:
    """The exits of the killed process are known; new risk is denied until there is room."""
    assert flat(evening)
    evening.wait_for(lambda: evening.line.get("/health")["mode"] == "cancel", "in the mode that it says")
    answer = evening.order_once("on-ballast", "BUY", 1, "KO")
    assert (answer.status, answer.json()["check"]) == (403, "connection")
