"""POST /api/order, the fast path: bytes in, bytes out, nothing in between but the desk.

A raw ASGI route: FastAPI's own parsing rounds long decimals and costs four times as much
as all of this. It stands in the OpenAPI all the same.

Source     performance.md (Door, P8).
"""

import logging
from typing import Any, Final

from stopline.doors.native.context import ACTOR, client_of, only_account
from stopline.doors.native.errors import Answer, Refusal, internal_error
from stopline.doors.native.order_form import EXAMPLE, ORDER_FORM, read_order
from stopline.doors.native.pages import answer, body_of, operation, page
from stopline.doors.native.parse import parse_object
from stopline.doors.native.respond import OnAnswer, decide, respond, unavailable
from stopline.doors.native.web import Door, Receive, read_body
from stopline.messages.inputs import SubmitOrder
from stopline.ports.desk import DeskUnavailable
from stopline.views.decisions import DenialBody
from stopline.views.orders import AcceptedBody

PATH: Final = "/api/order"
log = logging.getLogger(__name__)

ACCEPTED_EXAMPLE: Final = {
    "account": "paper",
    "client_order_id": "TEST-002",
    "instrument_id": "eq:US:AAPL",
    "symbol": "AAPL",
    "side": "BUY",
    "order_type": "LIMIT",
    "order_qty": "5",
    "limit_price": "175.00",
    "stop_price": None,
    "time_in_force": "DAY",
    "order_class": "simple",
    "state": "approved",
    "handling": "native",
    "decision_id": "1-42",
    "routed_order_id": "sl1-42",
    "reducing": False,
}
DENIED_EXAMPLE: Final = {
    "error": "risk_denied",
    "check": "max_order_notional",
    "message": "Order size exceeds limit: $17500.00 > $1000.00",
    "observed": "17500.00",
    "limit": "1000.00",
    "headroom": "-16500.00",
    "max_passing_qty": "5",
    "retry_with_new_id": True,
    "checks": [
        {
            "check": "max_order_notional",
            "passed": False,
            "observed": "17500.00",
            "limit": "1000.00",
            "headroom": "-16500.00",
            "status": "denied",
            "unit": "money",
            "reason": "Order size exceeds limit: $17500.00 > $1000.00",
        }
    ],
    "decision_id": "1-41",
    "account": "paper",
    "client_order_id": "TEST-001",
    "symbol": "AAPL",
}


async def submit(door: Door, scope: Any, receive: Receive) -> Answer:
    """Decide one order: 201, 403, 409, 422 or 503."""
    try:
        order = _order_of(door, scope, await read_body(receive))
        return respond(door.desk, await door.desk.ask(order))
    except Refusal as refusal:
        return refusal.answer
    except DeskUnavailable as fault:
        return unavailable(fault)


def submit_whole(door: Door, scope: Any, raw: bytes, on_answer: OnAnswer) -> None:
    """Decide one order whose body is all there; the same answers, by a call."""
    try:
        order = _order_of(door, scope, raw)
    except Refusal as refusal:
        on_answer(refusal.answer)
    except Exception:
        log.exception("an order could not be read")
        on_answer(internal_error())
    else:
        decide(door.desk, order, on_answer)


def _order_of(door: Door, scope: Any, raw: bytes) -> SubmitOrder:
    return read_order(parse_object(raw), door.desk.peek(only_account), client_of(scope), ACTOR)


def documented() -> dict[str, Any]:
    """Return what OpenAPI says of this route."""
    return operation(
        page(
            "Submit an order",
            "Decides an order and, if every check lets it go, sends it to the broker. The same client_order_id "
            "with the same body gets the same bytes, for ever; with another body it is a conflict. Numbers are "
            "read exactly, from JSON numbers or strings.",
            {
                201: answer("Accepted: the order as decided", AcceptedBody, ACCEPTED_EXAMPLE),
                403: answer("Denied by risk", DenialBody, DENIED_EXAMPLE),
            },
            errors=(404, 409, 413, 503),
            body=body_of(ORDER_FORM, {**EXAMPLE, "price": "175.00"}),
        ),
        "submit_order",
    )
