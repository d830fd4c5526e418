"""JSON to and from bytes, exactly: a number stays the text that was sent.

Refused with a sentence: what is not JSON (NaN and Infinity are not), a key that comes
twice, nesting deeper than 32, more bytes than the reader wants.
"""

import re
from json import JSONDecodeError, JSONDecoder
from typing import Any, Final, NoReturn, TypeAlias

from msgspec import Raw
from msgspec.json import encode as _encode

Json: TypeAlias = Any
"""str, NumberText, bool, None, list, or dict with str keys; on output also int and Raw."""
MAX_REQUEST: Final = 64 * 1024
MAX_RESPONSE: Final = 16 * 1024 * 1024
"""Five hundred orders with legs are under a megabyte."""
MAX_DEPTH: Final = 32
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


class Malformed(ValueError):
    """What was sent is not what Alpaca's API speaks; the message says where and what would be right."""


class NumberText(str):
    """A JSON number as it was written."""

    __slots__ = ()


def decode(raw: bytes | str, at_most: int = MAX_RESPONSE) -> Json:
    """Return the JSON value; raises Malformed. A frame may come as bytes or as text."""
    if len(raw) > at_most:
        raise Malformed(f"{len(raw)} bytes are more than the {at_most} that are read at once")
    text = _as_text(raw)
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise Malformed(f"the JSON is nested deeper than {MAX_DEPTH}")
    try:
        return _decode(text)
    except JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
        raise Malformed(f"not JSON: {fault.msg} at {where}") from None


def encode(value: Json) -> bytes:
    """Return the JSON of what `render` functions make."""
    return _encode(value)


def number(text: str) -> Raw:
    """Return exact decimal text as a JSON number, for the few fields that Alpaca sends as one."""
    return Raw(text.encode("ascii"))


def _as_text(raw: bytes | str) -> str:
    try:
        if isinstance(raw, bytes):
            return raw.decode()
        raw.encode()  # half a surrogate pair can come in text only
        return raw
    except UnicodeError:
        raise Malformed("not UTF-8 text") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Malformed(f"the key {ascii(twice)[:80]} comes twice")
    return found


def _constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is not a JSON number")


def _depth(text: str) -> int:
    """Return how deep brackets outside strings nest."""
    depth = deepest = 0
    for token in _TOKEN.finditer(text):
        mark = token.group()
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest


_decode: Final = JSONDecoder(
    object_pairs_hook=_object, parse_float=NumberText, parse_int=NumberText, parse_constant=_constant
).decode
