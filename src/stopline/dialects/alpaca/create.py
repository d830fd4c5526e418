"""`POST /v2/orders`: what a client asks for, to and from the model's OrderRequest.

The request travels in Alpaca's own shape (`take_profit` and `stop_loss` are objects);
here it is flat. `reduce_only`, `expire_at`, `strategy` and the like have no place in it.
"""

from typing import Final, TypeVar

from msgspec import Struct, structs

from stopline.dialects.alpaca.codecs import ASKED_PERCENT, ASKED_PRICE, ASKED_QTY, FLAG, TEXT
from stopline.dialects.alpaca.exact_json import MAX_REQUEST, Json, Malformed, decode
from stopline.dialects.alpaca.records import Record
from stopline.dialects.alpaca.words import INTENT, ORDER_CLASS, ORDER_TYPE, SIDE, TIME_IN_FORCE, Intent
from stopline.model.ids import MAX_CLIENT_ORDER_ID, AccountId, InstrumentId
from stopline.model.numbers import Money, Price, Qty, Ratio
from stopline.model.order import OrderClass, OrderRequest, OrderType, Side, TimeInForce

T = TypeVar("T", bound=Struct)


class CreateOrder(Struct, frozen=True, kw_only=True):
    """A new order."""

    symbol: str
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    qty: Qty | None = None
    notional: Money | None = None
    limit_price: Price | None = None
    stop_price: Price | None = None
    trail_price: Price | None = None
    trail_percent: Ratio | None = None
    extended_hours: bool = False
    client_order_id: str = ""
    order_class: OrderClass = OrderClass.SIMPLE
    take_profit: Price | None = None
    stop_loss: Price | None = None
    stop_loss_limit: Price | None = None
    position_intent: Intent | None = None


class _TakeProfit(Struct, frozen=True):
    limit_price: Price | None = None


class _StopLoss(Struct, frozen=True):
    stop_price: Price | None = None
    limit_price: Price | None = None


_TAKE_PROFIT: Final = Record(_TakeProfit, {"limit_price": ASKED_PRICE})
_STOP_LOSS: Final = Record(_StopLoss, {"stop_price": ASKED_PRICE, "limit_price": ASKED_PRICE})
_PLAIN: Final = Record(
    CreateOrder,
    {
        "symbol": TEXT,
        "qty": ASKED_QTY,
        "notional": ASKED_PRICE,
        "side": SIDE,
        "order_type": ORDER_TYPE,
        "time_in_force": TIME_IN_FORCE,
        "limit_price": ASKED_PRICE,
        "stop_price": ASKED_PRICE,
        "trail_price": ASKED_PRICE,
        "trail_percent": ASKED_PERCENT,
        "extended_hours": FLAG,
        "client_order_id": TEXT,
        "order_class": ORDER_CLASS,
        "position_intent": INTENT,
    },
    keys={"order_type": "type"},
)


def parse_create(raw: bytes) -> CreateOrder:
    """Return the order that a body asks for; raises Malformed."""
    body = decode(raw, MAX_REQUEST)
    if not isinstance(body, dict):
        raise Malformed("must be a JSON object")
    if body.get("order_class") == "mleg" or body.get("legs"):
        raise Malformed("order_class: multi-leg option orders are not offered here")
    asked = dict(body)
    profit = _part(_TAKE_PROFIT, asked.pop("take_profit", None), "take_profit")
    loss = _part(_STOP_LOSS, asked.pop("stop_loss", None), "stop_loss")
    plain = _PLAIN.parse({key: value for key, value in asked.items() if value != ""})
    if len(plain.client_order_id) > MAX_CLIENT_ORDER_ID:
        raise Malformed(f"client_order_id must be no longer than {MAX_CLIENT_ORDER_ID} characters")
    return structs.replace(
        plain,
        take_profit=profit.limit_price if profit else None,
        stop_loss=loss.stop_price if loss else None,
        stop_loss_limit=loss.limit_price if loss else None,
    )


def render_create(order: CreateOrder) -> dict[str, Json]:
    """Return the body to send: only what is asked for, numbers as text."""
    body = _PLAIN.render(order, with_nulls=False)
    if not order.client_order_id:
        del body["client_order_id"]
    if order.take_profit is not None:
        body["take_profit"] = _TAKE_PROFIT.render(_TakeProfit(order.take_profit))
    if order.stop_loss is not None or order.stop_loss_limit is not None:
        parts = _StopLoss(order.stop_loss, order.stop_loss_limit)
        body["stop_loss"] = _STOP_LOSS.render(parts, with_nulls=False)
    return body


def from_request(request: OrderRequest, symbol: str, client_order_id: str, intent: Intent | None = None) -> CreateOrder:
    """Return the order to send for an approved request, under the id that the broker shall know it by."""
    return CreateOrder(
        symbol=symbol,
        side=request.side,
        order_type=request.order_type,
        time_in_force=request.time_in_force,
        qty=None if request.notional is not None else request.order_qty,
        notional=request.notional,
        limit_price=request.limit_price,
        stop_price=request.stop_price,
        trail_price=request.trail_amount,
        trail_percent=request.trail_percent,
        extended_hours=request.extended_hours,
        client_order_id=client_order_id,
        order_class=request.order_class,
        take_profit=request.take_profit,
        stop_loss=request.stop_loss,
        stop_loss_limit=request.stop_loss_limit,
        position_intent=intent,
    )


def to_request(order: CreateOrder, account: AccountId, instrument_id: InstrumentId) -> OrderRequest:
    """Return what a bot asks of us, resolved to an account and an instrument."""
    return OrderRequest(
        account=account,
        client_order_id=order.client_order_id,
        instrument_id=instrument_id,
        side=order.side,
        order_qty=order.qty or 0,
        order_type=order.order_type,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        time_in_force=order.time_in_force,
        extended_hours=order.extended_hours,
        order_class=order.order_class,
        notional=order.notional,
        trail_amount=order.trail_price,
        trail_percent=order.trail_percent,
        take_profit=order.take_profit,
        stop_loss=order.stop_loss,
        stop_loss_limit=order.stop_loss_limit,
    )


def _part(record: Record[T], value: Json, where: str) -> T | None:
    if value is None or value == {}:
        return None
    try:
        return record.parse(value)
    except Malformed as fault:
        raise Malformed(f"{where}.{fault}") from None
