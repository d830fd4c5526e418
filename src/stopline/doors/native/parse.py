"""JSON from raw bytes, exactly: numbers stay text until the one number parser reads them.

Refused with a sentence: what is not JSON (NaN and Infinity are not), a key that comes
twice, nesting deeper than 16, a body over 64 KiB, half a surrogate pair. No number here
ever becomes a binary fraction, on any route.

Source     api.md; semantics.md section 1; reliability.md F39 and S12.
"""

import re
from json import JSONDecodeError, JSONDecoder
from typing import Any, Final, NoReturn

from stopline.doors.native.errors import Refusal, error, malformed

MAX_BODY: Final = 64 * 1024
MAX_DEPTH: Final = 16
_OBJECT: Final = 'send one JSON object such as {"symbol": "AAPL", "quantity": 100}'
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


class NumberText(str):
    """A JSON number as it was written."""

    __slots__ = ()


class _Twice(ValueError):
    """A key that comes twice in one object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return found


def _constant(name: str) -> NoReturn:
    raise malformed(f"{name} is not a JSON number", "send a finite decimal number such as 175.25")


_decode: Final = JSONDecoder(
    object_pairs_hook=_object, parse_float=NumberText, parse_int=NumberText, parse_constant=_constant
).decode


def parse_object(raw: bytes) -> dict[str, Any]:
    """Return a body's fields: str, NumberText, bool, None, list or dict. Raises Refusal."""
    if len(raw) > MAX_BODY:
        raise too_large()
    try:
        text = raw.decode()
    except UnicodeDecodeError as fault:
        raise malformed(f"the body is not UTF-8 at byte {fault.start}", "send JSON in UTF-8") from None
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise malformed(f"the body is nested deeper than {MAX_DEPTH}", "send a flatter body")
    try:
        body = _decode(text)
    except JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
        raise malformed(f"the body is not JSON: {fault.msg} at {where}", _OBJECT) from None
    except _Twice as fault:
        raise malformed(f"the key {ascii(str(fault))[:80]} comes twice", "send each key once") from None
    if type(body) is not dict:
        raise malformed("the body is not a JSON object", _OBJECT)
    if "\\u" in text:
        _refuse_half_pairs(body)
    return body


def too_large() -> Refusal:
    """Return the refusal of a body over the limit."""
    text = f"the body is larger than {MAX_BODY} bytes"
    return Refusal(error(413, "body_too_large", text, f"send at most {MAX_BODY} bytes"))


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


def _refuse_half_pairs(value: Any) -> None:
    """Refuse text that UTF-8 cannot write: it could be neither stored nor answered."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _refuse_half_pairs(name)
            _refuse_half_pairs(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_half_pairs(inner)
    elif isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise malformed("a string holds half a surrogate pair", "send whole characters") from None
