"""Limits as they arrive: document 001's names, and every limit under its own.

A body changes what it names and leaves the rest; null takes a limit away (it is then
not armed).
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import structs

from stopline.doors.native import fields
from stopline.doors.native.errors import Wrong, wrong_field
from stopline.doors.native.fields import Field, Form, Reader
from stopline.doors.native.stream import CANCEL_FORM
from stopline.model.instrument import AssetClass
from stopline.model.limits import Limits, RateWindow, SymbolLimit
from stopline.model.numbers import SECOND
from stopline.model.verdict import Unit
from stopline.views.limits import PATTERNS, SCALARS, SWITCHES, WINDOWS

NAMES: Final[Mapping[str, str]] = {
    "max_position_size": "max_position",
    "max_order_size": "max_order_notional",
    "daily_loss_limit": "daily_loss",
    "max_portfolio_concentration": "concentration",
    "max_leverage": "leverage",
}
"""Document 001's name of a limit -> ours."""
PER_SECOND: Final = "max_orders_per_second"
NOT_LIMITS: Final = ("account", "reason", "base_version")

_NUMBER: Final = ["string", "number"]
_READERS: Final[Mapping[Unit, Reader]] = {
    Unit.MONEY: fields.limit_money,
    Unit.QTY: fields.limit_qty,
    Unit.RATIO: fields.limit_ratio,
    Unit.COUNT: fields.count,
    Unit.NANOS: fields.limit_seconds,
}
_WORDS: Final[Mapping[Unit, str]] = {
    Unit.MONEY: "in the account's currency",
    Unit.QTY: "a quantity",
    Unit.RATIO: "a ratio: 0.25 is 25 %",
    Unit.COUNT: "a count",
    Unit.NANOS: "in seconds",
}


def _patterns(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Wrong("is not a list", 'a list of patterns such as ["eq:US:*"]')
    return tuple(fields.name(each) for each in value)


def _window(value: Any) -> RateWindow:
    fix = 'an object such as {"count": 10, "seconds": 1}'
    if not isinstance(value, dict) or set(value) != {"count", "seconds"}:
        raise Wrong("is not a rate window", fix)
    seconds = fields.limit_seconds(value["seconds"])
    if seconds == 0:
        raise Wrong("a window of 0 seconds counts nothing", fix)
    return RateWindow(fields.positive_count(value["count"]), seconds)


def _windows(value: Any) -> tuple[RateWindow, ...]:
    if not isinstance(value, list):
        raise Wrong("is not a list", 'a list such as [{"count": 10, "seconds": 1}]')
    return tuple(_window(each) for each in value)


def _classes(value: Any) -> tuple[AssetClass, ...]:
    if not isinstance(value, list):
        raise Wrong("is not a list", 'a list such as ["equity", "crypto"]')
    read = fields.choice({each.value: each for each in AssetClass})
    return tuple(read(each) for each in value)


def _limit(target: str, read: Reader, text: str, kinds: list[str]) -> Field:
    return Field(target, read, {"type": kinds, "description": f"{text}; null: not armed"}, nullable=True)


def _form() -> Form:
    form = {
        "max_position_size": _limit("max_position", fields.limit_money, "what one symbol may hold", _NUMBER),
        "max_order_size": _limit("max_order_notional", fields.limit_money, "what one order may be worth", _NUMBER),
        "daily_loss_limit": _limit("daily_loss", fields.limit_money, "the day's loss, positive", _NUMBER),
        "max_portfolio_concentration": _limit(
            "concentration", fields.limit_percent, "one symbol, in percent of equity", _NUMBER
        ),
        "max_leverage": _limit("leverage", fields.limit_ratio, "gross exposure by equity", _NUMBER),
        PER_SECOND: _limit(PER_SECOND, fields.positive_count, "entries in any one second", ["integer", "string"]),
    }
    for name, unit in SCALARS.items():
        form[name] = _limit(name, _READERS[unit], _WORDS[unit], _NUMBER)
    for name in SWITCHES:
        text = "false makes limits warn only: a loosening" if name == "enabled" else "on or off"
        form[name] = Field(name, fields.flag, {"type": "boolean", "description": text}, nullable=name == "short_sale")
    for name in PATTERNS:
        schema = {"type": "array", "items": {"type": "string"}, "description": "patterns on canonical ids"}
        form[name] = Field(name, _patterns, schema)
    window = {"type": "object", "required": ["count", "seconds"]}
    for name in WINDOWS:
        schema = {"type": "array", "items": window, "description": "at most count in any so many seconds"}
        form[name] = Field(name, _windows, schema)
    form["reject_burst"] = _limit("reject_burst", _window, "broker rejections that trip a breaker", ["object"])
    form["money_classes"] = Field(
        "money_classes", _classes, {"type": "array", "description": "classes that limits in money speak of"}
    )
    form["account"] = CANCEL_FORM["account"]
    form["reason"] = Field(
        "reason", fields.text(fields.MAX_REASON), {"type": "string", "description": "why; it is journaled"}
    )
    form["base_version"] = Field(
        "base_version",
        fields.count,
        {"type": "integer", "description": "refuse the change if the limits are not at this version any more"},
    )
    return Form(form)


LIMITS_FORM: Final = _form()
SYMBOL_LIMIT_FORM: Final = Form(
    {
        "max_position": _limit("max_position", fields.limit_money, "what the symbol may hold", _NUMBER),
        "max_concentration_pct": _limit("concentration", fields.limit_percent, "in percent of equity", _NUMBER),
        "max_position_qty": _limit("max_position_qty", fields.limit_qty, "in units or contracts", _NUMBER),
        **{name: LIMITS_FORM[name] for name in NOT_LIMITS},
    }
)


def named_twice(body: Mapping[str, Any]) -> None:
    """Refuse a limit that comes under both of its names. Raises Refusal."""
    for theirs, ours in (*NAMES.items(), (PER_SECOND, "order_rate")):
        if theirs in body and ours in body:
            raise wrong_field(ours, f"is the same limit as {theirs}", "send one of them")


def changed(limits: Limits, found: Mapping[str, Any]) -> Limits:
    """Return the limits with what a body names."""
    changes = {name: value for name, value in found.items() if name not in NOT_LIMITS}
    if PER_SECOND in changes:
        count = changes.pop(PER_SECOND)
        others = tuple(window for window in limits.order_rate if window.window != SECOND)
        changes["order_rate"] = others if count is None else (RateWindow(count, SECOND), *others)
    return structs.replace(limits, **changes)


def changed_symbol(limit: SymbolLimit, found: Mapping[str, Any]) -> SymbolLimit:
    """Return a symbol's limit with what a body names."""
    return structs.replace(limit, **{name: value for name, value in found.items() if name not in NOT_LIMITS})
