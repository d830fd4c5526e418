"""The real socket: loopback only, quiet, and able to hang up on who does not read."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from stopline.doors.native.app import create_app
from stopline.doors.native.listener import MAX_WAITING
from stopline.doors.native.serve import BindRefused, Serving, check_bind, listen, open_door, serve
from stopline.ports.desk import DeskUnavailable
from tests.unit.doors.native.bodies import ROUTES, order


@pytest.fixture
async def serving(desk) -> AsyncIterator[Serving]:
    door = await open_door(create_app(desk, tick_s=3600), "127.0.0.1", 0)
    yield door
    await door.close()


def stream(serving: Serving, query: str = "", **options):
    return connect(f"ws://127.0.0.1:{serving.port}/ws{query}", compression=None, proxy=None, **options)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.0.0.2"])
def test_loopback_is_bound(host):
    assert check_bind(host) == host.strip("[]")


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.5", "example.com", "", "10.0.0.1", "*", "localhost.evil.com"]
)
def test_any_other_bind_is_refused_and_says_why(host):
    with pytest.raises(BindRefused, match=r"no users, roles or TLS yet.*127\.0\.0\.1"):
        check_bind(host)
    with pytest.raises(BindRefused):
        listen(host, 0)


def test_a_port_in_use_is_said_clearly():
    taken = listen("127.0.0.1", 0)
    port = taken.getsockname()[1]
    with pytest.raises(BindRefused, match=f"port {port} on 127.0.0.1 is in use"):
        listen("127.0.0.1", port)
    taken.close()
    listen("127.0.0.1", port).close()


async def test_orders_over_real_http(serving):
    async with httpx2.AsyncClient(base_url=serving.url) as client:
        response = await client.post("/api/order", json=order())
        assert response.status_code == 201
        assert "server" not in response.headers
        again = await client.post("/api/order", json=order())
        assert again.content == response.content
        for method, path in ROUTES:
            response = await client.request(method, path, content=b"")
            assert response.status_code < 500
            response.json()


async def test_nothing_is_printed(serving, capfd):
    async with httpx2.AsyncClient(base_url=serving.url) as client:
        await client.get("/health")
        await client.get("/nothing")
    async with stream(serving) as stream_socket:
        await stream_socket.recv()
    assert capfd.readouterr() == ("", "")


async def test_a_proxys_word_on_who_asks_is_not_taken(serving, desk):
    headers = {"X-Forwarded-For": "8.8.8.8", "X-Forwarded-Proto": "https", "Forwarded": "for=8.8.8.8"}
    async with httpx2.AsyncClient(base_url=serving.url) as client:
        await client.post("/api/order", json=order(), headers=headers)
    assert desk.asked[-1].client.startswith("127.0.0.1:")


async def test_the_stream_over_a_real_socket(serving):
    async with stream(serving) as stream_socket:
        assert json.loads(await stream_socket.recv())["type"] == "SNAPSHOT"
        await stream_socket.send(json.dumps({"type": "ORDER_SUBMIT", "request_id": 1, "data": order()}))
        seen = {}
        while len(seen) < 3:
            message = json.loads(await stream_socket.recv())
            seen[message["type"]] = message
        assert seen["ORDER_DECISION"]["status"] == 201
        assert seen["ORDER"]["data"]["client_order_id"] == "T-1"
        last = seen["POSITION"]["seq"]
    async with stream(serving, f"?since={last}") as stream_socket:
        assert json.loads(await stream_socket.recv())["type"] == "RESUMED"


async def test_a_handshake_from_a_foreign_page_is_refused_with_the_reason(serving):
    with pytest.raises(InvalidStatus) as refused:
        async with stream(serving, origin="https://evil.example"):
            pass
    assert refused.value.response.status_code == 403
    assert json.loads(refused.value.response.body)["error"] == "origin_not_allowed"


async def test_a_frame_over_64_kib_ends_the_connection(serving):
    async with stream(serving) as stream_socket:
        await stream_socket.recv()
        await stream_socket.send("x" * 70_000)
        with pytest.raises(ConnectionClosed) as closed:
            await stream_socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


async def test_a_peer_that_reads_nothing_is_hung_up_on_with_1013_and_comes_back_by_seq(desk):
    """Bytes pile up in the kernel, then in the queue; past its bound the server hangs up and does not wait."""
    made = create_app(desk, tick_s=3600)
    door = await open_door(made, "127.0.0.1", 0)
    world = desk.world
    reader, writer = await handshake(door.port)
    length = await frame(reader)
    assert json.loads(length)["type"] == "SNAPSHOT"
    world.strict = False
    told = 0
    while made.door.hub._listeners and told < 30 * MAX_WAITING:
        world.hold("1", price="100")
        desk.publish()
        told += 1
        if told % 50 == 0:
            await asyncio.sleep(0)
    async with asyncio.timeout(60):
        while made.door.hub._listeners:  # until the listener is given up
            await asyncio.sleep(0.001)
    last, close = 0, b""
    while not close:
        payload = await frame(reader)
        if payload[:2] == (1013).to_bytes(2, "big"):
            close = payload
        else:
            last = json.loads(payload)["seq"]
    assert b"?since=" in close
    writer.close()
    async with stream(door, f"?since={last}") as back:
        assert json.loads(await back.recv())["type"] in ("RESUMED", "GAP")
    await door.close()


async def handshake(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a socket that reads only what is asked for, with small buffers."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=raw, limit=1024)
    writer.write(
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def frame(reader: asyncio.StreamReader) -> bytes:
    """Return the payload of the next frame."""
    async with asyncio.timeout(60):
        head = await reader.readexactly(2)
        length = head[1] & 127
        if length == 126:
            length = int.from_bytes(await reader.readexactly(2), "big")
        elif length == 127:
            length = int.from_bytes(await reader.readexactly(8), "big")
        return await reader.readexactly(length)


async def test_closing_tells_listeners_and_frees_the_port(desk):
    door = await open_door(create_app(desk, tick_s=3600), "127.0.0.1", 0)
    async with stream(door) as stream_socket:
        await stream_socket.recv()
        await door.close()
        with pytest.raises(ConnectionClosed) as closed:
            await stream_socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    listen("127.0.0.1", door.port).close()
    assert desk.subscribers == []


async def test_serve_stays_until_it_is_cancelled(desk):
    opened = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(create_app(desk), "127.0.0.1", 0, opened.set_result))
    door = await opened
    async with httpx2.AsyncClient(base_url=door.url) as client:
        assert (await client.get("/ready")).status_code == 200
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", door.port)


async def test_what_is_no_http_is_refused_and_the_door_lives_on(serving):
    for garbage in (
        b"\x00\x01\x02\r\n\r\n",
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01" * 50,
        b"GET / HTTP/9.9\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
        writer.write(garbage)
        async with asyncio.timeout(60):
            assert b"200" not in await reader.read(200)
        writer.close()
    async with httpx2.AsyncClient(base_url=serving.url) as client:
        assert (await client.get("/health")).status_code == 200


# --- bounds ----------------------------------------------------------------------------------


async def answer_to(port: int, raw: bytes) -> tuple[int, dict[str, str], dict[str, object]]:
    """Send bytes, read until the server hangs up, and return status, headers and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    async with asyncio.timeout(60):
        whole = await reader.read()
    writer.close()
    head, _, body = whole.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), json.loads(body)


