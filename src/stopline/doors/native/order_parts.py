"""The parts of an order that hang on it: legs, the condition it waits for, and what its class makes of them.

Source     api.md (Orders); docs/order-types.md.
"""

from collections.abc import Mapping
from typing import Any, Final

from stopline.doors.native import fields
from stopline.doors.native.errors import Problem, Wrong
from stopline.model.ending import unfit_end
from stopline.model.legs import misfit
from stopline.model.order import Condition, OrderClass, OrderRequest, Relation, TimeInForce

_RELATIONS: Final = {relation.value: relation for relation in Relation}
_CONDITION_KEYS: Final = ("symbol", "price", "after")
_CONDITION_FIX: Final = 'an object such as {"symbol": "MSFT", "price": ">= 400.00", "after": "2026-11-20T15:00:00Z"}'
_PRICE_FIX: Final = 'a relation and a price, such as ">= 105.00" or "<= 95.50"'
_LEGS: Final = ("take_profit", "stop_loss")
_ENDS: Final = {
    "cancel_after_s": "cancel_after",
    "on_partial_fill": "cancels_rest",
    "partial_timeout_s": "partial_timeout",
}
_RIGHT_FORM: Final[Mapping[OrderClass, str]] = {
    OrderClass.SIMPLE: "order_class bracket with both legs, oto with one, or oco: a limit order with a stop_loss",
    OrderClass.BRACKET: '"take_profit": "180.00", "stop_loss": "170.00" on either side of the entry',
    OrderClass.OTO: 'one leg, such as "stop_loss": "170.00", on its side of the entry',
    OrderClass.OCO: 'order_type LIMIT, price the target, and "stop_loss": the stop on the other side of the market',
}


def take_profit(value: Any) -> int:
    """Read a target: a price, or {"limit_price": price}."""
    if isinstance(value, dict):
        return int(_leg(value, ("limit_price",))["limit_price"])
    return fields.price(value)


def stop_loss(value: Any) -> tuple[int, int | None]:
    """Read a stop: a price, or {"stop_price": price, "limit_price": price}."""
    if isinstance(value, dict):
        leg = _leg(value, ("stop_price",), ("limit_price",))
        return leg["stop_price"], leg.get("limit_price")
    return fields.price(value), None


def _leg(value: dict[str, Any], required: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, int]:
    known = (*required, *optional)
    fix = f"a price, or an object with {' and '.join(known)}"
    _refuse_unknown(value, known, fix)
    prices = {key: fields.price(each) for key, each in value.items() if each is not None}
    missing = [key for key in required if key not in prices]
    if missing:
        raise Wrong(f"{missing[0]} is missing", fix)
    return prices


def _refuse_unknown(value: dict[str, Any], known: tuple[str, ...], fix: str) -> None:
    unknown = [key for key in value if key not in known]
    if unknown:
        raise Wrong(f"nobody knows the key {ascii(unknown[0])[:40]} here", fix)


def condition(value: Any) -> Condition:
    """Read what an order waits for: {"symbol", "price": ">= 105.00", "after"}; a price, an instant, or both."""
    if not isinstance(value, dict):
        raise Wrong("is not an object", _CONDITION_FIX)
    _refuse_unknown(value, _CONDITION_KEYS, _CONDITION_FIX)
    found = {key: each for key, each in value.items() if each is not None}
    if "price" not in found and "after" not in found:
        raise Wrong("needs a price, an instant (after), or both", _CONDITION_FIX)
    after = fields.instant(found["after"]) if "after" in found else None
    if "price" not in found:
        if "symbol" in found:
            raise Wrong("names a symbol without the price to wait for", _CONDITION_FIX)
        return Condition(after=after)
    relation, price = _relation(found["price"])
    return Condition(fields.name(found["symbol"]) if "symbol" in found else "", relation, price, after)


def _relation(value: Any) -> tuple[Relation, int]:
    """Read ">= 105.00"."""
    text = value if isinstance(value, str) else ""
    relation = _RELATIONS.get(text[:2])
    if relation is None:
        raise Wrong("does not say on which side of the price it is met", _PRICE_FIX)
    return relation, fields.price(text[2:].strip())


def class_problems(found: Mapping[str, Any]) -> list[Problem]:
    """Return where an order's legs do not fit its class, or lie on the wrong side."""
    kind = found.get("order_class", OrderClass.SIMPLE)
    legs = [name for name in _LEGS if name in found]
    if kind is OrderClass.SIMPLE:
        text = "take_profit and stop_loss are legs, and a simple order has none"
        return [Problem("order_class", text, f"send {_RIGHT_FORM[kind]}")] if legs else []
    stop, stop_limit = found.get("stop_loss", (None, None))
    request = OrderRequest(
        "", "", "", found["side"], 0, found["order_type"], found.get("limit_price"), found.get("stop_price"),
        order_class=kind, take_profit=found.get("take_profit"), stop_loss=stop, stop_loss_limit=stop_limit,
    )  # fmt: skip
    text = misfit(request)
    return [Problem("order_class", text, f"send {_RIGHT_FORM[kind]}")] if text else []


def end_problems(found: Mapping[str, Any]) -> list[Problem]:
    """Return where an order could not end by the terms that it gives."""
    given = [key for key, target in _ENDS.items() if found.get(target)]
    if not given:
        return []
    ends = {target: found[target] for target in _ENDS.values() if target in found}
    request = OrderRequest(
        "", "", "", found["side"], 0, found["order_type"],
        time_in_force=found.get("time_in_force", TimeInForce.DAY),
        order_class=found.get("order_class", OrderClass.SIMPLE), **ends,
    )  # fmt: skip
    text = unfit_end(request)
    return [Problem(given[-1], text, f"leave {given[-1]} out, or change what it does not fit")] if text else []
