"""HTTP plumbing that the routes share: raw bodies within bounds, answers as responses, who is meant.

Source     reliability.md S12 (64 KiB, 10 s).
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator, MutableMapping
from types import coroutine as coroutine_function
from typing import Annotated, Any, Final, TypeVar, cast

from fastapi import Depends, Request, Response

from stopline.doors.native.context import client_of, only_account
from stopline.doors.native.errors import Answer, Refusal, encode, error, wrong_field
from stopline.doors.native.fields import Form, read_form
from stopline.doors.native.hub import Hub
from stopline.doors.native.parse import MAX_BODY, parse_object, too_large
from stopline.doors.native.respond import respond, unavailable
from stopline.messages.inputs import Input
from stopline.messages.replies import Reply
from stopline.model.ids import AccountId
from stopline.ports.desk import Desk, DeskUnavailable
from stopline.state.account import AccountState
from stopline.state.view import StateView

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
T = TypeVar("T")
READ_TIMEOUT_S: Final = 10.0
JSON: Final = "application/json"


class Door:
    """One native door: a desk, and the stream of what happens there."""

    def __init__(self, desk: Desk, hub: Hub) -> None:
        self.desk, self.hub = desk, hub

    async def reply_to(self, message: Input) -> Reply:
        """Hand an input to the desk; raises Refusal while nothing is decided."""
        try:
            return await self.desk.ask(message)
        except DeskUnavailable as fault:
            raise Refusal(unavailable(fault)) from None

    async def ask(self, message: Input) -> Response:
        """Hand an input to the desk and return its answer."""
        return response(respond(self.desk, await self.reply_to(message)))


async def door_of(request: Request) -> Door:
    """Return the door that a request came through."""
    door: Door = request.app.state.door
    return door


TheDoor = Annotated[Door, Depends(door_of)]


def response(answer: Answer) -> Response:
    """Return an answer as a response."""
    made = Response(answer.body, answer.status, media_type=JSON)
    for name, value in answer.headers:
        made.headers[name.decode()] = value.decode()
    return made


def json(body: Any, status: int = 200) -> Response:
    """Return a body as a response."""
    return Response(encode(body), status, media_type=JSON)


async def read_body(receive: Receive) -> bytes:
    """Return the raw body, at most 64 KiB, read within 10 s. Raises Refusal."""
    message = await _next(receive)
    if not message.get("more_body"):
        body: bytes = message.get("body", b"")
        if len(body) > MAX_BODY:
            raise too_large()
        return body
    parts, size = [message.get("body", b"")], len(message.get("body", b""))
    while message.get("more_body"):
        message = await _next(receive)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_BODY:
            raise too_large()
    return b"".join(parts)


async def _next(receive: Receive) -> MutableMapping[str, Any]:
    try:
        message = await at_once_or_within(READ_TIMEOUT_S, receive())
    except TimeoutError:
        text = f"the body did not arrive within {READ_TIMEOUT_S:.0f} s"
        raise Refusal(error(408, "body_too_slow", text, "send the body at once")) from None
    if message["type"] == "http.disconnect":
        raise Refusal(error(400, "caller_gone", "the caller went away", ""))
    return message


async def at_once_or_within(timeout_s: float, work: Awaitable[T]) -> T:
    """Return what a coroutine returns. Only one that really waits costs a timer; raises TimeoutError.

    Nearly every body is there before it is asked for, and a timer costs as much as deciding.
    """
    coroutine = cast("Coroutine[Any, Any, T]", work)
    try:
        waits_for = coroutine.send(None)
    except StopIteration as done:
        found: T = done.value
        return found
    async with asyncio.timeout(timeout_s):
        return await _go_on(coroutine, waits_for)


@coroutine_function
def _go_on(work: Coroutine[Any, Any, T], waits_for: Any) -> Generator[Any, Any, T]:
    """Go on with a coroutine that was begun by hand and waits."""
    try:
        while True:
            try:
                sent = yield waits_for
            except BaseException as fault:
                waits_for = work.throw(fault)
            else:
                waits_for = work.send(sent)
    except StopIteration as done:
        found: T = done.value
        return found


async def read_json(request: Request, form: Form, *, may_be_empty: bool = False) -> dict[str, Any]:
    """Return the fields of a JSON body. Raises Refusal."""
    raw = await read_body(request.receive)
    if may_be_empty and not raw.strip():
        raw = b"{}"
    return read_form(form, parse_object(raw))


def caller(request: Request) -> str:
    """Return which bot or connection asks."""
    return client_of(request.scope)


def need_account(door: Door, account: AccountId | None) -> AccountId:
    """Return the account that is meant: the one named, or the only one. Raises Refusal."""
    found = account or door.desk.peek(only_account)
    if not found:
        names = ", ".join(sorted(door.desk.peek(lambda state, at: tuple(state.accounts)))) or "none yet"
        raise wrong_field("account", "there is not exactly one account here", f"say which one: {names}")
    return found


def account_state(state: StateView, account: AccountId) -> AccountState:
    """Return an account; raises Refusal for one that nobody knows."""
    found = state.accounts.get(account)
    if found is None:
        known = ", ".join(sorted(state.accounts)) or "none yet"
        text = f"there is no account {ascii(account)[:80]}"
        raise Refusal(error(404, "unknown_account", text, f"accounts here: {known}"))
    return found
