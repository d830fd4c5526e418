"""The demonstration as a process: a system on a staged market, the story, and what is left running."""

import asyncio
import logging
import shutil
import socket
import sys
import tempfile
import textwrap
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from msgspec import Struct, structs

from stopline.bootstrap import StartRefused, System, bind, on_signals, open_door, runner
from stopline.cli.demo import plot
from stopline.cli.demo.ending import finish
from stopline.cli.demo.stage import Stage
from stopline.cli.demo.story import PRICES, demo_settings, tell
from stopline.cli.demo.teller import INDENT, WIDTH, ForPeople, ForPrograms, Teller
from stopline.cli.logs import start_logging
from stopline.cli.outcome import Exit, Stop, say
from stopline.config.load import load
from stopline.config.settings import Settings
from stopline.ports.feed import Feed
from stopline.venue.staged import StagedFeed

PAUSE_S: Final = 2.2
"""After each step, to read."""
BEAT_S: Final = 0.5
"""After a price has moved."""
ALERTS: Final = "stopline.runtime.notices"


class Wishes(Struct, frozen=True, kw_only=True):
    """What the options say."""

    fast: bool
    keep_running: bool
    port: int
    data_dir: Path | None
    json: bool


def run_demo(wishes: Wishes) -> int:
    """Run it all; returns the exit code. Raises StartRefused."""
    start_logging("error", as_json=False)
    # Alerts are part of the story; a line of the log in between would only be in its way.
    logging.getLogger(ALERTS).disabled = True
    kept = wishes.data_dir
    if kept is not None and (kept / "journal.db").exists():
        raise Stop(
            Exit.USAGE,
            f"{kept} holds a journal already, and the story begins with a fresh account",
            "name a new directory",
        )
    data_dir = kept or Path(tempfile.mkdtemp(prefix="stopline-demo-"))
    try:
        with runner() as fastest:
            return fastest.run(
                _run(wishes, demo_settings(structs.replace(load(), data_dir=data_dir, port=wishes.port)))
            )
    finally:
        if kept is None:
            shutil.rmtree(data_dir, ignore_errors=True)


async def _run(wishes: Wishes, settings: Settings) -> int:
    stop = on_signals()
    teller: Teller = ForPrograms() if wishes.json else ForPeople()
    async with AsyncExitStack() as stack:
        # The door is bound before the story, so that a port in use is said at once.
        listener = stack.enter_context(bind(settings.host, settings.port)) if wishes.keep_running else None
        system, stage = await stack.enter_async_context(_staged(settings, teller, 0 if wishes.fast else BEAT_S))
        url = "" if listener is None else (await stack.enter_async_context(open_door(system, listener))).url
        _open(wishes, settings, url)
        telling = asyncio.ensure_future(_tell(wishes, stage, teller))
        told = asyncio.ensure_future(stop.wait())
        await asyncio.wait((telling, told), return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not telling.done():
            telling.cancel()
            say(
                "stopped before the end; nothing was left behind"
                if wishes.data_dir is None
                else "stopped before the end"
            )
            return Exit.REFUSED
        wrong = await finish(system, teller, telling.result(), kept=wishes.data_dir, url=url)
        if not wrong and (url or await _asked(wishes, stop)):
            stage.leave_market()
            await _stay(stack, system, settings, url, stop)
    return Exit.REFUSED if wrong else Exit.OK


@asynccontextmanager
async def _staged(settings: Settings, teller: Teller, beat_s: float) -> AsyncIterator[tuple[System, Stage]]:
    """Yield a running system, ready to trade, on a market with the script's first prices."""
    feeds: list[StagedFeed] = []

    def stage(feed: Feed) -> Feed:
        feeds.append(StagedFeed(feed))
        return feeds[0]

    async with System(settings, stage=stage) as system:
        on_stage = Stage(system, feeds[0], teller, beat_s)
        for symbol, bid, ask in PRICES:
            on_stage.place(symbol, bid, ask)
        await system.ready()
        for symbol, bid, ask in PRICES:
            await on_stage.move(symbol, bid, ask)
        yield system, on_stage


async def _tell(wishes: Wishes, stage: Stage, teller: Teller) -> str:
    async def pause(number: int) -> None:
        await asyncio.sleep(0 if wishes.fast else PAUSE_S)

    return await tell(plot.STORY, stage, teller, pause)


def _open(wishes: Wishes, settings: Settings, url: str) -> None:
    """Say what is real, and what is not."""
    if wishes.json:
        return
    print("Stopline, a day as a story.")
    real = "A paper account with 100,000.00 USD. The gate, the journal and the broker's book are real"
    for line in textwrap.wrap(
        f"{real}; the prices are made up ({settings.market.source}, with a script).", WIDTH - INDENT
    ):
        print(f"{'':{INDENT}}{line}")
    if url:
        print(f"    Watch it: {url}/")


async def _asked(wishes: Wishes, stop: asyncio.Event) -> bool:
    """Ask a person at a terminal whether it is to go on; Ctrl-C is a no."""
    if wishes.json or wishes.fast or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[str] = loop.create_future()

    def ask() -> None:
        say()
        sys.stderr.write("Leave it running, to look around? [y/N] ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        with suppress(RuntimeError):  # the loop may be gone by then
            loop.call_soon_threadsafe(hear, line)

    def hear(line: str) -> None:
        if not answered.done():
            answered.set_result(line)

    # A thread of its own, because nobody can wake a read from a terminal: it must not hold up the end.
    threading.Thread(target=ask, name="question", daemon=True).start()
    told = asyncio.ensure_future(stop.wait())
    await asyncio.wait((answered, told), return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if not answered.done():
        say()
    return answered.done() and answered.result().strip().lower() in ("y", "yes")


def _bind_somewhere(settings: Settings) -> socket.socket:
    """Return a listener on the usual port, or on a free one where that is in use."""
    try:
        return bind(settings.host, settings.port)
    except StartRefused:
        return bind(settings.host, 0)


async def _stay(stack: AsyncExitStack, system: System, settings: Settings, url: str, stop: asyncio.Event) -> None:
    """Leave it running until somebody ends it."""
    if not url:
        listener = stack.enter_context(_bind_somewhere(settings))
        url = (await stack.enter_async_context(open_door(system, listener))).url
    logging.getLogger(ALERTS).disabled = False
    for line in (
        "",
        f"It is running: {url}/ (routes: {url}/docs). Prices now move by themselves.",
        f"    curl -s {url}/api/account",
        f"    curl -s '{url}/api/orders?limit=5'",
        f"    curl -s {url}/api/headroom",
        f"    stopline status --url {url}",
        f"    stopline kill --url {url}",
        "Ctrl-C ends it.",
    ):
        say(line)
    await stop.wait()
    say("stopped")