def assert_refused(answer: tuple[int, dict[str, str], dict[str, object]], status: int, code: str) -> None:
    found, headers, body = answer
    assert (found, body["error"]) == (status, code)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-type"] == "application/json"
    assert headers["connection"] == "close"


async def test_what_is_no_http_is_said_in_our_form(serving):
    assert_refused(await answer_to(serving.port, b"GET\r\n\r\n"), 400, "malformed_http")


async def test_a_peer_that_says_nothing_or_never_ends_its_headers_is_cut(serving, monkeypatch):
    monkeypatch.setattr("stopline.doors.native.protocols.HEADERS_WITHIN_S", 0.05)
    assert_refused(await answer_to(serving.port, b""), 408, "request_too_slow")
    assert_refused(await answer_to(serving.port, b"GET /health HTTP/1.1\r\nHost: 127"), 408, "request_too_slow")
    first = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    writer.write(first)
    async with asyncio.timeout(60):
        assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
        writer.write(b"GET /health HT")
        assert b"408" in await reader.read()
    writer.close()


async def test_idle_after_a_request_is_no_fault(serving, monkeypatch):
    async with httpx2.AsyncClient(base_url=serving.url) as client:
        assert (await client.get("/health")).status_code == 200
        monkeypatch.setattr("stopline.doors.native.protocols.HEADERS_WITHIN_S", 0.05)
        assert (await client.get("/health")).status_code == 200
        await asyncio.sleep(0.2)
        assert (await client.get("/health")).status_code == 200


