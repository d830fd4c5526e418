"""The outermost layer: who may speak to this door, what every answer carries, and that no fault leaks out.

A web page that somebody visits must not reach a risk engine on his own machine: the Host
must be a loopback name (DNS rebinding), a foreign Origin changes nothing and opens no
socket, and no answer says that other origins may read it. Every answer, errors too,
carries the security headers.

Source     reliability.md S6, S7, S12 and S15.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final, TypeAlias

from stopline.doors.native.errors import Answer, Header, error, internal_error
from stopline.doors.native.respond import OnAnswer
from stopline.doors.native.stream import refuse_handshake, serve_stream
from stopline.doors.native.submit import PATH as SUBMIT_PATH
from stopline.doors.native.submit import submit, submit_whole
from stopline.doors.native.web import Door

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK_NAMES: Final = (b"127.0.0.1", b"localhost", b"[::1]")
MAX_HEADER_BYTES: Final = 8 * 1024
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CSP: Final = b"content-security-policy"
SECURITY: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
)
STRICT_CSP: Final[Header] = (CSP, b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
JSON_HEADERS: Final[tuple[Header, ...]] = ((b"content-type", b"application/json"), *SECURITY, STRICT_CSP)
STREAM_PATH: Final = "/ws"
ANSWER_WHOLE: Final = "stopline.answer_whole"
"""Where the server leaves a way to answer in one write (protocols.py)."""
log = logging.getLogger(__name__)


class Edge:
    """The door as an ASGI application."""

    def __init__(self, inner: Asgi, door: Door, *, allowed_hosts: Iterable[str] = ()) -> None:
        self.inner, self.door = inner, door
        self._hosts = frozenset((*LOOPBACK_NAMES, *(name.encode() for name in allowed_hosts)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket."""
        if scope["type"] == "lifespan":
            await self.inner(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send, refusal)
        elif refusal is not None:
            await send_answer(send, refusal)
        elif scope["path"] == SUBMIT_PATH and scope["method"] == "POST":
            await self._order(scope, receive, send)
        else:
            await self._request(scope, receive, send)

    async def _order(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The fast path (submit.py)."""
        try:
            answer = await submit(self.door, scope, receive)
        except Exception:
            log.exception("an order could not be answered")
            answer = internal_error()
        answer_whole = scope["state"].get(ANSWER_WHOLE) if "state" in scope else None
        if answer_whole is None or not answer_whole(answer):
            await send_answer(send, answer)

    def take_order(self, scope: Scope, raw: bytes, on_answer: OnAnswer) -> None:
        """The same for an order that is all there: the answer comes by a call, and no task waits for it."""
        refusal = self._refusal(scope)
        if refusal is not None:
            on_answer(refusal)
        else:
            submit_whole(self.door, scope, raw, on_answer)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Everything else that is HTTP goes through FastAPI."""
        has_started = False

        async def send_secured(message: MutableMapping[str, Any]) -> None:
            nonlocal has_started
            if message["type"] == "http.response.start":
                has_started = True
                headers = list(message.get("headers", ()))
                headers += SECURITY
                if not any(name == CSP for name, _ in headers):
                    headers.append(STRICT_CSP)
                message["headers"] = headers
            await send(message)

        # Who asks for the head of an answer is asked for all of it; the server leaves the body out.
        asked = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        try:
            await self.inner(asked, receive, send_secured)
        except Exception:
            log.exception("%s %s could not be answered", scope["method"], ascii(scope["path"])[:200])
            if not has_started:
                await send_answer(send, internal_error())

    async def _socket(self, scope: Scope, receive: Receive, send: Send, refusal: Answer | None) -> None:
        if refusal is None and scope["path"] != STREAM_PATH:
            refusal = error(404, "not_found", "there is no socket here", f"the stream is at {STREAM_PATH}")
        if refusal is not None:
            await refuse_handshake(send, refusal)
            return
        await serve_stream(self.door.desk, self.door.hub, scope, receive, send)

    def _refusal(self, scope: Scope) -> Answer | None:
        """Return why this caller is not served, or None."""
        host = origin = site = None
        size = 0
        for name, value in scope["headers"]:
            size += len(name) + len(value) + 4
            if name == b"host":
                host = value if host is None else b""
            elif name == b"origin":
                origin = value
            elif name == b"sec-fetch-site":
                site = value
        if size > MAX_HEADER_BYTES:
            text = f"the headers are larger than {MAX_HEADER_BYTES} bytes"
            return error(431, "headers_too_large", text, "send fewer or shorter headers")
        if host is None or _name_of(host) not in self._hosts:
            text = f"this door does not answer to the name {ascii((host or b'').decode('latin-1'))[:80]}"
            return error(400, "host_not_allowed", text, "use http://127.0.0.1, localhost or [::1]")
        if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
            return None
        if site == b"cross-site" or (origin is not None and not self._is_ours(origin)):
            text = f"pages of {ascii((origin or b'another site').decode('latin-1'))[:80]} may not act here"
            return error(403, "origin_not_allowed", text, "act from this machine, without an Origin or from loopback")
        return None

    def _is_ours(self, origin: bytes) -> bool:
        scheme, separator, rest = origin.partition(b"://")
        return bool(separator) and scheme in (b"http", b"https") and _name_of(rest) in self._hosts


def _name_of(host: bytes) -> bytes:
    """Return the name in `name:port`, in lower case; nothing where the port is no number."""
    if host.startswith(b"["):
        name, closing, rest = host.partition(b"]")
        name, colon, port = name + closing, rest[:1], rest[1:]
        if colon not in (b"", b":"):
            return b""
    else:
        name, _, port = host.partition(b":")
    return name.lower() if not port or port.isdigit() else b""


async def send_answer(send: Send, answer: Answer) -> None:
    """Send an answer over HTTP."""
    length = (b"content-length", str(len(answer.body)).encode())
    headers = [*JSON_HEADERS, length, *answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
