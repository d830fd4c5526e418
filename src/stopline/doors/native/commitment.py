"""Commitment: arming an account, and loosenings that wait for their time or a second person.

Source     semantics.md section 10; product.md (commitment).
"""

from typing import Final

from fastapi import APIRouter, Request, Response
from msgspec import Struct

from stopline.doors.native import fields
from stopline.doors.native.context import ACTOR, see
from stopline.doors.native.fields import Field, Form
from stopline.doors.native.pages import answer, body_of, page
from stopline.doors.native.query import AccountQuery
from stopline.doors.native.stream import CANCEL_FORM
from stopline.doors.native.web import TheDoor, account_state, json, need_account, read_json
from stopline.messages.inputs import ApproveLimits, ArmAccount
from stopline.model.numbers import Nanos
from stopline.state.view import StateView
from stopline.views.limits import OpenProposalBody, open_proposals

router = APIRouter()


class ProposalsBody(Struct):
    """Loosenings that wait, oldest first."""

    proposals: list[OpenProposalBody]


class ApprovedBody(Struct):
    """A loosening that took effect."""

    proposal_id: str


class ArmedBody(Struct):
    """An account whose loosenings wait from now on."""

    armed: str


OPEN_PROPOSAL_EXAMPLE: Final = {
    "proposal_id": 1,
    "account": "paper",
    "scope": "account",
    "scope_id": "",
    "symbol": "",
    "proposed_at": "2026-11-20T14:30:00.000000000Z",
    "effective_at": "2026-11-23T14:30:00.000000000Z",
    "actor": "local",
    "reason": "larger orders",
    "limits": {"max_order_notional": "2000.00"},
}
APPROVE_FORM: Final = Form(
    {
        "proposal_id": Field(
            "proposal_id",
            fields.positive_count,
            {"type": ["integer", "string"], "description": "which proposal"},
            required=True,
        ),
        "account": CANCEL_FORM["account"],
    }
)
ARM_FORM: Final = Form({"account": CANCEL_FORM["account"]})


@router.get(
    "/api/risk/proposals",
    **page(
        "Loosenings that wait",
        "For their time, or for a second person. `limits` shows what would change.",
        {200: answer("Proposals", ProposalsBody, {"proposals": [OPEN_PROPOSAL_EXAMPLE]})},
        errors=(404,),
        tag="risk",
    ),
)
async def list_proposals(door: TheDoor, account: AccountQuery = None) -> Response:
    """Return what waits."""
    name = need_account(door, account)

    def view(state: StateView, at: Nanos) -> ProposalsBody:
        return ProposalsBody(open_proposals(name, account_state(state, name).limits))

    return json(await see(door.desk, view))


@router.post(
    "/api/risk/proposals/approve",
    **page(
        "Approve a loosening",
        "By a second person: nobody approves his own proposal.",
        {200: answer("In force", ApprovedBody, {"proposal_id": "1"})},
        errors=(403, 404, 413, 503),
        body=body_of(APPROVE_FORM, {"proposal_id": 1}),
        tag="risk",
    ),
)
async def approve_proposal(request: Request, door: TheDoor) -> Response:
    """Approve a proposed loosening."""
    found = await read_json(request, APPROVE_FORM)
    found["account"] = need_account(door, found.get("account"))
    return await door.ask(ApproveLimits(actor=ACTOR, **found))


@router.post(
    "/api/risk/arm",
    **page(
        "Arm an account",
        "From now on its limits are tightened at once, but loosened only after a cooling-off time or by a second "
        "person. There is no way back.",
        {200: answer("Armed", ArmedBody, {"armed": "paper"})},
        errors=(404, 413, 503),
        body=body_of(ARM_FORM, {"account": "paper"}, required=False),
        tag="risk",
    ),
)
async def arm_account(request: Request, door: TheDoor) -> Response:
    """Arm an account."""
    found = await read_json(request, ARM_FORM, may_be_empty=True)
    return await door.ask(ArmAccount(account=need_account(door, found.get("account")), actor=ACTOR))
