"""The spool: where records go while the journal takes none, so that who wants out is not locked in.

It holds the tail of the chain: the very records, in order, that the journal could not take.
What is in it is durable and may be said. Once the journal has them, it is emptied.

Source     architecture.md promise 6; reliability.md section 2.1 (emergency path), F06 to F08, F12.
"""

from collections.abc import Sequence
from typing import Protocol

from stopline.ports.journal import Record


class SpoolError(Exception):
    """Base; the message says what is wrong, where, and what would be right."""


class SpoolRefused(SpoolError):
    """Nothing of it counts (no room, a write failed): what was in the spool before still is."""


class SpoolLost(SpoolError):
    """An fsync failed: nobody knows what is on disk. The process must end, restart and verify."""


class SpoolDamaged(SpoolError):
    """What was acknowledged cannot be read any more, or belongs to another journal."""


class SpoolBusy(SpoolError):
    """Another process has it."""


class Spool(Protocol):
    """A small log of records, all of them after the journal's end. One writer; calls never overlap."""

    torn: bool
    """Whether its last entry was cut off when it was opened: never finished, so never acknowledged."""

    def records(self) -> tuple[Record, ...]:
        """Return what it holds, in order."""

    async def append(self, records: Sequence[Record]) -> None:
        """Make records durable, all of them or none. Raises SpoolRefused or SpoolLost."""

    async def clear(self) -> None:
        """Forget all it holds, durably. Raises SpoolLost."""

    async def close(self) -> None:
        """Finish what is under way and let go; what it holds stays."""
