"""How figures, words and instants look outside: exact text, never a binary fraction.

Money and prices leave as decimal strings. Only the bodies that document 001 fixed carry
JSON numbers; those are written from the scaled int digit by digit (`JsonNumber`).

Source     api.md (first paragraph); ux.md (number formats); semantics.md section 1.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, TypeAlias

from msgspec import Meta, Raw

from stopline.model.ids import InstrumentId
from stopline.model.numbers import (
    SECOND,
    Money,
    Nanos,
    Ratio,
    render_money,
    render_percent,
    render_price,
    render_qty,
    render_ratio,
    render_scaled,
)
from stopline.model.order import OrderType, Side, TimeInForce
from stopline.model.verdict import Unit

DecimalText: TypeAlias = Annotated[
    str, Meta(description="An exact decimal.", pattern=r"^-?[0-9]+(\.[0-9]+)?$", examples=["175.00"])
]
"""A number as exact decimal text."""
InstantText: TypeAlias = Annotated[
    str,
    Meta(
        description="An instant, UTC, in nanoseconds.",
        examples=["2026-11-20T14:30:00.000000000Z"],
        extra_json_schema={"format": "date-time"},
    ),
]
JsonNumber: TypeAlias = Annotated[
    Raw, Meta(description="An exact number.", extra_json_schema={"type": "number"}, examples=[1000.0])
]
"""A number written digit by digit, for the bodies that document 001 fixed."""

SIDE_WORDS: Final[Mapping[Side, str]] = {side: side.value.upper() for side in Side}
TYPE_WORDS: Final[Mapping[OrderType, str]] = {kind: kind.value.upper() for kind in OrderType}
TIF_WORDS: Final[Mapping[TimeInForce, str]] = {tif: tif.value.upper() for tif in TimeInForce}

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def instant(at: Nanos) -> str:
    """Return an instant as ISO 8601 in UTC, exact to the nanosecond."""
    seconds, rest = divmod(at, SECOND)
    moment = _EPOCH + timedelta(seconds=seconds)
    return f"{moment.replace(tzinfo=None).isoformat()}.{rest:09d}Z"


def optional_instant(at: Nanos | None) -> str | None:
    """Return an instant, or None where there is none (None, or 0 for never)."""
    return instant(at) if at else None


def seconds(length: Nanos) -> str:
    """Return a duration in seconds, exact."""
    return render_scaled(length, 9)


def optional_money(value: Money | None) -> str | None:
    """Return money as text, or None while it is unknown: never a zero in its place."""
    return None if value is None else render_money(value)


def optional_price(value: int | None) -> str | None:
    """Return a price as text, or None where there is none."""
    return None if value is None else render_price(value)


def money_number(value: Money | None) -> Raw | None:
    """Return money as a JSON number."""
    return None if value is None else Raw(render_money(value))


def percent_number(value: Ratio | None) -> Raw | None:
    """Return a ratio as a JSON number in percent."""
    return None if value is None else Raw(render_percent(value))


def ratio_number(value: Ratio | None) -> Raw | None:
    """Return a ratio as a JSON number."""
    return None if value is None else Raw(render_ratio(value))


def figure(value: int | None, unit: Unit) -> str | None:
    """Return what a check observed or allows, as text in its unit; durations are in seconds.

    The inner code of a check that judges a condition is no figure: its reason says it in words.
    """
    if value is None or unit is Unit.STATE:
        return None
    if unit is Unit.MONEY or unit is Unit.PRICE:
        return render_price(value)
    if unit is Unit.QTY:
        return render_qty(value)
    if unit is Unit.RATIO:
        return render_ratio(value)
    if unit is Unit.NANOS:
        return render_scaled(value, 9)
    return str(value)


_MONTH_CODES: Final = "FGHJKMNQUVXZ"


def symbol_of(instrument_id: InstrumentId) -> str:
    """Return the short name that a canonical id holds: AAPL, ESZ6, EURUSD; an option's id stays whole.

    It depends on the id alone, so that a decision is shown the same for ever.
    """
    kind, _, rest = instrument_id.partition(":")
    if kind == "fut":
        product, _, month = rest.partition(":")
        year, _, number = month.partition("-")
        if number.isdecimal() and 1 <= int(number) <= 12 and year:
            return f"{product}{_MONTH_CODES[int(number) - 1]}{year[-1]}"
        return product or instrument_id
    if kind == "eq":
        return rest.partition(":")[2] or rest
    return rest if kind in ("fx", "cr") and rest else instrument_id
