"""Rows of limits that somebody edited, read back: exact text to limits, or what is wrong with it.

Source     architecture.md promise 15 (a row that someone edits becomes a change, then is overwritten by the decision).
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from stopline.model.instrument import AssetClass
from stopline.model.limits import Limits, RateWindow, SymbolLimit
from stopline.model.numbers import (
    NumberRefused,
    parse_money,
    parse_qty,
    parse_ratio,
    parse_scaled,
)
from stopline.model.verdict import Unit
from stopline.stores.projecting.tables import Value
from stopline.views.limits import PATTERNS, SCALARS, SWITCHES, WINDOWS


class UnreadableRow(ValueError):
    """An edited row that says no limits; the message names the column and what would be right."""


def parse_limits(row: Mapping[str, Value]) -> Limits:
    """Return the limits of a row of `risk_limits`; raises UnreadableRow."""
    values: dict[str, Any] = {name: _read(row, name, _switch) for name in SWITCHES}
    values |= {name: _read(row, name, _PARSE[unit]) for name, unit in SCALARS.items()}
    values |= {name: _read(row, name, _texts) for name in PATTERNS}
    values |= {name: _read(row, name, _windows) for name in WINDOWS}
    values["reject_burst"] = _read(row, "reject_burst", lambda text: _window(json.loads(text)))
    values["money_classes"] = _read(row, "money_classes", lambda text: tuple(map(AssetClass, _texts(text))))
    for name in SWITCHES:
        if values[name] is None and name != "short_sale":
            raise UnreadableRow(f"{name} is 0 or 1")
    return Limits(**values)


def parse_symbol_limit(row: Mapping[str, Value]) -> SymbolLimit:
    """Return the limit of a row of `position_limits`; raises UnreadableRow."""
    return SymbolLimit(
        max_position=_read(row, "max_position", parse_money),
        concentration=_read(row, "concentration", parse_ratio),
        max_position_qty=_read(row, "max_position_qty", parse_qty),
    )


def _read(row: Mapping[str, Value], name: str, parse: Callable[[Any], Any]) -> Any:
    value = row[name]
    if value is None:
        return None
    try:
        return parse(value)
    except NumberRefused as error:
        raise UnreadableRow(f"{name}: {error}") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise UnreadableRow(f"{name}: {ascii(value)[:40]} does not fit; see what other rows have there") from None


def _switch(value: Any) -> bool:
    if value not in (0, 1):
        raise ValueError
    return bool(value)


def _texts(value: str) -> tuple[str, ...]:
    texts = json.loads(value)
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError
    return tuple(texts)


def _windows(value: str) -> tuple[RateWindow, ...]:
    windows = json.loads(value)
    if not isinstance(windows, list):
        raise ValueError
    return tuple(map(_window, windows))


def _window(value: Any) -> RateWindow:
    count, seconds = value["count"], value["seconds"]
    if type(count) is not int or not isinstance(seconds, str):
        raise ValueError
    return RateWindow(count, parse_scaled(seconds, _NANOS))


_NANOS: Final = 9
_PARSE: Final[dict[Unit, Callable[[Any], int]]] = {
    Unit.MONEY: parse_money,
    Unit.QTY: parse_qty,
    Unit.RATIO: parse_ratio,
    Unit.COUNT: lambda text: parse_scaled(text, 0),
    Unit.NANOS: lambda text: parse_scaled(text, _NANOS),
}
