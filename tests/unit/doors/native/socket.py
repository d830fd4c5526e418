"""A WebSocket client in memory, against the ASGI application."""

import asyncio
import json
from typing import Any

from stopline.doors.native.edge import Edge

PATIENCE_S = 60.0


class Refused(Exception):
    """The handshake was refused."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body}")
        self.status, self.body = status, body


class Closed(Exception):
    """The server hung up."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


class Socket:
    """`async with Socket(app) as socket`; `reads` False makes a peer that takes nothing."""

    def __init__(self, app: Edge, query: str = "", *, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        self._app = app
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._reading = asyncio.Event()
        self._reading.set()
        self.can_say_now = True
        self.said_now = 0
        self.hung_up: tuple[int, str] | None = None
        self.scope: dict[str, Any] = {
            "type": "websocket",
            "path": "/ws",
            "query_string": query.encode(),
            "headers": [(b"host", b"127.0.0.1:8082"), *headers],
            "client": ("127.0.0.1", 6001),
            "state": {},
        }

    async def __aenter__(self) -> "Socket":
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        self._inbox.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(self._app(self.scope, self._inbox.get, self._send))
        first = await self._next()
        if first["type"] == "websocket.http.response.start":
            body = json.loads((await self._next())["body"])
            await self._task
            raise Refused(first["status"], body)
        assert first["type"] == "websocket.accept"

    async def close(self) -> None:
        self._reading.set()
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})
        async with asyncio.timeout(PATIENCE_S):
            await self._task

    def stop_reading(self) -> None:
        """From now on, what the server sends is stuck."""
        self._reading.clear()
        self.can_say_now = False

    def read_on(self) -> None:
        """From now on, what was stuck comes."""
        self._reading.set()
        self.can_say_now = True

    def say_now(self, payload: bytes) -> bool:
        """What a server leaves in the scope: send without waiting, if that can be."""
        if not self.can_say_now:
            return False
        self.said_now += 1
        self._outbox.put_nowait({"type": "websocket.send", "text": payload.decode()})
        return True

    async def _send(self, message: dict[str, Any]) -> None:
        await self._reading.wait()
        self._outbox.put_nowait(message)

    async def _next(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            return await self._outbox.get()

    def say(self, **message: Any) -> None:
        self.say_text(json.dumps(message))

    def say_text(self, text: str) -> None:
        self._inbox.put_nowait({"type": "websocket.receive", "text": text})

    def say_bytes(self, raw: bytes) -> None:
        self._inbox.put_nowait({"type": "websocket.receive", "bytes": raw})

    async def hear(self) -> dict[str, Any]:
        """Return the next message. Raises Closed."""
        message = await self._next()
        if message["type"] == "websocket.close":
            raise Closed(message["code"], message["reason"])
        told: dict[str, Any] = json.loads(message["text"])
        return told

    async def hear_text(self) -> str:
        return str((await self._next())["text"])

    async def until(self, *kinds: str) -> dict[str, Any]:
        """Return the next message of these kinds, passing over others."""
        while (message := await self.hear())["type"] not in kinds:
            pass
        return message

    @property
    def is_done(self) -> bool:
        """Whether the server is done with this connection."""
        return self._task.done()

    def waiting(self) -> int:
        return self._outbox.qsize()
