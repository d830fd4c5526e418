"""An account and its headroom."""

from typing import Final

from fastapi import APIRouter, Response
from msgspec import Struct

from stopline.doors.native.context import see
from stopline.doors.native.pages import answer, page
from stopline.doors.native.query import AccountQuery
from stopline.doors.native.web import TheDoor, account_state, json, need_account
from stopline.model.numbers import Nanos
from stopline.state.view import StateView
from stopline.views.account import AccountBody, account_body
from stopline.views.headroom import HeadroomBody, headroom
from stopline.views.risk import RestrictionBody, restrictions_of

router = APIRouter()

ACCOUNT_EXAMPLE: Final = {
    "account": "paper",
    "broker": "paper",
    "mode": "PAPER",
    "currency": "USD",
    "trading_state": "active",
    "restrictions": [],
    "breaches": [],
    "obligations": [],
    "circuit_breaker_triggered": False,
    "equity": "100002.05",
    "cash": "99125.05",
    "market_value": "877.00",
    "total_pnl": "2.05",
    "realized_pnl": "-0.05",
    "unrealized_pnl": "2.10",
    "open_pnl": "2.10",
    "gross_exposure": "877.00",
    "initial_margin": "438.50",
    "available_margin": "99563.55",
    "open_positions": 1,
    "working_orders": 1,
    "unpriced": [],
    "trading_day": "2026-11-20",
    "opened_at": "2026-11-19T22:00:00.000000000Z",
    "resets_at": "2026-11-20T22:00:00.000000000Z",
    "baseline": "100000.00",
    "baseline_source": "observed",
    "transfers": "0.00",
    "armed": False,
    "limits_version": 1,
}
HEADROOM_EXAMPLE: Final = {
    "account": "paper",
    "limits_version": 1,
    "trading_state": "active",
    "restrictions": [],
    "headroom": [
        {
            "check": "max_position",
            "scope": "AAPL",
            "status": "armed",
            "unit": "money",
            "used": "877.00",
            "limit": "10000.00",
            "left": "9123.00",
            "used_pct": "8.8",
            "defect": None,
        },
        {
            "check": "drawdown",
            "scope": "account",
            "status": "not_armed",
            "unit": "money",
            "used": None,
            "limit": None,
            "left": None,
            "used_pct": None,
            "defect": "drawdown is not armed: it protects nothing",
        },
    ],
}


class AccountHeadroomBody(Struct):
    """How far an account is from each of its limits: the nearest first, the unarmed last.

    Room is worth nothing while `restrictions` keep new risk out.
    """

    account: str
    limits_version: int
    trading_state: str
    restrictions: list[RestrictionBody]
    headroom: list[HeadroomBody]


@router.get(
    "/api/account",
    **page(
        "Look at an account",
        "What it may do, what it is worth, how today went. Unknown is null, never zero.",
        {200: answer("The account", AccountBody, ACCOUNT_EXAMPLE)},
        errors=(404,),
        tag="account",
    ),
)
async def get_account(door: TheDoor, account: AccountQuery = None) -> Response:
    """Return an account."""
    name = need_account(door, account)
    return json(await see(door.desk, lambda state, at: account_body(account_state(state, name), state, at)))


@router.get(
    "/api/headroom",
    **page(
        "Headroom",
        "Per limit: used, limit, left, and the share used in percent. A limit that is not armed protects nothing, "
        "and is listed as the defect that it is.",
        {200: answer("Headroom", AccountHeadroomBody, HEADROOM_EXAMPLE)},
        errors=(404,),
        tag="account",
    ),
)
async def get_headroom(door: TheDoor, account: AccountQuery = None) -> Response:
    """Return the distance to each limit."""
    name = need_account(door, account)

    def view(state: StateView, at: Nanos) -> AccountHeadroomBody:
        found = account_state(state, name)
        may, why = found.trading_state.value, restrictions_of(found, state)
        return AccountHeadroomBody(name, found.limits.version, may, why, headroom(found, state, at))

    return json(await see(door.desk, view))
