"""Reports that wait for the disk: what changed in one turn of the loop is one commit, and is said after it.

Reports leave in the order in which they were made, also those that change nothing. A
refused commit (disk full, file locked) is tried again with longer and longer pauses; a lost
one is the end: what was not on disk is never said.
"""

import asyncio
import logging
from asyncio import Future
from collections.abc import Awaitable, Callable

from stopline.brokers.paper.file import FileRefused
from stopline.messages.inputs import Input
from stopline.ports.broker import Inbox, SendOutcomeUnknown

FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 5.0
CLOSING_S = 5.0
log = logging.getLogger(__name__)


class Outbox:
    """`take` returns the next thing to write (a coroutine function), or None where nothing changed."""

    def __init__(
        self,
        inbox: Inbox,
        take: Callable[[], Callable[[], Awaitable[None]] | None],
        on_trouble: Callable[[str], None],
    ) -> None:
        self._inbox, self._take, self._on_trouble = inbox, take, on_trouble
        self._reports: list[Input] = []
        self._done: Future[None] | None = None
        self._in_flight: Future[None] | None = None
        self._wanted = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run())
        self.lost = ""
        """Why nothing more is written; empty while all is well."""
        self._is_refused = False

    @property
    def is_idle(self) -> bool:
        """Whether all that was made has been said."""
        return self._done is None and self._in_flight is None

    def add(self, *reports: Input) -> None:
        """Say this once all that changed until now is on disk."""
        if self.lost:
            return
        self._reports += reports
        if self._done is None:
            self._done = asyncio.get_running_loop().create_future()
            self._wanted.set()

    def tell(self, report: Input) -> None:
        """Say something at once: that the disk takes nothing, for one."""
        self._inbox(report)

    async def said(self) -> None:
        """Return once all that was added has been said; raises SendOutcomeUnknown if it never will."""
        last = self._done or self._in_flight
        if last is not None:
            await asyncio.shield(last)
        elif self.lost:
            raise SendOutcomeUnknown(self.lost)

    async def close(self) -> None:
        """Say what can be said in a few seconds, and stop. What the disk never took was never said."""
        try:
            async with asyncio.timeout(CLOSING_S):
                while not self.is_idle:
                    await self.said()
        except (TimeoutError, SendOutcomeUnknown) as error:
            log.warning("the paper broker closes with reports unsaid: %r", error)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            reports, self._reports = self._reports, []
            done, self._done = self._done, None
            if done is None:
                continue
            self._in_flight = done
            try:
                await self._write()
            except Exception as error:
                self._give_up(error, done)
                return
            for report in reports:
                self._inbox(report)
            self._in_flight = None
            done.set_result(None)

    async def _write(self) -> None:
        """Write what changed, trying again while it is refused."""
        write, pause_s = self._take(), FIRST_PAUSE_S
        while write is not None:
            try:
                await write()
            except FileRefused as error:
                if not self._is_refused:
                    log.critical("%s; trying again", error)
                    self._on_trouble(str(error))
                self._is_refused = True
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            else:
                break
        if self._is_refused:
            self._is_refused = False
            self._on_trouble("")

    def _give_up(self, error: Exception, done: "Future[None]") -> None:
        log.critical("the paper broker stops", exc_info=error)
        self.lost = str(error) or repr(error)
        self._on_trouble(self.lost)
        for waited in (done, self._done):
            if waited is not None:
                waited.set_exception(SendOutcomeUnknown(self.lost))
                waited.exception()
        self._done = self._in_flight = None
