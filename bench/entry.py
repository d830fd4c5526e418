"""P8, P9 and P12: orders through the door: HTTP and WebSocket, against FastAPI; start and memory."""

import contextlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from bench import load
from bench.storing import bare_fdatasync_us
from bench.timing import Row, paired, percentile

SETTINGS = """---
limits:
  max_order_notional: 1000000.00
  max_position: 900000000.00
  concentration: 100 %
  leverage: 1000
  order_rate: 1000000 / 1 s
symbols:
  SPY: {max_position: 900000000.00}
accounts:
  - account: paper
    broker: paper
    opening_cash: 1000000000.00
...
"""
CONNECTIONS: Final = 64
"""All loads keep this many orders under way, times DEPTH."""
DEPTH: Final = 1
ANSWERS_ONLY: Final = "/ws?answers_only=true"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def _server(command: list[str], port: int, path: str) -> Iterator[int]:
    """Start a server on the first core; yields its process id once it answers."""
    with load.on_core(0):
        process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until_served(port, path)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


class Run(NamedTuple):
    """One load: orders a second as the client saw it, and orders a second of the server's own CPU time."""

    rate: float
    cpu_rate: float


def _over_http(pid: int, port: int, count: int) -> Run:
    connections = [load.open_http(port) for _ in range(CONNECTIONS)]
    return _measured(pid, connections, load.http_requests(port, count), load.ACCEPTED_HTTP, DEPTH)


def _over_socket(pid: int, port: int, count: int) -> Run:
    connections = [load.open_socket(port, ANSWERS_ONLY)]
    return _measured(pid, connections, load.socket_frames(count), load.ACCEPTED_SOCKET, CONNECTIONS * DEPTH)


def _measured(pid: int, connections: list[socket.socket], requests: list[bytes], mark: bytes, depth: int) -> Run:
    before = load.rested_cpu_s(pid)
    rate = load.flood(connections, requests, mark, depth)
    used = load.rested_cpu_s(pid) - before
    for each in connections:
        each.close()
    return Run(rate, len(requests) / used)


class Loads(NamedTuple):
    """What was measured of all sides, in turn."""

    http: Run
    fastapi: Run
    ws: Run
    whole_http: Run
    whole_ws: Run
    alone_http_us: float
    alone_ws_us: float
    memory_mib: float


