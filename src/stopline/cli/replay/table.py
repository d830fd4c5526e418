"""A CSV file (or .csv.gz) as rows of named fields, each with its place. Columns go by their names, not their order."""

import csv
import gzip
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from stopline.config.errors import Place, Problem

_GZIP: Final = b"\x1f\x8b"
MAX_PROBLEMS: Final = 20
"""How many problems are shown; the rest is counted."""


class FileRefused(Exception):
    """A file that cannot be used, with what is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = sorted(problems)

    def lines(self) -> list[str]:
        """Return what to tell a person."""
        shown = [str(problem) for problem in self.problems[:MAX_PROBLEMS]]
        left = len(self.problems) - len(shown)
        return [*shown, f"... and {left} more like these"] if left > 0 else shown


class Row(Struct, frozen=True):
    """One row. `columns` says at which number (from 1) each field stands."""

    file: str
    line: int
    fields: dict[str, str]
    columns: Mapping[str, int]

    def problem(self, field: str, message: str, fix: str) -> Problem:
        """Return a problem with one field of this row."""
        return Problem(Place(self.file, self.line, self.columns.get(field, 0)), field, message, fix)


class Columns(Struct, frozen=True):
    """Which names a field may have, and which fields there must be."""

    names: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    example: str


class Table(Struct, frozen=True):
    """A file's rows, the columns that nobody reads, and the lines that are no rows."""

    rows: list[Row]
    unused: tuple[str, ...]
    problems: list[Problem]


def read_table(path: Path, columns: Columns) -> Table:
    """Return the rows of a file; raises FileRefused."""
    name = str(path)
    reader = csv.reader(_lines(path, name), delimiter=_delimiter(path, name), strict=True)
    try:
        header = next(reader, None)
        if header is None:
            raise FileRefused([Problem(Place(name), "", "is empty", f"begin it with a header: {columns.example}")])
        where, unused = _find_columns(header, columns, name)
        rows, problems = _rows(reader, header, where, name)
    except csv.Error as error:
        place = Place(name, reader.line_num)
        raise FileRefused(
            [Problem(place, "", f"is not CSV here: {error}", "look at the quotes in this line")]
        ) from None
    return Table(rows, unused, problems)


def _rows(
    reader: Iterator[list[str]], header: list[str], where: Mapping[str, int], name: str
) -> tuple[list[Row], list[Problem]]:
    rows: list[Row] = []
    problems: list[Problem] = []
    for cells in reader:
        line: int = reader.line_num  # type: ignore[attr-defined]
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            fix = f"the header has {len(header)} columns: {','.join(header)}"
            problems.append(Problem(Place(name, line), "", f"has {len(cells)} columns", fix))
            continue
        fields = {field: cells[column - 1].strip() for field, column in where.items()}
        rows.append(Row(name, line, fields, where))
    return rows, problems


def _find_columns(header: list[str], columns: Columns, name: str) -> tuple[dict[str, int], tuple[str, ...]]:
    where: dict[str, int] = {}
    unused: list[str] = []
    problems: list[Problem] = []
    for number, cell in enumerate(header, start=1):
        title = cell.strip().lower()
        field = next((field for field, names in columns.names.items() if title in names), None)
        if field is None or (title == "" and number > 1):
            unused.append(cell.strip() or f"column {number}")
        elif field in where:
            message = f"columns {where[field]} and {number} are both the {field}"
            problems.append(Problem(Place(name, 1, number), field, message, "keep one of them"))
        else:
            where[field] = number
    for field in columns.required:
        if field not in where:
            said = ", ".join(title for title in columns.names[field] if title)
            problems.append(Problem(Place(name, 1), field, "no such column", f"name one of: {said}"))
    if problems:
        raise FileRefused(problems)
    return where, tuple(unused)


def _delimiter(path: Path, name: str) -> str:
    """Return what stands most often in the header: comma, semicolon or tab."""
    first = next(iter(_lines(path, name)), "")
    return max((",", ";", "\t"), key=first.count)


def _lines(path: Path, name: str) -> Iterator[str]:
    """Yield the text lines of a plain or gzipped file."""
    line = 0
    try:
        with path.open("rb") as file:
            is_gzip = file.read(2) == _GZIP
            file.seek(0)
            source = gzip.GzipFile(fileobj=file) if is_gzip else file
            for line, raw in enumerate(source, start=1):
                yield raw.decode("utf-8-sig" if line == 1 else "utf-8")
    except UnicodeDecodeError:
        place = Place(name, line)
        raise FileRefused([Problem(place, "", "is not UTF-8 text", "save the file as UTF-8")]) from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise FileRefused(
            [Problem(Place(name, line + 1), "", "the compressed file ends too early or is damaged", "fetch it again")]
        ) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise FileRefused([Problem(Place(name), "", f"cannot be read ({reason})", "check the path")]) from None
