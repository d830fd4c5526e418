"""`stopline kill` and `stopline flatten`, whatever has become of the server: real processes, real signals.

The server may answer, be deaf over HTTP, be killed, or be stopped in its tracks. What is asked
for is done once, said step by step, and known to the next start.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.acceptance import lost_ack
from tests.acceptance.nursery import MARKET, RealDaemon
from tests.acceptance.wire import Line, NoAnswer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL and SIGSTOP, which Windows has not"),
]

PATIENCE_S = 60.0
OK, REFUSED, UNREACHABLE, LOCKED = 0, 1, 3, 4
HELD = 5


class Ran:
    """How a command ended, and what it said."""

    def __init__(self, done: "subprocess.CompletedProcess[str] | subprocess.Popen[str]", out: str, err: str) -> None:
        self.code, self.out, self.err = done.returncode, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def __repr__(self) -> str:
        return f"exit {self.code}\n{self.out}\n{self.err}"


class Desk:
    """One data directory, whatever process runs on it, and the command line beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data_dir, self.log = folder, folder / "data", folder / "stopline.log"
        self._daemon: RealDaemon | None = None
        self._lines = ExitStack()
        self.line: Line

    @property
    def pid(self) -> int:
        assert self._daemon is not None
        return self._daemon.pid

    # --- the server ----------------------------------------------------------------------------

    def run(self) -> None:
        """Start `stopline run` on a free port, and return once it is ready."""
        noted = self.data_dir / "last_run.json"
        noted.unlink(missing_ok=True)
        self._daemon = RealDaemon(self.data_dir, 0, self.log, config=None)
        self.wait_for(noted.exists, "open")
        self.line = self._lines.enter_context(Line(int(urlsplit(json.loads(noted.read_text())["url"]).port or 0)))
        self.wait_for(self._is_ready, "ready")

    def _is_ready(self) -> bool:
        try:
            return self.line.ask("GET", "/ready").status == 200
        except NoAnswer:
            return False

    def kill_9(self) -> None:
        assert self._daemon is not None
        self._daemon.kill()
        assert self._daemon.wait() == -signal.SIGKILL

    def stop_in_its_tracks(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def end(self) -> None:
        assert self._daemon is not None
        self._daemon.terminate()
        assert self._daemon.wait() == 0
        assert "Traceback" not in self.log.read_text(), self.log.read_text()

    def close(self) -> None:
        self._lines.close()
        if self._daemon is not None:
            self._daemon.kill()
            self._daemon.wait()

    def wait_for(self, happened: Callable[[], Any], what: str) -> Any:
        ends = time.monotonic() + PATIENCE_S
        while not (found := happened()):
            assert time.monotonic() < ends, f"not {what} after {PATIENCE_S} s:\n{self.log.read_text()}"
            time.sleep(0.02)
        return found

    # --- what is traded ------------------------------------------------------------------------

    def order(self, order_id: str, side: str, quantity: int, symbol: str, **more: Any) -> None:
        asked = {"client_order_id": order_id, "symbol": symbol, "side": side, "quantity": quantity}
        answer = self.line.ask("POST", "/api/order", asked | {"order_type": "MARKET"} | more)
        assert answer.status == 201, answer

    def state_of(self, order_id: str) -> str:
        return str(self.line.get(f"/api/order/{order_id}")["state"])

    def trade(self) -> None:
        """Hold five KO with a stop beneath them, and let an order rest."""
        self.order("HELD", "BUY", HELD, "KO")
        self.wait_for(lambda: self.state_of("HELD") == "filled", "filled: HELD")
        self.order("STOP", "SELL", HELD, "KO", order_type="STOP", stop_price="1.00", time_in_force="GTC")
        self.order("RESTS", "BUY", 1, "WMT", order_type="LIMIT", price="155.00", time_in_force="GTC")
        for order_id in ("STOP", "RESTS"):
            self.wait_for(lambda name=order_id: self.state_of(name) == "working", f"working: {order_id}")

    def held(self) -> dict[str, str]:
        return {each["symbol"]: each["qty"] for each in self.line.get("/api/positions")["positions"]}

    def trading_state(self) -> str:
        return str(self.line.get("/api/account")["trading_state"])

    def sold(self) -> list[str]:
        found = self.line.get("/api/executions")["executions"]
        return [each["qty"] for each in found if each["side"] == "SELL" and each["symbol"] == "KO"]

    def assert_killed_and_flat(self) -> None:
        """After a normal start: halted, closed once and not flipped, nothing works."""
        assert self.trading_state() == "halted"
        assert self.held() == {}
        assert sum(map(int, self.sold())) == HELD
        assert {self.state_of("STOP"), self.state_of("RESTS")} == {"canceled"}
        assert self.line.ask("POST", "/api/order", buy("AFTER")).status == 403

    # --- the command line ----------------------------------------------------------------------

    def start(self, *arguments: object) -> "subprocess.Popen[str]":
        quiet = {name: value for name, value in os.environ.items() if not name.startswith("STOPLINE_")}
        said = ["--yes", "--reason", "test", "--json", "--wait", str(PATIENCE_S), "--data-dir", str(self.data_dir)]
        said += [] if "--timeout" in arguments else ["--timeout", "20"]
        command = [sys.executable, "-m", "stopline", *map(str, arguments), *said]
        return subprocess.Popen(
            command, cwd=self.folder, text=True, env=quiet, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def type(self, *arguments: object) -> Ran:
        """Run a command on this data directory."""
        return finish(self.start(*arguments))

    def verify(self) -> None:
        command = [sys.executable, "-m", "stopline", "journal", "verify", "--data-dir", str(self.data_dir)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
        assert done.returncode == 0, done.stderr


def finish(process: "subprocess.Popen[str]") -> Ran:
    with process:
        out, err = process.communicate(timeout=2 * PATIENCE_S)
    assert "Traceback" not in err, err
    return Ran(process, out, err)


def buy(order_id: str) -> dict[str, Any]:
    return {"client_order_id": order_id, "symbol": "KO", "side": "BUY", "quantity": 1, "order_type": "MARKET"}


@contextmanager
def deaf_server() -> Iterator[str]:
    """A port that takes connections and says nothing: an HTTP door that hangs."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def half_deaf_server(line: Line) -> Iterator[str]:
    """A server that tells what the real one tells, and never comes back from what it is asked to do."""
    is_over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = line.ask("GET", self.path)
            self.send_response(answer.status)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def do_POST(self) -> None:
            is_over.wait(PATIENCE_S)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        is_over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    try:
        yield desk
    finally:
        desk.close()


def test_the_server_answers(desk: Desk):
    desk.run()
    desk.order("HELD", "BUY", HELD, "KO")
    desk.wait_for(lambda: desk.held() == {"KO": "5"}, "held")
    done = desk.type("kill")
    assert (done.code, done.json["via"], done.err.count("[")) == (OK, "http", 0), done
    assert len(done.json["closing"]) == 1
    desk.wait_for(lambda: desk.held() == {}, "flat")
    assert desk.trading_state() == "halted"


def test_http_hangs_but_the_process_lives(desk: Desk):
    desk.run()
    desk.trade()
    with deaf_server() as url:
        done = desk.type("kill", "--url", url, "--timeout", "10")
    assert (done.code, done.json["via"]) == (OK, "control"), done
    assert done.json["steps"][0]["outcome"] == f"{url} did not answer within 10 s"
    assert len(done.json["closing"]) == 1
    assert desk.trading_state() == "halted"
    desk.wait_for(lambda: desk.held() == {}, "flat, past the own stop")
    desk.wait_for(lambda: desk.state_of("RESTS") == "canceled", "canceled: RESTS")


def test_the_answer_is_lost_and_it_is_asked_for_again_elsewhere(desk: Desk):
    desk.run()
    desk.trade()
    with half_deaf_server(desk.line) as url:
        done = desk.type("kill", "--url", url, "--timeout", "10", "--keep-positions")
    assert (done.code, done.json["via"]) == (OK, "control"), done
    assert "nobody knows whether it was done, so it is asked for again" in done.err
    assert desk.trading_state() == "halted"


def test_the_server_was_killed(desk: Desk):
    desk.run()
    desk.trade()
    desk.kill_9()
    done = desk.type("kill")
    assert (done.code, done.json["via"], done.json["confirmed"]) == (OK, "headless", True), done
    (account,) = done.json["accounts"]
    assert (account["is_killed"], account["positions"], account["orders"]) == (True, [], [])
    told = [step["outcome"] for step in done.json["steps"]]
    latched = next(place for place, step in enumerate(told) if "the kill is in the journal, on disk" in step)
    assert latched < next(place for place, step in enumerate(told) if "canceling" in step), told
    assert latched < next(place for place, step in enumerate(told) if "closing, by" in step), told
    assert not (desk.data_dir / "owner.json").exists() and not (desk.data_dir / "control.json").exists()
    desk.run()
    desk.assert_killed_and_flat()
    desk.end()
    desk.verify()


def test_flatten_without_a_server_is_no_kill(desk: Desk):
    desk.run()
    desk.trade()
    desk.kill_9()
    done = desk.type("flatten")
    assert (done.code, done.json["via"], done.json["killed_at_seq"]) == (OK, "headless", None), done
    desk.run()
    assert (desk.trading_state(), desk.held(), sum(map(int, desk.sold()))) == ("active", {}, HELD)


def test_a_server_that_stands_still_is_ended_only_when_told_so(desk: Desk):
    desk.run()
    desk.trade()
    desk.stop_in_its_tracks()
    refused = desk.type("kill", "--timeout", "0.5")
    assert (refused.code, refused.out) == (LOCKED, ""), refused
    assert f"process {desk.pid}, since " in refused.err and "--force ends that process" in refused.err
    assert "nothing was stopped" in refused.err
    desk.go_on()
    assert (desk.trading_state(), desk.held()) == ("active", {"KO": "5", "WMT": "0"})
    desk.stop_in_its_tracks()
    done = desk.type("kill", "--timeout", "0.5", "--force")
    assert (done.code, done.json["via"], done.json["confirmed"]) == (OK, "force", True), done
    assert f"process {desk.pid} was ended" in done.err
    desk.close()
    desk.run()
    desk.assert_killed_and_flat()
    desk.verify()


def test_force_never_ends_a_process_that_only_has_the_same_id(desk: Desk):
    """The note was left by an earlier process, whose id belongs to another one now."""
    desk.run()
    desk.stop_in_its_tracks()
    note = desk.data_dir / "owner.json"
    left = json.loads(note.read_text())
    note.write_text(json.dumps({**left, "began": left["began"] + "0"}))
    done = desk.type("kill", "--timeout", "0.5", "--force")
    assert done.code == LOCKED and "is another one by now" in done.err, done
    desk.go_on()
    assert desk.trading_state() == "active"


def test_two_kills_at_once_close_once(desk: Desk):
    desk.run()
    desk.trade()
    desk.kill_9()
    both = [desk.start("kill"), desk.start("kill")]
    one, other = (finish(process) for process in both)
    assert {one.code, other.code} <= {OK, REFUSED}, (one, other)
    assert any(each.code == OK and each.json["via"] == "headless" and each.json["confirmed"] for each in (one, other))
    desk.run()
    desk.assert_killed_and_flat()
    desk.verify()


def test_an_order_that_the_broker_has_and_we_do_not_know_of_is_cancelled(desk: Desk):
    lost = subprocess.run(
        [sys.executable, "-m", "tests.acceptance.lost_ack", str(desk.data_dir)],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert lost.returncode == lost_ack.DIED, lost.stderr
    done = desk.type("kill")
    assert (done.code, done.json["confirmed"]) == (OK, True), done
    desk.run()
    found = desk.line.get(f"/api/order/{lost_ack.ORDER}")
    assert (found["state"], found["cum_qty"]) == ("canceled", "0")
    assert found["broker_order_id"], "the broker had it"
    assert desk.trading_state() == "halted"


def test_there_is_nothing(desk: Desk):
    done = desk.type("kill")
    assert done.code == UNREACHABLE and "nothing was ever decided there" in done.err, done
    assert not desk.data_dir.exists(), "a look makes no directory"


def test_the_market_it_was_run_with_is_noted(desk: Desk):
    desk.run()
    desk.end()
    assert json.loads((desk.data_dir / "last_run.json").read_text())["market"] == MARKET
