"""The socket under the native door: loopback only, uvicorn with the fast parsers, quiet.

Source     performance.md (Door); reliability.md S12, S16 and F36.
"""

import asyncio
import contextlib
import errno
import ipaddress
import logging
import socket
import sys
from collections.abc import Callable, Generator
from typing import Any, Final

import uvicorn

from stopline.doors.native.parse import MAX_BODY
from stopline.doors.native.protocols import BoundedHttp, StreamProtocol

BACKLOG: Final = 1024
KEEP_ALIVE_S: Final = 65
SHUTDOWN_S: Final = 5
log = logging.getLogger(__name__)


class BindRefused(ValueError):
    """The door does not listen there; the message says why, and what would be right."""


def check_bind(host: str) -> str:
    """Return a loopback host as it is. Raises BindRefused for any other."""
    name = host.strip("[]")
    if name == "localhost":
        return name
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        address = None
    if address is not None and address.is_loopback:
        return name
    raise BindRefused(
        f"the door does not listen on {host!r}: it has no users, roles or TLS yet, so whoever reached it could trade. "
        f"Use 127.0.0.1, ::1 or localhost; from another machine, go through SSH: ssh -L 8082:127.0.0.1:8082 HOST"
    )


def listen(host: str, port: int, setting: str = "--port") -> socket.socket:
    """Return a listening socket on loopback; port 0 takes a free one. `setting` is where another can be said.

    Raises BindRefused.
    """
    name = check_bind(host)
    family = socket.AF_INET6 if ":" in name else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there, it would let two processes have one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((name, port))
        listener.listen(BACKLOG)
    except OSError as fault:
        listener.close()
        raise BindRefused(_why_not(name, port, setting, fault)) from None
    listener.setblocking(False)
    return listener


def _why_not(host: str, port: int, setting: str, fault: OSError) -> str:
    if fault.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use: stop what listens there (another Stopline?), or use another {setting}"
    if fault.errno == errno.EACCES:
        return f"port {port} on {host} is not for this user: use a port above 1023"
    return f"cannot listen on {host} port {port}: {fault.strerror or fault}"


class QuietServer(uvicorn.Server):
    """Signals belong to whoever runs the process, not to one of its doors."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Take no signal."""
        yield


def make_server(app: Any, http: type[BoundedHttp] = BoundedHttp) -> uvicorn.Server:
    """Return a server that prints nothing and trusts no proxy's headers."""
    config = uvicorn.Config(
        app,
        http=http,
        ws=StreamProtocol,
        ws_max_size=MAX_BODY,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    return QuietServer(config)


class Serving:
    """A door that is open: `port` is where, `close` shuts it."""

    def __init__(self, server: uvicorn.Server, listener: socket.socket) -> None:
        self._server, self._listener = server, listener
        self.host, self.port = listener.getsockname()[:2]
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it is, for a browser."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    async def open(self) -> None:
        """Return once it takes requests. Raises RuntimeError if it did not start."""
        self._task = asyncio.create_task(self._server.serve([self._listener]))
        while not self._server.started:
            if self._task.done():
                raise RuntimeError("the door did not open") from self._task.exception()
            await asyncio.sleep(0.002)

    async def wait(self) -> None:
        """Return when it has shut."""
        if self._task is not None:
            await self._task

    async def close(self) -> None:
        """Finish what is under way, at most some seconds, and shut."""
        self._server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await self.wait()
        self._listener.close()


async def open_door(app: Any, host: str, port: int) -> Serving:
    """Open the door. Raises BindRefused."""
    serving = Serving(make_server(app), listen(host, port))
    await serving.open()
    return serving


async def serve(app: Any, host: str, port: int, on_open: Callable[[Serving], None] = lambda serving: None) -> None:
    """Open the door and stay until it is closed, or this task is cancelled."""
    serving = await open_door(app, host, port)
    on_open(serving)
    try:
        await serving.wait()
    finally:
        await serving.close()
