"""The spool in memory: the same promises (tests/contract/test_spool.py), no disk, and failures on demand."""

import asyncio
from collections.abc import Sequence

from stopline.ports.journal import Record
from stopline.ports.spool import Spool, SpoolError, SpoolRefused


class MemorySpool(Spool):
    """Keeps everything in a list. `failures` are raised by the next appends, one each."""

    def __init__(self, room: int = 1_000) -> None:
        self.kept: list[Record] = []
        self.torn = False
        self.room = room
        self.failures: list[SpoolError] = []
        self.appends: list[int] = []
        self.clears = 0

    def records(self) -> tuple[Record, ...]:
        return tuple(self.kept)

    async def append(self, records: Sequence[Record]) -> None:
        if not records:
            return
        if self.failures:
            raise self.failures.pop(0)
        await asyncio.sleep(0)
        if len(self.kept) + len(records) > self.room:
            raise SpoolRefused("the spool is full")
        self.kept += records
        self.appends.append(len(records))

    async def clear(self) -> None:
        await asyncio.sleep(0)
        self.kept = []
        self.clears += 1

    async def close(self) -> None:
        return
