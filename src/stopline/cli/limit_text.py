"""Limits as people write them (`concentration=20%`), as the API has them (0.20), and as scaled ints."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from msgspec import structs

from stopline.cli.figures import number
from stopline.cli.outcome import Exit, Stop
from stopline.config import units
from stopline.config.units import Unfit
from stopline.engine.strictest import is_looser, symbol_is_looser
from stopline.model.instants import render_duration
from stopline.model.instrument import AssetClass
from stopline.model.limits import Limits, RateWindow, SymbolLimit
from stopline.model.numbers import parse_money, parse_qty, parse_ratio, parse_scaled, render_percent
from stopline.model.verdict import Unit
from stopline.views.limits import PATTERNS, SCALARS, SWITCHES, WINDOWS, window_body
from stopline.views.wire import figure

_SHARES: Final = frozenset("concentration sector_concentration tag_concentration quote_max_spread price_collar".split())
_READ: Final[dict[Unit, Callable[[object], int]]] = {
    Unit.MONEY: units.read_money,
    Unit.QTY: units.read_qty,
    Unit.RATIO: units.read_ratio,
    Unit.COUNT: units.read_count,
    Unit.NANOS: units.read_duration,
}
_PARSE: Final[dict[Unit, Callable[[str], int]]] = {
    Unit.MONEY: parse_money,
    Unit.QTY: parse_qty,
    Unit.RATIO: parse_ratio,
    Unit.COUNT: lambda text: parse_scaled(text, 0),
    Unit.NANOS: lambda text: parse_scaled(text, 9),
}


def read_changes(changes: list[str], *, symbol: bool) -> dict[str, Any]:
    """Return `name=value` texts as values of Limits (or of SymbolLimit); ends the command where one is wrong."""
    known = SymbolLimit.__struct_fields__ if symbol else Limits.__struct_fields__
    found: dict[str, Any] = {}
    for text in changes:
        name, equals, value = text.partition("=")
        if name not in known or not equals:
            raise _no_limit(text, name, known)
        try:
            found[name] = _read(name, value)
        except Unfit as unfit:
            raise Stop(Exit.USAGE, f"{name}: {unfit.problem}; {unfit.fix}") from None
    return found


def _no_limit(text: str, name: str, known: tuple[str, ...]) -> Stop:
    """Return what is wrong with a change that names no limit, or gives it no value."""
    if name in known:
        return Stop(Exit.USAGE, f"{text!r} says no value", f"write {name}=value, or {name}=none to disarm it")
    if name in Limits.__struct_fields__:
        return Stop(
            Exit.USAGE, f"{name} is no limit of one symbol: leave --symbol out", f"those are: {', '.join(known)}"
        )
    near = get_close_matches(name, known, n=1)
    fix = f"do you mean {near[0]}?" if near else f"limits here: {', '.join(known)}"
    return Stop(Exit.USAGE, f"{text!r} is no limit; write name=value", fix)


def _read(name: str, value: str) -> Any:
    if name in SWITCHES:
        return units.optional(units.read_bool)(value) if name == "short_sale" else units.read_bool(value)
    if name in SCALARS:
        reader = units.read_share if name in _SHARES else _READ[SCALARS[name]]
        reader = units.read_signed_money if name == "drawdown_floor" else reader
        return units.optional(reader)(value)
    if name == "reject_burst":
        return units.optional(units.read_window)(value)
    items: object = units.NONE if value == units.NONE else [each.strip() for each in value.split(",")]
    if name in WINDOWS:
        return units.read_windows(items)
    return units.read_patterns(items) if name in PATTERNS else units.read_classes(items)


def to_json(name: str, value: Any) -> Any:
    """Return a value as the API takes and shows it: exact text, ratios as such, durations in seconds."""
    if name in SCALARS:
        return figure(value, SCALARS[name])
    if isinstance(value, RateWindow):
        return window_body(value)
    if isinstance(value, tuple):
        return [window_body(each) if isinstance(each, RateWindow) else str(each) for each in value]
    return value


def from_json(name: str, value: Any) -> Any:
    """Return what the API shows as a value of Limits."""
    if value is None or name in SWITCHES:
        return value
    if name in SCALARS:
        return _PARSE[SCALARS[name]](str(value))
    if name == "reject_burst":
        return _window(value)
    if name in WINDOWS:
        return tuple(_window(each) for each in value)
    return tuple(AssetClass(each) if name == "money_classes" else each for each in value)


def _window(value: Mapping[str, Any]) -> RateWindow:
    return RateWindow(int(value["count"]), parse_scaled(str(value["seconds"]), 9))


def shown(name: str, value: Any) -> str:
    """Return what the API shows, as people read it."""
    if value is None or value == []:
        return units.NONE
    if name in SWITCHES:
        return "true" if value else "false"
    if name == "reject_burst":
        return _shown_window(value)
    if name in WINDOWS:
        return ", ".join(_shown_window(each) for each in value)
    if name not in SCALARS:
        return ", ".join(value)
    if name in _SHARES:
        return f"{render_percent(parse_ratio(str(value)))} %"
    return render_duration(parse_scaled(str(value), 9)) if SCALARS[name] is Unit.NANOS else number(value)


def _shown_window(value: Mapping[str, Any]) -> str:
    window = _window(value)
    return f"{window.count} / {render_duration(window.window)}"


def loosens(now: Mapping[str, Any], wanted: Mapping[str, Any], *, symbol: bool) -> list[str]:
    """Return the names whose change lets something pass that does not pass now."""
    if symbol:
        return [
            name
            for name, value in wanted.items()
            if symbol_is_looser(SymbolLimit(**{name: from_json(name, now.get(name))}), SymbolLimit(**{name: value}))
        ]
    base = Limits()
    return [
        name
        for name, value in wanted.items()
        if is_looser(
            structs.replace(base, **{name: from_json(name, now.get(name))}), structs.replace(base, **{name: value})
        )
    ]
