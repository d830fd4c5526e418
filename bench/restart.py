"""G12: after a `kill -9`, how long until the gate answers, and until Stopline is ready: reconciled and quoted.

The real command trades until its journal holds so many events, is killed in the middle of it, and started again:
once as it was left (a snapshot and a tail), once without snapshots, so that everything is replayed.
"""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

from bench import load
from bench.entry import SETTINGS, _compiled, _free_port
from bench.timing import Row
from stopline.stores import tools

CONNECTIONS: Final = 64
BATCH: Final = 4_000
EVENTS_PER_ORDER: Final = 3
"""Approved, working, filled."""
DECIDED: Final = b"HTTP/1.1 "
"""An order that is denied is a decision too."""
PATIENCE_S: Final = 600.0
_ids = count(1)


def after_a_kill(quick: bool) -> list[Row]:
    """Kill it behind so many events, and start it twice."""
    events = 20_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory() as name, _compiled() as environment:
        folder = Path(name)
        (folder / "stopline.yaml").write_text(SETTINGS.replace("limits:", "limits:\n  daily_loss: none"))
        _trade(folder, environment, events)
        rows = _restarted(folder, environment, "with its snapshots")
        shutil.rmtree(folder / "data" / "snapshots", ignore_errors=True)
        rows += _restarted(folder, environment, "everything replayed")
        found = tools.verify(folder / "data")
    note = f"{found.events:,} events, journal intact: {found.intact}"
    return [*rows, Row("G12", "the journal of these restarts", note, "", None)]


def _trade(folder: Path, environment: dict[str, str], events: int) -> None:
    """Let it trade until about so many events are there, and kill it while it does."""
    port = _free_port()
    with _running(folder, port, environment):
        _until(port, b"GET /ready HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", b"HTTP/1.1 200")
        for _ in range(max(1, events // EVENTS_PER_ORDER // BATCH)):
            connections = [load.open_http(port) for _ in range(CONNECTIONS)]
            load.flood(connections, _requests(port, BATCH), DECIDED, 1)
            for each in connections:
                each.close()


def _restarted(folder: Path, environment: dict[str, str], what: str) -> list[Row]:
    """Return the seconds to the first decision and to /ready of a start on what a kill left."""
    port = _free_port()
    started = time.perf_counter()
    with _running(folder, port, environment):
        _until(port, _requests(port, 1)[0], b"HTTP/1.1 ", b" 201", b" 403")
        gate_s = time.perf_counter() - started
        _until(port, b"GET /ready HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", b"HTTP/1.1 200")
        ready_s = time.perf_counter() - started
    return [
        Row("G12", f"kill -9 to a decision of the gate, {what}", f"{gate_s:.2f} s", "<= 1 s", gate_s <= 1),
        Row("G12", f"kill -9 to ready, {what}", f"{ready_s:.2f} s", "<= 10 s", ready_s <= 10),
    ]


@contextlib.contextmanager
def _running(folder: Path, port: int, environment: dict[str, str]) -> Iterator[None]:
    """Run the command, and kill it at the end."""
    command = [sys.executable, "-m", "stopline", "run", "--data-dir", str(folder / "data"), "--port", str(port)]
    command += ["--config", str(folder / "stopline.yaml")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _until(port: int, request: bytes, *marks: bytes) -> None:
    """Ask until an answer begins with the first mark and has one of the others, if any."""
    ends = time.perf_counter() + PATIENCE_S
    while time.perf_counter() < ends:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1) as line:
            line.settimeout(PATIENCE_S)
            line.sendall(request)
            said = line.recv(16)
            if said.startswith(marks[0]) and any(mark in said for mark in marks[1:] or marks):
                return
        time.sleep(0.005)
    raise RuntimeError(f"no such answer within {PATIENCE_S:g} s: {marks}")


def _requests(port: int, number: int) -> list[bytes]:
    """Return orders at the market as whole HTTP requests, one to buy and one to sell in turn."""
    head = b"POST /api/order HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-type: application/json\r\n" % port
    bodies = [_body() for _ in range(number)]
    return [b"%scontent-length: %d\r\n\r\n%s" % (head, len(body), body) for body in bodies]


def _body() -> bytes:
    number = next(_ids)
    order = {"client_order_id": f"r-{time.time_ns():x}-{number}", "symbol": "SPY", "quantity": 1}
    return json.dumps(order | {"side": ("BUY", "SELL")[number % 2], "order_type": "MARKET"}).encode()
