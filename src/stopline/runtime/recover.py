"""From a journal to a state that can take inputs: newest snapshot, then the tail, record by record, chain verified.

Source     architecture.md promises 3 and 12; reliability.md F01-F05, F09, I12, I18.
"""

import gc
import logging
from collections.abc import Iterable

from stopline.engine.replay import decode_state, fold, go_live, state_hash
from stopline.messages.inputs import SpoolRecovered
from stopline.messages.upcast import decode_events
from stopline.ports.journal import Head, Journal, JournalCorrupt, JournalRefused, Record
from stopline.ports.spool import Spool
from stopline.state.state import STATE_SCHEMA, State

log = logging.getLogger(__name__)


def recover(journal: Journal) -> State:
    """Return the live state at the journal's head; raises JournalCorrupt naming the first bad record.

    The collector rests meanwhile: folding makes no cycles.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        state = fold_journal(journal)
        go_live(state)
    finally:
        if was_enabled:
            gc.enable()
    return state


async def merge_spool(journal: Journal, spool: Spool) -> SpoolRecovered | None:
    """Give the journal what the spool kept for it, then empty the spool.

    Return what people should be told, None if there was nothing. Raises JournalCorrupt where the
    spool does not continue this journal, and JournalRefused while that takes nothing.
    """
    records = spool.records()
    if not records:
        return None
    end = journal.head()
    _refuse_foreign(journal, end, records)
    missing = [record for record in records if record.seq > end.seq]
    if missing:
        try:
            await journal.append(missing)
        except JournalRefused as refusal:
            text = f"{refusal}. The spool keeps {len(missing)} records for it that were acknowledged: nothing is lost"
            raise JournalRefused(refusal.reason, text) from refusal
    await spool.clear()
    log.warning("%d records came from the spool, up to record %d", len(missing), records[-1].seq)
    return SpoolRecovered(
        first_seq=records[0].seq, last_seq=records[-1].seq, reason="until the process ended", torn=spool.torn
    )


def _refuse_foreign(journal: Journal, end: Head, records: tuple[Record, ...]) -> None:
    """Raise JournalCorrupt unless the records continue the journal, or are in it already."""
    first = records[0]
    if first.seq > end.seq + 1:
        raise JournalCorrupt(
            end.seq + 1,
            f"the journal ends at record {end.seq}, but the spool goes on from record {first.seq}: an older copy of "
            "the journal was restored. Restore the newest one",
        )
    known = {end.seq: end.hash}
    known |= {each.seq: each.hash for each in journal.read(after_seq=first.seq - 1, until_seq=records[-1].seq)}
    for record in records:
        before, there = known.get(record.seq - 1, record.prev_hash), known.get(record.seq, record.hash)
        if (before, there) != (record.prev_hash, record.hash):
            raise JournalCorrupt(
                record.seq,
                f"record {record.seq} in the spool does not continue this journal: one of them is another's. Put the "
                "right spool beside it (spool_path), or move this one away if it is not this journal's",
            )


def fold_journal(journal: Journal, until_seq: int | None = None) -> State:
    """Return the durable state at `until_seq` (the head, if None), from the newest snapshot that fits."""
    last = journal.head().seq if until_seq is None else until_seq
    state = load_snapshot(journal, last)
    fold_records(state, journal.read(after_seq=state.seq, until_seq=last))
    if state.seq != last:
        raise JournalCorrupt(state.seq + 1, f"the journal must reach {last}, but record {state.seq + 1} is missing")
    return state


def fold_records(state: State, records: Iterable[Record]) -> None:
    """Apply records to a state; raises JournalCorrupt for one that cannot be applied."""
    for record in records:
        try:
            fold(state, record.seq, record.at, decode_events(record.body))
        except Exception as error:
            raise JournalCorrupt(record.seq, f"record {record.seq} cannot be applied: {error!r}") from error


def load_snapshot(journal: Journal, until_seq: int) -> State:
    """Return the newest snapshot's state if it fits this journal and this code, else an empty state."""
    snapshot = journal.latest_snapshot()
    if snapshot is None or snapshot.seq > until_seq or snapshot.state_schema != STATE_SCHEMA:
        return State()
    record = next(iter(journal.read(after_seq=snapshot.seq - 1, until_seq=snapshot.seq)), None)
    if record is None or record.hash != snapshot.hash:
        log.warning("the snapshot of %d belongs to another journal: all is replayed", snapshot.seq)
        return State()
    try:
        state = decode_state(snapshot.state, record.at)
    except ValueError as error:
        log.warning("the snapshot of %d cannot be read (%s): all is replayed", snapshot.seq, error)
        return State()
    if state.seq != snapshot.seq or state_hash(state) != snapshot.state_hash:
        log.warning("the snapshot of %d is not what was taken: all is replayed", snapshot.seq)
        return State()
    return state


def settle_memory() -> None:
    """Leave what recovery made out of all later collections."""
    gc.collect()
    gc.freeze()
