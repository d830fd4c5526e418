"""A file of orders, each with its instant: CSV, or a JSON object a line.

A row is the body of POST /api/order with one more field, `at`: when it is sent. Both forms are read
by the door's own table of fields, so that what the door takes, a file takes, and what is wrong is
said in the same words. An order without a client_order_id gets its line's: `line-7`.
"""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from stopline.doors.native import fields
from stopline.doors.native.errors import Refusal, Wrong
from stopline.doors.native.order_form import ORDER_FORM, read_order
from stopline.doors.native.parse import parse_object
from stopline.messages.inputs import SubmitOrder
from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos

AT: Final = "at"
ACTOR: Final = "paper"
MOST_PROBLEMS: Final = 10
FLAGS: Final = {"true": True, "false": False}
_FLAG_FIELDS: Final = frozenset(key for key, field in ORDER_FORM.items() if field.schema.get("type") == "boolean")


class OrdersRefused(Exception):
    """A file of orders that cannot be read; `problems` say where, what is wrong, and what would be right."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(problems[0])
        self.problems = problems


class Planned(Struct, frozen=True):
    """An order, and when it is sent."""

    at: Nanos
    order: SubmitOrder


def read_orders(path: Path, account: AccountId) -> list[Planned]:
    """Return the orders of a file in order of time; orders of one instant keep theirs. Raises OrdersRefused."""
    problems: list[str] = []
    planned: list[Planned] = []
    seen: dict[str, int] = {}
    for line, row in _rows(path, problems):
        try:
            each = _planned(row, line, account)
        except (Refusal, Wrong) as fault:
            problems += [f"{path.name}, line {line}: {text}" for text in _told(fault)]
            continue
        name = each.order.client_order_id
        if name in seen:
            problems.append(f"{path.name}, line {line}: client_order_id {name!r} is on line {seen[name]} already")
        seen.setdefault(name, line)
        planned.append(each)
    if problems:
        more = len(problems) - MOST_PROBLEMS
        raise OrdersRefused([*problems[:MOST_PROBLEMS], *([f"and {more} more"] if more > 0 else [])])
    if not planned:
        raise OrdersRefused([f"{path.name} holds no order"])
    return sorted(planned, key=lambda each: each.at)


def _planned(row: dict[str, Any], line: int, account: AccountId) -> Planned:
    said = row.pop(AT, None)
    if said is None:
        raise Wrong("at is missing", "when the order is sent: ISO 8601 with a zone, such as 2013-10-07T14:30:00Z")
    try:
        at = fields.instant(said)
    except Wrong as fault:
        raise Wrong(f"at: {fault}", fault.fix) from None
    row.setdefault("client_order_id", f"line-{line}")
    return Planned(at, read_order(row, account, "", ACTOR))


def _told(fault: Refusal | Wrong) -> list[str]:
    """Return what is wrong and what would be right, a sentence for each field."""
    if isinstance(fault, Wrong):
        return [f"{fault}; {fault.fix}"]
    body = json.loads(fault.answer.body)
    problems = body.get("problems") or [{"field": "", **body}]
    return [f"{each['field']}: {each['message']}; {each['fix']}".removeprefix(": ") for each in problems]


def _rows(path: Path, problems: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line, fields) of every row that can be read at all; what is wrong goes to `problems`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise OrdersRefused([f"{path} cannot be read: {reason}"]) from None
    yield from (_json_rows if text.lstrip().startswith("{") else _csv_rows)(text, path.name, problems)


def _json_rows(text: str, name: str, problems: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, each in enumerate(text.splitlines(), 1):
        if not each.strip():
            continue
        try:
            yield line, parse_object(each.encode())
        except Refusal as fault:
            problems += [f"{name}, line {line}: {told}" for told in _told(fault)]


def _csv_rows(text: str, name: str, problems: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    lines = csv.reader(text.splitlines())
    header = [column.strip() for column in next(lines, [])]
    unknown = [column for column in header if column != AT and column not in ORDER_FORM]
    if unknown or AT not in header:
        wrong = f"nobody knows the column {unknown[0]!r}" if unknown else "there is no column at"
        if not header:
            wrong = "the file is empty"
        raise OrdersRefused([f"{name}, line 1: {wrong}; columns are {AT}, {', '.join(ORDER_FORM)}"])
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            problems.append(f"{name}, line {lines.line_num}: {len(cells)} fields, not {len(header)}")
            continue
        row = {column: cell.strip() for column, cell in zip(header, cells, strict=True) if cell.strip()}
        yield lines.line_num, {key: _cell(key, text) for key, text in row.items()}


def _cell(key: str, text: str) -> Any:
    """Return a cell as JSON has it: true and false are no text."""
    return FLAGS.get(text.lower(), text) if key in _FLAG_FIELDS else text
