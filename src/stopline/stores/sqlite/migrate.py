"""Numbered SQL files per store, each applied once and written down in the table `schema_version`."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import apsw

FOLDER: Final = Path(__file__).with_name("migrations")

_VERSIONS: Final = """\
CREATE TABLE schema_version (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL
) STRICT"""


class NewerSchema(Exception):
    """The file was written by a newer Stopline."""


def migrations(store: str) -> list[tuple[int, str, str]]:
    """Return (number, name, SQL) of a store's files, in order."""
    files = sorted((FOLDER / store).glob("[0-9]*_*.sql"))
    return [
        (int(file.stem.partition("_")[0]), file.stem.partition("_")[2], file.read_text(encoding="utf-8"))
        for file in files
    ]


def newest(store: str) -> int:
    """Return the number of the newest migration that this code knows."""
    return max(number for number, _, _ in migrations(store))


def applied(connection: apsw.Connection) -> int:
    """Return the number of the newest migration that a file has seen (0: none)."""
    if not connection.table_exists("main", "schema_version"):
        return 0
    number = connection.execute("SELECT max(number) FROM schema_version").get
    return int(number or 0)


def migrate(connection: apsw.Connection, store: str) -> int:
    """Bring a file to the newest schema, each step in a transaction of its own; returns how many were applied.

    Raises NewerSchema where the file is ahead of this code.
    """
    have, known = applied(connection), newest(store)
    if have > known:
        raise NewerSchema(f"it has schema {have}, this Stopline knows up to {known}: run the newer one")
    missing = [step for step in migrations(store) if step[0] > have]
    for number, name, script in missing:
        with connection:
            if number == 1:
                connection.execute(_VERSIONS)
            for statement in statements(script):
                connection.execute(statement)
            connection.execute("INSERT INTO schema_version VALUES (?, ?)", (number, name))
    return len(missing)


def statements(script: str) -> Iterator[str]:
    """Yield the statements of a script, whole (a trigger has semicolons inside)."""
    gathered = ""
    for line in script.splitlines(keepends=True):
        if not gathered and (not line.strip() or line.lstrip().startswith("--")):
            continue
        gathered += line
        if apsw.complete(gathered):
            yield gathered.strip().rstrip(";")
            gathered = ""
    if gathered.strip():
        raise ValueError(f"a migration ends in the middle of a statement: {gathered.strip()[:60]}")


@cache
def expected_schema(store: str) -> dict[str, str]:
    """Return name -> SQL of everything that the store's migrations create, by creating it in memory."""
    connection = apsw.Connection(":memory:")
    migrate(connection, store)
    return schema(connection)


def schema(connection: apsw.Connection) -> dict[str, str]:
    """Return name -> SQL of everything in a file."""
    return {
        str(name): str(sql)
        for name, sql in connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
    }
