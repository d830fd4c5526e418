"""Data on stdout: a table for people, or one JSON document for programs.

JSON is versioned: `version` changes only if a field changes its meaning or goes. Amounts,
prices and quantities in it are exact decimal text.
"""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Final

from stopline.cli.outcome import say

VERSION: Final = 1
_RED, _GREEN, _BOLD, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[0m"
_BAD: Final = frozenset(("denied", "halted", "CRITICAL", "ERROR", "no"))
_GOOD: Final = frozenset(("active", "approved"))


def write_json(kind: str, **fields: object) -> None:
    """Write one JSON document: {"version": 1, "kind": ..., ...}."""
    json.dump({"version": VERSION, "kind": kind, **fields}, sys.stdout, ensure_ascii=False)
    sys.stdout.write("\n")


def has_colour() -> bool:
    """Return whether stdout takes colour: a terminal, and nobody set NO_COLOR."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[str] = (), nothing: str = "") -> None:
    """Write aligned columns; those in `right` are numbers. Without rows, say `nothing` on stderr."""
    shown = [[_one_line(cell) for cell in row] for row in rows]
    if not shown:
        say(nothing)
        return
    widths = [max(len(line[i]) for line in [columns, *shown]) for i in range(len(columns))]
    at_right = {i for i, name in enumerate(columns) if name in set(right)}
    print(_paint(_line(columns, widths, at_right), _BOLD))
    for row in shown:
        print(_line(row, widths, at_right))


def _line(cells: Sequence[str], widths: Sequence[int], at_right: set[int]) -> str:
    padded = [
        cell.rjust(width) if i in at_right else cell.ljust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    line = "  ".join(padded).rstrip()
    if not has_colour():
        return line
    colour = next((_RED for cell in cells if cell in _BAD), None)
    colour = colour or next((_GREEN for cell in cells if cell in _GOOD), None)
    return _paint(line, colour) if colour else line


def facts(pairs: Iterable[tuple[str, str]]) -> None:
    """Write names and values, one to a line."""
    listed = [(name, value) for name, value in pairs if value]
    width = max((len(name) for name, _ in listed), default=0)
    for name, value in listed:
        print(f"{name.ljust(width)}  {_one_line(value)}")


def _paint(text: str, colour: str) -> str:
    return f"{colour}{text}{_PLAIN}" if has_colour() else text


def _one_line(text: str) -> str:
    """Return text that cannot move the cursor or break the table, whoever wrote it."""
    return "".join(each if each.isprintable() else "?" for each in text)
