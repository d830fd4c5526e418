"""/health and /ready: what is true of the process now."""

from typing import Final

from fastapi import APIRouter, Response

from stopline.doors.native.context import health_body
from stopline.doors.native.pages import answer, page
from stopline.doors.native.web import TheDoor, json

router = APIRouter()
_OBJECT: Final = {"type": "object", "description": "Plain values; more keys may come."}
HEALTH_EXAMPLE: Final = {
    "status": "ok",
    "mode": "normal",
    "ready": True,
    "waiting_for": [],
    "problems": [],
    "market": "synthetic:1",
    "clock": "wall",
    "at": "2026-11-20T14:30:00.000000000Z",
    "store": "ok",
}
NOT_READY_EXAMPLE: Final = {
    **HEALTH_EXAMPLE,
    "status": "starting",
    "mode": "starting",
    "ready": False,
    "waiting_for": ["account paper: not reconciled since the start"],
}


@router.get(
    "/health",
    **page(
        "Health",
        "The truth as of now; `status` is never `ok` while anything is worse. Always 200 while the process lives.",
        {200: answer("What is true now", _OBJECT, HEALTH_EXAMPLE)},
        tag="health",
    ),
)
async def get_health(door: TheDoor) -> Response:
    """Return what is true now."""
    return json(health_body(door.desk))


@router.get(
    "/ready",
    **page(
        "Readiness",
        "200 once every account is reconciled and first quotes are there, 503 before that; `waiting_for` says why.",
        {
            200: answer("Ready for orders", _OBJECT, HEALTH_EXAMPLE),
            503: answer("Not ready", _OBJECT, NOT_READY_EXAMPLE),
        },
        tag="health",
    ),
)
async def get_ready(door: TheDoor) -> Response:
    """Return whether orders can be decided."""
    report = health_body(door.desk)
    return json(report, 200 if report.get("ready") else 503)
