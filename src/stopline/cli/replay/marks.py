"""Marks of a trade history: `date,symbol,price`, what each symbol was worth at the end of a day."""

from datetime import UTC, date
from pathlib import Path
from typing import Final

from msgspec import Struct

from stopline.cli.replay.table import Columns, FileRefused, Row, read_table
from stopline.cli.replay.times import TimeRefused, parse_time
from stopline.config.errors import Problem
from stopline.model.numbers import PRICE_PLACES, NumberRefused, Price, parse_rounded

COLUMNS: Final = Columns(
    names={
        "date": ("date", "", "time", "day"),
        "symbol": ("symbol", "ticker"),
        "price": ("price", "mark", "close"),
    },
    required=("date", "symbol", "price"),
    example="date,symbol,price",
)
Marks = dict[date, dict[str, Price]]


class MarkFile(Struct, frozen=True):
    """Marks by day and symbol. `rounded` counts prices finer than 1e-8."""

    marks: Marks
    rounded: int = 0


def read_marks(path: Path) -> MarkFile:
    """Return the marks of a file; raises FileRefused."""
    table = read_table(path, COLUMNS)
    problems = list(table.problems)
    marks: Marks = {}
    lines: dict[tuple[date, str], int] = {}
    rounded = 0
    for row in table.rows:
        read = _read(row, problems)
        if read is None:
            continue
        day, symbol, price, was_rounded = read
        of_day = marks.setdefault(day, {})
        if of_day.setdefault(symbol, price) != price:
            message = f"{symbol} has another mark for {day} on line {lines[day, symbol]}"
            problems.append(row.problem("price", message, "keep one mark for each day and symbol"))
        lines.setdefault((day, symbol), row.line)
        rounded += was_rounded
    if problems:
        raise FileRefused(problems)
    return MarkFile(marks, rounded)


def _read(row: Row, problems: list[Problem]) -> tuple[date, str, Price, bool] | None:
    try:
        when = parse_time(row.fields["date"], UTC)
    except TimeRefused:
        when = None
    if when is None or not when.is_midnight:
        problems.append(row.problem("date", f"{ascii(row.fields['date'])[:40]} is no date", "write 2026-01-06"))
        return None
    if not row.fields["symbol"]:
        problems.append(row.problem("symbol", "is empty", "write a symbol such as AAPL"))
        return None
    try:
        price, rounded = parse_rounded(row.fields["price"], PRICE_PLACES)
    except NumberRefused as refused:
        problems.append(row.problem("price", str(refused), "write a price such as 175.25"))
        return None
    return when.day, row.fields["symbol"], price, rounded
