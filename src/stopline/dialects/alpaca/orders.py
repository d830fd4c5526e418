"""Orders as Alpaca reports them."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct, structs

from stopline.dialects.alpaca.codecs import FLAG, INSTANT, MONEY, PERCENT, PRICE, QTY, TEXT, Codec, list_of
from stopline.dialects.alpaca.exact_json import Json
from stopline.dialects.alpaca.records import Record
from stopline.dialects.alpaca.words import ENDED, Status
from stopline.model.numbers import Money, Nanos, Price, Qty, Ratio


class Order(Struct, frozen=True, kw_only=True):
    """One order. Words are kept as they came; a missing figure is None."""

    id: str
    status: str
    client_order_id: str = ""
    created_at: Nanos | None = None
    updated_at: Nanos | None = None
    submitted_at: Nanos | None = None
    filled_at: Nanos | None = None
    expired_at: Nanos | None = None
    expires_at: Nanos | None = None
    canceled_at: Nanos | None = None
    failed_at: Nanos | None = None
    replaced_at: Nanos | None = None
    replaced_by: str | None = None
    replaces: str | None = None
    asset_id: str | None = None
    symbol: str = ""
    asset_class: str = ""
    notional: Money | None = None
    qty: Qty | None = None
    filled_qty: Qty = 0
    filled_avg_price: Price | None = None
    order_class: str = ""
    order_type: str = ""
    side: str = ""
    position_intent: str | None = None
    time_in_force: str = ""
    limit_price: Price | None = None
    stop_price: Price | None = None
    extended_hours: bool = False
    legs: "tuple[Order, ...] | None" = None
    trail_percent: Ratio | None = None
    trail_price: Price | None = None
    hwm: Price | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.status in ENDED

    @property
    def is_held(self) -> bool:
        """Whether it waits for its parent, or behind its sibling."""
        return self.status == Status.HELD


def _read_price_or_word(value: Json) -> Price | None:
    """Read a price; Alpaca's own example has the word `string` where a price belongs."""
    return None if value == "string" else PRICE.read(value)


_RECORD: Final = Record(
    Order,
    {
        "id": TEXT,
        "client_order_id": TEXT,
        "created_at": INSTANT,
        "updated_at": INSTANT,
        "submitted_at": INSTANT,
        "filled_at": INSTANT,
        "expired_at": INSTANT,
        "expires_at": INSTANT,
        "canceled_at": INSTANT,
        "failed_at": INSTANT,
        "replaced_at": INSTANT,
        "replaced_by": TEXT,
        "replaces": TEXT,
        "asset_id": TEXT,
        "symbol": TEXT,
        "asset_class": TEXT,
        "notional": MONEY,
        "qty": QTY,
        "filled_qty": QTY,
        "filled_avg_price": PRICE,
        "order_class": TEXT,
        "order_type": TEXT,
        "side": TEXT,
        "position_intent": TEXT,
        "time_in_force": TEXT,
        "limit_price": PRICE,
        "stop_price": PRICE,
        "status": TEXT,
        "extended_hours": FLAG,
        "trail_percent": PERCENT,
        "trail_price": PRICE,
        "hwm": Codec(_read_price_or_word, PRICE.write),
    },
    keys={"order_type": "type"},
)


def parse_order(body: Json) -> Order:
    """Return an order with its legs; raises Malformed."""
    order = _RECORD.parse(body)
    legs = body.get("legs")
    return order if legs is None else structs.replace(order, legs=_LEGS.read(legs))


def render_order(order: Order) -> dict[str, Json]:
    """Return an order as Alpaca shows it. The type stands there twice, as it does there."""
    shown = _RECORD.render(order)
    shown["order_type"] = shown["type"]
    shown["legs"] = None if order.legs is None else _LEGS.write(order.legs)
    return shown


ORDER: Final = Codec(parse_order, render_order)
_LEGS: Final = list_of(ORDER)


def parse_orders(body: Json) -> tuple[Order, ...]:
    """Return a list of orders; raises Malformed."""
    return tuple(_LEGS.read(body))


def render_orders(orders: Iterable[Order]) -> list[Json]:
    """Return a list of orders as Alpaca shows it."""
    return [render_order(order) for order in orders]
