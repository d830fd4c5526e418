"""How an order's row says who looks after it and what it waits for: the words of views/held.py, from columns."""

from typing import Final

import msgspec

from stopline.messages.events import OrderApproved
from stopline.model.ending import KEEP
from stopline.model.order import Hold, OrderClass, OrderState, OrderType, Side, TimeInForce
from stopline.stores.projecting import figures
from stopline.stores.projecting.shelf import Shelf
from stopline.stores.projecting.tables import Row
from stopline.views.held import NATIVE, ConditionBody, Keeping, condition_body, first_state, kept_fields, leg_ids

_encode: Final = msgspec.json.Encoder().encode
_decode_condition: Final = msgspec.json.Decoder(ConditionBody).decode

UNKEPT: Final[Row] = {
    "handling": NATIVE,
    "held_for": "",
    "waits_for": "",
    "sent_as": "",
    "asked_qty": None,
    "condition": None,
    "legs": "[]",
    "parent": "",
    "leg": "",
    "hold": None,
    "sent_type": None,
    "is_resting": 0,
    "is_recalled": 0,
}
"""What the row of an order says that goes to the broker at once."""


def begin_keeping(row: Row, event: OrderApproved) -> None:
    """Write down how a new order is kept, and what hangs on it."""
    request = event.request
    row["state"] = first_state(event).value
    row["legs"] = _encode(leg_ids(request)).decode()
    row["condition"] = None if request.condition is None else _encode(condition_body(request.condition)).decode()
    row["parent"], row["leg"] = event.parent, "" if event.leg is None else event.leg.value
    row["hold"], row["is_resting"] = None if event.hold is None else event.hold.value, int(event.is_resting)


def put_order(shelf: Shelf, row: Row) -> None:
    """Write an order's row, with what follows from its other columns."""
    if row["hold"] is not None:
        kept = kept_fields(_keeping(row))
        row["handling"], row["held_for"] = kept.handling, kept.held_for
        row["waits_for"], row["sent_as"] = kept.waits_for, kept.sent_as
        is_cut = figures.qty(row, "wanted_qty") != figures.qty(row, "order_qty")
        row["asked_qty"] = row["wanted_qty"] if is_cut else None
    shelf.put("orders", row)


def _keeping(row: Row) -> Keeping:
    sent_type, condition = row["sent_type"], row["condition"]
    return Keeping(
        str(row["symbol"]),
        Side(str(row["side"]).lower()),
        OrderType(str(row["order_type"]).lower()),
        TimeInForce(str(row["time_in_force"]).lower()),
        OrderClass(str(row["order_class"])),
        str(row["oca_group"]),
        None if condition is None else _decode_condition(str(condition)),
        OrderState(str(row["state"])),
        Hold(str(row["hold"])),
        _text(row, "limit_price"),
        _text(row, "stop_price"),
        str(row["parent"]),
        None if sent_type is None else OrderType(str(sent_type)),
        bool(row["is_resting"]),
        bool(row["is_recalled"]),
        row["cancel_after_s"] is not None or row["on_partial_fill"] != KEEP,
    )


def _text(row: Row, column: str) -> str | None:
    value = row[column]
    return None if value is None else str(value)