def _loads(folder: Path, count: int, rounds: int) -> Loads:
    """Start our door, the peer and the whole process, and load each in turn."""
    (folder / "stopline.yaml").write_text(SETTINGS)
    ours, peer, whole = _free_port(), _free_port(), _free_port()
    settings = ["--port", str(whole), "--config", str(folder / "stopline.yaml")]
    door = ["-m", "bench.door_server", str(ours), str(folder / "door")]
    run = ["-m", "stopline", "run", "--data-dir", str(folder / "data"), *settings]
    with contextlib.ExitStack() as opened:
        our_pid = opened.enter_context(_server(door, ours, "/openapi.json"))
        peer_pid = opened.enter_context(_server(["-m", "bench.fastapi_peer", str(peer)], peer, "/openapi.json"))
        whole_pid = opened.enter_context(_server(run, whole, "/ready"))
        memory = _resident_mib(whole_pid)
        opened.enter_context(load.on_core(1))
        all_runs = [
            (
                _over_http(our_pid, ours, count),
                _over_http(peer_pid, peer, count),
                _over_socket(our_pid, ours, count),
                _over_http(whole_pid, whole, count // 4),
                _over_socket(whole_pid, whole, count // 4),
            )
            for _ in range(rounds)
        ]
        few = count // 20
        alone_http = load.one_by_one(load.open_http(ours), load.http_requests(ours, few), load.ACCEPTED_HTTP)
        lane = load.open_socket(ours, ANSWERS_ONLY)
        alone_ws = load.one_by_one(lane, load.socket_frames(few), load.ACCEPTED_SOCKET)
    medians = (Run(*map(statistics.median, zip(*each, strict=True))) for each in zip(*all_runs, strict=True))
    return Loads(*medians, percentile(alone_http, 0.5), percentile(alone_ws, 0.5), memory)


def doors(quick: bool) -> list[Row]:
    """P8 and P9: orders a second and per CPU second, durable, against FastAPI and pydantic deciding in memory."""
    with tempfile.TemporaryDirectory() as name:
        found = _loads(Path(name), 2_000 if quick else 20_000, 1 if quick else 3)
        floor = _ping_pong_us() + bare_fdatasync_us(Path(name), 300)
    p50, memory = found.alone_ws_us, found.memory_mib
    return [
        _ratio("P8", "HTTP order, durable / FastAPI + pydantic, in memory", found.http, found.fastapi, 3.5),
        _ratio("P9", "WebSocket order, durable / FastAPI, in memory", found.ws, found.fastapi, 5),
        Row(
            "P9",
            "WebSocket order p50 / (ping-pong + fdatasync)",
            f"{p50 / floor:.1f}x",
            "<= 2x",
            p50 / floor <= 2,
            f"{p50:.0f} us / {floor:.0f} us; HTTP {found.alone_http_us:.0f} us",
        ),
        _ratio("", "`stopline run`, HTTP: with broker and tables / FastAPI", found.whole_http, found.fastapi, None),
        _ratio("", "`stopline run`, WebSocket: the same / FastAPI", found.whole_ws, found.fastapi, None),
        Row("P12", "idle memory of `stopline run`", f"{memory:.0f} MiB", "<= 80 MiB", memory <= 80),
        *_bot(quick),
    ]


def _ratio(number: str, what: str, one: Run, other: Run, target: float | None) -> Row:
    ratio, cpu_ratio = one.rate / other.rate, one.cpu_rate / other.cpu_rate
    return Row(
        number,
        what,
        f"{ratio:.1f}x; per CPU {cpu_ratio:.1f}x",
        "" if target is None else f">= {target}x",
        None if target is None else ratio >= target,
        f"{one.rate:,.0f}/s, {1e6 / one.cpu_rate:.0f} us CPU / {other.rate:,.0f}/s, {1e6 / other.cpu_rate:.0f} us CPU",
    )


ECHO: Final = """
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as other:
    other.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while byte := other.recv(1):
        other.sendall(byte)
"""


def _ping_pong_us() -> float:
    """Return the median microseconds of one byte to another process and back, with nothing around the sockets."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        with load.on_core(0):
            other = subprocess.Popen([sys.executable, "-c", ECHO, port])
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        times = []
        with connection:
            for _ in range(3000):
                started = time.perf_counter()
                connection.sendall(b"x")
                connection.recv(1)
                times.append((time.perf_counter() - started) * 1e6)
        other.wait(20)
    return percentile(times, 0.5)


def _until_served(port: int, path: str) -> None:
    for _ in range(1200):
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as page:
            if page.status == 200:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the server on port {port} did not become ready")


def _resident_mib(pid: int) -> float:
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextlib.contextmanager
def _compiled() -> Iterator[dict[str, str]]:
    """Yield an environment in which modules are compiled once, as where Stopline is installed.

    Where PYTHONDONTWRITEBYTECODE is set, every start compiles every module again: 0.2 s that no user waits for.
    """
    with tempfile.TemporaryDirectory() as name:
        yield {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": name}


def start(quick: bool) -> list[Row]:
    """P12: from nothing to a door that decides. The first start compiles, and does not count."""
    with _compiled() as environment:
        times, used = zip(*(_started(environment) for _ in range(4 if quick else 10)), strict=True)
        bare = percentile([_bare_python_s(environment) for _ in range(5)], 0.5)
    median, cpu = percentile(list(times[1:]), 0.5), percentile(list(used[1:]), 0.5)
    note = f"{cpu:.2f} s CPU; fastest {min(times):.2f} s; bare python {bare * 1e3:.0f} ms"
    return [Row("P12", "process start to /ready", f"{median:.2f} s", "<= 0.5 s", median <= 0.5, note)]


def _started(environment: dict[str, str]) -> tuple[float, float]:
    """Return the seconds until a new process says that it is ready, and how many of them were its CPU time."""
    with tempfile.TemporaryDirectory() as name:
        port = _free_port()
        command = [sys.executable, "-m", "stopline", "run", "--data-dir", name, "--port", str(port)]
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        try:
            while process.poll() is None:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1) as probe:
                    probe.settimeout(60)
                    probe.sendall(b"GET /ready HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
                    if probe.recv(16).startswith(b"HTTP/1.1 200"):
                        break
                time.sleep(0.005)
            return time.perf_counter() - started, load.cpu_s(process.pid)
        finally:
            process.kill()
            process.wait()


def command_line(quick: bool) -> list[Row]:
    """A light command of the command line, against a bare interpreter."""

    def once(*arguments: str) -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=False, env=environment)
        return time.perf_counter() - started

    rounds = 3 if quick else 9
    with _compiled() as environment:
        help_s, bare, ratio = paired(lambda: once("-m", "stopline", "--help"), lambda: once("-c", "pass"), rounds)
    note = f"{ratio:.1f}x bare python at {bare * 1e3:.0f} ms"
    return [Row("", "stopline --help, whole process", f"{help_s:.2f} s", "<= 0.3 s", help_s <= 0.3, note)]


def _bare_python_s(environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True, env=environment)
    return time.perf_counter() - started


def _bot(quick: bool) -> list[Row]:
    """What Stopline adds to a bot's order (bot.py)."""
    from bench.bot import door

    return door(quick)
