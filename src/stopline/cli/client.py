"""Ask a running Stopline over HTTP. Numbers stay text: no binary fraction between the journal and the screen."""

import json
import socket
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from stopline.cli.outcome import Exit, Stop

TIMEOUT_S: Final = 15.0
MAX_ANSWER: Final = 64 * 1024 * 1024
Body = dict[str, Any]
_LOCKING: Final = frozenset({"trading_state"})
"""Checks whose denial means that the account is locked, not that the order is wrong."""
_HERE: Final = {
    "POST /api/risk/lockout/release": "`stopline unlock`",
    "POST /api/release": "`stopline release`",
    "POST /api/risk/circuit-breaker/reset": "`stopline breaker reset`",
    "POST /api/clock/trust": "`stopline clock trust`",
    "GET /api/orders": "`stopline orders`",
    "GET /api/risk/obligations": "`stopline obligations`",
    "PATCH /api/order": "`stopline replace`",
    ", as a JSON number or string": "",
    "say which one in account": "say which one: --account NAME",
    "account: there is not exactly one": "there is not exactly one",
}
"""What the API tells those who speak to it, in the words of who types commands."""


def in_commands(text: str) -> str:
    """Return what the API says, with commands in place of routes."""
    for route, command in _HERE.items():
        text = text.replace(route, command)
    return text


class Answer:
    """A status and a JSON body."""

    def __init__(self, status: int, body: Any) -> None:
        self.status = status
        self.body = body

    @property
    def is_done(self) -> bool:
        """Whether it was done (or is under way)."""
        return 200 <= self.status < 300

    @property
    def code(self) -> Exit:
        """The exit code that this answer stands for."""
        if self.is_done:
            return Exit.OK
        if self.status >= 500:
            return Exit.DEGRADED
        if self.status in (400, 404, 405, 413, 422):
            return Exit.USAGE
        return Exit.LOCKED if self.body.get("check") in _LOCKING else Exit.REFUSED

    def or_stop(self) -> Body:
        """Return the body of what was done; else end the command with what was said."""
        if self.is_done and isinstance(self.body, dict):
            return self.body
        raise Stop(self.code, *self.said())

    def said(self) -> list[str]:
        """Return a refusal's sentence, and what would be right."""
        body = self.body if isinstance(self.body, dict) else {}
        lines = [str(body.get("message") or f"the answer was {self.status} without a message")]
        problems = body.get("problems") or []
        lines += [f"{each['field']}: {each['message']}" for each in problems[1:]]
        if body.get("orders"):
            lines.append(f"orders: {', '.join(body['orders'])}")
        if body.get("fix"):
            lines.append(f"try: {body['fix']}")
        return [in_commands(line) for line in lines]


class Client:
    """One Stopline at a URL."""

    def __init__(self, url: str, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(url if "//" in url else f"//{url}", scheme="http")
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or port == -1:
            raise Stop(Exit.USAGE, f"--url {url!r} is no address; write http://127.0.0.1:8082")
        self.url = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._connection = kind(parts.hostname, port, timeout=timeout_s)
        self._timeout_s = timeout_s
        self._prefix = parts.path.rstrip("/")

    def get(self, path: str, **query: object) -> Answer:
        """Ask for something."""
        said = {name: value for name, value in query.items() if value not in (None, "")}
        return self._ask("GET", f"{path}?{urlencode(said)}" if said else path)

    def post(self, path: str, body: Body) -> Answer:
        """Have something done."""
        return self._ask("POST", path, body)

    def put(self, path: str, body: Body) -> Answer:
        """Change something."""
        return self._ask("PUT", path, body)

    def patch(self, path: str, body: Body) -> Answer:
        """Change a part of something."""
        return self._ask("PATCH", path, body)

    def delete(self, path: str, **query: object) -> Answer:
        """Take something away."""
        said = {name: value for name, value in query.items() if value not in (None, "")}
        return self._ask("DELETE", f"{path}?{urlencode(said)}" if said else path)

    def _ask(self, method: str, path: str, body: Body | None = None) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Accept": "application/json", "X-Client-Id": "stopline-cli", "Connection": "close"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        try:
            self._connection.connect()
        except OSError as error:
            raise Stop(Exit.UNREACHABLE, *_not_there(self.url, error, self._timeout_s)) from None
        try:
            self._connection.request(method, self._prefix + path, data, headers)
            with self._connection.getresponse() as response:
                has_length = response.length is not None or response.chunked
                raw = response.read(MAX_ANSWER)
                if not has_length or response.length:
                    raise HTTPException("the answer was cut off")  # http.client takes it for a whole one
        except (OSError, HTTPException) as error:
            lost = _went_away(self.url, error, self._timeout_s)
            raise Stop(Exit.UNREACHABLE, lost, *([] if method == "GET" else _unknown(body or {}))) from None
        finally:
            self._connection.close()
        try:
            return Answer(response.status, json.loads(raw or b"{}", parse_float=str))
        except ValueError:
            text = f"{self.url} answers, but not as a Stopline does (status {response.status}, no JSON)"
            raise Stop(Exit.UNREACHABLE, text, "is another program on this port?") from None


def _not_there(url: str, error: OSError, timeout_s: float) -> list[str]:
    """Return what to say where there is nobody to ask: nothing was sent."""
    if isinstance(error, TimeoutError):
        return [f"{url} did not answer within {timeout_s:g} s"]
    if getattr(error, "reason", "") == "WRONG_VERSION_NUMBER":
        return [f"{url} does not speak TLS", f"try: --url {url.replace('https:', 'http:', 1)}"]
    reason = "the name is not known" if isinstance(error, socket.gaierror) else _reason(error)
    return [f"nothing answers at {url} ({reason})", "start one with `stopline run`, or name another with --url"]


def _went_away(url: str, error: Exception, timeout_s: float) -> str:
    """Return what to say of somebody who was asked, and gave no answer or half of one."""
    if isinstance(error, TimeoutError):
        return f"{url} did not answer within {timeout_s:g} s"
    return f"{url} went away before it answered ({_reason(error)})"


def _unknown(body: Body) -> list[str]:
    """Return what to do about something that was sent, and may or may not have been done."""
    told = ["nobody knows whether it was done: look with `stopline status` before you repeat it"]
    order_id = body.get("client_order_id")
    return [*told, f"the same order with --id {order_id} may be sent again: it trades once"] if order_id else told


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error) or type(error).__name__


def segment(text: str) -> str:
    """Return text as one part of a path."""
    return quote(text, safe="")
