"""Bots that promise to say that they live: one that goes silent loses its entries, and keeps its stops."""

from fastapi import APIRouter, Request, Response
from msgspec import Struct

from stopline.doors.native.context import only_account
from stopline.doors.native.heartbeat_form import HEARTBEAT_EXAMPLE, HEARTBEAT_FORM, read_heartbeat
from stopline.doors.native.pages import answer, body_of, page
from stopline.doors.native.parse import parse_object
from stopline.doors.native.web import TheDoor, read_body

router = APIRouter()


class HeardBody(Struct):
    """The bot that was heard: strategy:<name> or client:<name>."""

    bot: str


@router.post(
    "/api/heartbeat",
    **page(
        "A bot lives",
        "From the first heartbeat on it is watched: where the next does not come within `timeout_s`, its working "
        "entries are cancelled and its stops stay, until it is heard again. With `timeout_s` 0 it takes its leave. "
        "After a restart every bot has its time anew.",
        {200: answer("Heard", HeardBody, {"bot": "strategy:trend"})},
        errors=(404, 413, 503),
        body=body_of(HEARTBEAT_FORM, HEARTBEAT_EXAMPLE),
        tag="orders",
    ),
)
async def heartbeat(request: Request, door: TheDoor) -> Response:
    """Hear a bot."""
    body = parse_object(await read_body(request.receive))
    return await door.ask(read_heartbeat(body, door.desk.peek(only_account)))
