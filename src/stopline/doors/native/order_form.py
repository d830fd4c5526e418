"""An order as it arrives: one table of keys, and the grammar that needs no instrument.

What needs the instrument, the account or the market (tick, lot, sign of a price) is the
gate's to deny, and journaled; what stands here is answered 422 and leaves no trace.

Source     api.md (Orders); semantics.md section 5.
"""

from collections.abc import Mapping
from typing import Any, Final

from stopline.doors.native import fields, order_parts
from stopline.doors.native.errors import Problem, Wrong, invalid
from stopline.doors.native.fields import Field, Form, read_form
from stopline.doors.native.parse import NumberText
from stopline.messages.inputs import SubmitOrder
from stopline.model.ending import CANCEL_REST, KEEP
from stopline.model.order import OrderClass, OrderType, Side, TimeInForce

SIDES: Final = {side.value.upper(): side for side in Side}
TYPES: Final = {kind.value.upper(): kind for kind in OrderType}
TIMES: Final = {tif.value.upper(): tif for tif in TimeInForce}
CLASSES: Final = {kind.value: kind for kind in OrderClass}

NUMBER: Final = {"type": ["string", "number"]}


def _tags(value: Any) -> str:
    """Read one tag, or a list of them."""
    tags = ",".join(fields.text()(each) for each in value) if isinstance(value, list) else value
    read: str = fields.text(fields.MAX_REASON)(tags)
    return read


def _no_legs(value: Any) -> None:
    if value != []:
        raise Wrong("combinations are not taken yet", "send each leg as an order of its own")


def _price_schema(text: str) -> dict[str, Any]:
    return {**NUMBER, "description": text, "examples": ["175.00"]}


ORDER_FORM: Final = Form(
    {
        "client_order_id": Field(
            "client_order_id",
            fields.client_order_id,
            {
                "type": "string",
                "maxLength": 128,
                "description": "your own id of the order, unique per account; a repeat gets the same answer",
                "examples": ["TEST-001"],
            },
            required=True,
        ),
        "symbol": Field(
            "symbol",
            fields.name,
            {
                "type": "string",
                "maxLength": 64,
                "description": "a venue symbol (AAPL) or a canonical id (eq:US:AAPL)",
                "examples": ["AAPL"],
            },
            required=True,
        ),
        "side": Field(
            "side",
            fields.choice(SIDES),
            {"type": "string", "enum": [*SIDES], "description": "BUY or SELL", "examples": ["BUY"]},
            required=True,
        ),
        "quantity": Field(
            "order_qty",
            fields.quantity,
            {**NUMBER, "description": "how much, more than 0; or give notional", "examples": [100]},
        ),
        "price": Field("limit_price", fields.price, _price_schema("limit price of LIMIT and STOP_LIMIT")),
        "order_type": Field(
            "order_type",
            fields.choice(TYPES),
            {"type": "string", "enum": [*TYPES], "description": "how it trades", "examples": ["LIMIT"]},
            required=True,
        ),
        "account": Field(
            "account",
            fields.name,
            {
                "type": "string",
                "description": "which account; required when there is more than one",
                "examples": ["paper"],
            },
        ),
        "stop_price": Field("stop_price", fields.price, _price_schema("trigger of STOP and STOP_LIMIT")),
        "trail_amount": Field("trail_amount", fields.positive_money, _price_schema("TRAILING_STOP: distance in money")),
        "trail_percent": Field(
            "trail_percent",
            fields.percent,
            {**NUMBER, "description": "TRAILING_STOP: distance in percent", "examples": ["1.5"]},
        ),
        "notional": Field(
            "notional",
            fields.positive_money,
            _price_schema("in place of quantity: as many whole lots as this much money pays for"),
        ),
        "time_in_force": Field(
            "time_in_force",
            fields.choice(TIMES),
            {"type": "string", "enum": [*TIMES], "default": "DAY", "description": "how long it works"},
        ),
        "expire_at": Field(
            "expire_at",
            fields.instant,
            {
                "type": ["string", "number"],
                "description": "GTD: until when, ISO 8601 with a zone or Unix seconds",
                "examples": ["2026-11-20T21:00:00Z"],
            },
        ),
        "extended_hours": Field(
            "extended_hours",
            fields.flag,
            {"type": "boolean", "default": False, "description": "may fill outside regular hours"},
        ),
        "reduce_only": Field(
            "reduce_only",
            fields.flag,
            {"type": "boolean", "default": False, "description": "deny it unless it provably reduces the position"},
        ),
        "order_class": Field(
            "order_class",
            fields.choice(CLASSES),
            {
                "type": "string",
                "enum": [*CLASSES],
                "default": "simple",
                "description": "bracket: an entry with a target and a stop; oto: with one of them; oco: a target (a "
                "LIMIT order that closes) with a stop",
            },
        ),
        "take_profit": Field(
            "take_profit",
            order_parts.take_profit,
            {"type": ["string", "number", "object"], "description": "leg: the target price, or {limit_price}"},
        ),
        "stop_loss": Field(
            "stop_loss",
            order_parts.stop_loss,
            {
                "type": ["string", "number", "object"],
                "description": "leg: the stop price, or {stop_price, limit_price}",
            },
        ),
        "legs": Field(
            "legs", _no_legs, {"type": "array", "maxItems": 0, "description": "combinations are not taken yet"}
        ),
        "oca_group": Field(
            "oca_group",
            fields.text(),
            {"type": "string", "description": "one cancels all: a fill of one ends the others of the same name"},
        ),
        "condition": Field(
            "condition",
            order_parts.condition,
            {
                "type": "object",
                "properties": {
                    "symbol": {"type": "string", "description": "whose price; the order's own instrument if left out"},
                    "price": {"type": "string", "description": "a relation and a price", "examples": [">= 400.00"]},
                    "after": {"type": ["string", "number"], "description": "not before: ISO 8601, or Unix seconds"},
                },
                "additionalProperties": False,
                "description": "Stopline keeps the order until the price is reached, the instant has come, or both",
                "examples": [{"symbol": "MSFT", "price": ">= 400.00"}],
            },
        ),
        "cancel_after_s": Field(
            "cancel_after",
            fields.positive_seconds,
            {
                **NUMBER,
                "description": "what is left after so many seconds is cancelled; they run from when the order is "
                "accepted, or from when its condition is met",
                "examples": [30],
            },
        ),
        "on_partial_fill": Field(
            "cancels_rest",
            fields.choice({KEEP: False, CANCEL_REST: True}),
            {
                "type": "string",
                "enum": [KEEP, CANCEL_REST],
                "default": KEEP,
                "description": "an entry that has filled in part: keep the rest working, or cancel it",
            },
        ),
        "partial_timeout_s": Field(
            "partial_timeout",
            fields.positive_seconds,
            {
                **NUMBER,
                "description": "with cancel_rest: so many seconds after the first partial fill, not at once",
                "examples": [5],
            },
        ),
        "currency": Field(
            "currency", fields.text(8), {"type": "string", "description": "ISO code", "examples": ["USD"]}
        ),
        "strategy": Field(
            "strategy", fields.text(), {"type": "string", "description": "whose limits and ledger it also counts in"}
        ),
        "tags": Field(
            "tags",
            _tags,
            {"type": ["string", "array"], "items": {"type": "string"}, "description": "your own labels"},
        ),
    }
)

