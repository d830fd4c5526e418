"""Snapshots, made by folding the journal in a thread beside the loop, never from the loop's own state.

So a snapshot proves something: at a clean stop the folded state must be what the loop
came to, byte for byte, or it is not kept.

Source     architecture.md promise 12; reliability.md I12.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator

from stopline.engine.replay import encode_state, encoded_hash, state_hash
from stopline.ports.journal import GENESIS, Journal, JournalError, Record, Snapshot
from stopline.runtime.behind import rest_briefly
from stopline.runtime.recover import fold_records, load_snapshot
from stopline.state.state import STATE_SCHEMA, State

EVERY_RECORDS = 50_000
CHUNK = 50
"""Records folded between two rests, so that the loop does not wait for the interpreter."""
log = logging.getLogger(__name__)


class Snapshots:
    """Counts records, and takes a snapshot when enough have come."""

    def __init__(
        self, journal: Journal, last_seq: int, every: int = EVERY_RECORDS, rest: Callable[[], None] = rest_briefly
    ) -> None:
        """Count from `last_seq` until `begin` has found out how far the newest snapshot reaches."""
        self._journal, self._every, self._rest = journal, every, rest
        self._last_seq = last_seq
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Count from the newest snapshot, whichever process took it."""
        newest = await asyncio.to_thread(self._journal.latest_snapshot)
        self._last_seq = 0 if newest is None else newest.seq

    def heard(self, durable_seq: int) -> None:
        """Begin a snapshot in the background when one is due."""
        if durable_seq - self._last_seq >= self._every and (self._task is None or self._task.done()):
            self._last_seq = durable_seq
            self._task = asyncio.get_running_loop().create_task(self._take_quietly(durable_seq))

    async def take(self, seq: int, expected: State | None = None) -> bool:
        """Fold to `seq` and keep the snapshot; False where the result is not the `expected` state."""
        snapshot = await asyncio.to_thread(self._fold, seq)
        if expected is not None and state_hash(expected) != snapshot.state_hash:
            log.critical("the state at %d is not what its journal says: no snapshot is kept; report this", seq)
            return False
        await self._journal.save_snapshot(snapshot)
        self._last_seq = seq
        return True

    async def close(self, seq: int, expected: State) -> None:
        """Wait for a snapshot under way, then take the last one of this process."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        if seq == 0:
            return
        try:
            await self.take(seq, expected)
        except JournalError as error:
            log.warning("no snapshot at the stop: %s", error)

    async def _take_quietly(self, seq: int) -> None:
        try:
            await self.take(seq)
        except Exception:
            log.exception("no snapshot at %d: the next start replays more", seq)

    def _fold(self, seq: int) -> Snapshot:
        state, last = load_snapshot(self._journal, seq), GENESIS

        def rested() -> Iterator[Record]:
            nonlocal last
            for number, record in enumerate(self._journal.read(after_seq=state.seq, until_seq=seq)):
                if number % CHUNK == 0:
                    self._rest()
                last = record.hash
                yield record

        if state.seq == seq:
            last = next(iter(self._journal.read(after_seq=seq - 1, until_seq=seq))).hash
        fold_records(state, rested())
        data = encode_state(state)
        return Snapshot(seq, last, state.epoch, STATE_SCHEMA, data, encoded_hash(data))
