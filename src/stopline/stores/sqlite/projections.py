"""The tables in SQLite: their own file, a checkpoint in the same transaction as the rows, dropped when in doubt.

`open_projections` gives what the runtime's follower feeds (`apply`) and asks (`rows`).
"""

import base64
import json
import logging
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Final

import apsw

from stopline.messages.events import Event
from stopline.messages.upcast import decode_events, encode_events
from stopline.model.numbers import Nanos
from stopline.ports.journal import Journal
from stopline.stores.projecting.projector import Projector
from stopline.stores.projecting.shelf import Changes, Key
from stopline.stores.projecting.tables import STATUS_GROUPS, TABLES, TABLES_VERSION, Row, Table, Value
from stopline.stores.sqlite.connect import REBUILDABLE_PRAGMAS, close_writer, open_reader, open_writer, set_pragmas
from stopline.stores.sqlite.layout import Layout, create_private
from stopline.stores.sqlite.migrate import NewerSchema, applied, migrate, newest
from stopline.views.wire import instant

STORE: Final = "projections"
DEFAULT_LIMIT: Final = 100
MOST_ROWS: Final = 1_000
LIMITS: Final = ("risk_limits", "position_limits")
"""Tables that people may edit: an edit becomes a change of limits, and then the row says what was decided."""

Heard = tuple[int, Nanos, tuple[Event, ...]]
"""A durable record: (seq, at, events)."""

_log = logging.getLogger(__name__)


class SqliteProjections:
    """The tables, open for one writer thread and any number of readers."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it; raises apsw.Error or NewerSchema where it is none of ours."""
        create_private(path)
        self._connection = open_writer(path)
        try:
            set_pragmas(self._connection, REBUILDABLE_PRAGMAS)
            _forbid_older(self._connection)
            migrate(self._connection, STORE)
            self._store = _Store(self._connection)
            self._projector = Projector(self._store)
            self._reader = open_reader(path)
        except BaseException:
            self._connection.close()
            raise
        self._lock = Lock()
        self._checkpoint = self._read_checkpoint()
        self._seen_version: int | None = None

    def checkpoint(self) -> int:
        """Return the seq of the last record that is in the tables."""
        return self._checkpoint

    def apply(self, records: Sequence[Heard]) -> None:
        """Put records into the tables and move the checkpoint, in one transaction."""
        if not records:
            return
        if records[0][0] != self._checkpoint + 1:
            raise ValueError(f"record {records[0][0]} cannot follow {self._checkpoint} in the tables")
        try:
            with self._connection:
                for seq, at, events in records:
                    self._projector.project(seq, at, events)
                self._projector.flush()
                self._keep_checkpoint(*records[-1])
        except BaseException:
            self._projector.forget()
            raise
        self._checkpoint = records[-1][0]

    def rows(self, table: str, **filters: object) -> list[dict[str, object]]:
        """Return rows of a table, newest first where that means something.

        Filters: `status`, `symbol`, `account`, `client_order_id`, `severity` where the table has
        them, `since` (nanoseconds), `limit`, and `cursor` (that of the last row seen). Raises
        ValueError for a table or a filter that is not there.
        """
        if table not in TABLES:
            raise ValueError(f"there is no table {table!r}; there are {', '.join(sorted(TABLES))}")
        names = self._store.columns[table]
        rest, bindings = _query(TABLES[table], filters)
        with self._lock:
            found = self._reader.execute(f"SELECT {_listed(names)} FROM {table}{rest}", bindings).fetchall()
        return [_shown(TABLES[table], dict(zip(names, row, strict=True))) for row in found]

    def edited(self, look_anyway: bool = False) -> dict[str, list[Row]] | None:
        """Return all rows of the limits tables if another program has written to the file since the last look.

        The first look always returns them. Call it on the writer's thread.
        """
        version = int(self._connection.pragma("data_version") or 0)
        if version == self._seen_version and not look_anyway:
            return None
        self._seen_version = version
        self._projector.forget()
        return {name: self._store.matching(name, {}) for name in LIMITS}

    def overwrite(self, name: str, row: Row, is_there: bool = True) -> None:
        """Write one row back as it should be, or take it out. Call it on the writer's thread."""
        key = tuple(row[column] for column in TABLES[name].primary)
        with self._connection:
            self._store.write({name: {key: row if is_there else None}})
        self._projector.forget()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._reader.close()
            try:
                self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
                close_writer(self._connection)
            except apsw.Error as error:
                _log.warning("the tables were closed without a checkpoint: %s", error)
                self._connection.close()

    def agrees_with(self, journal: Journal) -> bool:
        """Whether the tables were made by this code, from this journal."""
        row = self._connection.execute("SELECT seq, at, body_hash, tables_version FROM checkpoint").fetchone()
        if row is None:
            return not any(self._connection.execute("SELECT 1 FROM accounts LIMIT 1"))
        seq, at, body_hash, version = row
        if version != TABLES_VERSION or seq > journal.head().seq:
            return False
        record = next(iter(journal.read(after_seq=seq - 1, until_seq=seq)))
        return bool(record.at == at and _body_hash(decode_events(record.body)) == body_hash)

    def _read_checkpoint(self) -> int:
        seq = self._connection.execute("SELECT seq FROM checkpoint").get
        return int(seq or 0)

    def _keep_checkpoint(self, seq: int, at: Nanos, events: tuple[Event, ...]) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO checkpoint VALUES (1, ?, ?, ?, ?)",
            (seq, at, _body_hash(events), TABLES_VERSION),
        )