_PRICED: Final = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
_STOPPED: Final = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
EXAMPLE: Final = {
    "client_order_id": "TEST-001",
    "symbol": "AAPL",
    "side": "BUY",
    "quantity": 100,
    "price": NumberText("175.00"),
    "order_type": "LIMIT",
}


def read_order(body: Mapping[str, Any], account: str, client: str, actor: str, form: Form = ORDER_FORM) -> SubmitOrder:
    """Return the order that a body asks for; `account` is the default. Raises Refusal."""
    found = read_form(form, body)
    problems = _grammar(found)
    if not found.get("account", account):
        problems.append(Problem("account", "there is not exactly one account here", "say which one in account"))
    if problems:
        raise invalid(problems)
    found.setdefault("account", account)
    found.setdefault("client_order_id", "")
    found.setdefault("order_qty", 0)
    found.pop("legs", None)
    stop_loss = found.pop("stop_loss", None)
    if stop_loss is not None:
        found["stop_loss"], found["stop_loss_limit"] = stop_loss
    return SubmitOrder(actor=actor, client=client, **found)


def _grammar(found: Mapping[str, Any]) -> list[Problem]:
    """Return what does not go together."""
    kind, problems = found["order_type"], []
    if ("order_qty" in found) == ("notional" in found):
        text = "give quantity or notional, not both" if "notional" in found else "quantity is missing"
        problems.append(Problem("quantity", text, "a quantity above 0, such as 100"))
    for key, target, kinds in (("price", "limit_price", _PRICED), ("stop_price", "stop_price", _STOPPED)):
        if (target in found) != (kind in kinds) and not (kind is OrderType.TRAILING_STOP and key == "stop_price"):
            problems.append(_mismatch(key, kind, wanted=kind in kinds))
    trails = ("trail_amount" in found) + ("trail_percent" in found)
    if trails != (kind is OrderType.TRAILING_STOP):
        problems.append(_mismatch("trail_amount", kind, wanted=kind is OrderType.TRAILING_STOP))
    is_dated = found.get("time_in_force") is TimeInForce.GTD
    if is_dated != ("expire_at" in found):
        text = "GTD needs expire_at" if is_dated else "only time_in_force GTD takes expire_at"
        problems.append(Problem("expire_at", text, "send both, or neither"))
    return problems or order_parts.class_problems(found) or order_parts.end_problems(found)


def _mismatch(key: str, kind: OrderType, *, wanted: bool) -> Problem:
    word = kind.value.upper()
    if wanted:
        exact = "exactly one of trail_amount and trail_percent" if key == "trail_amount" else f"a {key}"
        return Problem(key, f"a {word} order needs {exact}", f"send {exact}")
    return Problem(key, f"a {word} order takes no {key}", f"leave {key} out, or change order_type")
