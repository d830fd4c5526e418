"""One process: born on a loop of its own, ended by order, by a kill, by a power cut, or by itself."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from stopline.bootstrap.parts import StartRefused
from stopline.config.settings import Settings
from stopline.sim.world.loop import VirtualLoop
from stopline.sim.world.system import Ground, WorldSystem
from stopline.sim.world.timeline import Timeline


class Process:
    """A system on its loop. `on_open` and `on_end` tell the world."""

    def __init__(
        self,
        timeline: Timeline,
        settings: Settings,
        ground: Ground,
        on_open: Callable[["Process"], None],
        on_end: Callable[["Process", str], None],
        on_fault: Callable[[BaseException], None],
    ) -> None:
        self._timeline, self._on_open, self._on_end = timeline, on_open, on_end
        self.loop = VirtualLoop(timeline, on_fault)
        self.is_open = False
        self.is_leaving = False
        self._settings, self._ground = settings, ground
        self.system: WorldSystem | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return not self.loop.is_dead

    def begin(self) -> None:
        """Start the system."""
        self.loop.call_soon(lambda: self.do(self._start()))

    async def _start(self) -> None:
        system = self.system = WorldSystem(self._settings, self._ground, self._abort)
        try:
            await system.start()
        except StartRefused as refused:
            self._end(f"start refused: {refused}")
            return
        self.is_open = True
        self._on_open(self)

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something on its loop."""
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def call(self, callback: Callable[[], None]) -> None:
        """Call something on its loop, at this instant."""
        if self.is_alive:
            self._timeline.soon(asyncio.Handle(callback, (), self.loop), self.loop)

    def leave(self) -> None:
        """Stop in order."""
        if self.is_open and not self.is_leaving:
            self.is_leaving, self.is_open = True, False
            self.call(lambda: self.do(self._stop()))

    async def _stop(self) -> None:
        assert self.system is not None
        await self.system.stop()
        self._end("stopped")

    def kill(self) -> None:
        """End it without a word."""
        self.is_open = False
        self.loop.kill()

    def _abort(self, reason: str) -> None:
        """Do what `os._exit` does."""
        self._end(f"aborted: {reason}")

    def _end(self, how: str) -> None:
        if self.is_alive:
            self.kill()
            self._on_end(self, how)
