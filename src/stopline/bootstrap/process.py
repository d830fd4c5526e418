"""A whole process: a system, its door, and the signals that end it."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from stopline.bootstrap.parts import StartRefused
from stopline.bootstrap.system import System
from stopline.config.settings import Settings
from stopline.runtime.recover import settle_memory
from stopline.stores.last_run import note_run
from stopline.stores.sqlite.layout import Layout

if TYPE_CHECKING:
    from stopline.doors.native.serve import Serving

SWITCH_INTERVAL_S = 0.001
"""How long one thread may hold the interpreter while another (the loop, the journal's writer) waits for it."""
FORCED = 130
"""The exit code after a second signal."""
log = logging.getLogger(__name__)
OnOpen = Callable[["Serving", System], None]


def _say_nothing(serving: "Serving", system: System) -> None:
    """Do nothing when the door is open."""


async def run(settings: Settings, on_open: OnOpen = _say_nothing) -> None:
    """Run until SIGINT or SIGTERM; a second signal does not wait. Raises StartRefused."""
    stop = on_signals()
    with bind(settings.host, settings.port) as listener:
        async with System(settings) as system, open_control(system), open_door(system, listener) as serving:
            note_run(settings, serving.url)
            on_open(serving, system)
            shut, told = asyncio.ensure_future(serving.wait()), asyncio.ensure_future(stop.wait())
            try:
                await asyncio.wait((shut, told), return_when=asyncio.FIRST_COMPLETED)
            finally:
                told.cancel()


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises StartRefused."""
    from stopline.doors.native.serve import BindRefused, listen

    try:
        return listen(host, port)
    except BindRefused as error:
        raise StartRefused(str(error)) from error


@asynccontextmanager
async def open_control(system: System) -> AsyncIterator[None]:
    """Serve a running system's control door. Where it cannot be opened, /health says so and all else goes on."""
    from stopline.doors.control.door import ControlDoor

    door = ControlDoor(Layout(system.settings.data_dir), system.desk)
    try:
        await door.open()
    except OSError as error:
        fault = f"the control door is shut ({error}): without HTTP, only `stopline kill --force` would reach this"
        log.error(fault)
        system.health.also(lambda: fault)
        yield
        return
    try:
        yield
    finally:
        await door.close()


@asynccontextmanager
async def open_door(system: System, listener: socket.socket) -> AsyncIterator["Serving"]:
    """Serve a running system's desk on a listening socket."""
    from stopline.doors.native.app import create_app
    from stopline.doors.native.serve import Serving, make_server

    serving = Serving(make_server(create_app(system.desk)), listener)
    await serving.open()
    settle_memory()
    try:
        yield serving
    finally:
        await serving.close()


def serve(settings: Settings, on_open: OnOpen = _say_nothing) -> None:
    """Run a whole process on the fastest event loop there is. Raises StartRefused."""
    with runner() as fastest:
        fastest.run(run(settings, on_open))


def runner() -> asyncio.Runner:
    """Return a runner of the fastest event loop there is, in a process set up for it."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    if sys.platform != "win32":
        with suppress(ImportError):
            import uvloop

            factory = uvloop.new_event_loop
    return asyncio.Runner(loop_factory=factory)


def on_signals() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set; a second signal ends the process."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def heard() -> None:
        if stop.is_set():
            os._exit(FORCED)
        stop.set()

    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, heard)
        except (NotImplementedError, RuntimeError):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(heard))
    return stop
