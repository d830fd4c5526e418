"""Running figures in rows: exact text in the column, and the scaled int beside it while the row is in memory."""

from typing import Final

from stopline.model.numbers import Money, Qty, parse_money, parse_qty, render_money, render_qty
from stopline.stores.projecting.tables import Row

_BESIDE: Final = "#"
"""Behind a column's name: no column has that name, so that it is never written."""


def qty(row: Row, column: str) -> Qty:
    """Return a quantity."""
    known = row.get(column + _BESIDE)
    if not isinstance(known, int):
        known = row[column + _BESIDE] = parse_qty(str(row[column]))
    return known


def money(row: Row, column: str) -> Money:
    """Return an amount of money, or a multiplier."""
    known = row.get(column + _BESIDE)
    if not isinstance(known, int):
        known = row[column + _BESIDE] = parse_money(str(row[column]))
    return known


def set_qty(row: Row, column: str, value: Qty) -> None:
    """Write a quantity down."""
    row[column], row[column + _BESIDE] = render_qty(value), value


def set_money(row: Row, column: str, value: Money) -> None:
    """Write an amount of money down."""
    row[column], row[column + _BESIDE] = render_money(value), value