@pytest.mark.parametrize("endless", [b"GET /" + b"a" * 70_000, b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000])
async def test_headers_without_end_are_cut(serving, endless):
    assert_refused(await answer_to(serving.port, endless), 431, "headers_too_large")


async def test_many_small_headers_in_pieces_are_cut(serving):
    reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    sent, answer = 0, b""
    async with asyncio.timeout(60):
        with contextlib.suppress(ConnectionError):
            writer.write(b"GET /health HTTP/1.1\r\n")
            while not reader.at_eof() and sent < 1_000_000:
                writer.write(b"X-1: 1\r\n" * 100)
                await writer.drain()
                await asyncio.sleep(0)
                sent += 800
            answer = await reader.read()
    assert sent < 1_000_000
    assert b"431" in answer or not answer
    writer.close()


async def test_one_connection_too_many_is_refused_and_the_others_live_on(serving, monkeypatch):
    async with httpx2.AsyncClient(base_url=serving.url) as client:
        assert (await client.get("/health")).status_code == 200
        monkeypatch.setattr("stopline.doors.native.protocols.MAX_CONNECTIONS", 1)
        assert_refused(await answer_to(serving.port, b""), 503, "too_many_connections")
        assert (await client.get("/health")).status_code == 200


async def test_a_body_over_64_kib_is_refused_before_it_is_read(serving):
    head = b"POST /api/order HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    writer.write(head + b"x" * 200_000)
    async with asyncio.timeout(60):
        assert b"413" in await reader.readuntil(b"\r\n\r\n")
    writer.close()


