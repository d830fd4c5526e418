"""Positions, and the ways out: close, flatten, kill, release."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response
from msgspec import UNSET, Struct, UnsetType

from stopline.doors.native import fields
from stopline.doors.native.context import ACTOR
from stopline.doors.native.errors import wrong_field
from stopline.doors.native.exit_forms import ACCOUNT, FLATTEN_FORM, KILL_FORM
from stopline.doors.native.fields import Field, Form
from stopline.doors.native.orders import agreed_account
from stopline.doors.native.pages import answer, body_of, page
from stopline.doors.native.query import AccountQuery
from stopline.doors.native.standing import standing
from stopline.doors.native.submit import ACCEPTED_EXAMPLE, DENIED_EXAMPLE
from stopline.doors.native.web import TheDoor, json, need_account, read_json
from stopline.messages.inputs import ClosePosition, Flatten, Kill, ReleaseKill
from stopline.views.decisions import DenialBody
from stopline.views.orders import AcceptedBody
from stopline.views.positions import PositionBody, positions_of

router = APIRouter()
Symbol = Annotated[str, Path(description="A venue symbol or a canonical id.", examples=["AAPL"])]

POSITION_EXAMPLE: Final = {
    "account": "paper",
    "instrument_id": "eq:US:AAPL",
    "symbol": "AAPL",
    "side": "long",
    "qty": "5",
    "avg_entry_price": "174.98",
    "mark_price": "175.40",
    "mark_at": "2026-11-20T14:31:00.000000000Z",
    "market_value": "877.00",
    "unrealized_pnl": "2.10",
    "open_pnl": "2.10",
    "realized_pnl": "0.00",
    "realized_pnl_entry": "0.00",
    "fees": "0.05",
    "working_buys": "0",
    "working_sells": "5",
    "highest": "5",
    "lowest": "0",
    "effective_position": "0",
    "worst_money": "877.00",
    "unpriced": False,
}
_NUMBER: Final = {"type": ["string", "number"]}
CLOSE_FORM: Final = Form(
    {
        "qty": Field("qty", fields.quantity, {**_NUMBER, "description": "how much; all of it if left out"}),
        "percent": Field("percent", fields.percent, {**_NUMBER, "description": "or which share, 0 to 100"}),
        "client_order_id": Field(
            "client_order_id",
            fields.client_order_id,
            {"type": "string", "description": "your own id of the close; made for you if left out"},
        ),
        "account": ACCOUNT,
    }
)
RELEASE_FORM: Final = Form(
    {
        "account": ACCOUNT,
        "reason": Field(
            "reason",
            fields.name,
            {"type": "string", "description": "why it is safe to trade again; it is journaled"},
            required=True,
        ),
    }
)


class PositionsBody(Struct):
    """What is held or worked."""

    positions: list[PositionBody]


class ExitBody(Struct):
    """What was set in motion: orders being canceled, and closes that go, or wait for those to leave the broker.

    `not_closed` names the symbols whose close was denied (while nobody knows the position, for one): they stay open.
    """

    canceling: list[str]
    closing: list[str]
    not_closed: list[str]


class FlattenBody(ExitBody):
    """What was set in motion; of a group, in which accounts."""

    flattening: list[str] | UnsetType = UNSET


class ReleasedBody(Struct):
    """The account whose kill switch was released."""

    released: str


EXIT_EXAMPLE: Final = {
    "canceling": ["TEST-002"],
    "closing": ["close-1-58.0"],
    "not_closed": [],
}


@router.get(
    "/api/positions",
    **page(
        "List positions",
        "What is held or worked, of one account or of all. Unknown is null, never zero.",
        {200: answer("Positions", PositionsBody, {"positions": [POSITION_EXAMPLE]})},
        errors=(404,),
        tag="positions",
    ),
)
async def list_positions(door: TheDoor, account: AccountQuery = None) -> Response:
    """Return what is held or worked."""
    held = await standing(door, account, lambda each, state, at: positions_of(each, state))
    return json(PositionsBody(held))


@router.post(
    "/api/positions/{symbol:path}/close",
    **page(
        "Close a position",
        "At market, all of it or a part. It never flips the position. Where own working orders stand in the "
        "way, those are called back first: the close waits as `pending_release` and goes when the broker has let go "
        "of them. A second close of what is being closed already is 409 `protective_order_working`.",
        {
            201: answer(
                "On its way, or waiting its turn",
                AcceptedBody,
                {**ACCEPTED_EXAMPLE, "reduce_only": True, "reducing": True},
            ),
            403: answer("Denied", DenialBody, DENIED_EXAMPLE),
        },
        errors=(404, 409, 413, 503),
        body=body_of(CLOSE_FORM, {"percent": "50"}, required=False),
        tag="positions",
    ),
)
async def close_position(request: Request, door: TheDoor, symbol: Symbol, account: AccountQuery = None) -> Response:
    """Close a position, or part of it."""
    found = await read_json(request, CLOSE_FORM, may_be_empty=True)
    if "qty" in found and "percent" in found:
        raise wrong_field("percent", "qty and percent are both given", "send one of them")
    name = agreed_account(door, account, found.pop("account", None))
    return await door.ask(ClosePosition(account=name, symbol=symbol, actor=ACTOR, **found))


@router.post(
    "/api/flatten",
    **page(
        "Flatten",
        "Cancels every working order of the account (or of every account of its group) and closes every position, or "
        "one instrument's. It is owed until the broker says flat with no orders: GET /api/risk/obligations.",
        {200: answer("In motion", FlattenBody, {**EXIT_EXAMPLE, "flattening": ["paper"]})},
        errors=(404, 409, 413, 503),
        body=body_of(FLATTEN_FORM, {"account": "paper", "reason": "end of day"}, required=False),
        tag="positions",
    ),
)
async def flatten(request: Request, door: TheDoor) -> Response:
    """Cancel and close everything."""
    found = await _read_exit(request, door, FLATTEN_FORM)
    return await door.ask(Flatten(actor=ACTOR, **found))


@router.post(
    "/api/kill",
    **page(
        "Kill switch",
        "Halts the account (or its group, or firm), cancels entries, and closes positions unless "
        "`keep_positions`. Only `POST /api/release` lifts it.",
        {200: answer("Halted", ExitBody, EXIT_EXAMPLE)},
        errors=(404, 413, 503),
        body=body_of(KILL_FORM, {"account": "paper", "reason": "bot runs wild"}, required=False),
        tag="positions",
    ),
)
async def kill(request: Request, door: TheDoor) -> Response:
    """Pull the kill switch."""
    found = await _read_exit(request, door, KILL_FORM)
    return await door.ask(Kill(actor=ACTOR, **found))


@router.post(
    "/api/release",
    **page(
        "Release the kill switch",
        "By a second person; or by the same one after 15 minutes, with a reason.",
        {200: answer("Released", ReleasedBody, {"released": "paper"})},
        errors=(403, 404, 409, 413, 503),
        body=body_of(RELEASE_FORM, {"account": "paper", "reason": "bot fixed and tested"}),
        tag="positions",
    ),
)
async def release(request: Request, door: TheDoor) -> Response:
    """Release the kill switch."""
    found = await _read_exit(request, door, RELEASE_FORM, may_be_empty=False)
    return await door.ask(ReleaseKill(actor=ACTOR, **found))


async def _read_exit(request: Request, door: TheDoor, form: Form, *, may_be_empty: bool = True) -> dict[str, Any]:
    found = await read_json(request, form, may_be_empty=may_be_empty)
    found["account"] = need_account(door, found.get("account"))
    return found
