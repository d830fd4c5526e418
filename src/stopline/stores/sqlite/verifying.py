"""Reading all of a journal and saying whether it holds: the file, the chain, the events, the indexes, the anchor."""

from collections.abc import Callable

from msgspec import Struct, field, structs

from stopline.messages.decided import decided_ids
from stopline.messages.events import EngineStarted, Event
from stopline.ports.journal import Head, JournalCorrupt, JournalError, Record
from stopline.stores.sqlite import snapshots
from stopline.stores.sqlite.anchor import check_anchor, read_anchor
from stopline.stores.sqlite.layout import Layout
from stopline.stores.sqlite.migrate import expected_schema, migrations
from stopline.stores.sqlite.reading import APPLICATION_ID, EMPTY, ChainReader

Progress = Callable[[int, int], None]

_EPOCHS = "SELECT seq, epoch, schema_version, code_version, config_version FROM epochs WHERE seq <= ? ORDER BY epoch"


class Findings(Struct):
    """What was found. `message` is empty where all holds; `first_bad_seq` 0 where no record is to blame."""

    message: str = ""
    first_bad_seq: int = 0
    records: int = 0
    events: int = 0
    head: Head = EMPTY
    warnings: list[str] = field(default_factory=list)


class Verifying:
    """One reading of a data directory's journal, from the first record to the last."""

    def __init__(self, layout: Layout, progress: Progress | None, progress_every: int) -> None:
        """Say which directory."""
        self._layout = layout
        self._progress = progress
        self._every = progress_every
        self._found = Findings()
        self._starts: list[tuple[object, ...]] = []
        self._decided = 0
        self._last_at = 0

    def run(self) -> Findings:
        """Read it all; damage ends up in the findings."""
        try:
            reader = ChainReader(self._layout.journal)
        except JournalError as error:
            return self._blame(error)
        try:
            self._read(reader)
        except JournalCorrupt as error:
            self._blame(error if error.seq else reader.first_damage(error))
        except JournalError as error:
            self._blame(error)
        finally:
            reader.close()
        return self._found

    def _read(self, reader: ChainReader) -> None:
        """Records first, so that damage in one of them is named by its seq; then what lies beside them."""
        indexes: JournalCorrupt | None = None
        try:
            last, unsure = self._last_seq(reader), None
        except JournalCorrupt as error:
            last, unsure = None, error
        for record, events in reader.read_events(0, last):
            self._look_at(record, events)
            try:
                self._check_decided(reader, record, events)
            except JournalCorrupt as error:
                indexes = indexes or error
            if self._progress is not None and record.seq % self._every == 0:
                self._progress(record.seq, last or record.seq)
        if indexes or unsure:
            raise indexes or unsure or AssertionError
        self._check_indexes(reader, self._found.records)
        self._check_file(reader)
        self._check_anchor(reader)
        self._check_snapshots(reader)

    def _last_seq(self, reader: ChainReader) -> int:
        """Return how far to go: to the end as it is now, for a running Stopline goes on appending."""
        last = reader.rows("SELECT max(seq) FROM records")[0][0]
        if last is None:
            return 0
        if not isinstance(last, int):
            raise JournalCorrupt(0, f"the last record calls itself {last!r}")
        return last

    def _look_at(self, record: Record, events: tuple[Event, ...]) -> None:
        found = self._found
        found.records += 1
        found.events += len(events)
        found.head = structs.replace(found.head, seq=record.seq, hash=record.hash)
        if record.at < self._last_at:
            raise JournalCorrupt(record.seq, f"record {record.seq} is older than the one before it")
        self._last_at = record.at
        for event in events:
            if isinstance(event, EngineStarted):
                if event.epoch <= found.head.epoch:
                    raise JournalCorrupt(record.seq, f"record {record.seq} starts an epoch that is over")
                terms = (event.epoch, event.schema_version, event.code_version, event.config_version)
                found.head = Head(record.seq, record.hash, *terms)
                self._starts.append((record.seq, *terms))

    def _check_decided(self, reader: ChainReader, record: Record, events: tuple[Event, ...]) -> None:
        for account, client_order_id in decided_ids(events):
            self._decided += 1
            found = reader.find_decision(account, client_order_id)
            if found != record.seq:
                raise JournalCorrupt(
                    record.seq,
                    f"the index of decided ids has {found} for {client_order_id!r} of {account!r}, "
                    f"which record {record.seq} decided",
                )

    def _check_indexes(self, reader: ChainReader, last: int) -> None:
        ids = reader.rows("SELECT count(*) FROM decided WHERE seq <= ?", (last,))[0][0]
        if ids != self._decided:
            raise JournalCorrupt(0, f"the index of decided ids has {ids} entries for {self._decided} decisions")
        if reader.rows(_EPOCHS, (last,)) != self._starts:
            raise JournalCorrupt(0, "the table of epochs does not say what the records say")

    def _check_file(self, reader: ChainReader) -> None:
        problems = [str(row[0]) for row in reader.rows("PRAGMA integrity_check(20)")]
        if problems != ["ok"]:
            raise JournalCorrupt(0, f"all records hold, but the file is damaged beside them: {'; '.join(problems)}")
        if reader.rows("PRAGMA application_id") != [(APPLICATION_ID,)]:
            raise JournalCorrupt(0, "all records hold, but the file's header does not say that it is a journal")
        steps = [(number, name) for number, name, _ in migrations("journal")]
        if reader.rows("SELECT number, name FROM schema_version ORDER BY number") != steps:
            raise JournalCorrupt(0, "all records hold, but the file was laid out by another Stopline than this one")
        laid_out = reader.rows("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        if {name: sql for name, sql in laid_out} != expected_schema("journal"):  # noqa: C416  (mypy reads it better)
            raise JournalCorrupt(0, "all records hold, but the tables are not laid out as Stopline lays them out")

    def _check_anchor(self, reader: ChainReader) -> None:
        head = self._found.head
        anchor = read_anchor(self._layout.anchor)
        if anchor is not None:
            check_anchor(anchor, head, reader.hash_of(anchor.seq))
        elif head.seq:
            self._found.warnings.append(
                f"{self._layout.anchor.name} is missing: nothing here shows whether this is an older copy"
            )

    def _check_snapshots(self, reader: ChainReader) -> None:
        for path in snapshots.newest_first(self._layout.snapshots):
            try:
                snapshot = snapshots.read(path)
            except (OSError, ValueError) as error:
                self._found.warnings.append(f"snapshot {path.name} is useless: {error}")
                continue
            if reader.hash_of(snapshot.seq) != snapshot.hash:
                self._found.warnings.append(f"snapshot {path.name} is of another journal")

    def _blame(self, error: JournalError) -> Findings:
        self._found.message = str(error)
        self._found.first_bad_seq = error.seq if isinstance(error, JournalCorrupt) else 0
        return self._found
