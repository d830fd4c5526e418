"""What only a person can know: a day's opening equity, the fate of an order of unknown outcome, a clock set right."""

from typing import Final

from fastapi import APIRouter, Request, Response
from msgspec import Struct

from stopline.doors.native import fields
from stopline.doors.native.context import ACTOR
from stopline.doors.native.exit_forms import REASON
from stopline.doors.native.fields import Field, Form
from stopline.doors.native.orders import OrderId, agreed_account
from stopline.doors.native.pages import answer, body_of, page
from stopline.doors.native.query import AccountQuery
from stopline.doors.native.stream import CANCEL_FORM
from stopline.doors.native.web import TheDoor, need_account, read_json
from stopline.messages.inputs import ResolveOrder, StateBaseline, TrustClock

router = APIRouter()
OUTCOMES: Final = {word: word for word in ("canceled", "expired", "rejected")}
BASELINE_FORM: Final = Form(
    {
        "account": CANCEL_FORM["account"],
        "equity": Field(
            "equity",
            fields.price,
            {"type": ["string", "number"], "description": "the account's equity at the session's open"},
            required=True,
        ),
        "reason": REASON,
    }
)
RESOLVE_FORM: Final = Form(
    {
        "account": CANCEL_FORM["account"],
        "outcome": Field(
            "outcome",
            fields.choice(OUTCOMES),
            {"type": "string", "enum": [*OUTCOMES], "description": "how the order ended"},
            required=True,
        ),
        "reason": Field(
            "reason",
            fields.name,
            {"type": "string", "description": "how you know; it is journaled"},
            required=True,
        ),
    }
)


CLOCK_FORM: Final = Form(
    {
        "reason": Field(
            "reason",
            fields.name,
            {"type": "string", "description": "how the clock was set, and by whom; it is journaled"},
            required=True,
        ),
    }
)


class BaselineBody(Struct):
    """The session whose opening equity is known now."""

    session_id: str


class ClockBody(Struct):
    """What the clock is now."""

    clock: str


class ResolvedBody(Struct):
    """An order whose outcome is known now; what it held is free."""

    client_order_id: str
    state: str


@router.post(
    "/api/risk/baseline",
    **page(
        "State the day's opening equity",
        "Where nobody could observe it, the account only reduces until an admin states it. A known one never moves.",
        {200: answer("It is known now", BaselineBody, {"session_id": "2026-11-20"})},
        errors=(403, 404, 413, 503),
        body=body_of(BASELINE_FORM, {"account": "paper", "equity": "100000.00", "reason": "broker statement"}),
        tag="risk",
    ),
)
async def state_baseline(request: Request, door: TheDoor) -> Response:
    """State the day's opening equity."""
    found = await read_json(request, BASELINE_FORM)
    found["account"] = need_account(door, found.get("account"))
    return await door.ask(StateBaseline(actor=ACTOR, **found))


@router.post(
    "/api/order/{client_order_id:path}/resolve",
    **page(
        "Resolve an order of unknown outcome",
        "Where the broker cannot say what became of an order, an admin states it. Until then what it could fill is "
        "held against the limits. A fill that comes later is booked all the same.",
        {200: answer("It is known now", ResolvedBody, {"client_order_id": "TEST-002", "state": "canceled"})},
        errors=(403, 404, 413, 503),
        body=body_of(RESOLVE_FORM, {"outcome": "canceled", "reason": "the broker's desk says so"}),
    ),
)
async def resolve_order(
    request: Request, door: TheDoor, client_order_id: OrderId, account: AccountQuery = None
) -> Response:
    """State how an order of unknown outcome ended."""
    found = await read_json(request, RESOLVE_FORM)
    name = agreed_account(door, account, found.pop("account", None))
    return await door.ask(ResolveOrder(account=name, client_order_id=client_order_id, actor=ACTOR, **found))


@router.post(
    "/api/clock/trust",
    **page(
        "Say that the wall clock is right",
        "While the wall clock has stepped away from engine time, accounts only reduce and no lock ends. It ends when "
        "the clock is back, or when an admin says here that it is right as it is now. 403 where nobody doubts it.",
        {200: answer("Trusted", ClockBody, {"clock": "trusted"})},
        errors=(403, 413, 503),
        body=body_of(CLOCK_FORM, {"reason": "set by hand after the power cut"}),
        tag="risk",
    ),
)
async def trust_clock(request: Request, door: TheDoor) -> Response:
    """Trust the wall clock."""
    found = await read_json(request, CLOCK_FORM)
    return await door.ask(TrustClock(actor=ACTOR, **found))
