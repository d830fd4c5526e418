"""A recorded market: quotes from a CSV or CSV.GZ file, in the file's own time.

The format is found by the header. Files in order of time are streamed, a few hundred rows
at a time and off the event loop; files that come symbol by symbol are put in order in
memory first. At speed N the feed waits with `sleep_until` for each quote's instant; at
speed 0 it waits for nothing, and whoever takes its quotes sets the clock by them.

Source     semantics.md section 12 (market files).
"""

import asyncio
import csv
import gzip
import re
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

from msgspec import Struct

from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos
from stopline.model.quote import Quote
from stopline.venue.readers import find_form
from stopline.venue.readers.form import Form, RecordingError, Row, Tally

CHUNK: Final = 512
"""Quotes read ahead at once."""
_SYMBOL = re.compile(r"[A-Za-z][A-Za-z.]{0,5}(?=[_.\-])", re.ASCII)
_UNREADABLE = (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error)


class Survey(Struct, frozen=True):
    """What a file holds, from its first quote to its last."""

    form: str
    quotes: int
    starts_at: Nanos
    ends_at: Nanos
    dropped: Tally


class RecordedFeed:
    """The quotes of one file. `symbol` names the instrument where neither rows nor the file's name do.

    `dropped` counts what was left out, by reason.
    """

    is_recorded = True

    def __init__(
        self,
        path: Path,
        speed: int = 0,
        sleep_until: Callable[[Nanos], Awaitable[None]] | None = None,
        *,
        symbol: str = "",
    ) -> None:
        if speed and sleep_until is None:
            raise ValueError("a paced recording needs something to sleep with")
        self.name = f"recorded:{path.name}"
        self.dropped: Tally = Counter()
        self._path = path
        self._sleep_until = sleep_until if speed else None
        with _opened(path) as file:
            self.form = find_form(_header(file, path), path.name)
        self._symbol = symbol or ("" if self.form.names_symbol else _symbol_of(path))
        self._instruments = self._survey()
        first = next(self._read(Counter()), None)
        if first is None:
            raise RecordingError(f"{path.name} holds no quote")
        self._starts_at = first.source_at

    def instruments(self) -> tuple[Instrument, ...]:
        """Return what the file quotes, with the terms we know of it."""
        unique = {each.instrument_id: each for each in self._instruments.values()}
        return tuple(unique.values())

    def starts_at(self) -> Nanos | None:
        """Return the first quote's instant."""
        return self._starts_at

    async def quotes(self) -> AsyncIterator[Quote]:
        """Yield the file's quotes; raises RecordingError at a row that cannot be read."""
        self.dropped.clear()
        quotes = self._read(self.dropped)
        error: RecordingError | None = None
        while error is None:
            chunk, error = await asyncio.to_thread(_take, quotes)
            for quote in chunk:
                if self._sleep_until is not None:
                    await self._sleep_until(quote.source_at)
                yield quote
            if not chunk and error is None:
                return
        raise error

    def read(self) -> Iterator[Quote]:
        """Yield all quotes at once, without waiting or counting (for programs that own their time)."""
        return self._read(Counter())

    def survey(self) -> Survey:
        """Read the whole file; raises RecordingError at a row that cannot be read."""
        tally: Tally = Counter()
        count, at = 0, self._starts_at
        for quote in self._read(tally):
            count, at = count + 1, quote.source_at
        return Survey(self.form.name, count, self._starts_at, at, tally)

    def _read(self, tally: Tally) -> Iterator[Quote]:
        rows = _Rows(self._path, self.form)
        quotes = self.form.read(rows, self._instrument_of, tally)
        return _in_order(quotes, rows) if self.form.is_in_time_order else iter(sorted(quotes, key=_time))

    def _survey(self) -> dict[tuple[str, ...], Instrument]:
        """Look the file through for its instruments; one row is enough where all are about one."""
        found: dict[tuple[str, ...], Instrument] = {}
        for row in _Rows(self._path, self.form):
            key = self._key(row)
            if key not in found:
                found[key] = self.form.identify(row, self._symbol)
            if not self.form.names_symbol:
                break
        return found

    def _instrument_of(self, row: Row) -> Instrument:
        return self._instruments[self._key(row)]

    def _key(self, row: Row) -> tuple[str, ...]:
        return tuple(row.fields.get(column, "") for column in ("symbol", "root", "contract"))


def _take(quotes: Iterator[Quote]) -> tuple[list[Quote], RecordingError | None]:
    """Return the next quotes, and the error that stands behind them, if one does."""
    chunk: list[Quote] = []
    try:
        for quote in islice(quotes, CHUNK):
            chunk.append(quote)
    except RecordingError as error:
        return chunk, error
    return chunk, None


def _time(quote: Quote) -> Nanos:
    return quote.source_at


def _in_order(quotes: Iterator[Quote], rows: "_Rows") -> Iterator[Quote]:
    at = 0
    for quote in quotes:
        if quote.source_at < at:
            raise RecordingError(f"{rows.where}: earlier than the row before it; rows must be in order of time")
        at = quote.source_at
        yield quote


def _opened(path: Path) -> TextIO:
    try:
        if path.suffix == ".gz":
            return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise RecordingError(f"{path} cannot be opened: {error.strerror or error}") from error


def _header(file: TextIO, path: Path) -> list[str]:
    try:
        return next(csv.reader(file), [])
    except _UNREADABLE as error:
        raise RecordingError(f"{path.name}, line 1: not a readable CSV file ({error})") from error


class _Rows:
    """The rows of a file, once. `where` is the file and line that was read last."""

    def __init__(self, path: Path, form: Form) -> None:
        self._path, self._columns = path, form.columns
        self.where = f"{path.name}, line 1"

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows; raises RecordingError, naming the line."""
        with _opened(self._path) as file:
            try:
                lines = csv.reader(file)
                next(lines, None)
                for fields in lines:
                    self.where = f"{self._path.name}, line {lines.line_num}"
                    if len(fields) != len(self._columns):
                        raise RecordingError(f"{self.where}: {len(fields)} fields, not {len(self._columns)}")
                    yield Row(self.where, dict(zip(self._columns, fields, strict=True)))
            except _UNREADABLE as error:
                raise RecordingError(f"{self.where}: nothing readable follows ({error})") from error


def _symbol_of(path: Path) -> str:
    """Return the symbol that a file's name begins with: `ibm_ticks_20131007.csv.gz` is about IBM."""
    match = _SYMBOL.match(path.name)
    if match is None:
        raise RecordingError(
            f"{path.name}: its rows do not say what they are about, so that its name must begin with the symbol, "
            f"as in ibm_ticks_20131007.csv.gz"
        )
    return match[0].upper()
