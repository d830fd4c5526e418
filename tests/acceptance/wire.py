"""HTTP as bots speak it, down to the bytes of an answer: one client for threads, one for a crowd on one event loop."""

import asyncio
import http.client
import json
import socket
import sys
from types import TracebackType
from typing import Any, NoReturn, Self

from msgspec import Struct

HOST = "127.0.0.1"
TIMEOUT_S = 60.0


class HeldPort:
    """A port of the system's choice that nobody else is given until it is closed, however often it is listened on.

    A port that was only asked for and let go may be another process's by the time it is used. One that is bound and
    not listened on is still free for who names it.
    """

    def __init__(self) -> None:
        self._holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._holder.bind((HOST, 0))
        self.number = int(self._holder.getsockname()[1])
        if sys.platform != "linux":
            self.close()  # elsewhere, two sockets do not share a port that way

    def close(self) -> None:
        self._holder.close()


class Answer(Struct, frozen=True):
    """What came back, whole."""

    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class NoAnswer(Exception):
    """The connection ended before a whole answer was there: nobody knows what became of the request."""


class Line:
    """One kept-alive connection, for one thread."""

    def __init__(self, port: int, client: str = "") -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT_S)
        self._headers = {"content-type": "application/json"} | ({"x-client-id": client} if client else {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Send a request and return its answer; raises NoAnswer. A body of bytes goes out as it is."""
        self.send(method, path, body if isinstance(body, bytes | None) else json.dumps(body).encode())
        return self.receive()

    def send(self, method: str, path: str, raw: bytes | None) -> None:
        """Send a request; raises NoAnswer."""
        try:
            self._connection.request(method, path, raw, self._headers)
        except (OSError, http.client.HTTPException) as error:
            self._cut(error)

    def receive(self) -> Answer:
        """Return the answer to what was sent; raises NoAnswer."""
        try:
            response = self._connection.getresponse()
            if response.length is None and not response.chunked:
                response.close()
                raise http.client.IncompleteRead(b"")  # cut within its headers, http.client takes it for a whole one
            return Answer(response.status, response.read())
        except (OSError, http.client.HTTPException) as error:
            self._cut(error)

    def _cut(self, error: Exception) -> NoReturn:
        self._connection.close()
        raise NoAnswer(repr(error)) from error

    def get(self, path: str) -> Any:
        """Return what a GET says; anything but 200 is an error of the test."""
        answer = self.ask("GET", path)
        assert answer.status == 200, answer
        return answer.json()


class CrowdLine:
    """One kept-alive connection of many on one event loop."""

    def __init__(self, port: int, client: str) -> None:
        self._port, self._client = port, client
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(HOST, self._port)
        return self

    async def __aexit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Send a request and return its answer."""
        raw = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: {HOST}:{self._port}\r\nx-client-id: {self._client}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(raw)}\r\n\r\n"
        )
        self._writer.write(head.encode() + raw)
        async with asyncio.timeout(TIMEOUT_S):
            top = await self._reader.readuntil(b"\r\n\r\n")
            lines = top.decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
            return Answer(int(lines[0].split()[1]), await self._reader.readexactly(int(headers["content-length"])))
