"""Requests and answers between the sockets and the routes, over ASGI."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, unquote

from msgspec import Struct

from stopline.dialects.alpaca.errors import ApiError, render_error
from stopline.dialects.alpaca.exact_json import MAX_REQUEST, Json, encode

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]
JSON_TYPE: Final = (b"content-type", b"application/json; charset=UTF-8")


class Request(Struct, frozen=True):
    """One request, whole. `headers` are in lower case; `parts` are what the path named."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    parts: dict[str, str] = {}


class Answer(Struct, frozen=True):
    """One answer; without a body it has none."""

    status: int = 200
    body: Json = None


def error(fault: ApiError) -> Answer:
    """Return the answer that an error is."""
    return Answer(fault.status, render_error(fault))


async def read_request(scope: Scope, receive: Receive) -> Request:
    """Return a request with its body, which is cut where it is too long for any parser to take it."""
    body = b""
    while True:
        message = await receive()
        if len(body) <= MAX_REQUEST:
            body += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            break
    raw = scope.get("raw_path") or scope["path"].encode()
    return Request(
        method=scope["method"],
        path=unquote(raw.decode("ascii", "replace")),
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
    )


async def send_answer(send: Send, answer: Answer, headers: Headers) -> None:
    """Send an answer."""
    body = b"" if answer.body is None else encode(answer.body)
    shown = [*headers, *([JSON_TYPE] if body else []), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": answer.status, "headers": shown})
    await send({"type": "http.response.body", "body": body})