async def test_pipelined_orders_are_answered_in_turn(serving):
    bodies = [json.dumps(order(client_order_id=f"P-{n}")).encode() for n in range(3)]
    raw = b"".join(
        b"POST /api/order HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        for body in bodies
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    writer.write(raw)
    seen = b""
    async with asyncio.timeout(60):
        while seen.count(b'"client_order_id"') < 3:
            seen += await reader.read(65536)
    assert [seen.index(f'"P-{n}"'.encode()) for n in range(3)] == sorted(
        seen.index(f'"P-{n}"'.encode()) for n in range(3)
    )
    assert seen.count(b"HTTP/1.1 201") == 3
    writer.close()


async def test_an_order_is_answered_with_the_headers_that_every_answer_has(serving):
    async with httpx2.AsyncClient(base_url=serving.url) as client:
        fast = await client.post("/api/order", json=order())
        other = await client.get("/health")
        last = await client.post("/api/order", json=order(), headers={"connection": "close"})
        denied = await client.post("/api/order", json=order(quantity=1000, client_order_id="T-9"))
    assert (fast.status_code, last.status_code, denied.status_code) == (201, 201, 403)
    assert set(fast.headers) == set(other.headers) == set(denied.headers)
    assert fast.headers["date"]
    assert (fast.reason_phrase, denied.reason_phrase) == ("Created", "Forbidden")
    assert (last.headers["connection"], last.headers["idempotent-replayed"]) == ("close", "true")
    assert last.content == fast.content


# --- the short way of an order ----------------------------------------------------------------


def as_request(body: bytes, *more: str) -> bytes:
    """Return an order as the bytes of a request."""
    lines = ["POST /api/order HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def response_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], dict[str, object]]:
    """Return status, headers and body of the next response."""
    async with asyncio.timeout(60):
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines if line)
        body = await reader.readexactly(int(headers["content-length"]))
    return int(first.split()[1]), headers, json.loads(body)


async def test_the_short_way_is_gone_by_an_order_that_is_all_there(serving, desk, monkeypatch):
    """Else nothing here would show that both ways answer alike."""
    short = []
    handed_in = desk.hand_in
    monkeypatch.setattr(desk, "hand_in", lambda message: short.append(message) or handed_in(message))
    reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    writer.write(as_request(json.dumps(order()).encode(), "X-Client-Id: bot-7"))
    status, headers, body = await response_of(reader)
    assert (status, body["client_order_id"], len(short)) == (201, "T-1", 1)
    assert desk.asked[-1].client == "bot-7"
    whole = as_request(json.dumps(order()).encode())
    for cut in (len(whole) - 1, whole.index(b"{") + 1, whole.index(b"{"), 20):
        writer.write(whole[:cut])
        await writer.drain()
        await asyncio.sleep(0.01)
        writer.write(whole[cut:])
        again, more, same = await response_of(reader)
        assert (again, same) == (201, body)
        assert {*more} - {*headers} == {"idempotent-replayed"}
    writer.close()


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        pytest.param(as_request(b"{"), 422, "malformed_json", id="no JSON"),
        pytest.param(as_request(b" " * 65_537), 413, "body_too_large", id="too large"),
        pytest.param(as_request(b"{}", "Origin: https://evil.example"), 403, "origin_not_allowed", id="foreign page"),
        pytest.param(as_request(b"{}").replace(b"localhost", b"evil.example"), 400, "host_not_allowed", id="name"),
        pytest.param(as_request(b"{}", "X-Client-Id: a b"), 422, "invalid_request", id="client"),
        pytest.param(as_request(b"{}", "X-Big: " + "x" * 9000), 431, "headers_too_large", id="headers"),
    ],
)
async def test_what_the_short_way_refuses_uses_up_nothing_and_the_connection_goes_on(serving, desk, raw, status, code):
    reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    writer.write(raw)
    found, headers, body = await response_of(reader)
    assert (found, body["error"], headers["x-content-type-options"]) == (status, code, "nosniff")
    asked = len(desk.asked)
    writer.write(as_request(json.dumps(order()).encode()))
    assert (await response_of(reader))[0] == 201
    assert len(desk.asked) == asked + 1
    writer.close()