def open_projections(data_dir: Path, journal: Journal) -> SqliteProjections:
    """Open the tables of a data directory; drop them first where they are damaged, old, or of another journal."""
    path = Layout(data_dir).projections
    try:
        projections = SqliteProjections(path)
        if projections.agrees_with(journal):
            return projections
        projections.close()
        reason = "they were made from another journal, or by other code"
    except (apsw.Error, NewerSchema, ValueError, TypeError) as error:
        reason = f"{type(error).__name__}: {error}"
    _log.warning("the tables in %s are dropped and built again: %s", path.name, reason)
    drop(path)
    return SqliteProjections(path)


def drop(path: Path) -> None:
    """Delete the tables' file; everything in it can be made again."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _forbid_older(connection: apsw.Connection) -> None:
    """Tables are never migrated: a file of another schema is dropped (and the newest schema made at once)."""
    have = applied(connection)
    if have not in (0, newest(STORE)):
        raise NewerSchema(f"schema {have} is not {newest(STORE)}")


def _body_hash(events: tuple[Event, ...]) -> bytes:
    return sha256(encode_events(events)).digest()


class _Store:
    """Rows in SQLite, as the projector wants them."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self.columns = {name: _columns(connection, name) for name in TABLES}
        self._upsert = {
            name: f"INSERT OR REPLACE INTO {name} ({_listed(columns)}) VALUES ({', '.join('?' * len(columns))})"
            for name, columns in self.columns.items()
        }
        self._newest = {
            name: f"SELECT {_listed(self.columns[name])} FROM {name} WHERE {_equal(table.key)} "
            f"ORDER BY {_listed(table.primary, ' DESC')} LIMIT 1"
            for name, table in TABLES.items()
        }
        self._delete = {name: f"DELETE FROM {name} WHERE {_equal(table.primary)}" for name, table in TABLES.items()}

    def newest(self, name: str, key: Key) -> Row | None:
        """Return the newest row of a table with this key."""
        row = self._connection.execute(self._newest[name], key).fetchone()
        return None if row is None else dict(zip(self.columns[name], row, strict=True))

    def matching(self, name: str, columns: Mapping[str, Value]) -> list[Row]:
        """Return all rows with these values, oldest first."""
        where = f"WHERE {_equal(columns)} " if columns else ""
        query = f"SELECT {_listed(self.columns[name])} FROM {name} {where}ORDER BY "
        rows = self._connection.execute(query + _listed(TABLES[name].primary), tuple(columns.values()))
        return [dict(zip(self.columns[name], row, strict=True)) for row in rows]

    def write(self, changes: Changes) -> None:
        """Write and delete rows."""
        for name, rows in changes.items():
            columns = self.columns[name]
            written = [tuple([row[column] for column in columns]) for row in rows.values() if row is not None]
            deleted = [key for key, row in rows.items() if row is None]
            if deleted:
                self._connection.executemany(self._delete[name], deleted)
            if written:
                self._connection.executemany(self._upsert[name], written)


