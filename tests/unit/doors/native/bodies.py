"""Bodies that the door's tests send, and what they look at in answers."""

import json
from typing import Any

import httpx2

from stopline.doors.native.edge import Edge

ORDER = {
    "client_order_id": "T-1",
    "symbol": "AAPL",
    "side": "BUY",
    "quantity": 5,
    "price": "175.00",
    "order_type": "LIMIT",
}
ROUTES = [
    ("POST", "/api/order"),
    ("GET", "/api/order/T-1"),
    ("PATCH", "/api/order/T-1"),
    ("DELETE", "/api/order/T-1"),
    ("GET", "/api/orders"),
    ("GET", "/api/executions"),
    ("GET", "/api/positions"),
    ("POST", "/api/positions/AAPL/close"),
    ("POST", "/api/flatten"),
    ("POST", "/api/kill"),
    ("POST", "/api/release"),
    ("GET", "/api/account"),
    ("GET", "/api/headroom"),
    ("GET", "/api/risk/limits"),
    ("PUT", "/api/risk/limits"),
    ("GET", "/api/risk/position-limits/AAPL"),
    ("PUT", "/api/risk/position-limits/AAPL"),
    ("GET", "/api/risk/alerts"),
    ("GET", "/api/risk/daily-pnl"),
    ("POST", "/api/size"),
    ("GET", "/api/risk/circuit-breakers"),
    ("POST", "/api/risk/circuit-breaker/reset"),
    ("POST", "/api/risk/circuit-breaker/trip"),
    ("POST", "/api/risk/check"),
    ("GET", "/api/rules"),
    ("POST", "/api/rules/approve"),
    ("GET", "/api/risk/breaches"),
    ("GET", "/api/risk/lockouts"),
    ("POST", "/api/risk/lockout"),
    ("POST", "/api/risk/lockout/release"),
    ("GET", "/api/risk/obligations"),
    ("POST", "/api/heartbeat"),
    ("POST", "/api/clock/trust"),
    ("GET", "/api/risk/proposals"),
    ("POST", "/api/risk/proposals/approve"),
    ("POST", "/api/risk/arm"),
    ("POST", "/api/risk/baseline"),
    ("POST", "/api/order/T-1/resolve"),
    ("GET", "/health"),
    ("GET", "/ready"),
]
"""Every route, with a path that exists."""


def order(**changes: Any) -> dict[str, Any]:
    """Return an order that passes, with changes; None leaves a key out."""
    return {key: value for key, value in (ORDER | changes).items() if value is not None}


async def send(client: httpx2.AsyncClient, **changes: Any) -> httpx2.Response:
    """Submit an order."""
    return await client.post("/api/order", json=order(**changes))


async def ask(app: Edge, method: str, path: str, content: bytes) -> tuple[int, Any]:
    """Send a request without a client in between: for tests that send thousands."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content}

    async def keep(message: dict[str, Any]) -> None:
        sent.append(message)

    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 5),
        "server": ("127.0.0.1", 8082),
        "scheme": "http",
        "http_version": "1.1",
    }
    await app(scope, receive, keep)
    return sent[0]["status"], json.loads(b"".join(message.get("body", b"") for message in sent[1:]))


def raw(body: dict[str, Any], **tokens: str) -> bytes:
    """Return a body as JSON with some values as they are: numbers that no float could carry."""
    parts = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in body.items() if key not in tokens]
    parts += [f"{json.dumps(key)}: {token}" for key, token in tokens.items()]
    return ("{" + ", ".join(parts) + "}").encode()


def assert_error(response: httpx2.Response, status: int, code: str, field: str = "") -> dict[str, Any]:
    """The answer is an error in the form of api.md; return its body."""
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.json()
    assert body["error"] == code, response.text
    assert body["message"]
    assert isinstance(body["fix"], str)
    if field:
        assert field in [problem["field"] for problem in body["problems"]], response.text
    assert "Traceback" not in response.text
    return body
