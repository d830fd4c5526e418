"""What a person does with a data directory: verify it, look into it, export it, rebuild its tables.

Only `rebuild` writes; the others read beside a running Stopline.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from stopline.messages.events import Event
from stopline.model.numbers import Nanos
from stopline.ports.journal import Head, JournalError
from stopline.stores.readable import readable_event, readable_record
from stopline.stores.spool import blocks
from stopline.stores.sqlite.check import prepare_directory
from stopline.stores.sqlite.layout import Layout
from stopline.stores.sqlite.owner import Ownership
from stopline.stores.sqlite.projections import Heard, SqliteProjections, drop
from stopline.stores.sqlite.reading import ChainReader
from stopline.stores.sqlite.verifying import Findings, Verifying

Progress = Callable[[int, int], None]
"""Called now and then with (records done, records in all)."""

PROGRESS_EVERY: Final = 2_000


class Verified(Struct, frozen=True, kw_only=True):
    """What `verify` found. `first_bad_seq` is None where it is intact, or where no record is to blame."""

    intact: bool
    records: int
    events: int
    head_seq: int
    head_hash: str
    epoch: int
    schema_version: int
    code_version: str
    config_version: str
    first_bad_seq: int | None
    message: str
    warnings: tuple[str, ...]


def verify(data_dir: Path, progress: Progress | None = None, spool: Path | None = None) -> Verified:
    """Read every record and every index entry and say whether they hold. Never raises for damage.

    `spool` is where the spool lies, if not in the data directory.
    """
    layout = Layout(data_dir)
    if not layout.journal.exists():
        found = Findings(message=f"there is no journal in {data_dir}")
    else:
        found = Verifying(layout, progress, PROGRESS_EVERY).run()
        found.warnings += waiting_in_spool(spool or layout.spool, found.head)
    head = found.head
    return Verified(
        intact=not found.message,
        records=found.records,
        events=found.events,
        head_seq=head.seq,
        head_hash=head.hash.hex(),
        epoch=head.epoch,
        schema_version=head.schema_version,
        code_version=head.code_version,
        config_version=head.config_version,
        first_bad_seq=found.first_bad_seq or None,
        message=found.message or f"the journal is intact: {found.records} records, {found.events} events",
        warnings=tuple(found.warnings),
    )


def waiting_in_spool(spool: Path, head: Head) -> list[str]:
    """Say what waits in the spool for the journal, and whether it continues the journal at all."""
    try:
        kept = blocks.read(spool.read_bytes())
    except FileNotFoundError:
        return []
    except OSError as error:
        return [f"{spool.name} cannot be read, so what waits in it is not known: {error.strerror or error}"]
    except blocks.Damage as damage:
        return [f"{spool.name} is damaged: {damage}"]
    waiting = [record for record in (kept.records if kept else ()) if record.seq > head.seq]
    if not waiting:
        return []
    text = f"records {waiting[0].seq} to {waiting[-1].seq} wait in {spool.name}"
    if (waiting[0].seq, waiting[0].prev_hash) == (head.seq + 1, head.hash):
        return [f"{text}: the next start puts them into the journal"]
    return [f"{text} and do not continue this journal, which ends at record {head.seq}: no start until that is mended"]


def show(
    data_dir: Path,
    after_seq: int = 0,
    until_seq: int | None = None,
    *,
    account: str = "",
    client_order_id: str = "",
    event: str = "",
    since: Nanos = 0,
    limit: int | None = None,
) -> Iterator[dict[str, object]]:
    """Yield records as readable dicts, keeping those with an event that passes all filters.

    A dict is {seq, at, hash, prev_hash, events: [{type, ...}]}; money, prices and quantities are
    exact decimal text. `until_seq` beyond the end is the end. Raises JournalError where the
    journal cannot be read, JournalCorrupt at damage.
    """
    shown = 0
    reader = _reader(data_dir)
    try:
        last = reader.head().seq
        for record, events in reader.read_events(after_seq, last if until_seq is None else min(until_seq, last)):
            if limit is not None and shown >= limit:
                return
            if record.at >= since and any(_passes(each, account, client_order_id, event) for each in events):
                shown += 1
                yield readable_record(record, events)
    finally:
        reader.close()


def events(data_dir: Path) -> Iterator[tuple[int, Nanos, tuple[Event, ...]]]:
    """Yield (seq, at, events) of every record, in order. Raises JournalError, JournalCorrupt."""
    reader = _reader(data_dir)
    try:
        for record, said in reader.read_events(0, reader.head().seq):
            yield record.seq, record.at, said
    finally:
        reader.close()


def export(data_dir: Path, after_seq: int = 0, until_seq: int | None = None) -> Iterator[bytes]:
    """Yield every record as one line of JSON (with its newline), as `show` has it."""
    encode = msgspec.json.Encoder().encode
    for record in show(data_dir, after_seq, until_seq):
        yield encode(record) + b"\n"


def rebuild(data_dir: Path, progress: Progress | None = None) -> int:
    """Drop the projections and build them again; returns how many records went in.

    Raises JournalBusy while a Stopline runs on the directory.
    """
    layout = Layout(data_dir)
    reader = _reader(data_dir)
    try:
        prepare_directory(layout)
        ownership = Ownership(layout)
        try:
            drop(layout.projections)
            return _build(SqliteProjections(layout.projections), reader, progress or _silent)
        finally:
            ownership.release()
    finally:
        reader.close()


def _build(projections: SqliteProjections, reader: ChainReader, progress: Progress) -> int:
    last = reader.head().seq
    batch: list[Heard] = []
    try:
        for record, events in reader.read_events(0, last):
            batch.append((record.seq, record.at, events))
            if len(batch) >= PROGRESS_EVERY:
                projections.apply(batch)
                progress(record.seq, last)
                batch = []
        projections.apply(batch)
        progress(last, last)
    finally:
        projections.close()
    return last


def _reader(data_dir: Path) -> ChainReader:
    path = Layout(data_dir).journal
    if not path.exists():
        raise JournalError(f"there is no journal in {data_dir}: name the directory that `stopline run` writes to")
    return ChainReader(path)


def _passes(event: Event, account: str, client_order_id: str, kind: str) -> bool:
    if kind and type(event).__name__ != kind:
        return False
    if not account and not client_order_id:
        return True
    said = readable_event(event)
    return (not account or account in _values(said, "account")) and (
        not client_order_id or client_order_id in _values(said, "client_order_id")
    )


def _values(said: Any, name: str) -> set[object]:
    """Return all values of a field, however deep."""
    found: set[object] = set()
    if isinstance(said, dict):
        for key, value in said.items():
            found |= {value} if key == name and isinstance(value, str) else _values(value, name)
    elif isinstance(said, list):
        for each in said:
            found |= _values(each, name)
    return found


def _silent(done: int, of: int) -> None:
    """Say nothing."""
