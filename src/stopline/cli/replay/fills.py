"""Rows of a trade history to fills. Nothing is guessed and nothing is dropped in silence.

Columns    time, symbol, qty (signed, or beside a side), price; fee, exec_id, currency if there.
Also read  an unnamed first column, date, datetime, timestamp, executed_at (time); amount,
           quantity, shares (qty); ticker (symbol); fees (fee). Others are named and not used.
Fineness   a price finer than 1e-8, or a quantity finer than 1e-9, is rounded as a broker's
           report is, and counted.
"""

from datetime import tzinfo
from itertools import pairwise
from pathlib import Path
from typing import Final

from msgspec import Struct

from stopline.cli.replay.table import Columns, FileRefused, Row, read_table
from stopline.cli.replay.times import FIX, TimeRefused, When, parse_time
from stopline.config.errors import Place, Problem
from stopline.model.numbers import (
    MAX_SCALED,
    PRICE_PLACES,
    QTY_ONE,
    QTY_PLACES,
    Money,
    NumberRefused,
    Price,
    Qty,
    parse_rounded,
)
from stopline.model.order import Side

COLUMNS: Final = Columns(
    names={
        "time": ("time", "", "date", "datetime", "timestamp", "executed_at"),
        "symbol": ("symbol", "ticker"),
        "side": ("side",),
        "qty": ("qty", "quantity", "amount", "shares"),
        "price": ("price",),
        "fee": ("fee", "fees"),
        "exec_id": ("exec_id",),
        "currency": ("currency",),
    },
    required=("time", "symbol", "qty", "price"),
    example="time,symbol,qty,price",
)
_SIDES: Final = {
    "buy": Side.BUY,
    "b": Side.BUY,
    "bot": Side.BUY,
    "bought": Side.BUY,
    "sell": Side.SELL,
    "s": Side.SELL,
    "sld": Side.SELL,
    "sold": Side.SELL,
    "sell_short": Side.SELL,
    "sell short": Side.SELL,
}
MAX_SYMBOL: Final = 64


class FillRow(Struct, frozen=True):
    """One fill as the file has it."""

    line: int
    when: When
    symbol: str
    side: Side
    qty: Qty
    price: Price
    fee: Money
    exec_id: str
    currency: str
    rounded: bool

    def says_the_same(self, other: "FillRow") -> bool:
        """Return whether two rows tell of one execution."""
        return self.__struct_fields__ == other.__struct_fields__ and all(
            getattr(self, name) == getattr(other, name) for name in self.__struct_fields__ if name != "line"
        )


class FillFile(Struct, frozen=True):
    """A file's fills, in the order in which they happened, and what was noticed on the way."""

    fills: list[FillRow]
    duplicates: int
    """Rows that repeat an exec_id with the same content: one execution, told twice."""
    rounded: int
    reordered: str
    """How the rows had to be put in order of time: empty, `reversed` or `sorted`."""
    without_zone: int
    unused_columns: tuple[str, ...]

    @property
    def is_dated(self) -> bool:
        """Whether the file knows dates only: every time is a bare date or midnight UTC."""
        return all(fill.when.is_midnight for fill in self.fills)


def read_fills(path: Path, zone: tzinfo) -> FillFile:
    """Return the fills of a file; raises FileRefused."""
    table = read_table(path, COLUMNS)
    problems = list(table.problems)
    fills = [fill for row in table.rows if (fill := _fill(row, zone, problems)) is not None]
    kept, duplicates = _without_repeats(fills, str(path), problems)
    problems += _mixed(kept, str(path))
    if problems:
        raise FileRefused(problems)
    if not kept:
        raise FileRefused([Problem(Place(str(path)), "", "holds no fills", f"write rows below {COLUMNS.example}")])
    ordered, how = _in_order(kept)
    return FillFile(
        ordered,
        duplicates,
        sum(fill.rounded for fill in kept),
        how,
        sum(fill.when.has_time and not fill.when.has_zone for fill in kept),
        table.unused,
    )


