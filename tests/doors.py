"""A Stopline in a thread of its own, its doors open on free ports, in front of a broker."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from stopline.bootstrap.process import open_alpaca, open_door
from stopline.bootstrap.system import System
from stopline.config.load import load_bytes
from stopline.config.settings import Settings
from stopline.doors.native.serve import Serving, listen
from stopline.model.numbers import Nanos
from stopline.state.view import StateView

T = TypeVar("T")
PATIENCE_S = 60.0
SECRET = "a-secret-of-one-bot-only"


def secret_of(bot: str) -> str:
    """Return a bot's secret."""
    return f"{SECRET}-{bot}"


def bots_yaml(*names: str, account: str = "") -> str:
    """Return the `doors:` of a file for these bots; a bot's key is its name in capitals."""
    lines = ["doors:", "  alpaca:", "    port: 0", "    bots:"]
    for name in names:
        right = sha256(secret_of(name).encode()).hexdigest()
        lines.append(f"      - {{name: {name}, key: SL{name.upper()}, secret_sha256: {right}, account: {account}}}")
    return "\n".join(lines).replace(", account: }", "}") + "\n"


class RunningStopline:
    """Where its doors are, and what its engine knows."""

    def __init__(self, system: System, alpaca: Serving, native: Serving, loop: asyncio.AbstractEventLoop) -> None:
        self.system, self.alpaca_url, self.native_url = system, alpaca.url, native.url
        self.stream_url = f"ws{alpaca.url.removeprefix('http')}/stream"
        self._app: Any = alpaca._server.config.app
        self._loop = loop

    @property
    def listening(self) -> int:
        """How many streams hear what happens."""
        found: int = self._app.listening
        return found

    def look(self, view: Callable[[StateView, Nanos], T]) -> T:
        """Return what the engine knows, once it is durable."""
        return asyncio.run_coroutine_threadsafe(self.system.desk.look(view), self._loop).result(PATIENCE_S)

    def settle(self) -> None:
        """Return once all that was set off is carried out and reported."""
        asyncio.run_coroutine_threadsafe(self.system.settle(), self._loop).result(PATIENCE_S)


def settings_of(text: str, folder: Path) -> Settings:
    """Return the settings of a file's text, with its data in a folder."""
    return load_bytes(f"data_dir: {folder / 'data'}\n{text}".encode(), folder / "stopline.yaml", {})


@contextmanager
def run_stopline(settings: Settings) -> Iterator[RunningStopline]:
    """Run until the end of the block."""
    ready, box = threading.Event(), dict[str, Any]()

    async def serve() -> None:
        box.update(loop=asyncio.get_running_loop(), stop=asyncio.Event())
        async with System(settings) as system:
            door: socket.socket = listen("127.0.0.1", 0)
            native: socket.socket = listen("127.0.0.1", 0)
            async with open_alpaca(system, door) as alpaca, open_door(system, native) as ours:
                await system.ready()
                assert alpaca is not None
                box.update(running=RunningStopline(system, alpaca, ours, box["loop"]))
                ready.set()
                await box["stop"].wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as fault:
            box["fault"] = fault
            ready.set()

    thread = threading.Thread(target=run, name="stopline")
    thread.start()
    assert ready.wait(PATIENCE_S)
    try:
        if "fault" not in box:
            yield box["running"]
    finally:
        if "fault" not in box:
            box["loop"].call_soon_threadsafe(box["stop"].set)
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    if "fault" in box:
        raise box["fault"]
