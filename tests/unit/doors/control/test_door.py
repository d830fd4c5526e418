"""The control door over its real sockets: what it answers, to whom, and that nobody holds it up."""

import asyncio
import json
import os
import stat
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from stopline.doors.control import door as door_room
from stopline.doors.control.door import ControlDoor
from stopline.messages import inputs as i
from stopline.model.limits import DEFAULT_LIMITS
from stopline.ports.desk import DeskUnavailable
from stopline.stores import control_note
from stopline.stores.control_note import Address
from stopline.stores.sqlite.layout import Layout
from tests.build import World
from tests.twins.desk import TwinDesk

needs_unix_sockets = pytest.mark.skipif(os.name == "nt", reason="Windows has no Unix domain sockets here")


@pytest.fixture
def desk() -> TwinDesk:
    world = World(limits=DEFAULT_LIMITS)
    world.connect()
    world.quote("AAPL", "99", "101")
    return TwinDesk(world)


@pytest.fixture(params=["socket", pytest.param("port", id="port and secret")])
async def door(request, desk, monkeypatch) -> AsyncIterator[ControlDoor]:
    """Open it both ways, wherever this test runs."""
    if request.param == "port":
        monkeypatch.setattr(door_room, "LONGEST_PATH", 0)
    elif os.name == "nt":
        pytest.skip("Windows has no Unix domain sockets here")
    with tempfile.TemporaryDirectory() as short:
        opened = ControlDoor(Layout(Path(short)), desk)
        await opened.open()
        yield opened
        await opened.close()


async def connect(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if address.path:
        return await asyncio.open_unix_connection(address.path)
    return await asyncio.open_connection("127.0.0.1", address.port)


async def say(address: Address, raw: bytes) -> bytes:
    reader, writer = await connect(address)
    writer.write(raw)
    writer.write_eof()
    said = await reader.read()
    writer.close()
    return said


async def ask(door: ControlDoor, word: object, **fields: Any) -> tuple[int, Any]:
    line = json.dumps({"word": word, **fields}).encode() + b"\n"
    secret = door.address.secret.encode() + b"\n" if door.address.secret else b""
    answer = json.loads(await say(door.address, secret + line))
    return answer["status"], answer["body"]


async def test_status_says_how_it_stands(door, desk):
    desk.world.hold("10")
    desk.world.buy("1", limit="90", id="RESTS")
    status, body = await ask(door, "status")
    assert status == 200
    (one,) = body["accounts"]
    assert (one["account"], one["trading_state"], one["is_killed"]) == ("A1", "active", False)
    assert one["positions"] == [{"symbol": "AAPL", "side": "long", "qty": "10"}]
    assert [(each["client_order_id"], each["leaves_qty"], each["is_close"]) for each in one["orders"]] == [
        ("RESTS", "1", False)
    ]


async def test_kill_is_a_kill_through_step(door, desk):
    desk.world.hold("10")
    status, body = await ask(door, "kill", reason="bot runs wild")
    assert status == 200 and len(body["closing"]) == 1
    assert desk.asked[-1] == i.Kill(account="A1", reason="bot runs wild", actor="local")
    assert desk.world.trading == "halted"
    _, body = await ask(door, "status")
    assert body["accounts"][0]["is_killed"] and body["accounts"][0]["orders"][0]["is_close"]


async def test_flatten_and_cancel_all(door, desk):
    desk.world.hold("10")
    desk.world.buy("1", limit="90", id="RESTS")
    assert await ask(door, "cancel_all") == (200, {"canceling": ["RESTS"], "not_canceled": []})
    assert await ask(door, "cancel_all") == (200, {"canceling": [], "not_canceled": []}), "not asked twice"
    desk.world.gone("RESTS")
    status, body = await ask(door, "flatten", symbol="AAPL")
    assert status == 200 and len(body["closing"]) == 1


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        pytest.param({"word": "release", "reason": "x"}, 422, "is none that this door speaks", id="no such word"),
        pytest.param({"word": 5}, 422, "is none that this door speaks", id="a word that is a number"),
        pytest.param({"word": "kill", "account": "A9"}, 404, "there is no account 'A9'", id="no such account"),
        pytest.param({"word": "kill", "scope": "world"}, 422, "scope", id="no such scope"),
        pytest.param({"word": "status", "reason": "x"}, 422, "nobody knows this key", id="no such key"),
    ],
)
async def test_what_it_does_not_take(door, desk, fields, status, said):
    found, body = await ask(door, **fields)
    assert (found, said in body["message"]) == (status, True), body
    assert desk.asked == []


async def test_no_json_and_no_end_of_line(door):
    secret = door.address.secret.encode() + b"\n" if door.address.secret else b""
    assert json.loads(await say(door.address, secret + b"kill!\n"))["status"] == 422
    assert json.loads(await say(door.address, secret + b'{"word": "kill"}'))["status"] == 413


async def test_a_line_without_end_is_not_read_to_its_end(door, desk):
    secret = door.address.secret.encode() + b"\n" if door.address.secret else b""
    with suppress(ConnectionResetError):  # what is left unread makes TCP say so
        assert json.loads(await say(door.address, secret + b"x" * 200_000))["status"] == 413
    assert desk.asked == []
    assert (await ask(door, "status"))[0] == 200


async def test_the_store_fails(door, desk):
    desk.failing = DeskUnavailable("store_unavailable", "the disk is full")
    status, body = await ask(door, "kill")
    assert (status, body["error"]) == (503, "store_unavailable")
    assert (await ask(door, "status"))[0] == 200, "how it stands can be seen all the same"


async def test_who_only_connects_keeps_nobody_out(door):
    idle = [await connect(door.address) for _ in range(door_room.MOST_AT_ONCE - 1)]
    assert (await ask(door, "status"))[0] == 200
    for _, writer in idle:
        writer.close()


async def test_what_was_written_down_is_gone_with_it(desk):
    with tempfile.TemporaryDirectory() as short:
        layout = Layout(Path(short))
        door = ControlDoor(layout, desk)
        await door.open()
        assert control_note.find(layout) == door.address
        await door.close()
        assert control_note.find(layout) is None
        assert list(layout.root.iterdir()) == []


@needs_unix_sockets
async def test_only_the_owner_may_reach_the_socket_or_read_the_secret(desk, monkeypatch):
    with tempfile.TemporaryDirectory() as short:
        layout = Layout(Path(short))
        layout.control_socket.touch()  # a killed process left it
        door = ControlDoor(layout, desk)
        await door.open()
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in layout.root.iterdir()}
        assert modes == {"control.sock": 0o600, "control.json": 0o600}
        await door.close()


async def test_the_secret_is_asked_for(desk, monkeypatch):
    monkeypatch.setattr(door_room, "LONGEST_PATH", 0)
    with tempfile.TemporaryDirectory() as short:
        door = ControlDoor(Layout(Path(short)), desk)
        await door.open()
        assert len(door.address.secret) >= 32
        for guess in (b"", b"\n", b"wrong\n", b"\xff\n", door.address.secret[:-1].encode() + b"\n"):
            assert await say(door.address, guess + b'{"word": "kill"}\n') == b""
        assert desk.asked == []
        assert door.address.secret not in str(door.address)
        await door.close()