def _fill(row: Row, zone: tzinfo, problems: list[Problem]) -> FillRow | None:
    """Return a row's fill, or None with its problems added."""
    before = len(problems)
    when = _when(row, zone, problems)
    symbol = _symbol(row, problems)
    signed, qty_rounded = _number(row, "qty", QTY_PLACES, "write a number such as 100, or -100 for a sale", problems)
    price, price_rounded = _number(row, "price", PRICE_PLACES, "write a price such as 175.25", problems)
    fee, fee_rounded = 0, False
    if row.fields.get("fee"):
        fix = "write what it cost, such as 1.05; a rebate is negative"
        fee, fee_rounded = _number(row, "fee", PRICE_PLACES, fix, problems)
    side = _side(row, signed, problems)
    if len(problems) == before and abs(signed * price) > MAX_SCALED * QTY_ONE:
        problems.append(row.problem("price", "the fill is worth more than can be counted", "check qty and price"))
    if len(problems) > before or when is None:
        return None
    exec_id = row.fields.get("exec_id") or f"line-{row.line}"
    currency = row.fields.get("currency", "").upper()
    rounded = qty_rounded or price_rounded or fee_rounded
    return FillRow(row.line, when, symbol, side, abs(signed), price, fee, exec_id, currency, rounded)


def _when(row: Row, zone: tzinfo, problems: list[Problem]) -> When | None:
    try:
        return parse_time(row.fields["time"], zone)
    except TimeRefused as refused:
        problems.append(row.problem("time", str(refused), FIX))
        return None


def _symbol(row: Row, problems: list[Problem]) -> str:
    symbol = row.fields["symbol"]
    if not symbol or len(symbol) > MAX_SYMBOL or not symbol.isprintable():
        message = f"{ascii(symbol)[:40]} is no symbol"
        problems.append(row.problem("symbol", message, f"write 1 to {MAX_SYMBOL} letters and digits, such as AAPL"))
    return symbol


def _number(row: Row, field: str, places: int, fix: str, problems: list[Problem]) -> tuple[int, bool]:
    try:
        return parse_rounded(row.fields[field], places)
    except NumberRefused as refused:
        problems.append(row.problem(field, str(refused), fix))
        return 1, False


def _side(row: Row, signed: Qty, problems: list[Problem]) -> Side:
    """Return the side, which a sign may repeat but not contradict."""
    if signed == 0:
        problems.append(row.problem("qty", "a fill of nothing", "write how much was filled, or take the row out"))
    by_sign = Side.BUY if signed > 0 else Side.SELL
    word = row.fields.get("side")
    if word is None:
        return by_sign
    side = _SIDES.get(word.lower())
    if side is None:
        problems.append(row.problem("side", f"{ascii(word)[:40]} is no side", "write buy or sell"))
        return by_sign
    if signed < 0 and side is Side.BUY:
        problems.append(row.problem("qty", "a buy of a negative quantity", "write it without the sign, or sell"))
    return side


def _without_repeats(fills: list[FillRow], file: str, problems: list[Problem]) -> tuple[list[FillRow], int]:
    """Return the fills with each exec_id once; the same id with other content is a problem."""
    seen: dict[str, FillRow] = {}
    for fill in fills:
        first = seen.setdefault(fill.exec_id, fill)
        if first is not fill and not first.says_the_same(fill):
            message = f"{fill.exec_id!r} stands on line {first.line} already, with other content"
            problems.append(Problem(Place(file, fill.line), "exec_id", message, "give each execution its own id"))
    return list(seen.values()), len(fills) - len(seen)


def _mixed(fills: list[FillRow], file: str) -> list[Problem]:
    """Return what is wrong where some rows have only a date: nobody can order them among the others."""
    bare = next((fill for fill in fills if not fill.when.has_time), None)
    timed = next((fill for fill in fills if not fill.when.is_midnight), None)
    if bare is None or timed is None:
        return []
    message = f"a date without a time, while line {timed.line} has one"
    return [Problem(Place(file, bare.line), "time", message, "write times in all rows, or dates in all rows")]


def _in_order(fills: list[FillRow]) -> tuple[list[FillRow], str]:
    """Return the fills by time, rows of one instant in the order of the file (from its end if it runs backwards)."""
    times = [fill.when.at for fill in fills]
    if all(one <= other for one, other in pairwise(times)):
        return fills, ""
    if all(one >= other for one, other in pairwise(times)):
        return fills[::-1], "reversed"
    return sorted(fills, key=lambda fill: fill.when.at), "sorted"
