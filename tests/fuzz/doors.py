"""What comes in at the doors: bodies, frames and headers. Refused with a sentence, or exactly what was written."""

import asyncio
import json
import re
from typing import Any, Final

from stopline.doors.control import words
from stopline.doors.native.edge import Edge
from stopline.doors.native.errors import Answer, Refusal
from stopline.doors.native.hub import Hub
from stopline.doors.native.order_form import read_order
from stopline.doors.native.parse import parse_object
from stopline.doors.native.stream import Connection
from stopline.messages.inputs import SubmitOrder
from stopline.model.numbers import MAX_SCALED, parse_price, parse_qty, render_price, render_qty
from tests.build import World
from tests.fuzz.target import Target
from tests.twins.desk import TwinDesk

LOOPBACK: Final = re.compile(rb"(127\.0\.0\.1(:\d*)?|localhost(:\d*)?|\[::1\](:?\d*)?)", re.IGNORECASE)
"""Written apart from the door's own reading: who may be meant by a Host or an Origin."""
FRAMES_OF_A_DESK: Final = 500
"""Then it gets another desk: what it decided piles up."""


def try_order(raw: bytes) -> None:
    """Read the body of `POST /api/order`."""
    try:
        order = read_order(parse_object(raw), "A1", "fuzz", "ann")
    except Refusal as refusal:
        _is_refusal(refusal.answer)
        return
    assert isinstance(order, SubmitOrder)
    assert 0 <= order.order_qty <= MAX_SCALED, raw
    assert order.expire_at is None or abs(order.expire_at) <= MAX_SCALED, raw
    assert (order.order_qty > 0) != (order.notional is not None), raw
    assert parse_qty(render_qty(order.order_qty)) == order.order_qty
    for price in (order.limit_price, order.stop_price, order.trail_amount, order.take_profit, order.stop_loss):
        assert price is None or (type(price) is int and abs(price) <= MAX_SCALED), raw
        assert price is None or parse_price(render_price(price)) == price


def _is_refusal(answer: Answer) -> None:
    assert answer.status in range(400, 500), answer
    assert json.loads(answer.body), answer


class Doors:
    """A desk behind the stream and the control door, made anew now and then."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._left = 0
        self.desk: TwinDesk
        self._hub: Hub

    def fresh(self) -> None:
        """Take another desk where this one has decided enough."""
        if self._left == 0:
            self.desk, self._left = TwinDesk(World()), FRAMES_OF_A_DESK
            self._hub = Hub(self.desk)
        self._left -= 1

    def say(self, raw: bytes) -> list[dict[str, Any]]:
        """Return what the stream answers to one frame, before the peer hangs up."""
        self.fresh()
        said: list[dict[str, Any]] = []
        come = iter(({"type": "websocket.connect"}, {"type": "websocket.receive", "bytes": raw}))

        async def receive() -> dict[str, Any]:
            found = next(come, None)
            while found is None and len(said) < 2:
                await asyncio.sleep(0)
            return found or {"type": "websocket.disconnect"}

        async def send(message: Any) -> None:
            said.append(message)

        scope = {"query_string": b"answers_only=true", "headers": [], "client": ("127.0.0.1", 1)}
        self._loop.run_until_complete(Connection(self.desk, self._hub, scope, receive, send).serve())
        return said

    def control(self, raw: bytes) -> Answer:
        """Return what the control door answers to one line."""
        self.fresh()
        return self._loop.run_until_complete(words.answer(self.desk, raw))


_doors = Doors()


def try_frame(raw: bytes) -> None:
    """Say one frame to the stream: one answer, and the socket stays open."""
    accepted, answer = _doors.say(raw)
    assert accepted["type"] == "websocket.accept", accepted
    assert answer["type"] == "websocket.send", (raw, answer)
    told = json.loads(answer["text"])
    assert told["type"] == "ERROR" or told["type"].endswith(("_DECISION", "_HEARD")) or told["type"] == "GAP", told
    assert told.get("status", 200) < 500, (raw, told)


def try_control(raw: bytes) -> None:
    """Say one line to the control door."""
    answer = _doors.control(raw)
    assert answer.status < 500, (raw, answer)
    assert json.loads(answer.body), answer


async def _nobody(*asked: Any) -> None:
    raise AssertionError("nobody is behind this edge")


_edge = Edge(_nobody, None)  # type: ignore[arg-type]


def try_headers(raw: bytes) -> None:
    """Show headers to the edge: it lets in only who speaks to this machine by its own name, and from it."""
    parts = (line.partition(b":") for line in raw.split(b"\n"))
    headers = [(name.strip().lower(), value.strip()) for name, _, value in parts]
    for kind, method in (("http", "POST"), ("http", "GET"), ("websocket", "GET")):
        refusal = _edge._refusal({"type": kind, "method": method, "headers": headers, "path": "/"})
        if refusal is not None:
            _is_refusal(refusal)
            continue
        hosts = [value for name, value in headers if name == b"host"]
        assert len(hosts) == 1 and LOOPBACK.fullmatch(hosts[0]), raw
        origins = [value for name, value in headers if name == b"origin"]
        if method == "POST" and origins:
            scheme, _, rest = origins[-1].partition(b"://")
            assert scheme in (b"http", b"https") and LOOPBACK.fullmatch(rest), raw


DOORS = (
    Target("order_json", try_order, ("stopline.doors.native", "stopline.model.numbers")),
    Target("ws_frame", try_frame, ("stopline.doors.native",)),
    Target("control_line", try_control, ("stopline.doors.control", "stopline.doors.native")),
    Target("headers", try_headers, ("stopline.doors.native.edge",)),
)
