"""The commands against a real Stopline, started by `stopline run` in a process of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.small import COMMAND

START_S = 60


class Process:
    """A running `stopline run`, and what it has said on stderr."""

    def __init__(self, folder: Path, *options: str) -> None:
        command = [*COMMAND, "run", "--data-dir", "data", "--port", "0", *options]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("STOPLINE_")}
        handle, name = tempfile.mkstemp(suffix=".log", dir=folder)
        self._log = Path(name)
        with os.fdopen(handle, "wb") as log:
            self.popen = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=log, env=environment)

    @property
    def said(self) -> list[str]:
        """Return its lines on stderr."""
        return self._log.read_text(encoding="utf-8").splitlines()

    def url(self) -> str:
        """Return where it listens, once it says so."""
        until = time.monotonic() + START_S
        while time.monotonic() < until and self.popen.poll() is None:
            found = re.search(r"url +(http://\S+)", "\n".join(self.said))
            if found:
                return found[1]
            time.sleep(0.02)
        raise AssertionError("\n".join(self.said))

    def end(self) -> int:
        """Ask it to end, and return its exit code."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGINT)
        try:
            self.popen.wait(START_S)
        finally:
            self.popen.kill()
            self.popen.wait()
        return self.popen.returncode


@pytest.fixture
def started():
    """Return what starts a process that ends with the test."""
    running: list[Process] = []

    def started(folder: Path, *options: str) -> Process:
        running.append(Process(folder, *options))
        return running[-1]

    yield started
    for process in running:
        process.end()


def test_a_day_at_the_terminal(run, started, tmp_path, monkeypatch):
    """One story, told in order: each step needs what those before it did."""
    process = started(tmp_path)
    monkeypatch.setenv("STOPLINE_URL", process.url())
    until = time.monotonic() + START_S
    while run("status", "--json").json["health"]["status"] == "starting" and time.monotonic() < until:
        time.sleep(0.05)
    says_what_is_running(process)
    status_and_lists(run)
    check_names_all_checks(run)
    an_order_and_its_end(run)
    orders_are_changed_and_positions_closed(run)
    limits_are_shown_and_set(run)
    a_breaker_locks_and_is_reset(run)
    one_locks_himself_out(run)
    flatten_and_kill(run)
    journal_is_read_beside_it(run)
    a_second_one_on_the_directory_is_refused(started(tmp_path))
    ends_at_ctrl_c(process)
    tables_can_be_made_again(run)
    a_damaged_journal_is_said(run, tmp_path)


def says_what_is_running(process):
    said = "\n".join(process.said)
    assert "SYNTHETIC, made-up prices" in said
    assert "account   paper  PAPER" in said
    assert "settings  defaults" in said


def status_and_lists(live):
    until = time.monotonic() + START_S
    while (status := live("status", "--json")).code and time.monotonic() < until:
        time.sleep(0.05)  # a busy machine makes it stand still for a moment, and it says so
    assert (status.code, status.json["account"]["trading_state"]) == (0, "active"), status.json["health"]
    assert "100,000.00 USD" in live("status").out
    for command in (
        "orders", "fills", "positions", "headroom", "alerts", "breakers", "rules", "lockouts", "obligations",
    ):  # fmt: skip
        assert live(command).code == 0, command
        assert live(command, "--json").json["kind"] == command


def check_names_all_checks(live):
    done = live("check", "buy", "100", "TSLA", "--limit", "250", "--json")
    assert done.code == 1
    denied = [each["check"] for each in done.json["checks"] if each["status"] == "denied"]
    assert {"max_order_notional", "max_position"} <= set(denied)
    assert len(done.json["checks"]) == 26
    text = live("check", "buy", "100", "TSLA", "--limit", "250")
    assert "Order size exceeds limit: $25000.00 > $1000.00" in text.out + text.err
    assert live("check", "buy", "1", "SPY", "--limit", "450").code == 0


def an_order_and_its_end(live):
    assert live("order", "buy", "1", "BAC", "--limit", "25.00", "--tif", "gtc", "--id", "T-1").code == 0
    assert "T-1" in live("orders", "--status", "live").out
    assert live("cancel", "T-1").code == 0
    assert live("cancel", "no-such-order").code == 2
    assert live("order", "buy", "100", "AAPL", "--limit", "175", "--id", "T-2").code == 1
    assert live("order", "buy", "1", "AAPL", "--limit", "170", "--id", "T-1").code == 1


def orders_are_changed_and_positions_closed(live):
    assert live("order", "buy", "2", "BAC", "--limit", "20", "--tif", "gtc", "--id", "M-1").code == 0
    changed = live("replace", "M-1", "--qty", "3", "--limit", "21", "--json").json
    assert (changed["kind"], changed["order_qty"], changed["limit_price"]) == ("replace", "3", "21.00")
    denied = live("replace", "M-1", "--qty", "5000")
    assert denied.code == 1 and "max_order_notional" in denied.err and "not armed: " in denied.err
    assert "not_armed" not in denied.out, "what is not armed is one line, not a row each"
    assert live("replace", "M-1").code == 2
    assert live("replace", "no-such-order", "--qty", "1").code == 2
    assert live("order", "buy", "4", "BAC", "--id", "M-2").code == 0
    wait_for(lambda: "BAC" in live("positions").out)
    assert live("close", "BAC", "--qty", "1", "--percent", "50").code == 2
    half = live("close", "BAC", "--percent", "50", "--json").json
    assert (half["kind"], half["side"], half["order_qty"]) == ("close", "SELL", "2")
    wait_for(lambda: live("positions", "--json").json["positions"][0]["qty"] == "2")
    assert live("close", "BAC").code == 0
    wait_for(lambda: not live("positions", "--json").json["positions"])
    assert live("close", "BAC").code in (1, 2)
    gone = next(each for each in live("orders", "--json").json["orders"] if each["client_order_id"] == "M-1")
    assert (gone["state"], gone["reason"]) == ("canceled", "self_match"), "it says why, not that somebody did it"


