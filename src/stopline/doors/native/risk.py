"""What happened today, and what if: day P&L, alerts, the check of an order without sending it."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response
from msgspec import Struct, structs

from stopline.doors.native.context import ACTOR, client_of, only_account, see
from stopline.doors.native.fields import Form
from stopline.doors.native.order_form import EXAMPLE, ORDER_FORM, read_order
from stopline.doors.native.pages import answer, body_of, page
from stopline.doors.native.parse import parse_object
from stopline.doors.native.query import AccountQuery, CursorQuery, LimitQuery, SinceQuery, SymbolQuery
from stopline.doors.native.submit import DENIED_EXAMPLE
from stopline.doors.native.tables import read_page
from stopline.doors.native.web import TheDoor, account_state, json, need_account, read_body
from stopline.messages.inputs import CheckOrder
from stopline.views.decisions import VerdictBody
from stopline.views.risk import DailyPnlBody, daily_pnl

router = APIRouter()
PNL_EXAMPLE: Final = {
    "date": "2026-11-20",
    "realized_pnl": -0.05,
    "unrealized_pnl": 2.10,
    "total_pnl": 2.05,
    "circuit_breaker_triggered": False,
}
ALERT_EXAMPLE: Final = {
    "time": "2026-11-20T14:30:00.000000000Z",
    "alert_id": 7,
    "account": "paper",
    "alert_type": "ORDER_REJECTED",
    "severity": "WARNING",
    "symbol": "AAPL",
    "message": "BUY AAPL: Order size exceeds limit: $17500.00 > $1000.00",
}
_DENIAL_OF_CHECK = {name: value for name, value in DENIED_EXAMPLE.items() if name in VerdictBody.__struct_fields__}
VERDICT_EXAMPLE: Final = {
    "approved": False,
    **_DENIAL_OF_CHECK,
    "reducing": False,
    "evidence": {
        "limits_version": 1,
        "bid": "175.35",
        "ask": "175.45",
        "mark_price": "175.40",
        "equity": "100000.00",
        "day_pnl": "0.00",
        "position": "0",
        "working_buys": "0",
        "working_sells": "0",
    },
}
CHECK_FORM: Final = Form(
    {
        **ORDER_FORM,
        "client_order_id": structs.replace(ORDER_FORM["client_order_id"], required=False),
    }
)


class AlertsBody(Struct):
    """Alerts, newest first, with what asks for the next page."""

    alerts: list[dict[str, Any]]
    next_cursor: str | None


# --- what happened -------------------------------------------------------------------------


@router.get(
    "/api/risk/alerts",
    **page(
        "Alerts",
        "Newest first.",
        {200: answer("Alerts", AlertsBody, {"alerts": [ALERT_EXAMPLE], "next_cursor": None})},
        errors=(404, 503),
        tag="risk",
    ),
)
async def list_alerts(
    door: TheDoor,
    account: AccountQuery = None,
    symbol: SymbolQuery = None,
    since: SinceQuery = None,
    limit: LimitQuery = 50,
    cursor: CursorQuery = None,
) -> Response:
    """Return a page of alerts."""
    found, following = await read_page(
        door, "risk_alerts", account=account, symbol=symbol, since=since, limit=limit, cursor=cursor
    )
    return json(AlertsBody(found, following))


@router.get(
    "/api/risk/daily-pnl",
    **page(
        "Today's P&L",
        "Realized and unrealized on the session's basis; they add up to the total, exactly. Null is unknown.",
        {200: answer("The day", DailyPnlBody, PNL_EXAMPLE)},
        errors=(404,),
        tag="risk",
    ),
)
async def get_daily_pnl(door: TheDoor, account: AccountQuery = None) -> Response:
    """Return the day's P&L."""
    name = need_account(door, account)
    return json(await see(door.desk, lambda state, at: daily_pnl(account_state(state, name), state)))


# --- what if -------------------------------------------------------------------------------


@router.post(
    "/api/risk/check",
    **page(
        "Check an order",
        "The decision that `POST /api/order` would make, with every check; nothing is sent or reserved, and no "
        "id is used up (it may be left out).",
        {200: answer("What the gate would say", VerdictBody, VERDICT_EXAMPLE)},
        errors=(404, 413, 503),
        body=body_of(CHECK_FORM, {**EXAMPLE, "price": "175.00"}),
        tag="risk",
    ),
)
async def check_order(request: Request, door: TheDoor) -> Response:
    """Say what the gate would say."""
    body = parse_object(await read_body(request.receive))
    order = read_order(body, door.desk.peek(only_account), client_of(request.scope), ACTOR, CHECK_FORM)
    return await door.ask(CheckOrder(order=order))
