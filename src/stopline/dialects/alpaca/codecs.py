"""How single values travel: each codec reads one JSON value and writes it."""

import re
from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from stopline.dialects.alpaca.decimals import read_exact, read_reported
from stopline.dialects.alpaca.exact_json import Json, Malformed, number
from stopline.dialects.alpaca.instants import read_instant, write_instant
from stopline.model.numbers import PRICE_PLACES, QTY_PLACES, RATIO_PLACES, render_scaled

LONGEST_TEXT: Final = 2_000
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)


class Codec(Struct, frozen=True):
    """One kind of value. `read` raises Malformed; `write` never fails on what the model holds."""

    read: Callable[[Json], Any]
    write: Callable[[Any], Json]


def _read_text(value: Json) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise Malformed(f"must be text of at most {LONGEST_TEXT} characters")
    return str(value)


def _read_flag(value: Json) -> bool:
    if value is True or value is False:
        return value is True
    raise Malformed("must be true or false")


def _read_count(value: Json) -> int:
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    raise Malformed("must be a whole number")


def _write_as_is(value: Any) -> Json:
    return value


def _decimal(places: int, read: Callable[[Json, int], int]) -> Codec:
    return Codec(lambda value: read(value, places), lambda value: render_scaled(value, places))


TEXT: Final = Codec(_read_text, str)
FLAG: Final = Codec(_read_flag, _write_as_is)
COUNT: Final = Codec(_read_count, _write_as_is)
INSTANT: Final = Codec(read_instant, write_instant)
PRICE: Final = _decimal(PRICE_PLACES, read_reported)
MONEY: Final = PRICE
QTY: Final = _decimal(QTY_PLACES, read_reported)
RATIO: Final = _decimal(RATIO_PLACES, read_reported)
PERCENT: Final = _decimal(RATIO_PLACES - 2, read_reported)
"""Percent on the wire, a ratio here: 1.5 is 15_000."""
ASKED_PRICE: Final = _decimal(PRICE_PLACES, read_exact)
ASKED_QTY: Final = _decimal(QTY_PLACES, read_exact)
ASKED_PERCENT: Final = _decimal(RATIO_PLACES - 2, read_exact)
MONEY_NUMBER: Final = Codec(PRICE.read, lambda value: number(render_scaled(value, PRICE_PLACES)))
"""Money that travels as a JSON number."""
RATIO_NUMBER: Final = Codec(RATIO.read, lambda value: number(render_scaled(value, RATIO_PLACES)))


def list_of(one: Codec) -> Codec:
    """Return the codec of a list."""

    def read(value: Json) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Malformed("must be a list")
        return tuple(one.read(each) for each in value)

    return Codec(read, lambda values: [one.write(each) for each in values])


def or_null(one: Codec) -> Codec:
    """Return the codec of a value that may be null inside a list."""
    return Codec(
        lambda value: None if value is None else one.read(value),
        lambda value: None if value is None else one.write(value),
    )
