"""Exact numbers: scaled ints inside, decimal text at the edges, one parser between them.

Prices and money are ints scaled by 1e-8, quantities by 1e-9, ratios by 1e-6, and
instants are nanoseconds since the Unix epoch. No binary fraction ever touches them.

Source     semantics.md section 1; reliability.md F39 and I22.
"""

import re
from typing import Final, TypeAlias

Price: TypeAlias = int
"""Money per unit of an instrument, scaled 1e-8. May be zero or negative."""
Money: TypeAlias = int
"""An amount of one currency, scaled 1e-8."""
Qty: TypeAlias = int
"""A quantity of an instrument, scaled 1e-9. Unsigned beside a side, signed in a position."""
Ratio: TypeAlias = int
"""A dimensionless number, scaled 1e-6 (25 % is 250_000)."""
Multiplier: TypeAlias = int
"""Money per one unit of price and one of quantity, scaled 1e-8."""
Nanos: TypeAlias = int
"""An instant (since 1970-01-01T00:00Z) or a duration, in nanoseconds."""

PRICE_PLACES: Final = 8
QTY_PLACES: Final = 9
RATIO_PLACES: Final = 6
PRICE_ONE: Final = 10**PRICE_PLACES
QTY_ONE: Final = 10**QTY_PLACES
RATIO_ONE: Final = 10**RATIO_PLACES
SECOND: Final = 1_000_000_000
MAX_SCALED: Final = 2**63 - 1

MAX_SIGNIFICANT_DIGITS: Final = 20
MAX_TEXT: Final = 64
MAX_EXPONENT: Final = 30

_GRAMMAR = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?", re.ASCII)


class NumberRefused(ValueError):
    """Text that is not an exact number within bounds; the message says what would be right."""


def parse_scaled(text: str | bytes, places: int) -> int:
    """Return `text` as an int scaled by 10**-places, exactly.

    Raises NumberRefused for anything but a finite ASCII decimal of at most 20
    significant digits, not finer than the scale, below 2**63 once scaled.
    """
    sign, digits, exponent = _split(text)
    shift = exponent + places
    if not digits:
        return 0
    if shift >= 0:
        if len(digits) + shift > MAX_SIGNIFICANT_DIGITS:
            raise NumberRefused(f"{_shown(text)} is too large")
        scaled = int(digits) * int(10**shift)
    else:
        scaled = _drop_zeros(digits, -shift, text, places)
    if scaled > MAX_SCALED:
        raise NumberRefused(f"{_shown(text)} is too large")
    return -scaled if sign else scaled


def parse_rounded(text: str | bytes, places: int) -> tuple[int, bool]:
    """Return what a broker reported as a scaled int, and whether it had to be rounded (half-even).

    A broker's figure is never refused for fineness, only for not being a number.
    """
    sign, digits, exponent = _split(text)
    shift = exponent + places
    if not digits:
        return 0, False
    if shift >= 0:
        return parse_scaled(text, places), False
    divisor = 10 ** (-shift)
    scaled = div_half_even(int(digits), divisor)
    if scaled > MAX_SCALED:
        raise NumberRefused(f"{_shown(text)} is too large")
    return (-scaled if sign else scaled), scaled * divisor != int(digits)


def _split(text: str | bytes) -> tuple[bool, str, int]:
    """Return (negative, significant digits without leading zeros, power of ten of the last digit)."""
    if isinstance(text, bytes):
        try:
            text = text.decode("ascii")
        except UnicodeDecodeError:
            raise NumberRefused("a number is written in ASCII digits") from None
    if len(text) > MAX_TEXT:
        raise NumberRefused(f"a number of {len(text)} characters is too long")
    match = _GRAMMAR.fullmatch(text)
    if match is None:
        raise NumberRefused(f"{_shown(text)} is not a decimal number such as 175.25")
    sign, whole, fraction, power = match.groups(default="")
    digits = (whole + fraction).lstrip("0")
    if len(digits) > MAX_SIGNIFICANT_DIGITS:
        raise NumberRefused(f"{_shown(text)} has more than {MAX_SIGNIFICANT_DIGITS} significant digits")
    exponent = int(power or "0")
    if abs(exponent) > MAX_EXPONENT:
        raise NumberRefused(f"{_shown(text)} has an exponent beyond {MAX_EXPONENT}")
    return sign == "-", digits, exponent - len(fraction)


def _drop_zeros(digits: str, excess: int, text: str | bytes, places: int) -> int:
    """Cut `excess` trailing digits that must all be zero."""
    kept, cut = digits[:-excess], digits[-excess:]
    if cut.strip("0"):
        raise NumberRefused(f"{_shown(text)} is finer than {places} decimal places")
    return int(kept or "0")


def _shown(text: str | bytes) -> str:
    return ascii(text)[:40]


def parse_price(text: str | bytes) -> Price:
    """Parse a price or an amount of money (scaled 1e-8); raises NumberRefused."""
    return parse_scaled(text, PRICE_PLACES)


parse_money = parse_price


def parse_qty(text: str | bytes) -> Qty:
    """Parse a quantity (scaled 1e-9); raises NumberRefused."""
    return parse_scaled(text, QTY_PLACES)


def parse_ratio(text: str | bytes) -> Ratio:
    """Parse a ratio such as 0.25 (scaled 1e-6); raises NumberRefused."""
    return parse_scaled(text, RATIO_PLACES)


def parse_percent(text: str | bytes) -> Ratio:
    """Parse percent such as 25.00 into a ratio (25 % is 250_000); raises NumberRefused."""
    return parse_scaled(text, RATIO_PLACES - 2)


def render_scaled(value: int, places: int, least: int = 0) -> str:
    """Return the exact decimal text of a scaled int, with at least `least` decimals."""
    sign = "-" if value < 0 else ""
    whole, fraction = divmod(abs(value), 10**places)
    text = str(fraction).rjust(places, "0").rstrip("0") if fraction else ""
    text = text.ljust(least, "0")
    return f"{sign}{whole}.{text}" if text else f"{sign}{whole}"


def render_price(value: Price) -> str:
    """Return a price as exact decimal text, at least two decimals."""
    return render_scaled(value, PRICE_PLACES, 2)


def render_money(value: Money) -> str:
    """Return money as exact decimal text, at least two decimals."""
    return render_scaled(value, PRICE_PLACES, 2)


def render_qty(value: Qty) -> str:
    """Return a quantity as exact decimal text."""
    return render_scaled(value, QTY_PLACES)


def render_ratio(value: Ratio) -> str:
    """Return a ratio as exact decimal text."""
    return render_scaled(value, RATIO_PLACES, 2)


def render_percent(value: Ratio) -> str:
    """Return a ratio as percent text (250_000 is 25.00)."""
    return render_scaled(value, RATIO_PLACES - 2, 2)


def div_ceil(numerator: int, denominator: int) -> int:
    """Divide, rounding up; `denominator` is positive."""
    return -(-numerator // denominator)


def div_half_even(numerator: int, denominator: int) -> int:
    """Divide, rounding to the nearest and ties to even; `denominator` is positive."""
    quotient, rest = divmod(numerator, denominator)
    twice = rest * 2
    if twice > denominator or (twice == denominator and quotient & 1):
        return quotient + 1
    return quotient
