"""Reports on their way to the loop: in order, and never in line with who made them."""

import asyncio

from stopline.messages.inputs import Input
from stopline.ports.broker import Inbox


class Outbox:
    """Hands reports to the inbox from a task of its own."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._reports: asyncio.Queue[Input] = asyncio.Queue()
        self._task = asyncio.get_running_loop().create_task(self._run())

    @property
    def is_idle(self) -> bool:
        """Whether everything has been said."""
        return self._reports.empty()

    def add(self, *reports: Input) -> None:
        """Say these, after all that was added before."""
        for report in reports:
            self._reports.put_nowait(report)

    async def said(self) -> None:
        """Return once everything that was added has been said."""
        await self._reports.join()

    async def close(self) -> None:
        """Say what is left, and stop."""
        await self.said()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            report = await self._reports.get()
            try:
                self._inbox(report)
            finally:
                self._reports.task_done()
