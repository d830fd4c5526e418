"""A client that costs next to nothing: requests made beforehand, sent over raw sockets, answers only counted.

Like wrk: it looks for the status in the bytes that come back and parses nothing, so that what is
measured is the server. Both sides of a comparison are loaded by this same client.
"""

import base64
import contextlib
import json
import os
import selectors
import socket
import time
from collections.abc import Iterator
from itertools import count
from typing import Final

MASK: Final = b"\x5a\xc3\x17\xe8"
"""What every frame is masked with (RFC 6455 asks for a mask, not for a good one)."""
ACCEPTED_HTTP: Final = b"HTTP/1.1 201"
ACCEPTED_SOCKET: Final = b'{"type":"ORDER_DECISION","status":201'
CHUNK: Final = 256 * 1024
PATIENCE_S: Final = 60.0
CORES: Final = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []

_ids = count(1)


def bodies(number: int) -> Iterator[bytes]:
    """Return that many orders, each under an id of its own."""
    for _ in range(number):
        order = {
            "client_order_id": f"bench-{os.getpid()}-{next(_ids)}",
            "symbol": "SPY",
            "side": "BUY",
            "quantity": 1,
            "price": 400.00,
            "order_type": "LIMIT",
        }
        yield json.dumps(order).encode()


def http_requests(port: int, number: int) -> list[bytes]:
    """Return orders as whole HTTP requests."""
    head = b"POST /api/order HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-type: application/json\r\n" % port
    return [b"%scontent-length: %d\r\n\r\n%s" % (head, len(body), body) for body in bodies(number)]


def socket_frames(number: int) -> list[bytes]:
    """Return orders as masked WebSocket text frames."""
    return [frame(b'{"type":"ORDER_SUBMIT","data":%s}' % body) for body in bodies(number)]


def frame(payload: bytes) -> bytes:
    """Return a text frame of 126 to 65,535 bytes, masked."""
    size = len(payload)
    assert 125 < size < 65536
    key = (MASK * (size // 4 + 1))[:size]
    masked = (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")
    return b"\x81\xfe" + size.to_bytes(2, "big") + MASK + masked


def open_http(port: int) -> socket.socket:
    """Return a connection."""
    opened = socket.create_connection(("127.0.0.1", port))
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    opened.settimeout(PATIENCE_S)
    return opened


def open_socket(port: int, path: str) -> socket.socket:
    """Return a connection that has become a WebSocket."""
    opened = open_http(port)
    key = base64.b64encode(bytes(16)).decode()
    opened.sendall(
        f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
        f"sec-websocket-key: {key}\r\nsec-websocket-version: 13\r\n\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += opened.recv(1)
    if not answer.startswith(b"HTTP/1.1 101"):
        raise RuntimeError(f"no WebSocket: {answer!r}")
    return opened


class _Lane:
    """One connection and how many of its orders are answered. A mark may be cut in two by a read."""

    def __init__(self, connection: socket.socket, requests: list[bytes], mark: bytes) -> None:
        self.connection, self.requests, self.mark = connection, requests, mark
        self.sent = self.answered = 0
        self._tail = b""

    def send(self, number: int) -> None:
        until = min(self.sent + number, len(self.requests))
        if until > self.sent:
            self.connection.sendall(b"".join(self.requests[self.sent : until]))
            self.sent = until

    def read(self) -> int:
        """Read what is there; return how many answers that were."""
        came = self.connection.recv(CHUNK)
        if not came:
            raise RuntimeError(f"the server hung up after {self.answered} of {len(self.requests)} orders")
        seen = self._tail + came
        found = seen.count(self.mark)
        self._tail = seen[-len(self.mark) + 1 :] if len(seen) >= len(self.mark) else seen
        self.answered += found
        return found


def flood(connections: list[socket.socket], requests: list[bytes], mark: bytes, depth: int) -> float:
    """Keep `depth` orders under way on each connection until all are answered; return orders a second."""
    lanes = [_Lane(each, requests[index :: len(connections)], mark) for index, each in enumerate(connections)]
    waiting = len(requests)
    with selectors.DefaultSelector() as selector:
        for lane in lanes:
            selector.register(lane.connection, selectors.EVENT_READ, lane)
        started = time.perf_counter()
        for lane in lanes:
            lane.send(depth)
        while waiting:
            ready = selector.select(PATIENCE_S)
            if not ready:
                raise RuntimeError(f"{waiting} orders were not accepted: see what the server answers")
            for key, _ in ready:
                lane = key.data
                found = lane.read()
                waiting -= found
                lane.send(found)
        return len(requests) / (time.perf_counter() - started)


def one_by_one(connection: socket.socket, requests: list[bytes], mark: bytes) -> list[float]:
    """Send each when the one before is answered; return each one's microseconds."""
    lane, times = _Lane(connection, requests, mark), []
    for _ in requests:
        started = time.perf_counter()
        lane.send(1)
        while not lane.read():
            pass
        times.append((time.perf_counter() - started) * 1e6)
    return times


@contextlib.contextmanager
def on_core(core: int) -> Iterator[None]:
    """Keep this process, and what it starts meanwhile, on one core, where there are several."""
    if len(CORES) > 1:
        os.sched_setaffinity(0, {CORES[core % len(CORES)]})
    try:
        yield
    finally:
        if len(CORES) > 1:
            os.sched_setaffinity(0, set(CORES))


def cpu_s(pid: int) -> float:
    """Return the CPU seconds a process has used, all its threads, in user and system."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rested_cpu_s(pid: int) -> float:
    """Return the CPU seconds once the process has nothing left to do."""
    used = cpu_s(pid)
    for _ in range(300):
        time.sleep(0.1)
        before, used = used, cpu_s(pid)
        if used - before <= 0.01:
            break
    return used
