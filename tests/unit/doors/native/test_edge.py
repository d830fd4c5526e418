"""Who may speak to the door, what every answer carries, and that no fault leaks out."""

import asyncio
import logging

import httpx2
import pytest

from stopline.doors.native.edge import MAX_HEADER_BYTES
from stopline.doors.native.parse import MAX_BODY
from tests.unit.doors.native.bodies import ROUTES, assert_error, order, send

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


def assert_secured(response: httpx2.Response) -> None:
    for name, value in HEADERS.items():
        assert response.headers.get_list(name) == [value], (response.url, name)
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert not [name for name in response.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=lambda part: part)
async def test_every_route_carries_the_headers_whatever_it_answers(client, method, path):
    await send(client)
    seen = set()
    for content in (b"", b"{}", b"{", b'{"reason": "x"}', b"x" * (MAX_BODY + 1)):
        body = {} if method in ("GET", "DELETE") else {"content": content}
        for query in ("", "?nobody=knows", "?account=A9"):
            response = await client.request(method, path + query, **body)
            assert_secured(response)
            assert response.headers["content-type"] == "application/json"
            response.json()
            seen.add(response.status_code)
    assert 500 not in seen
    assert 404 in seen or path in ("/health", "/ready", "/api/order", "/api/risk/circuit-breaker/reset") or seen


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/nothing", 404, None),
        ("POST", "/", 405, "GET, HEAD"),
        ("GET", "/api", 404, None),
        ("POST", "/api/order/", 405, "DELETE, GET, HEAD, PATCH"),
        ("GET", "/api/order", 405, "POST"),
        ("HEAD", "/api/order", 405, "POST"),
        ("HEAD", "/nothing", 404, None),
        ("OPTIONS", "/api/order", 405, "POST"),
        ("POST", "/api/risk/limits", 405, "GET, HEAD, PUT"),
        ("PUT", "/api/order/T-1", 405, "DELETE, GET, HEAD, PATCH"),
        ("TRACE", "/health", 405, "GET, HEAD"),
        ("GET", "/docs/", 404, None),
        ("GET", "/redoc", 404, None),
        ("GET", "/ws/", 404, None),
    ],
)
async def test_what_is_not_there(client, method, path, status, allow):
    response = await client.request(method, path)
    assert_secured(response)
    assert response.status_code == status
    assert response.headers.get("allow") == allow
    if method != "HEAD":
        assert_error(response, status, "not_found" if status == 404 else "method_not_allowed")


async def test_the_stream_over_plain_http_says_that_it_is_a_socket(client):
    """A browser that was pointed at it read that there was nothing."""
    response = await client.get("/ws")
    assert_error(response, 426, "upgrade_required")
    assert response.headers["upgrade"] == "websocket"
    assert response.json()["fix"] == f"connect to ws://{response.request.headers['host']}/ws"


@pytest.mark.parametrize("path", ["/", "/health", "/api/account", "/api/orders?limit=1", "/api/order/nobody", "/docs"])
async def test_the_head_of_what_can_be_got(client, path):
    """What looks whether a service lives asks for heads: they are those of GET, without the body."""
    got, head = await client.get(path), await client.head(path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    assert_secured(head)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8082",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "127.0.0.1:8082:1",
        "127.0.0.1:80a",
        "127.0.0.2",
        "[::1].evil.example",
        "[::2]:8082",
        "[::1",
        "[::1:8082",
        "[::1]8082",
        "",
        "0.0.0.0",
        "user@localhost",
    ],
)
async def test_dns_rebinding_a_foreign_name_is_not_served(client, host):
    for method, path in (("GET", "/health"), ("POST", "/api/order")):
        response = await client.request(method, path, headers={"Host": host})
        assert_error(response, 400, "host_not_allowed")
        assert_secured(response)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8082", "localhost:1", "LOCALHOST", "[::1]", "[::1]:8082"])
async def test_loopback_names_are_served(client, host):
    assert (await client.get("/health", headers={"Host": host})).status_code == 200


async def test_two_hosts_are_none(app):
    status = await raw_status(app, [(b"host", b"localhost"), (b"host", b"localhost")])
    assert status == 400
    assert await raw_status(app, []) == 400


