"""`PATCH /v2/orders/{id}`: what a client changes. What it does not say stays as it is."""

from typing import Final

from msgspec import Struct

from stopline.dialects.alpaca.codecs import ASKED_PRICE, ASKED_QTY, TEXT
from stopline.dialects.alpaca.exact_json import MAX_REQUEST, Json, decode
from stopline.dialects.alpaca.records import Record
from stopline.dialects.alpaca.words import TIME_IN_FORCE
from stopline.model.numbers import Price, Qty
from stopline.model.order import TimeInForce


class ReplaceOrder(Struct, frozen=True, kw_only=True):
    """New terms. `trail` is a price or percent, as the order's own trail is; both fit one scale (1e-8)."""

    qty: Qty | None = None
    time_in_force: TimeInForce | None = None
    limit_price: Price | None = None
    stop_price: Price | None = None
    trail: Price | None = None
    client_order_id: str | None = None


_RECORD: Final = Record(
    ReplaceOrder,
    {
        "qty": ASKED_QTY,
        "time_in_force": TIME_IN_FORCE,
        "limit_price": ASKED_PRICE,
        "stop_price": ASKED_PRICE,
        "trail": ASKED_PRICE,
        "client_order_id": TEXT,
    },
)


def parse_replace(raw: bytes) -> ReplaceOrder:
    """Return the change that a body asks for; raises Malformed."""
    return _RECORD.parse(decode(raw, MAX_REQUEST))


def render_replace(change: ReplaceOrder) -> dict[str, Json]:
    """Return the body to send: only what changes."""
    return _RECORD.render(change, with_nulls=False)
