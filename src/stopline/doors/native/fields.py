"""Bodies field by field: one table says how each is read and how it is documented.

A body is refused with every field that is wrong, not only the first; a key that nobody
knows is refused with the name it was probably meant to be.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any, Final, TypeVar

from msgspec import Struct

from stopline.doors.native.errors import Problem, Wrong, invalid
from stopline.doors.native.parse import NumberText
from stopline.model.ids import MAX_CLIENT_ORDER_ID
from stopline.model.numbers import (
    MAX_SCALED,
    SECOND,
    Nanos,
    NumberRefused,
    Qty,
    parse_percent,
    parse_price,
    parse_qty,
    parse_ratio,
    parse_scaled,
)

T = TypeVar("T")
Reader = Callable[[Any], Any]
Schema = dict[str, Any]

MAX_NAME: Final = 64
MAX_REASON: Final = 500
NUMBER_FIX: Final = "a decimal such as 175.25, as a JSON number or string"
QTY_FIX: Final = "a quantity such as 100, as a JSON number or string"
COUNT_FIX: Final = "a whole number such as 10"


class Field(Struct, frozen=True):
    """One key of a body: which argument it becomes, how it is read, what the docs say of it."""

    target: str
    read: Reader
    schema: Schema
    required: bool = False
    nullable: bool = False
    """Null is a value of its own (take the limit away); else it means that the key is absent."""


class Form(dict[str, Field]):
    """The keys that a body may have."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        super().__init__(fields)
        self.needed = tuple((key, field) for key, field in fields.items() if field.required)


