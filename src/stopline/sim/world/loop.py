"""An asyncio event loop of one process in virtual time: no selector, no thread, no real clock.

What production code asks of an event loop is here, and nothing else: callbacks, timers,
futures, tasks, and an executor whose work is done at once, a moment later. A socket or a
signal is refused, loudly: a simulation that reached one would not be repeatable.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, Final

from stopline.model.numbers import SECOND, Nanos
from stopline.sim.world.timeline import Timeline

MICROSECOND: Final[Nanos] = 1_000
EXECUTOR_LATENCY: Final[Nanos] = 200 * MICROSECOND
"""How long work beside the loop takes."""
MOST_CLOSINGS: Final = 40


_Loop: Any = asyncio.AbstractEventLoop
"""The base, without the thirty methods that nobody may call here."""


class VirtualLoop(_Loop):  # type: ignore[misc]  # see _Loop
    """The loop of one process. `is_dead` ends it: nothing of it ever runs again."""

    def __init__(self, timeline: Timeline, on_fault: Callable[[BaseException], None]) -> None:
        self._timeline, self._on_fault = timeline, on_fault
        self._born_at = timeline.now
        self.is_dead = False
        self.thrown_away: dict[asyncio.Task[Any], None] = {}
        """Tasks of a dead process: none of them may be collected while another process lives on its thread."""
        self.stopped_until: Nanos = 0
        """A stopped process (SIGSTOP) runs nothing until then."""

    # --- time and callbacks ------------------------------------------------------------------------

    def time(self) -> float:
        """Return seconds since the loop began."""
        return (self._timeline.now - self._born_at) / SECOND

    def call_soon(self, callback: Callable[..., Any], *args: Any, context: Context | None = None) -> asyncio.Handle:
        """Run it at this instant."""
        handle = asyncio.Handle(callback, args, self, context)
        self._timeline.soon(handle, self)
        return handle

    call_soon_threadsafe = call_soon
    """There are no threads."""

    def call_at(
        self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run it when the loop's time is `when`."""
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        self._timeline.at(self._born_at + round(when * SECOND), timer, self)
        return timer

    def call_later(
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run it `delay` seconds from now."""
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Leave it on the timeline: it is skipped when its time comes."""

    # --- futures, tasks, work beside the loop --------------------------------------------------------

    def create_future(self) -> "asyncio.Future[Any]":
        """Return a future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(
        self, coro: Coroutine[Any, Any, Any], *, name: str | None = None, context: Context | None = None, **_: Any
    ) -> "asyncio.Task[Any]":
        """Return a task of this loop."""
        return asyncio.Task(coro, loop=self, name=name, context=context)

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":
        """Do the work a moment later, all of it at one instant."""
        answer = self.create_future()

        def work() -> None:
            if answer.cancelled():
                return
            try:
                answer.set_result(func(*args))
            except Exception as error:
                answer.set_exception(error)

        self.call_later(EXECUTOR_LATENCY / SECOND, work)
        return answer

    # --- what asyncio asks -------------------------------------------------------------------------

    def get_debug(self) -> bool:
        """Return False."""
        return False

    def is_running(self) -> bool:
        """Return whether it lives."""
        return not self.is_dead

    def is_closed(self) -> bool:
        """Return whether it is dead."""
        return self.is_dead

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Report what nobody caught: in a living process that is a finding."""
        error = context.get("exception")
        if not self.is_dead and isinstance(error, BaseException):
            self._on_fault(error)

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """Do the same."""
        self.call_exception_handler(context)

    def kill(self) -> None:
        """End it as SIGKILL does: no task learns of it. What is left is thrown away quietly."""
        self.is_dead = True
        before = asyncio._get_running_loop()
        asyncio._set_running_loop(self)
        try:
            for _ in range(MOST_CLOSINGS):
                thrown = [task for task in asyncio.all_tasks(self) if task not in self.thrown_away]
                for task in thrown:
                    task._log_destroy_pending = False  # type: ignore[attr-defined]  # they were meant to be destroyed
                    _throw_away(task.get_coro())
                self.thrown_away.update(dict.fromkeys(thrown))
                if not thrown:
                    break
        finally:
            asyncio._set_running_loop(before)


def _throw_away(coroutine: Any) -> None:
    """Close a coroutine, also one that awaits while it is being closed."""
    for _ in range(MOST_CLOSINGS):
        try:
            coroutine.close()
        except BaseException:
            continue
        return