async def test_a_fault_of_ours_on_the_short_way_is_500_and_logged(serving, desk, monkeypatch, caplog):
    monkeypatch.setattr(desk.world, "step", lambda message: 1 / 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    writer.write(as_request(json.dumps(order()).encode()))
    status, _, body = await response_of(reader)
    assert (status, body["error"]) == (500, "internal_error")
    assert "ZeroDivisionError" in caplog.text
    writer.close()


async def test_a_desk_that_decides_nothing_is_503_on_the_short_way(serving, desk):
    desk.failing = DeskUnavailable("store_unavailable", "the disk is full")
    reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    writer.write(as_request(json.dumps(order()).encode()))
    status, headers, body = await response_of(reader)
    assert (status, body["error"], headers["retry-after"]) == (503, "store_unavailable", "1")
    writer.close()


async def test_what_follows_an_order_on_its_connection_is_answered_behind_it(serving, desk, monkeypatch):
    """The order waits for its decision; requests behind it, which would be answered at once, wait for the order."""
    begun, go = asyncio.Event(), asyncio.Event()
    ask = desk.ask

    async def slowly(message):
        begun.set()
        await go.wait()
        return await ask(message)

    monkeypatch.setattr(desk, "ask", slowly)
    reader, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    nothing = b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n"
    writer.write(as_request(json.dumps(order()).encode()) + as_request(b"{") + nothing)
    async with asyncio.timeout(60):
        await begun.wait()
    await asyncio.sleep(0.01)
    go.set()
    assert [(await response_of(reader))[0] for _ in range(3)] == [201, 422, 404]
    writer.close()


async def test_an_order_under_way_is_answered_before_the_door_shuts(desk, monkeypatch):
    begun, go = asyncio.Event(), asyncio.Event()
    ask = desk.ask

    async def slowly(message):
        begun.set()
        await go.wait()
        return await ask(message)

    monkeypatch.setattr(desk, "ask", slowly)
    door = await open_door(create_app(desk, tick_s=3600), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(as_request(json.dumps(order()).encode()))
    async with asyncio.timeout(60):
        await begun.wait()
        closing = asyncio.create_task(door.close())
        await asyncio.sleep(0.2)
        go.set()
        status, headers, _ = await response_of(reader)
        assert (status, headers["connection"]) == (201, "close")
        assert await reader.read() == b""
        await closing
    writer.close()


async def test_a_peer_that_hangs_up_before_its_answer_is_no_fault(serving, desk, monkeypatch, caplog):
    begun, go = asyncio.Event(), asyncio.Event()
    ask = desk.ask

    async def slowly(message):
        begun.set()
        await go.wait()
        return await ask(message)

    monkeypatch.setattr(desk, "ask", slowly)
    _, writer = await asyncio.open_connection("127.0.0.1", serving.port)
    writer.write(as_request(json.dumps(order()).encode()))
    async with asyncio.timeout(60):
        await begun.wait()
    writer.transport.abort()
    await asyncio.sleep(0.05)
    go.set()
    async with httpx2.AsyncClient(base_url=serving.url) as client:
        again = await client.post("/api/order", json=order())
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert not caplog.records


async def test_a_fault_of_ours_over_the_socket_is_answered_too(serving, desk, monkeypatch):
    async with stream(serving, "?answers_only=true") as stream_socket:
        with monkeypatch.context() as broken:
            broken.setattr(desk.world, "step", lambda message: 1 / 0)
            await stream_socket.send(json.dumps({"type": "ORDER_SUBMIT", "data": order()}))
            answer = json.loads(await stream_socket.recv())
        assert (answer["type"], answer["status"]) == ("ORDER_DECISION", 500)
        await stream_socket.send(json.dumps({"type": "ORDER_SUBMIT", "data": order()}))
        assert json.loads(await stream_socket.recv())["status"] == 201


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536, 200_000])
async def test_messages_of_every_length_arrive_whole_and_in_order(size, monkeypatch):
    """Our own frames against another's parser, many in one write."""
    texts = [f"{n}" + "ä" * (size // 2) + "x" * (size % 2) for n in range(3)] + ["é" * (size // 2)] * 2

    async def app(scope, receive, send):
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept"})
        for text in texts:
            await send({"type": "websocket.send", "text": text})
        await send({"type": "websocket.send", "bytes": b"\x00"})
        await send({"type": "websocket.close", "code": 1000})

    door = await open_door(app, "127.0.0.1", 0)
    async with connect(f"ws://127.0.0.1:{door.port}/", compression=None, proxy=None, max_size=None) as ws:
        assert [message async for message in ws] == [*texts, b"\x00"]
    assert ws.close_code == 1000
    await door.close()