def read_form(form: Form, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body's fields as arguments; raises Refusal naming all that is wrong."""
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, value in body.items():
        field = form.get(key)
        if field is None:
            problems.append(_unknown(key, form))
        elif value is None:
            if field.nullable:
                found[field.target] = None
        else:
            try:
                found[field.target] = field.read(value)
            except Wrong as fault:
                problems.append(Problem(key, str(fault), fault.fix))
    for key, field in form.needed:
        if field.target not in found and not any(problem.field == key for problem in problems):
            problems.append(Problem(key, f"{key} is missing", f"send {key}: {field.schema['description']}"))
    if problems:
        raise invalid(problems)
    return found


def _unknown(key: str, form: Form) -> Problem:
    meant = get_close_matches(key[:MAX_NAME], form, n=1)
    known = ", ".join(form) or "none"
    fix = f"did you mean {meant[0]}?" if meant else f"keys here: {known}"
    return Problem(key[:MAX_NAME], "nobody knows this key", fix)


# --- readers: a JSON value in, a value of ours out, or Wrong -----------------------------


def _number(parse: Callable[[str], int], value: Any, fix: str = NUMBER_FIX) -> int:
    """Read a number that came as a JSON number or string."""
    if type(value) is not NumberText and type(value) is not str:
        raise Wrong(f"{_shown(value)} is not a number", fix)
    try:
        return parse(value)
    except NumberRefused as fault:
        raise Wrong(str(fault), fix) from None


def price(value: Any) -> int:
    """Read a price; it may be negative, the instrument decides."""
    return _number(parse_price, value)


def positive_money(value: Any) -> int:
    """Read an amount of money above zero."""
    return _above_zero(_number(parse_price, value))


def limit_money(value: Any) -> int:
    """Read an amount of money that a limit may be."""
    return _not_negative(_number(parse_price, value))


def quantity(value: Any) -> Qty:
    """Read a quantity above zero: the side says which way."""
    return _above_zero(_number(parse_qty, value, QTY_FIX), QTY_FIX)


def limit_qty(value: Any) -> Qty:
    """Read a quantity that a limit may be."""
    return _not_negative(_number(parse_qty, value))


def percent(value: Any) -> int:
    """Read percent above zero (25.00 is a quarter)."""
    return _above_zero(_number(parse_percent, value, "percent such as 25.00"))


def limit_percent(value: Any) -> int:
    """Read percent that a limit may be."""
    return _not_negative(_number(parse_percent, value, "percent such as 25.00"))


def limit_ratio(value: Any) -> int:
    """Read a ratio that a limit may be (2.00 is twice)."""
    return _not_negative(_number(parse_ratio, value, "a ratio such as 2.00"))


def limit_seconds(value: Any) -> Nanos:
    """Read a duration in seconds."""
    return _not_negative(_number(lambda text: parse_scaled(text, 9), value, "seconds such as 5"))


def positive_seconds(value: Any) -> Nanos:
    """Read a duration in seconds above zero."""
    return _above_zero(limit_seconds(value), "seconds such as 30")


def count(value: Any) -> int:
    """Read a whole number, not negative."""
    return _not_negative(_number(_parse_count, value, COUNT_FIX), COUNT_FIX)


def positive_count(value: Any) -> int:
    """Read a whole number above zero."""
    return _above_zero(_number(_parse_count, value, COUNT_FIX), COUNT_FIX)


def _parse_count(text: str) -> int:
    try:
        return parse_scaled(text, 0)
    except NumberRefused:
        raise NumberRefused(f"{_shown(text)} is not a whole number") from None


def _above_zero(value: int, fix: str = NUMBER_FIX) -> int:
    if value <= 0:
        raise Wrong("must be more than 0", fix)
    return value


def _not_negative(value: int, fix: str = NUMBER_FIX) -> int:
    if value < 0:
        raise Wrong("must not be negative", fix)
    return value


def flag(value: Any) -> bool:
    """Read true or false."""
    if type(value) is bool:
        return value
    raise Wrong(f"{_shown(value)} is not true or false", "true or false, without quotes")


def text(most: int = MAX_NAME) -> Reader:
    """Return a reader of printable text of at most `most` characters."""

    def read(value: Any) -> str:
        found = _string(value)
        if len(found) > most:
            raise Wrong(f"{len(found)} characters are too many", f"at most {most} characters")
        if not found.isprintable():
            raise Wrong("holds characters that cannot be printed", "letters, digits and punctuation")
        return found

    return read


def name(value: Any) -> str:
    """Read a name that must not be empty."""
    found: str = text()(value)
    if not found:
        raise Wrong("is empty", "a name of 1 to 64 characters")
    return found


def client_order_id(value: Any) -> str:
    """Read an order id: 1 to 128 printable ASCII characters, no space at either end."""
    found = _string(value)
    fix = f"1 to {MAX_CLIENT_ORDER_ID} printable ASCII characters"
    if not 0 < len(found) <= MAX_CLIENT_ORDER_ID:
        raise Wrong(f"has {len(found)} characters", fix)
    if not (found.isascii() and found.isprintable()) or found != found.strip():
        raise Wrong(f"{_shown(found)} is not printable ASCII", fix)
    return found


def choice(words: Mapping[str, T]) -> Callable[[Any], T]:
    """Return a reader of one of these words, in upper or lower case."""
    known = {spelled: meant for word, meant in words.items() for spelled in (word.upper(), word.lower())}

    def read(value: Any) -> T:
        if type(value) is str and value in known:
            return known[value]
        raise Wrong(f"{_shown(value)} is not known here", f"one of {', '.join(words)}")

    return read


_INSTANT: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_INSTANT_FIX: Final = "ISO 8601 with a zone, such as 2026-11-20T21:00:00Z, or Unix seconds"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def instant(value: Any) -> Nanos:
    """Read an instant: ISO 8601 with a zone, or Unix seconds; exact to the nanosecond."""
    if type(value) is NumberText or (type(value) is str and value.isdecimal()):
        return _not_negative(_number(lambda text: parse_scaled(text, 9), value, _INSTANT_FIX))
    found = _string(value, _INSTANT_FIX)
    match = _INSTANT.fullmatch(found)
    if match is None:
        raise Wrong(f"{_shown(found)} is not an instant", _INSTANT_FIX)
    *calendar, fraction, zone = match.groups()
    year, month, day, hour, minute, second = (int(part) for part in calendar)
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as fault:
        raise Wrong(f"{_shown(found)} is not an instant: {fault}", _INSTANT_FIX) from None
    nanos = (moment - _EPOCH) // timedelta(seconds=1) * SECOND + int((fraction or "0").ljust(9, "0"))
    if zone != "Z":
        offset = (int(zone[1:3]) * 60 + int(zone[4:6])) * 60 * SECOND
        nanos += -offset if zone[0] == "+" else offset
    if not 0 <= nanos <= MAX_SCALED:
        raise Wrong(f"{_shown(found)} is out of range", "an instant between 1970 and 2261")
    return nanos


def _string(value: Any, fix: str = 'text in double quotes, such as "AAPL"') -> str:
    if type(value) is str:
        return value
    raise Wrong(f"{_shown(value)} is not text", fix)


def _shown(value: Any) -> str:
    """Return a value for a message: short, and in ASCII whatever it holds."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, NumberText):
        return value[:40]
    return ascii(value)[:40]