def _columns(connection: apsw.Connection, name: str) -> tuple[str, ...]:
    return tuple(row[1] for row in connection.execute(f"PRAGMA table_info({name})"))


def _listed(columns: Sequence[str], direction: str = "") -> str:
    return ", ".join(f'"{column}"{direction}' for column in columns)


def _equal(columns: Sequence[str] | Mapping[str, Value]) -> str:
    return " AND ".join(f'"{column}" = ?' for column in columns)


def _query(table: Table, filters: Mapping[str, object]) -> tuple[str, list[Any]]:
    allowed = dict(table.filters)
    terms: list[str] = []
    bindings: list[Any] = []
    limit = DEFAULT_LIMIT
    for name, value in filters.items():
        if value is None or value == "":
            continue
        if name == "limit":
            limit = _limit(value)
        elif name == "cursor":
            terms.append(_beyond(table))
            bindings += _cursor_values(table, value)
        elif name not in allowed:
            known = ", ".join(sorted([*allowed, "limit", "cursor"]))
            raise ValueError(f"{table.name} cannot be filtered by {name!r}; it can by {known}")
        else:
            term, values = _term(table, name, allowed[name], value)
            terms.append(term)
            bindings += values
    where = f" WHERE {' AND '.join(terms)}" if terms else ""
    order = _listed(table.order, " DESC" if table.newest_first else "")
    return f"{where} ORDER BY {order} LIMIT ?", [*bindings, limit]


def _term(table: Table, name: str, column: str, value: object) -> tuple[str, list[Any]]:
    if name == "since":
        if not isinstance(value, int):
            raise ValueError("since is an instant in nanoseconds")
        return f'"{column}" >= ?', [instant(value)]
    if name == "status":
        wanted = [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else []
        groups = STATUS_GROUPS if table.name == "orders" else {}
        states = [state for each in wanted for state in groups.get(str(each), (str(each),))]
        return f'"{column}" IN ({", ".join("?" * len(states))})', states
    if name == "symbol" and ":" in str(value) and table.name in ("orders", "fills", "positions"):
        return '"instrument_id" = ?', [str(value)]
    return f'"{column}" = ?', [str(value)]


def _limit(value: object) -> int:
    if not isinstance(value, int) or not 0 < value <= MOST_ROWS:
        raise ValueError(f"limit is a number from 1 to {MOST_ROWS}")
    return value


def _beyond(table: Table) -> str:
    marks = ", ".join("?" * len(table.order))
    return f"({_listed(table.order)}) {'<' if table.newest_first else '>'} ({marks})"


def _cursor_values(table: Table, cursor: object) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(str(cursor)))
        fits = isinstance(values, list) and len(values) == len(table.order)
    except ValueError:
        fits = False
    if not fits or not all(isinstance(value, int | str) and not isinstance(value, bool) for value in values):
        raise ValueError(f"the cursor is none of {table.name}: take it from the last row of the page before")
    return list(values)


def _shown(table: Table, row: dict[str, Any]) -> dict[str, object]:
    cursor = json.dumps([row[column] for column in table.order]).encode()
    shown: dict[str, object] = {
        name: bool(value) if name in table.booleans and value is not None else value
        for name, value in row.items()
        if name not in table.hidden
    }
    for name in table.nested:
        shown[name] = None if row[name] is None else json.loads(row[name])
    if "id" in row:
        shown["seq"] = row["id"] >> 16
    shown["cursor"] = base64.urlsafe_b64encode(cursor).decode()
    return shown
