"""The WebSocket: a snapshot, then everything that happens; and orders over the same socket.

`/ws?account=&since=`. Without `since`: SNAPSHOT, then the stream. With it, or after a
message {"type": "RESUME", "seq": n}: RESUMED and what was missed, or GAP and a SNAPSHOT.
`/ws?answers_only=true` hears nothing but the answers to its own messages: for who only sends orders.
ORDER_SUBMIT, ORDER_CANCEL and HEARTBEAT take the bodies of the HTTP routes and are answered
with ORDER_DECISION, CANCEL_DECISION and HEARTBEAT_HEARD: the same status and the same body.

Source     api.md (WebSocket); reliability.md F36 and S6.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl

from msgspec import Struct

from stopline.doors.native import fields
from stopline.doors.native.context import ACTOR, client_of, only_account, see
from stopline.doors.native.errors import Answer, Refusal, Wrong, encode, error, wrong_field
from stopline.doors.native.fields import Field, Form, read_form
from stopline.doors.native.heartbeat_form import read_heartbeat
from stopline.doors.native.hub import Envelope, Hub
from stopline.doors.native.listener import Listener
from stopline.doors.native.order_form import read_order
from stopline.doors.native.parse import NumberText, parse_object
from stopline.doors.native.respond import decide
from stopline.messages.inputs import CancelOrder, Heartbeat, SubmitOrder
from stopline.model.numbers import SECOND, Nanos
from stopline.ports.desk import Desk
from stopline.state.view import StateView
from stopline.views.report import status

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
MAX_IN_FLIGHT: Final = 256
"""Orders of one socket that wait for their decision; then the socket is read no further."""
TRY_AGAIN_LATER: Final = 1013
INTERNAL_ERROR: Final = 1011
TOO_SLOW: Final = "too slow: come back with ?since= and the last seq you saw"
HANG_UP: Final = "stopline.hang_up"
"""Where the server leaves a way to close without waiting (serve.py)."""
SAY_NOW: Final = "stopline.say_now"
"""Where the server leaves a way to send without waiting; it says whether it did (protocols.py)."""
CLOSE_WAIT_S: Final = 2.0
log = logging.getLogger(__name__)

ANSWERS: Final = {
    "ORDER_SUBMIT": "ORDER_DECISION",
    "ORDER_CANCEL": "CANCEL_DECISION",
    "HEARTBEAT": "HEARTBEAT_HEARD",
}
"""What is asked over the socket, and what answers it."""
CANCEL_FORM: Final = Form(
    {
        "client_order_id": Field(
            "client_order_id",
            fields.client_order_id,
            {"type": "string", "description": "the order to cancel"},
            required=True,
        ),
        "account": Field("account", fields.name, {"type": "string", "description": "whose order it is"}),
    }
)
RESUME_FORM: Final = Form(
    {"seq": Field("seq", fields.count, {"type": "integer", "description": "the last seq you saw"}, required=True)}
)


class ResumedMessage(Struct):
    """RESUMED: what came after `since` follows."""

    since: int
    replayed: int


class GapMessage(Struct):
    """GAP: what came after `since` is not known any more; a snapshot follows."""

    since: int
    last_seq: int


class Connection:
    """One socket."""

    def __init__(self, desk: Desk, hub: Hub, scope: Scope, receive: Receive, send: Send) -> None:
        self._desk, self._hub = desk, hub
        self._scope, self._receive, self._send = scope, receive, send
        self._say_now: Callable[[bytes], bool] = scope.get("state", {}).get(SAY_NOW, _cannot)
        self._listener = Listener()
        self._client = ""
        self._answers_only = False
        self._in_flight = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._first = asyncio.Lock()
        """Held while what must come first (a snapshot, what was missed) is sent."""
        self._tasks: set[asyncio.Task[None]] = set()
        """Answers that wait for a peer that does not read."""
        self._is_over = False

    async def serve(self) -> None:
        """Speak until one side hangs up."""
        await self._receive()
        since = self._read_query()
        self._client = client_of(self._scope)
        await self._send({"type": "websocket.accept"})
        lasting = [asyncio.create_task(self._read())]
        if not self._answers_only:
            self._hub.join(self._listener)
            sender = asyncio.create_task(self._pump(since))
            self._listener.on_overrun = sender.cancel
            lasting.append(sender)
        try:
            await asyncio.wait(lasting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._is_over = True
            self._hub.leave(self._listener)
            running = (*lasting, *self._tasks)
            for task in running:
                task.cancel()
            ended = await asyncio.gather(*running, return_exceptions=True)
        if self._listener.is_overrun:
            await self._hang_up(TRY_AGAIN_LATER, TOO_SLOW)
        elif any(_is_defect(each) for each in ended):
            await self._hang_up(INTERNAL_ERROR, "internal error: it is logged here")

    def _read_query(self) -> int | None:
        """Return `since`; raises Refusal, which refuses the handshake."""
        query = dict(parse_qsl(self._scope.get("query_string", b"").decode("latin-1")))
        account = query.pop("account", "")
        since = query.pop("since", None)
        self._answers_only = _read_flag("answers_only", query.pop("answers_only", "false"))
        if query:
            known = "keys here: account, since, answers_only"
            raise wrong_field(next(iter(query))[:64], "nobody knows this key", known)
        if self._answers_only and since is not None:
            raise wrong_field("since", "nothing was missed where nothing is told", "leave out since or answers_only")
        if account and account not in self._desk.peek(lambda state, at: state.accounts):
            raise Refusal(error(404, "unknown_account", f"there is no account {ascii(account)[:64]}"))
        self._listener.account = account
        try:
            return None if since is None else fields.count(since)
        except Wrong as fault:
            raise wrong_field("since", str(fault), fault.fix) from None

    # --- out -----------------------------------------------------------------------------------

    async def _pump(self, since: int | None) -> None:
        """Send what must come first, then whatever waits."""
        if since is None:
            await self._begin()
        else:
            await self._resume(since)
        send, take = self._send, self._listener.take
        while True:
            message = await take()
            await send({"type": "websocket.send", "text": message.text})

    async def _begin(self) -> None:
        async with self._first:
            await self._send_snapshot()

    async def _resume(self, since: int) -> None:
        """Tell what was missed; or, where that is not known any more, that there is a gap."""
        async with self._first:
            self._listener.hold()
            missed = self._hub.kept_since(since)
            if missed is None or not self._listener.replay(missed):
                await self._say("GAP", GapMessage(since, self._hub.last_seq), self._hub.last_seq)
                await self._send_snapshot()
                return
            await self._say("RESUMED", ResumedMessage(since, len(missed)), since)
            self._listener.release()

    async def _send_snapshot(self) -> None:
        """Send everything that is live; what it tells already is not told again."""
        self._listener.hold()
        account = self._listener.account or None
        record, body = await see(self._desk, lambda state, at: (state.seq, status(state, at, account)))
        first_left = self._listener.forget_until(record)
        await self._say("SNAPSHOT", body, self._hub.last_seq if first_left is None else first_left - 1)
        self._listener.release()

    async def _say(self, kind: str, data: Any, seq: int) -> None:
        """Send a message that is for this connection only."""
        envelope = Envelope(kind, data, self._now_s(), self._listener.account, seq)
        await self._send({"type": "websocket.send", "text": encode(envelope).decode()})

    def _now_s(self) -> int:
        return self._desk.peek(_engine_time) // SECOND

    async def _hang_up(self, code: int, reason: str) -> None:
        """Close, without waiting for a peer that does not read."""
        hang_up = self._scope.get("state", {}).get(HANG_UP)
        if hang_up is not None:
            hang_up(code, reason)
            return
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(CLOSE_WAIT_S):
                await self._send({"type": "websocket.close", "code": code, "reason": reason})

    # --- in ------------------------------------------------------------------------------------

    async def _read(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            raw = message.get("bytes") or b"" if text is None else text.encode()
            try:
                await self._take(parse_object(raw))
            except Refusal as refusal:
                await self._answer("ERROR", refusal.answer, "", None)

    async def _take(self, body: dict[str, Any]) -> None:
        """Do what one message asks for. Decisions are not waited for: the next message may share their commit."""
        request_id = body.pop("request_id", None)
        if not isinstance(request_id, str | None) or len(request_id or "") > fields.MAX_NAME:
            raise wrong_field("request_id", "is no text or number", "up to 64 characters, echoed in the answer")
        kind = body.pop("type", None)
        answers = ANSWERS.get(kind) if isinstance(kind, str) else None
        if answers is not None:
            try:
                asked = self._read_asked(kind, body)
            except Refusal as refusal:
                await self._answer(answers, refusal.answer, "", request_id)
                return
            await self._in_flight.acquire()
            decide(self._desk, asked, partial(self._decided, answers, asked.account, request_id))
        elif kind == "RESUME" and not self._answers_only:
            await self._resume(read_form(RESUME_FORM, body)["seq"])
        else:
            known = [*ANSWERS] if self._answers_only else [*ANSWERS, "RESUME"]
            raise wrong_field("type", "is not known here", f"one of {', '.join(known)}")

    def _read_asked(self, kind: str, body: dict[str, Any]) -> SubmitOrder | CancelOrder | Heartbeat:
        asked = body.pop("data", None)
        if body:
            raise wrong_field(next(iter(body))[:64], "nobody knows this key", "keys: type, data, request_id")
        if type(asked) is not dict:
            raise wrong_field("data", "is not an object", "put the body of POST /api/order here")
        account = self._listener.account or self._desk.peek(only_account)
        if kind == "ORDER_SUBMIT":
            return read_order(asked, account, self._client, ACTOR)
        if kind == "HEARTBEAT":
            return read_heartbeat(asked, account)
        found = read_form(CANCEL_FORM, asked)
        if not found.setdefault("account", account):
            raise wrong_field("account", "there is not exactly one account here", "say which one")
        return CancelOrder(actor=ACTOR, **found)

    def _decided(self, kind: str, account: str, request_id: str | None, answer: Answer) -> None:
        """Send the answer to an order; one that must wait for the peer holds back those behind it."""
        if self._is_over:
            return
        text = self._answer_text(kind, answer, account, request_id)
        if not self._tasks and self._say_now(text.encode()):
            self._in_flight.release()
            return
        task = asyncio.create_task(self._send_text(text))
        self._tasks.add(task)
        task.add_done_callback(self._sent)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._in_flight.release()
        if not task.cancelled():
            _is_defect(task.exception())

    async def _answer(self, kind: str, answer: Answer, account: str, request_id: str | None) -> None:
        await self._send_text(self._answer_text(kind, answer, account, request_id))

    async def _send_text(self, text: str) -> None:
        await self._send({"type": "websocket.send", "text": text})

    def _answer_text(self, kind: str, answer: Answer, account: str, request_id: str | None) -> str:
        """Return an answer as a message: the status and the body that HTTP would have given."""
        echo = "" if request_id is None else f'"request_id":{_as_json(request_id)},'
        return (
            f'{{"type":"{kind}","status":{answer.status},{echo}"data":{answer.body.decode()},'
            f'"timestamp":{self._now_s()},"account":{encode(account).decode()},"seq":{self._hub.last_seq}}}'
        )


def _cannot(payload: bytes) -> bool:
    """Stand in where the server leaves no way to send without waiting."""
    return False


def _read_flag(key: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise wrong_field(key, f"{ascii(text)[:40]} is not true or false", "true or false")
    return text == "true"


def _as_json(text: str) -> str:
    """Return a request_id as it came: a number as that number, text as text."""
    return str(text) if isinstance(text, NumberText) else encode(text).decode()


def _is_defect(fault: BaseException | None) -> bool:
    """Return whether a task ended by a fault of ours (a peer that went away is none), and log it."""
    if fault is None or isinstance(fault, OSError | asyncio.CancelledError):
        return False
    log.error("a connection of the stream stumbled", exc_info=fault)
    return True


def _engine_time(state: StateView, at: Nanos) -> Nanos:
    return at


async def serve_stream(desk: Desk, hub: Hub, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one socket; a handshake that cannot be served is refused with the reason."""
    try:
        await Connection(desk, hub, scope, receive, send).serve()
    except Refusal as refusal:
        await refuse_handshake(send, refusal.answer)


async def refuse_handshake(send: Send, answer: Answer) -> None:
    """Answer a handshake with an HTTP error."""
    headers = [(b"content-type", b"application/json"), *answer.headers]
    await send({"type": "websocket.http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": answer.body})
