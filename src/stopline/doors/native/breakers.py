"""Circuit breakers, and what an admin states: a day's opening equity, the fate of an order."""

from typing import Final

from fastapi import APIRouter, Request, Response
from msgspec import Struct

from stopline.doors.native import fields
from stopline.doors.native.context import ACTOR, see
from stopline.doors.native.fields import Field, Form
from stopline.doors.native.limit_forms import LIMITS_FORM
from stopline.doors.native.pages import answer, body_of, page
from stopline.doors.native.query import AccountQuery
from stopline.doors.native.respond import respond
from stopline.doors.native.stream import CANCEL_FORM
from stopline.doors.native.web import Door, TheDoor, account_state, json, need_account, read_json, response
from stopline.messages.inputs import ResetBreaker, TripBreaker
from stopline.messages.replies import Done
from stopline.model.numbers import Nanos
from stopline.state.view import StateView
from stopline.views.risk import BreakerBody, breaker_body, breakers_of

router = APIRouter()
BREAKER_EXAMPLE: Final = {
    "breaker_id": 1,
    "account": "paper",
    "trigger_type": "DAILY_LOSS",
    "trigger_value": "-5100.00",
    "threshold": "-5000.00",
    "reason": "day P&L -5100.00 is at or below the limit of -5000.00",
    "actor": "engine",
    "active": True,
    "tripped_at": "2026-11-20T15:02:11.000000000Z",
    "expires_at": None,
    "reset_at": None,
    "reset_by": None,
}
RESET_FORM: Final = Form(
    {
        "breaker_id": Field(
            "breaker_id",
            fields.positive_count,
            {"type": ["integer", "string"], "description": "which breaker", "examples": [1]},
            required=True,
        ),
        "reason": LIMITS_FORM["reason"],
    }
)
TRIP_FORM: Final = Form(
    {
        "account": CANCEL_FORM["account"],
        "reason": LIMITS_FORM["reason"],
        "expires_at": Field(
            "expires_at",
            fields.instant,
            {"type": ["string", "number"], "description": "closes by itself then; left out: until somebody resets it"},
        ),
    }
)


class BreakersBody(Struct):
    """Circuit breakers, open and past, newest first."""

    circuit_breakers: list[BreakerBody]


# --- breakers ------------------------------------------------------------------------------


@router.get(
    "/api/risk/circuit-breakers",
    **page(
        "Circuit breakers",
        "Open and past, newest first, with cause and numbers (money, or counts for REJECT_BURST).",
        {200: answer("Breakers", BreakersBody, {"circuit_breakers": [BREAKER_EXAMPLE]})},
        errors=(404,),
        tag="risk",
    ),
)
async def list_breakers(door: TheDoor, account: AccountQuery = None) -> Response:
    """Return the breakers."""

    def view(state: StateView, at: Nanos) -> BreakersBody:
        if account is not None:
            account_state(state, account)
        return BreakersBody(breakers_of(account, state))

    return json(await see(door.desk, view))


@router.post(
    "/api/risk/circuit-breaker/reset",
    **page(
        "Reset a circuit breaker",
        "At once; but 409 `condition_persists` while its cause still holds. The day's baseline never moves.",
        {200: answer("The breaker, closed", BreakerBody, {**BREAKER_EXAMPLE, "active": False})},
        errors=(404, 409, 413, 503),
        body=body_of(RESET_FORM, {"breaker_id": 1}),
        tag="risk",
    ),
)
async def reset_breaker(request: Request, door: TheDoor) -> Response:
    """Reset a breaker."""
    found = await read_json(request, RESET_FORM)
    return await _about_breaker(door, ResetBreaker(actor=ACTOR, **found))


@router.post(
    "/api/risk/circuit-breaker/trip",
    **page(
        "Trip a circuit breaker by hand",
        "The account may only reduce until it is reset, or until `expires_at`.",
        {200: answer("The breaker, open", BreakerBody, {**BREAKER_EXAMPLE, "trigger_type": "MANUAL"})},
        errors=(403, 404, 413, 503),
        body=body_of(TRIP_FORM, {"account": "paper", "reason": "news"}, required=False),
        tag="risk",
    ),
)
async def trip_breaker(request: Request, door: TheDoor) -> Response:
    """Trip a breaker."""
    found = await read_json(request, TRIP_FORM, may_be_empty=True)
    found["account"] = need_account(door, found.get("account"))
    return await _about_breaker(door, TripBreaker(actor=ACTOR, **found))


async def _about_breaker(door: Door, message: ResetBreaker | TripBreaker) -> Response:
    reply = await door.reply_to(message)
    if not isinstance(reply, Done):
        return response(respond(door.desk, reply))
    breaker_id = int(dict(reply.detail)["breaker_id"])
    return json(await see(door.desk, lambda state, at: breaker_body(state.breakers[breaker_id])))
