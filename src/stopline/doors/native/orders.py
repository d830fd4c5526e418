"""Orders and executions: look, cancel, change. (POST /api/order is in submit.py.)"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response
from msgspec import UNSET, Struct, UnsetType, convert
from msgspec.structs import asdict

from stopline.doors.native import fields
from stopline.doors.native.context import ACTOR, see
from stopline.doors.native.errors import Refusal, error, wrong_field
from stopline.doors.native.fields import Field, Form
from stopline.doors.native.pages import answer, body_of, page
from stopline.doors.native.query import (
    MAX_PAGE,
    AccountQuery,
    CursorQuery,
    HistoryQuery,
    LimitQuery,
    SinceQuery,
    StatusQuery,
    SymbolQuery,
)
from stopline.doors.native.stream import CANCEL_FORM
from stopline.doors.native.submit import ACCEPTED_EXAMPLE, DENIED_EXAMPLE
from stopline.doors.native.tables import read_page
from stopline.doors.native.web import Door, TheDoor, account_state, json, need_account, read_json
from stopline.messages.inputs import CancelOrder, ReplaceOrder
from stopline.model.ids import AccountId, ClientOrderId
from stopline.model.numbers import Nanos
from stopline.state.view import StateView
from stopline.views.decisions import DenialBody, ReplacedBody
from stopline.views.orders import OrderBody, order_body
from stopline.views.wire import DecimalText, InstantText

router = APIRouter()
OrderId = Annotated[str, Path(description="Your own id of the order.", examples=["TEST-002"])]

ORDER_EXAMPLE: Final = {
    **ACCEPTED_EXAMPLE,
    "state": "partially_filled",
    "cum_qty": "2",
    "leaves_qty": "3",
    "avg_price": "174.98",
    "fees": "0.02",
    "broker_order_id": "P-17",
    "reason": "",
    "approved_at": "2026-11-20T14:30:00.000000000Z",
    "updated_at": "2026-11-20T14:30:01.250000000Z",
    "actor": "local",
}
FILL_EXAMPLE: Final = {
    "account": "paper",
    "exec_id": "P-17.1",
    "client_order_id": "TEST-002",
    "instrument_id": "eq:US:AAPL",
    "symbol": "AAPL",
    "side": "BUY",
    "qty": "2",
    "price": "174.98",
    "fee": "0.02",
    "executed_at": "2026-11-20T14:30:01.250000000Z",
    "routed_order_id": "sl1-42",
    "external": False,
    "voided": False,
}
HISTORY_EXAMPLE: Final = {
    "time": "2026-11-20T14:30:01.250000000Z",
    "event": "OrderFilled",
    "state": "partially_filled",
    "order_qty": "5",
    "cum_qty": "2",
    "limit_price": "175.00",
    "stop_price": None,
    "routed_order_id": "sl1-42",
    "reason": "2 at 174.98",
    "actor": "",
    "seq": 45,
}
_NUMBER: Final = {"type": ["string", "number"]}
REPLACE_FORM: Final = Form(
    {
        "quantity": Field("order_qty", fields.quantity, {**_NUMBER, "description": "the new quantity"}),
        "price": Field("limit_price", fields.price, {**_NUMBER, "description": "the new limit price"}),
        "stop_price": Field("stop_price", fields.price, {**_NUMBER, "description": "the new stop price"}),
        "account": CANCEL_FORM["account"],
    }
)
_OBJECT: Final = {"type": "object"}


class OrdersBody(Struct):
    """Orders, newest first, with what asks for the next page."""

    orders: list[dict[str, Any]]
    next_cursor: str | None


class ExecutionsBody(Struct):
    """Executions, newest first, with what asks for the next page."""

    executions: list[dict[str, Any]]
    next_cursor: str | None


class HistoryBody(Struct):
    """One change of an order: when, what happened, the state and the terms after it, why, and by whom."""

    time: InstantText
    event: str
    state: str
    order_qty: DecimalText
    cum_qty: DecimalText
    limit_price: DecimalText | None
    stop_price: DecimalText | None
    routed_order_id: str
    reason: str
    actor: str
    seq: int


class OrderWithHistoryBody(OrderBody, kw_only=True, omit_defaults=True):
    """An order as it stands, with all that became of it, if that was asked for."""

    history: list[HistoryBody] | UnsetType = UNSET
    """Oldest first."""


class CancelingBody(Struct):
    """A cancel on its way to the broker; the order may still fill until the broker confirms.

    What Stopline keeps is `canceled` at once: no broker has it.
    """

    client_order_id: str
    state: str


@router.get(
    "/api/orders",
    **page(
        "List orders",
        "Newest first, denied ones too. A page holds at most `limit`; `next_cursor` asks for the next.",
        {200: answer("Orders", OrdersBody, {"orders": [ORDER_EXAMPLE], "next_cursor": None})},
        errors=(404, 503),
    ),
)
async def list_orders(
    door: TheDoor,
    account: AccountQuery = None,
    status: StatusQuery = None,
    symbol: SymbolQuery = None,
    since: SinceQuery = None,
    limit: LimitQuery = 100,
    cursor: CursorQuery = None,
) -> Response:
    """Return a page of orders."""
    found, following = await read_page(
        door, "orders", account=account, status=status, symbol=symbol, since=since, limit=limit, cursor=cursor
    )
    return json(OrdersBody(found, following))


@router.get(
    "/api/executions",
    **page(
        "List executions",
        "Fills, newest first; those that a broker took back are marked `voided`.",
        {200: answer("Executions", ExecutionsBody, {"executions": [FILL_EXAMPLE], "next_cursor": None})},
        errors=(404, 503),
    ),
)
async def list_executions(
    door: TheDoor,
    account: AccountQuery = None,
    symbol: SymbolQuery = None,
    since: SinceQuery = None,
    limit: LimitQuery = 100,
    cursor: CursorQuery = None,
) -> Response:
    """Return a page of fills."""
    found, following = await read_page(
        door, "fills", account=account, symbol=symbol, since=since, limit=limit, cursor=cursor
    )
    return json(ExecutionsBody(found, following))


@router.get(
    "/api/order/{client_order_id:path}",
    **page(
        "Look at one order",
        "As it stands now, of the last two trading days; older ones are in `GET /api/orders`. `handling` says who "
        "looks after it, `waits_for` what an order that Stopline keeps waits for. With `history=true` also each "
        "change that it went through.",
        {200: answer("The order", OrderWithHistoryBody, {**ORDER_EXAMPLE, "history": [HISTORY_EXAMPLE]})},
        errors=(404, 503),
    ),
)
async def get_order(
    door: TheDoor, client_order_id: OrderId, account: AccountQuery = None, history: HistoryQuery = False
) -> Response:
    """Return one order."""
    name = need_account(door, account)

    def view(state: StateView, at: Nanos) -> OrderBody:
        order = account_state(state, name).order(client_order_id)
        if order is None:
            text = f"no order {ascii(client_order_id)[:140]} in account {ascii(name)[:80]}"
            raise Refusal(error(404, "unknown_order", text, "look at GET /api/orders"))
        return order_body(order, state)

    body = await see(door.desk, view)
    if not history:
        return json(body)
    return json(OrderWithHistoryBody(**asdict(body), history=await _history(door, name, client_order_id)))


async def _history(door: Door, account: AccountId, client_order_id: ClientOrderId) -> list[HistoryBody]:
    """Return every change of an order, oldest first."""
    told: list[HistoryBody] = []
    cursor: str | None = None
    while True:
        rows, cursor = await read_page(
            door, "order_history", limit=MAX_PAGE - 1, account=account, client_order_id=client_order_id, cursor=cursor
        )
        told += [convert({name: row[name] for name in HistoryBody.__struct_fields__}, HistoryBody) for row in rows]
        if cursor is None:
            return told[::-1]


@router.delete(
    "/api/order/{client_order_id:path}",
    **page(
        "Cancel an order",
        "Asks the broker to cancel; what Stopline keeps is canceled at once. Where protection is demanded, an order "
        "that protects a position stays.",
        {200: answer("On its way, or done", CancelingBody, {"client_order_id": "TEST-002", "state": "pending_cancel"})},
        errors=(403, 404, 409, 503),
    ),
)
async def cancel_order(door: TheDoor, client_order_id: OrderId, account: AccountQuery = None) -> Response:
    """Ask for a cancel."""
    return await door.ask(
        CancelOrder(account=need_account(door, account), client_order_id=client_order_id, actor=ACTOR)
    )


@router.patch(
    "/api/order/{client_order_id:path}",
    **page(
        "Change an order",
        "Quantity and prices; what is left out stays. Old and new both count until the broker proves one dead. What "
        "Stopline keeps is changed at once, and stays `held`.",
        {
            200: answer(
                "Let go: it stands once the broker has carried it out",
                ReplacedBody,
                {
                    "account": "paper",
                    "client_order_id": "TEST-002",
                    "state": "pending_replace",
                    "order_qty": "3",
                    "limit_price": "174.50",
                    "stop_price": None,
                    "decision_id": "1-57",
                },
            ),
            403: answer(
                "Denied by risk: the order works on as it was",
                DenialBody,
                {**DENIED_EXAMPLE, "max_passing_qty": None, "retry_with_new_id": False},
            ),
        },
        errors=(404, 409, 413, 503),
        body=body_of(REPLACE_FORM, {"quantity": "3", "price": "174.50"}),
    ),
)
async def replace_order(
    request: Request, door: TheDoor, client_order_id: OrderId, account: AccountQuery = None
) -> Response:
    """Ask for a change."""
    found = await read_json(request, REPLACE_FORM)
    name = agreed_account(door, account, found.pop("account", None))
    if not found:
        raise wrong_field("quantity", "nothing to change", "send quantity, price or stop_price")
    return await door.ask(ReplaceOrder(account=name, client_order_id=client_order_id, actor=ACTOR, **found))


def agreed_account(door: Door, in_query: AccountId | None, in_body: AccountId | None) -> AccountId:
    """Return the account that is meant, which query and body must not name differently. Raises Refusal."""
    if in_query and in_body and in_query != in_body:
        raise wrong_field("account", "the query and the body name different accounts", "name it once")
    return need_account(door, in_body or in_query)
