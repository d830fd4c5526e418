"""Figures as people read them, from exact text: 1,234.50, +12.00, -. Unknown is a dash, never a zero."""

from stopline.model.numbers import PRICE_PLACES, NumberRefused, div_half_even, parse_rounded, render_scaled

UNKNOWN = "-"


def group(text: str) -> str:
    """Return decimal text with thousands separators."""
    sign = "-" if text.startswith("-") else ""
    whole, dot, fraction = text.lstrip("-").partition(".")
    grouped = ""
    while len(whole) > 3:
        whole, grouped = whole[:-3], f",{whole[-3:]}{grouped}"
    return f"{sign}{whole}{grouped}{dot}{fraction}"


def money(value: object, *, signed: bool = False) -> str:
    """Return an amount to the cent; `signed` shows a plus as well."""
    scaled = _scaled(value)
    if scaled is None:
        return UNKNOWN
    cents = div_half_even(scaled, 10 ** (PRICE_PLACES - 2))
    text = group(render_scaled(cents, 2, 2))
    return f"+{text}" if signed and cents > 0 else text


def number(value: object) -> str:
    """Return a quantity or price as exact as it came, with thousands separators."""
    return UNKNOWN if value is None or value == "" else group(str(value))


def percent(value: object) -> str:
    """Return a ratio as percent with one decimal."""
    scaled = _scaled(value)
    if scaled is None:
        return UNKNOWN
    return f"{group(render_scaled(div_half_even(scaled, 10 ** (PRICE_PLACES - 3)), 1, 1))} %"


def words(value: object) -> str:
    """Return text, or a dash where there is none."""
    return UNKNOWN if value is None or value == "" else str(value)


def instant(value: object) -> str:
    """Return an instant to the second, UTC."""
    text = words(value)
    head, dot, _ = text.partition(".")
    return f"{head.replace('T', ' ')}Z" if dot else text.replace("T", " ")


def _scaled(value: object) -> int | None:
    if value is None or value == "":
        return None
    try:
        return parse_rounded(str(value), PRICE_PLACES)[0]
    except NumberRefused:
        return None