async def raw_status(app, headers) -> int:
    sent = []

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send_message(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/health", "headers": headers, "query_string": b""}
    await app(scope, receive, send_message)
    return int(sent[0]["status"])


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example:8082",
        "localhost",
        "file://localhost",
        "http://user@localhost",
        "",
    ],
)
async def test_a_foreign_page_changes_nothing(client, origin, desk):
    asked = len(desk.asked)
    for method, path in ROUTES:
        if method != "GET":
            response = await client.request(method, path, headers={"Origin": origin}, content=b"{}")
            assert_error(response, 403, "origin_not_allowed")
            assert_secured(response)
    assert len(desk.asked) == asked


async def test_a_cross_site_request_without_an_origin_changes_nothing(client):
    response = await client.post("/api/kill", headers={"Sec-Fetch-Site": "cross-site"})
    assert_error(response, 403, "origin_not_allowed")


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8082", "http://localhost:3000", "https://[::1]"])
async def test_pages_of_this_machine_may_act(client, origin):
    response = await client.post("/api/order", json=order(), headers={"Origin": origin})
    assert response.status_code == 201
    assert_secured(response)


async def test_a_body_over_64_kib_is_413_on_every_route_that_takes_one(client):
    big = b'{"reason": "' + b"x" * MAX_BODY + b'"}'
    for method, path in ROUTES:
        if method in ("POST", "PUT", "PATCH"):
            assert_error(await client.request(method, path, content=big), 413, "body_too_large")


async def test_a_body_that_never_says_its_length_is_cut_at_64_kib(app):
    taken = 0

    async def receive():
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": b" " * 1024, "more_body": True}

    for path in ("/api/order", "/api/kill"):
        taken, sent = 0, []

        async def keep(message, sent=sent):
            sent.append(message)

        await app(http_scope(path), receive, keep)
        assert sent[0]["status"] == 413
        assert taken < 70


async def test_a_body_that_does_not_arrive_is_408(app, monkeypatch):
    monkeypatch.setattr("stopline.doors.native.web.READ_TIMEOUT_S", 0.01)

    async def receive():
        await asyncio.sleep(5)

    for path in ("/api/order", "/api/kill"):
        sent = []

        async def keep(message, sent=sent):
            sent.append(message)

        await app(http_scope(path), receive, keep)
        assert sent[0]["status"] == 408


async def test_a_caller_who_goes_away_is_no_fault_of_ours(app, desk, caplog):
    asked = len(desk.asked)

    async def receive():
        return {"type": "http.disconnect"}

    for path in ("/api/order", "/api/kill"):
        sent = []

        async def keep(message, sent=sent):
            sent.append(message)

        await app(http_scope(path), receive, keep)
        assert sent[0]["status"] == 400
    assert len(desk.asked) == asked
    assert not caplog.records


def http_scope(path: str):
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "headers": [(b"host", b"localhost")],
        "query_string": b"",
        "client": ("127.0.0.1", 5),
        "scheme": "http",
        "server": ("127.0.0.1", 8082),
        "http_version": "1.1",
        "root_path": "",
    }


async def test_headers_over_8_kib_are_431(client):
    response = await client.get("/health", headers={"X-Long": "x" * MAX_HEADER_BYTES})
    assert_error(response, 431, "headers_too_large")


@pytest.mark.parametrize("path", ["/api/order", "/api/kill", "/api/risk/check", "/api/account"])
async def test_a_fault_of_ours_is_500_without_its_inside(client, desk, path, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(desk, "ask", fail)
    monkeypatch.setattr(desk, "look", fail)
    with caplog.at_level(logging.CRITICAL):
        if path == "/api/account":
            response = await client.get(path)
        else:
            response = await client.post(path, json={} if path == "/api/kill" else order())
    body = assert_error(response, 500, "internal_error")
    assert "secret" not in response.text
    assert "ZeroDivision" not in response.text
    assert body["fix"] == ""
    assert_secured(response)


async def test_health_and_readiness(client, desk):
    assert (await client.get("/health")).json()["at"] == "2026-01-06T15:00:00.000000000Z"
    assert (await client.get("/ready")).status_code == 200
    desk.report |= {"ready": False, "status": "starting", "waiting_for": ["first quotes of AAPL"]}
    response = await client.get("/ready")
    assert (response.status_code, response.json()["waiting_for"]) == (503, ["first quotes of AAPL"])
    assert (await client.get("/health")).status_code == 200
