"""Rows under work: read once, changed in memory, written together at the end of a batch."""

from typing import Protocol

from stopline.stores.projecting.tables import TABLES, Row, Value

Key = tuple[Value, ...]
Changes = dict[str, dict[Key, Row | None]]
"""By table and primary key: the row to write, or None to delete it."""

KEPT_ROWS = 20_000


class RowStore(Protocol):
    """Where rows are kept, inside one transaction per batch."""

    def newest(self, name: str, key: Key) -> Row | None:
        """Return the newest row of a table with this key."""

    def matching(self, name: str, columns: dict[str, Value]) -> list[Row]:
        """Return all rows with these values, oldest first."""

    def write(self, changes: Changes) -> None:
        """Write and delete rows."""


class Shelf:
    """What a batch changes, over what the store has."""

    def __init__(self, store: RowStore) -> None:
        """Read missing rows from `store`."""
        self._store = store
        self._newest: dict[str, dict[Key, Row | None]] = {name: {} for name in TABLES}
        self._changes: Changes = {}

    def get(self, name: str, *key: Value) -> Row | None:
        """Return the newest row with this key. To change it, change it and `put` it."""
        known = self._newest[name]
        if key not in known:
            known[key] = self._store.newest(name, key)
        return known[key]

    def put(self, name: str, row: Row) -> None:
        """Write a row, new or changed."""
        table = TABLES[name]
        self._newest[name][tuple([row[column] for column in table.key])] = row
        self._changes.setdefault(name, {})[tuple([row[column] for column in table.primary])] = row

    def drop(self, name: str, row: Row) -> None:
        """Delete a row."""
        table = TABLES[name]
        self._newest[name][tuple([row[column] for column in table.key])] = None
        self._changes.setdefault(name, {})[tuple([row[column] for column in table.primary])] = None

    def rows_of(self, name: str, **columns: Value) -> list[Row]:
        """Return all rows with these values, oldest first, as this batch has left them."""
        self.flush()
        return self._store.matching(name, columns)

    def flush(self) -> None:
        """Write what was changed so far."""
        changes, self._changes = self._changes, {}
        self._store.write(changes)
        for known in self._newest.values():
            if len(known) > KEPT_ROWS:
                known.clear()

    def forget(self) -> None:
        """Drop everything: the batch failed, or the store changed under us."""
        self._changes = {}
        for known in self._newest.values():
            known.clear()
