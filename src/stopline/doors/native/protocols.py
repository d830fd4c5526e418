"""uvicorn's protocols, bounded: what is begun must come in time and in size, and every refusal is said in our form.

Source     reliability.md S12 (headers 8 KiB, 10 s, bounded connections) and F36.
"""

import asyncio
from collections.abc import Iterable
from functools import cache, partial
from http import HTTPStatus
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import OPEN

from stopline.doors.native.corked import Corked
from stopline.doors.native.edge import ANSWER_WHOLE, JSON_HEADERS, MAX_HEADER_BYTES
from stopline.doors.native.errors import Answer, Header, error
from stopline.doors.native.stream import HANG_UP, SAY_NOW
from stopline.doors.native.submit import PATH as ORDER_PATH

MAX_CONNECTIONS: Final = 2048
ORDER_URL: Final = ORDER_PATH.encode()
TAKE_ORDER: Final = "take_order"
"""The method of an application that decides an order without ASGI (edge.py); another application has none."""
HEADERS_WITHIN_S: Final = 10.0
LINGER_S: Final = 10.0
"""How long a hung-up socket may take to read what was sent before it is cut."""


class BoundedHttp(HttpToolsProtocol):
    """A connection that says nothing, or never finishes its headers, is cut; so is one too many."""

    _in_headers = False
    _header_bytes = 0
    _deadline: asyncio.TimerHandle | None = None
    _order: list[bytes] | None = None
    """The body, as far as it is there, of an order that may go the short way."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, unless there are too many."""
        super().connection_made(transport)
        self._take_order: Any = getattr(self.app, TAKE_ORDER, None)
        if len(self.connections) > MAX_CONNECTIONS:
            text = f"there are more than {MAX_CONNECTIONS} connections"
            self.refuse(error(503, "too_many_connections", text, "close some, or use fewer"))
        else:
            self._deadline = self.loop.call_later(HEADERS_WITHIN_S, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the timer."""
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser; headers must end within bounds."""
        super().data_received(data)
        if self._order is not None:
            self._go_the_long_way(self._order)
        elif self._in_headers:
            self._header_bytes += len(data)
            if self._header_bytes > 2 * MAX_HEADER_BYTES:
                text = f"the headers are larger than {MAX_HEADER_BYTES} bytes"
                self.refuse(error(431, "headers_too_large", text, "send fewer or shorter headers"))
            elif self._deadline is None:
                self._deadline = self.loop.call_later(HEADERS_WITHIN_S, self._too_slow)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_headers, self._header_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its headers are there."""
        self._in_headers = False
        self._disarm()
        if self._may_go_the_short_way():
            self._order = []
        else:
            self._begin_cycle()

    def _begin_cycle(self) -> None:
        super().on_headers_complete()
        self.scope["state"][ANSWER_WHOLE] = partial(answer_whole, self.cycle)

    # --- the short way: an order that is all there costs no task and no cycle of uvicorn ---------

    def _may_go_the_short_way(self) -> bool:
        """Whether this is a plain order, with nothing before it on this connection that is not yet answered."""
        parser, before = self.parser, cast("RequestResponseCycle | None", self.cycle)
        return (
            self.url == ORDER_URL
            and self._take_order is not None
            and parser.get_method() == b"POST"
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and not self.expect_100_continue
            and not self.flow.write_paused
            and (before is None or before.response_complete)
        )

    def _go_the_long_way(self, so_far: list[bytes]) -> None:
        """The body is not all there yet: uvicorn's cycle waits for the rest, as for any other request."""
        self._order = None
        if not self.transport.is_closing():
            self._begin_cycle()
            for part in so_far:
                self.on_body(part)

    def on_body(self, body: bytes) -> None:
        """A piece of the body is there."""
        if self._order is None:
            super().on_body(body)
        else:
            self._order.append(body)

    def on_message_complete(self) -> None:
        """All of the request is there."""
        if self._order is None:
            super().on_message_complete()
            return
        raw, self._order = b"".join(self._order), None
        self.scope["method"] = "POST"
        under_way = OrderCycle()
        self.cycle = cast("RequestResponseCycle", under_way)
        self._take_order(self.scope, raw, partial(self._answered, under_way))

    def _answered(self, cycle: "OrderCycle", answer: Answer) -> None:
        cycle.response_complete = True
        if cycle.disconnected or self.transport.is_closing():
            return
        date = _lines(self.server_state.default_headers)
        close = b"" if cycle.keep_alive else b"connection: close\r\n"
        self.transport.write(b"%s%s%s\r\n%s" % (_head(answer), date, close, answer.body))
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Say in our form that this is no HTTP."""
        self.refuse(error(400, "malformed_http", msg, "speak HTTP/1.1"))

    def refuse(self, answer: Answer) -> None:
        """Answer without asking anybody, and close."""
        self._in_headers, self._order = False, None
        self._disarm()
        if not self.transport.is_closing():
            self.transport.write(as_http(answer))
            self.transport.close()

    def _too_slow(self) -> None:
        self._deadline = None
        text = f"no whole request came within {HEADERS_WITHIN_S:.0f} s"
        self.refuse(error(408, "request_too_slow", text, "send the request at once"))

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class OrderCycle:
    """What uvicorn's connection must know of an order that goes the short way: it asks these of any cycle."""

    __slots__ = ("disconnected", "keep_alive", "response_complete")
    message_event: Final = asyncio.Event()
    """Nobody waits for it."""

    def __init__(self) -> None:
        self.disconnected = self.response_complete = False
        self.keep_alive = True


def as_http(answer: Answer) -> bytes:
    """Return an answer as the bytes of a response that closes the connection."""
    return b"%sconnection: close\r\n\r\n%s" % (_head(answer), answer.body)


def _head(answer: Answer) -> bytes:
    """Return the status and headers of an answer, but for the empty line behind them."""
    return b"%s%scontent-length: %d\r\n" % (_begin(answer.status), _lines(answer.headers), len(answer.body))


def _lines(headers: Iterable[Header]) -> bytes:
    return b"".join([b"%s: %s\r\n" % header for header in headers]) if headers else b""


@cache
def _begin(status: int) -> bytes:
    """Return what all answers with a status begin with."""
    line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
    return line + _lines(JSON_HEADERS)


def answer_whole(cycle: RequestResponseCycle, answer: Answer) -> bool:
    """Write a whole response at once; return False, and do nothing, where uvicorn's own way must be gone.

    What `send` does in two writes, header by header: it costs more than deciding the order.
    """
    if cycle.flow.write_paused or cycle.disconnected or cycle.response_started or not cycle.keep_alive:
        return False
    date = _lines(cycle.default_headers)
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(b"%s%s\r\n%s" % (_head(answer), date, answer.body))
    cycle.message_event.set()
    cycle.on_response()
    return True


class StreamProtocol(WebSocketsSansIOProtocol):
    """A WebSocket, with a way to hang up on a peer that does not read. It writes once per turn of the loop."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take over an upgraded connection."""
        super().connection_made(cast("asyncio.Transport", Corked(cast("asyncio.Transport", transport), self.loop)))

    async def send(self, message: Any) -> None:
        """Send a message of the stream; text on an open socket without the detours."""
        text = message.get("text")
        if text is None or not self.say_now(text.encode()):
            await super().send(message)

    def say_now(self, payload: bytes) -> bool:
        """Send a text message without waiting; False, and nothing is done, where it would have to wait or cannot."""
        if self.conn.state is not OPEN or self.close_sent or not self.writable.is_set():
            return False
        self.transport.write(text_frame(payload))
        return True

    def handle_connect(self, event: Any) -> None:
        """Leave both ways in the scope, where the stream finds them."""
        super().handle_connect(event)
        scope = getattr(self, "scope", None)
        if scope is not None:
            scope["state"][HANG_UP], scope["state"][SAY_NOW] = self.hang_up, self.say_now

    def hang_up(self, code: int, reason: str) -> None:
        """Close behind what is already written; cut the connection if the peer never reads it."""
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.stop_keepalive()
        self.close_timer = self.loop.call_later(LINGER_S, self.transport.abort)


def text_frame(payload: bytes) -> bytes:
    """Return a text message as one frame of a server (RFC 6455 section 5.2)."""
    size = len(payload)
    if size < 126:
        return b"\x81%c%s" % (size, payload)
    if size < 65536:
        return b"\x81\x7e%s%s" % (size.to_bytes(2, "big"), payload)
    return b"\x81\x7f%s%s" % (size.to_bytes(8, "big"), payload)
