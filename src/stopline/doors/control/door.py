"""The socket of the control door: one request a connection, within bounds, on the event loop of the desk.

A Unix domain socket with mode 600 where there are such; else (Windows, or a path too long
for one) a port on loopback, and a secret in a file that only the owner may read.

Source     ux.md (local socket); reliability.md S12, S13 and 4.1 (a malicious page reaches loopback ports).
"""

import asyncio
import logging
import os
import secrets
import socket
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from typing import Any, Final

from stopline.doors.control.words import answer
from stopline.doors.native.errors import Answer, encode, error
from stopline.doors.native.parse import MAX_BODY
from stopline.ports.desk import Desk
from stopline.stores.control_note import Address, forget, remember
from stopline.stores.sqlite.layout import Layout

READ_TIMEOUT_S: Final = 10.0
MOST_AT_ONCE: Final = 32
"""Connections beyond these are shut at once: whoever holds the others must not take the memory too."""
LONGEST_PATH: Final = 100
"""Bytes of a socket's path that every system takes (Linux 107, macOS 103)."""
log = logging.getLogger(__name__)


class ControlDoor:
    """A control door that is open, until `close`."""

    def __init__(self, layout: Layout, desk: Desk) -> None:
        self._layout, self._desk = layout, desk
        self._server: asyncio.Server | None = None
        self._busy: set[asyncio.Task[None]] = set()
        self.address: Address

    async def open(self) -> None:
        """Listen, and write down where. Raises OSError."""
        listener, self.address = _listen(self._layout)
        try:
            self._server = await asyncio.start_server(self._welcome, sock=listener, limit=MAX_BODY)
            remember(self._layout, self.address)
        except BaseException:
            listener.close()
            raise

    async def close(self) -> None:
        """Answer what was asked, and go."""
        forget(self._layout)
        if self._server is not None:
            self._server.close()
            await asyncio.gather(*self._busy, return_exceptions=True)

    async def _welcome(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._busy) >= MOST_AT_ONCE:
            writer.close()
            return
        self._busy.add(task)
        try:
            await self._serve(reader, writer)
        except OSError:
            log.debug("whoever asked at the control door has gone")
        finally:
            self._busy.discard(task)
            writer.close()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        said = await self._answer(reader)
        if said is not None:
            writer.write(b'{"status":%d,"body":%b}\n' % (said.status, said.body))
            await writer.drain()

    async def _answer(self, reader: StreamReader) -> Answer | None:
        """Return the answer to the request; None where nobody who may ask has asked."""
        try:
            async with asyncio.timeout(READ_TIMEOUT_S):
                if not await self._may_ask(reader):
                    return None
                line = await reader.readuntil(b"\n")
        except TimeoutError:
            return None
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return error(413, "bad_line", f"a request is one line of at most {MAX_BODY} bytes", "end it with a newline")
        try:
            return await answer(self._desk, line)
        except Exception:
            log.exception("the control door could not answer")
            return Answer(500, encode({"error": "internal_error", "message": "the log of this Stopline says why"}))

    async def _may_ask(self, reader: StreamReader) -> bool:
        """Whether the first line is the secret; on a socket of the file system its mode has answered already."""
        if not self.address.secret:
            return True
        with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            said = (await reader.readuntil(b"\n")).rstrip(b"\n")
            if secrets.compare_digest(said, self.address.secret.encode()):
                return True
        log.warning("somebody asked at the control door without its secret")
        return False


def _listen(layout: Layout) -> tuple[socket.socket, Address]:
    """Return a listening socket and its address."""
    path = str(layout.control_socket.absolute())
    family: Any = getattr(socket, "AF_UNIX", None)
    if family is not None and os.name != "nt" and len(os.fsencode(path)) <= LONGEST_PATH:
        layout.control_socket.unlink(missing_ok=True)  # left by a process that was killed: the directory is ours now
        listener = socket.socket(family, socket.SOCK_STREAM)
        address = Address(path=path)
        place: Any = path
    else:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        address, place = Address(), ("127.0.0.1", 0)
    try:
        listener.bind(place)
        if address.path:
            layout.control_socket.chmod(0o600)
        else:
            address = Address(port=listener.getsockname()[1], secret=secrets.token_urlsafe(32))
        listener.listen()
    except BaseException:
        listener.close()
        raise
    listener.setblocking(False)
    return listener, address
