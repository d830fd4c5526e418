"""Locks: what stands and what stood, locking oneself out, and the release before the end.

Source     semantics.md sections 4 and 6; ux.md (a lockout with its end and a countdown).
"""

from typing import Any, Final

from fastapi import APIRouter, Request, Response
from msgspec import Struct

from stopline.doors.native import fields
from stopline.doors.native.context import ACTOR
from stopline.doors.native.errors import wrong_field
from stopline.doors.native.exit_forms import ACCOUNT, REASON
from stopline.doors.native.fields import Field, Form
from stopline.doors.native.pages import answer, body_of, page
from stopline.doors.native.query import AccountQuery, CursorQuery, LimitQuery, SinceQuery
from stopline.doors.native.standing import standing
from stopline.doors.native.tables import read_page
from stopline.doors.native.web import TheDoor, json, need_account, read_json
from stopline.messages.inputs import LockOut, ReleaseLock
from stopline.views.locks import LockBody, locks_of
from stopline.views.wire import InstantText

router = APIRouter()
LOCK_EXAMPLE: Final = {
    "scope": "account",
    "scope_id": "paper",
    "key": "lock:daily_total_loss",
    "state": "reducing",
    "reason": "P&L of the day, open positions included, is -$500.00, at or below -$500.00",
    "actor": "daily_total_loss",
    "since": "2026-11-20T15:02:11.000000000Z",
    "until": "2026-11-20T22:00:00.000000000Z",
    "left_s": 25069,
    "keeps_flat": True,
    "zone": "America/New_York",
    "tzdata": "2026a",
    "ends": "its end, or POST /api/risk/lockout/release with a reason",
    "one_person_from": "2026-11-20T15:17:11.000000000Z",
}
PAST_LOCK_EXAMPLE: Final = {
    "time": "2026-11-19T15:02:11.000000000Z",
    "status": "lifted",
    "account": "paper",
    **{
        name: LOCK_EXAMPLE[name]
        for name in ("scope", "scope_id", "key", "state", "reason", "actor", "keeps_flat", "zone", "tzdata")
    },
    "until": "2026-11-19T22:00:00.000000000Z",
    "lifted_at": "2026-11-19T22:00:00.000000000Z",
    "lifted_by": "engine",
    "lift_reason": "its time is over",
    "seq": 12,
}
LOCK_FORM: Final = Form(
    {
        "account": ACCOUNT,
        "until": Field(
            "until",
            fields.instant,
            {"type": ["string", "number"], "description": "when it ends: ISO 8601 with a zone, or Unix seconds"},
        ),
        "for_s": Field(
            "for_s",
            fields.positive_seconds,
            {"type": ["string", "number"], "description": "or in how many seconds it ends"},
        ),
        "flatten": Field(
            "flatten",
            fields.flag,
            {"type": "boolean", "default": False, "description": "close everything first, and whatever comes up later"},
        ),
        "reason": REASON,
    }
)
RELEASE_LOCK_FORM: Final = Form(
    {
        "account": ACCOUNT,
        "key": Field(
            "key",
            fields.name,
            {"type": "string", "description": "which lock, as GET /api/risk/lockouts names it"},
            required=True,
        ),
        "reason": Field(
            "reason",
            fields.name,
            {"type": "string", "description": "why it is safe to trade again; it is journaled"},
            required=True,
        ),
    }
)


class LockoutsBody(Struct):
    """What stands, the strictest first; and what ended, newest first."""

    standing: list[LockBody]
    past: list[dict[str, Any]]
    next_cursor: str | None


class LockedBody(Struct):
    """The lock that stands now."""

    key: str
    until: InstantText


class UnlockedBody(Struct):
    """The lock that was released."""

    released: str


@router.get(
    "/api/risk/lockouts",
    **page(
        "Locks",
        "All that restricts an account, its group and its firm: since when, until when, why, and what ends it; and "
        "what has ended.",
        {
            200: answer(
                "Locks",
                LockoutsBody,
                {"standing": [LOCK_EXAMPLE], "past": [PAST_LOCK_EXAMPLE], "next_cursor": None},
            )
        },
        errors=(404, 503),
        tag="risk",
    ),
)
async def list_lockouts(
    door: TheDoor,
    account: AccountQuery = None,
    since: SinceQuery = None,
    limit: LimitQuery = 50,
    cursor: CursorQuery = None,
) -> Response:
    """Return what stands on an account, and a page of what ended."""
    name = need_account(door, account)
    past, following = await read_page(
        door, "lockouts", account=name, status=["lifted", "replaced"], since=since, limit=limit, cursor=cursor
    )
    return json(LockoutsBody(await standing(door, name, locks_of), past, following))


@router.post(
    "/api/risk/lockout",
    **page(
        "Lock an account out",
        "Until an instant within 31 days: no new risk, entries are cancelled, exits go on; with `flatten` everything "
        "is closed first, and whatever comes up later. It may be lengthened, and not shortened.",
        {200: answer("Locked", LockedBody, {"key": "lock:self", "until": "2026-11-20T22:00:00Z"})},
        errors=(403, 404, 413, 503),
        body=body_of(LOCK_FORM, {"account": "paper", "for_s": 7200, "flatten": True, "reason": "enough for today"}),
        tag="risk",
    ),
)
async def lock_out(request: Request, door: TheDoor) -> Response:
    """Lock an account out by hand."""
    found = await read_json(request, LOCK_FORM)
    found["account"] = need_account(door, found.get("account"))
    length = found.pop("for_s", None)
    if (length is None) is ("until" not in found):
        raise wrong_field("until", "until or for_s says when it ends", "send one of them, such as for_s 7200")
    if length is not None:
        found["until"] = door.desk.peek(lambda state, at: at) + length
    return await door.ask(LockOut(actor=ACTOR, **found))


@router.post(
    "/api/risk/lockout/release",
    **page(
        "Release a lock before its end",
        "A lockout or a cooldown, with a reason: by a second person, or by one alone once 15 minutes (72 hours where "
        "the account is armed) have passed since it began.",
        {200: answer("Released", UnlockedBody, {"released": "lock:daily_total_loss"})},
        errors=(403, 404, 413, 503),
        body=body_of(RELEASE_LOCK_FORM, {"account": "paper", "key": "lock:self", "reason": "checked with the desk"}),
        tag="risk",
    ),
)
async def release_lock(request: Request, door: TheDoor) -> Response:
    """Release a lock."""
    found = await read_json(request, RELEASE_LOCK_FORM)
    found["account"] = need_account(door, found.get("account"))
    return await door.ask(ReleaseLock(actor=ACTOR, **found))
