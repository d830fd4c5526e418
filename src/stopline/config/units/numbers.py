"""Numbers: money 5000.00, quantity 0.5, count 10, ratio 0.25 or 25 %."""

from stopline.config.units.text import Unfit, number_of
from stopline.model.numbers import (
    MAX_SCALED,
    RATIO_ONE,
    Money,
    Qty,
    Ratio,
    parse_money,
    parse_percent,
    parse_qty,
    parse_ratio,
    parse_scaled,
    render_percent,
)


def read_money(value: object) -> Money:
    """Read an amount that is not negative: `5000.00`."""
    return number_of(value, parse_money, "write an amount such as 5000.00")


def read_positive_money(value: object) -> Money:
    """Read an amount above zero."""
    return number_of(value, parse_money, "write an amount above zero such as 5000.00", least=1)


def read_signed_money(value: object) -> Money:
    """Read an amount of either sign: an equity floor may lie below zero."""
    return number_of(value, parse_money, "write an amount such as 95000.00", least=-MAX_SCALED)


def read_price(value: object) -> int:
    """Read a price step: `0.01`."""
    return number_of(value, parse_money, "write a number above zero such as 0.01", least=1)


def read_multiplier(value: object) -> int:
    """Read what a point of price is worth: `50`."""
    return number_of(value, parse_money, "write what a point is worth, such as 50", least=1)


def read_qty(value: object) -> Qty:
    """Read a quantity: `100`, `0.5`."""
    return number_of(value, parse_qty, "write a quantity such as 100")


def read_positive_qty(value: object) -> Qty:
    """Read a quantity above zero."""
    return number_of(value, parse_qty, "write a quantity above zero such as 1", least=1)


def read_count(value: object) -> int:
    """Read a whole number: `10`."""
    return number_of(value, lambda text: parse_scaled(text, 0), "write a whole number such as 10")


def read_port(value: object) -> int:
    """Read a TCP port; 0 lets the system choose one."""
    fix = "write a port from 0 to 65535, such as 8082"
    port = number_of(value, lambda text: parse_scaled(text, 0), fix)
    if port > 65_535:
        raise Unfit(f"{port} is no port", fix)
    return port


def read_ratio(value: object) -> Ratio:
    """Read a ratio: `2.0`, or `200 %`."""
    return _ratio(value, "write a ratio such as 2.0, or 200 %")


def read_share(value: object) -> Ratio:
    """Read a share of a whole, at most 100 %: `25 %`, or `0.25`."""
    fix = "write a share such as 25 %, or 0.25"
    ratio = _ratio(value, fix)
    if ratio > RATIO_ONE:
        raise Unfit(f"{render_percent(ratio)} % is more than the whole", fix)
    return ratio


def _ratio(value: object, fix: str) -> Ratio:
    if isinstance(value, str) and value.rstrip().endswith("%"):
        return number_of(value.rstrip()[:-1], parse_percent, fix)
    return number_of(value, parse_ratio, fix)
