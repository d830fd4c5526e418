"""Looks, every so often, at what no input tells: the machine's clock, and the disk.

Source     reliability.md F06 (disk), F30 (clock).
"""

import asyncio
import logging
from collections.abc import Callable

from stopline.messages.inputs import ClockStepped, DiskFilling, Input, StoreFailing
from stopline.model.numbers import Nanos

CLOCK_EVERY_S = 1.0
DISK_EVERY_S = 30.0
log = logging.getLogger(__name__)


async def watch_clock(
    find_step: Callable[[], Nanos], tell: Callable[[Input], None], every_s: float = CLOCK_EVERY_S
) -> None:
    """Tell when somebody sets the machine's clock. Engine time does not follow it."""
    while True:
        await asyncio.sleep(every_s)
        step = find_step()
        if step:
            tell(ClockStepped(by=step))


ON_BALLAST = "store_full"
"""Why no new risk is taken after a start on a full disk."""


class DiskWatch:
    """How full the disk is: told and logged whenever that changes for the worse, and there for /health."""

    def __init__(
        self,
        look: Callable[[], tuple[str, str]],
        tell: Callable[[Input], None] = lambda message: None,
        set_aside: Callable[[], bool] = lambda: True,
        is_on_ballast: bool = False,
    ) -> None:
        """Look by `look`; `set_aside` keeps the ballast there, and says whether it is."""
        self._look, self._tell, self._set_aside = look, tell, set_aside
        self._is_on_ballast = is_on_ballast
        self.problem = ""
        """What a person should know; empty while there is room."""

    async def _keep_ballast(self) -> None:
        """Take no new risk until there is room to set the ballast aside again."""
        try:
            is_there = await asyncio.to_thread(self._set_aside)
        except OSError as error:
            log.warning("the ballast cannot be looked at: %s", error)
            return
        if self._is_on_ballast:
            self._is_on_ballast = not is_there
            self._tell(StoreFailing(reason="" if is_there else ON_BALLAST))
            if not is_there:
                text = "the disk was full at the start and is still: only who wants out can trade until there is room"
                self.problem = f"{self.problem}; {text}" if self.problem else text

    async def run(self, every_s: float = DISK_EVERY_S) -> None:
        """Look for ever."""
        severity = ""
        while True:
            try:
                found, self.problem = await asyncio.to_thread(self._look)
            except OSError as error:
                found, self.problem = "ERROR", f"the disk cannot be looked at: {error}"
            if found and found != severity:
                log.log(logging.getLevelName(found), self.problem)
                self._tell(DiskFilling(severity=found, message=self.problem))
            severity = found
            await self._keep_ballast()
            await asyncio.sleep(every_s)
