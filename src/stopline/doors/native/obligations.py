"""What Stopline owes an account until it is done: a flat account, a closed position, a stop.

Source     semantics.md section 7; reliability.md F43.
"""

from typing import Any, Final

from fastapi import APIRouter, Response
from msgspec import Struct

from stopline.doors.native.pages import answer, page
from stopline.doors.native.query import AccountQuery, CursorQuery, LimitQuery, SinceQuery
from stopline.doors.native.standing import standing
from stopline.doors.native.tables import read_page
from stopline.doors.native.web import TheDoor, json
from stopline.views.obligations import ObligationBody, obligations_of

router = APIRouter()
OBLIGATION_EXAMPLE: Final = {
    "obligation_id": 3,
    "account": "paper",
    "kind": "flatten",
    "instrument_id": "",
    "symbol": "",
    "qty": None,
    "stop_price": None,
    "target_price": None,
    "trail": None,
    "cause": "daily_total_loss",
    "reason": "P&L of the day, open positions included, is -$500.00, at or below -$500.00",
    "actor": "engine",
    "opened_at": "2026-11-20T15:02:11.000000000Z",
    "state": "in_progress",
    "attempts": 2,
    "escalations": 1,
    "next_at": "2026-11-20T15:03:17.000000000Z",
    "text": "AAPL: the broker rejected it",
    "age_s": 64,
}
PAST_OBLIGATION_EXAMPLE: Final = {
    **{name: value for name, value in OBLIGATION_EXAMPLE.items() if name != "age_s"},
    "closed_at": "2026-11-20T15:04:02.000000000Z",
    "outcome": "done",
    "end_reason": "the broker says flat, with no orders",
}
OUTCOMES: Final = ["done", "superseded"]


class ObligationsBody(Struct):
    """What is owed, oldest first; and what was done, or went into another obligation, newest first."""

    open: list[ObligationBody]
    past: list[dict[str, Any]]
    next_cursor: str | None


@router.get(
    "/api/risk/obligations",
    **page(
        "Obligations",
        "What Stopline owes an account: since when (`age_s`), how often it failed, when it is tried again, and how "
        "often people were told. It ends when it is done, and not before.",
        {
            200: answer(
                "Obligations",
                ObligationsBody,
                {"open": [OBLIGATION_EXAMPLE], "past": [PAST_OBLIGATION_EXAMPLE], "next_cursor": None},
            )
        },
        errors=(404, 503),
        tag="risk",
    ),
)
async def list_obligations(
    door: TheDoor,
    account: AccountQuery = None,
    since: SinceQuery = None,
    limit: LimitQuery = 50,
    cursor: CursorQuery = None,
) -> Response:
    """Return what is owed, and a page of what was."""
    past, following = await read_page(
        door, "obligations", account=account, status=OUTCOMES, since=since, limit=limit, cursor=cursor
    )
    owed = await standing(door, account, lambda each, state, at: obligations_of(each, at))
    return json(ObligationsBody(owed, past, following))