def wait_for(done):
    until = time.monotonic() + START_S
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)


def limits_are_shown_and_set(live):
    assert live("limits", "set", "max_order_notional=900").code == 0
    assert live("limits", "show", "--json").json["limits"]["max_order_notional"] == "900.00"
    assert live("limits", "set", "max_order_notional=1000").code == 2, "loosening is asked for"
    assert live("limits", "set", "max_order_notional=1000", "--yes", "--reason", "back").code == 0
    assert live("limits", "set", "--symbol", "TSLA", "max_position=2000").code == 0
    assert "2,000.00" in live("limits", "show", "--symbol", "TSLA").out


def a_breaker_locks_and_is_reset(live):
    assert live("breaker", "trip", "--yes", "--reason", "news").code == 0
    assert live("status").code == 4
    assert live("check", "buy", "1", "SPY", "--limit", "450").code == 4
    open_now = [each for each in live("breakers", "--json").json["circuit_breakers"] if each["active"]]
    assert live("breaker", "reset", open_now[0]["breaker_id"], "--yes", "--reason", "over").code == 0
    assert live("status").code == 0


def one_locks_himself_out(live):
    done = live("lock", "--for", "2s", "--yes", "--reason", "a short break", "--json")
    assert done.json["key"] == "lock:self"
    assert live("order", "buy", "1", "BAC").code == 4
    assert "lock:self" in live("lockouts").out
    assert live("unlock", "lock:self", "--yes", "--reason", "impatient").code in (1, 2)
    until = time.monotonic() + START_S
    while live("status").code == 4 and time.monotonic() < until:
        time.sleep(0.1)
    assert "its time is over" in live("lockouts", "--past").out
    assert live("order", "buy", "1", "BAC").code == 0


def flatten_and_kill(live):
    assert live("flatten", "--yes", "--reason", "drill").code == 0
    assert live("kill", "--keep-positions", "--yes", "--reason", "drill").code == 0
    assert live("status").code == 4
    assert live("release", "--yes", "--reason", "drill is over").code == 1, "one person waits 15 minutes"


def journal_is_read_beside_it(live):
    done = live("journal", "verify", "--json")
    assert done.code == 0
    assert (done.json["intact"], done.json["kind"]) == (True, "journal_verify")
    assert "EngineStarted" in live("journal", "show", "--tail", "1000").out
    records = live("journal", "show", "--order", "T-1", "--json").json["records"]
    assert "OrderApproved" in {event["type"] for record in records for event in record["events"]}
    lines = live("journal", "export").out.splitlines()
    assert [json.loads(line)["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert live("journal", "export", "--out", "all.jsonl").code == 0
    assert live("journal", "export", "--out", "all.jsonl").code == 2, "it never writes over a file"
    assert live("journal", "rebuild").code == 4, "not beside a running one"


def a_second_one_on_the_directory_is_refused(second):
    assert second.popen.wait(START_S) == 4
    assert "is in use by process" in "\n".join(second.said)


def ends_at_ctrl_c(process):
    assert process.end() == 0
    assert "stopped" in process.said[-1]
    assert "Traceback" not in "\n".join(process.said)


def tables_can_be_made_again(run):
    assert run("journal", "rebuild", "--json").json["records"] > 5
    assert run("journal", "verify").code == 0
    assert run("status").code == 3


def a_damaged_journal_is_said(run, folder):
    journal = folder / "data" / "journal.db"
    data = journal.read_bytes()
    at = data.rindex(b"OrderDenied")
    journal.write_bytes(data[:at] + b"OrderDenief" + data[at + 11 :])
    done = run("journal", "verify")
    assert done.code == 1
    assert "record" in done.err
    assert "Traceback" not in done.err


def test_a_taken_port_is_said(started, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        third = started(tmp_path, "--port", str(port))
        assert third.popen.wait(START_S) == 2
    assert f"port {port} on 127.0.0.1 is in use" in "\n".join(third.said)
    assert "Traceback" not in "\n".join(third.said)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "0.0.0.0"], "does not listen on '0.0.0.0'"),
        (["--market", "synthetic"], "needs its seed"),
        (["--market", "no-such-file.csv"], "no-such-file.csv"),
        (["--config", "no-such.yaml"], "no-such.yaml: cannot be read"),
        (["--log-level", "loud"], "write debug, info, warning or error"),
    ],
)
def test_what_it_does_not_start_with(options, said, started, tmp_path):
    refused = started(tmp_path, *options)
    assert refused.popen.wait(START_S) == 2, "\n".join(refused.said)
    assert said in "\n".join(refused.said)
    assert "Traceback" not in "\n".join(refused.said)


def test_no_journal_is_said(run, tmp_path):
    for command in ("show", "export", "rebuild"):
        done = run("journal", command, "--data-dir", tmp_path)
        assert done.code == 1, command
        assert "there is no journal" in done.err
    assert run("journal", "verify", "--data-dir", tmp_path).code == 1


def test_log_lines_as_json(started, tmp_path):
    process = started(tmp_path, "--log-json", "--log-level", "debug")
    process.url()
    process.end()
    logged = [line for line in process.said if line.startswith("{")]
    assert all({"time", "level", "logger", "message"} <= json.loads(line).keys() for line in logged)
