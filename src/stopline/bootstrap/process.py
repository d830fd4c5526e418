"""A whole process: a system, its door, and the signals that end it."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
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
US_EQUITIES = "us_equities"
FORCED = 130
"""The exit code after a second signal."""
log = logging.getLogger(__name__)
OnOpen = Callable[["Serving", System], None]


def _say_nothing(serving: "Serving", system: System) -> None:
    """Do nothing when the door is open."""


async def run(settings: Settings, on_open: OnOpen = _say_nothing) -> None:
    """Run until SIGINT or SIGTERM; a second signal does not wait. Raises StartRefused."""
    stop = on_signals()
    with bind(settings.host, settings.port) as listener, bind_alpaca(settings) as alpaca:
        async with (
            System(settings) as system,
            open_control(system),
            open_alpaca(system, alpaca),
            open_door(system, listener) as serving,
        ):
            note_run(settings, serving.url)
            on_open(serving, system)
            shut, told = asyncio.ensure_future(serving.wait()), asyncio.ensure_future(stop.wait())
            try:
                await asyncio.wait((shut, told), return_when=asyncio.FIRST_COMPLETED)
            finally:
                told.cancel()


def bind(host: str, port: int, setting: str = "--port") -> socket.socket:
    """Return a listening socket; `setting` is where the port was said. Raises StartRefused."""
    from stopline.doors.native.serve import BindRefused, listen

    try:
        return listen(host, port, setting)
    except BindRefused as error:
        raise StartRefused(str(error)) from error


@contextmanager
def bind_alpaca(settings: Settings) -> Iterator[socket.socket | None]:
    """Yield Alpaca's door's listening socket, None where no bot may speak there. Raises StartRefused."""
    door = settings.alpaca_door
    if not door.bots:
        yield None
        return
    with bind(door.host, door.port, "doors.alpaca.port") as listener:
        yield listener


@asynccontextmanager
async def open_alpaca(system: System, listener: socket.socket | None) -> AsyncIterator["Serving | None"]:
    """Serve a running system's desk to bots that speak to Alpaca, where a socket is there for them."""
    if listener is None:
        yield None
        return
    from stopline.doors.alpaca.app import AlpacaApp
    from stopline.doors.alpaca.serve import open_door as open_it
    from stopline.runtime.calendars import CalendarBook

    calendar = CalendarBook(system.settings.calendars).calendar(US_EQUITIES)
    serving = await open_it(AlpacaApp(system.desk, system.settings.alpaca_door, calendar), listener)
    log.info("Alpaca's door is open: %s", serving.url)
    try:
        yield serving
    finally:
        await serving.close()


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
