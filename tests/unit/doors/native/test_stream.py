"""The stream: a snapshot first, then everything, in order; back by seq; gaps are told; nobody starves others."""

import asyncio
import json
from typing import Any

import pytest

from stopline.doors.native import hub as hubs
from stopline.doors.native.app import create_app
from stopline.doors.native.listener import MAX_WAITING
from stopline.doors.native.stream import SAY_NOW
from stopline.messages.inputs import SubmitOrder
from stopline.ports.desk import DeskUnavailable
from tests.unit.doors.native.bodies import order, send
from tests.unit.doors.native.socket import Closed, Refused, Socket


@pytest.fixture
async def app(desk):
    """A door whose clock ticks so seldom that a test meets only what it makes happen."""
    made = create_app(desk, tick_s=3600)
    made.door.hub.start()
    yield made
    await made.door.hub.stop()


def assert_envelope(message: dict[str, Any]) -> None:
    assert set(message) == {"type", "data", "timestamp", "account", "seq"}
    assert isinstance(message["timestamp"], int)
    assert isinstance(message["seq"], int)


# --- out -----------------------------------------------------------------------------------


async def test_a_snapshot_comes_first_and_holds_what_is_live(app, client, world):
    world.quote("AAPL", "174.99", "175.01", "175")
    world.hold("3", price="174")
    await send(client)
    async with Socket(app) as socket:
        first = await socket.hear()
    assert_envelope(first)
    assert (first["type"], first["timestamp"]) == ("SNAPSHOT", 1_767_711_600)
    data = first["data"]
    assert [each["account"] for each in data["accounts"]] == ["A1"]
    assert [(each["symbol"], each["qty"]) for each in data["positions"]] == [("AAPL", "3")]
    assert [each["client_order_id"] for each in data["orders"]] == ["T-1"]
    assert data["journal_seq"] == world.state.seq
    assert data["breakers"] == []


async def test_an_order_is_told_from_approval_to_fill(app, client, desk):
    async with Socket(app) as socket:
        snapshot = await socket.hear()
        await send(client)
        told = await socket.until("ORDER")
        assert_envelope(told)
        assert (told["account"], told["data"]["client_order_id"], told["data"]["state"]) == ("A1", "T-1", "approved")
        position = await socket.until("POSITION")
        assert (position["data"]["working_buys"], position["data"]["highest"]) == ("5", "5")
        desk.world.fill("T-1", "2", "174.98")
        desk.publish()
        fill = await socket.until("FILL")
        assert (fill["data"]["qty"], fill["data"]["price"], fill["data"]["side"]) == ("2", "174.98", "BUY")
        after = await socket.until("ORDER")
        assert (after["data"]["state"], after["data"]["cum_qty"]) == ("partially_filled", "2")
        assert snapshot["seq"] < told["seq"] < position["seq"] < fill["seq"] < after["seq"]


async def test_document_001s_alert_to_the_letter(app, client):
    async with Socket(app) as socket:
        await socket.hear()
        await send(client, quantity=100)
        alert = await socket.until("RISK_ALERT")
    data = alert["data"]
    assert data.pop("alert_id") == 1
    assert data == {
        "alert_type": "ORDER_REJECTED",
        "severity": "WARNING",
        "symbol": "AAPL",
        "message": "BUY AAPL: Order size exceeds limit: $17500.00 > $1000.00",
    }


async def test_document_001s_breaker_to_the_letter(app, desk):
    world = desk.world
    world.quote("AAPL", "99.99", "100.01", "100")
    world.hold("100", price="100")
    desk.publish()
    async with Socket(app) as socket:
        await socket.hear()
        for _ in range(2):
            world.quote("AAPL", "48.99", "49.01", "49")
        desk.publish()
        seen = [await socket.hear_text() for _ in range(4)]
        text = next(each for each in seen if '"CIRCUIT_BREAKER","data"' in each)
        assert (
            '"trigger_type":"DAILY_LOSS","trigger_value":-5100.00,"threshold":-5000.00,"active":true,"breaker_id":1'
            in text
        )
        kinds = [json.loads(each)["type"] for each in seen]
        assert {"LOCKOUT", "RISK_ALERT", "STATE"} <= set(kinds)
        lockout = next(json.loads(each) for each in seen if json.loads(each)["type"] == "LOCKOUT")
        assert (lockout["data"]["key"], lockout["data"]["state"], lockout["data"]["active"]) == (
            "breaker:1",
            "reducing",
            True,
        )
        state = next(json.loads(each) for each in seen if json.loads(each)["type"] == "STATE")
        assert (state["data"]["trading_state"], state["data"]["circuit_breaker_triggered"]) == ("reducing", True)


async def test_a_breaker_that_closes_is_told_with_its_numbers(app, client):
    async with Socket(app) as socket:
        await socket.hear()
        await client.post("/api/risk/circuit-breaker/trip", json={"reason": "news"})
        assert (await socket.until("CIRCUIT_BREAKER"))["data"]["active"] is True
        await client.post("/api/risk/circuit-breaker/reset", json={"breaker_id": 1})
        assert (await socket.until("CIRCUIT_BREAKER"))["data"] == {
            "trigger_type": "MANUAL",
            "trigger_value": 0,
            "threshold": 0,
            "active": False,
            "breaker_id": 1,
            "reason": "reset by hand",
        }
        assert (await socket.until("LOCKOUT"))["data"]["active"] is False
        assert (await socket.until("STATE"))["data"]["trading_state"] == "active"


async def test_a_busted_fill_is_told(app, desk):
    exec_id = desk.world.hold("3", price="174")
    desk.publish()
    async with Socket(app) as socket:
        await socket.hear()
        desk.world.bust(exec_id)
        desk.publish()
        fill = await socket.until("FILL")
        assert (fill["data"]["exec_id"], fill["data"]["voided"]) == (exec_id, True)
        assert (await socket.until("POSITION"))["data"]["qty"] == "0"


async def test_an_order_whose_fill_was_busted_is_told_as_it_is_now(app, client, desk):
    world = desk.world
    await send(client)
    exec_id = world.fill("T-1", world.order("T-1").order_qty, "174")
    desk.publish()
    async with Socket(app) as socket:
        await socket.hear()
        world.bust(exec_id)
        desk.publish()
        told = (await socket.until("ORDER"))["data"]
        assert (told["client_order_id"], told["state"], told["cum_qty"]) == ("T-1", "unknown", "0")


async def test_each_second_the_days_pnl_to_the_letter_and_health(desk):
    made = create_app(desk, tick_s=0.01)
    made.door.hub.start()
    async with Socket(made) as socket:
        await socket.hear()
        while json.loads(text := await socket.hear_text())["type"] != "PNL_UPDATE":
            pass
        assert (
            '"data":{"date":"2026-01-06","realized_pnl":0.00,"unrealized_pnl":0.00,"total_pnl":0.00,'
            '"circuit_breaker_triggered":false}' in text
        )
        health = (await socket.until("HEALTH"))["data"]
        assert (health["status"], health["at"]) == ("ok", "2026-01-06T15:00:00.000000000Z")
        assert (await socket.until("PNL_UPDATE"))["account"] == "A1"
    await made.door.hub.stop()


async def test_a_failing_store_is_told_though_nothing_can_be_recorded(desk, monkeypatch):
    """As soon as it fails and as soon as it is well again, not when the next regular word is due."""
    monkeypatch.setattr(hubs, "HEALTH_EVERY_TICKS", 10**9)
    made = create_app(desk, tick_s=0.01)
    made.door.hub.start()
    never = asyncio.Event()
    async with Socket(made) as socket:
        await socket.hear()
        assert (await socket.until("HEALTH"))["data"]["status"] == "ok"
        monkeypatch.setattr(desk, "look", lambda view: never.wait())
        desk.report = {"status": "degraded", "mode": "cancel", "store": "store_full"}
        assert (await socket.until("HEALTH"))["data"]["store"] == "store_full"
        desk.report = {"status": "ok", "mode": "normal", "store": "ok"}
        assert (await socket.until("HEALTH"))["data"]["store"] == "ok"
    await made.door.hub.stop()


async def test_the_ticker_survives_a_fault(desk, caplog):
    made = create_app(desk, tick_s=0.01)
    made.door.hub.start()
    desk.report = None
    async with Socket(made) as socket:
        await socket.hear()
        await socket.until("PNL_UPDATE")
        desk.report = {"status": "ok"}
        await socket.until("HEALTH")
    await made.door.hub.stop()
    assert "a tick of the stream stumbled" in caplog.text


async def test_a_listener_to_one_account_hears_no_other(app, desk):
    desk.world.open_account("A2")
    desk.publish()
    async with Socket(app, "account=A2") as socket:
        snapshot = await socket.hear()
        assert [each["account"] for each in snapshot["data"]["accounts"]] == ["A2"]
        desk.world.kill(account="A1")
        desk.world.kill(account="A2")
        desk.publish()
        assert (await socket.hear())["account"] == "A2"
        while socket.waiting():
            assert (await socket.hear())["account"] == "A2"


async def test_numbers_grow_and_begin_at_the_epoch(app, client, world):
    async with Socket(app) as socket:
        await socket.hear()
        for n in range(5):
            await send(client, client_order_id=str(n), quantity=100)
        seqs = [(await socket.hear())["seq"] for _ in range(5)]
    assert seqs == sorted(set(seqs))
    assert seqs[0] // hubs.SEQ_PER_EPOCH == world.state.epoch


async def test_what_a_snapshot_tells_is_not_told_again(app, desk, monkeypatch):
    """A fill that becomes durable while the snapshot is made is in one of both, never in both."""
    world = desk.world
    look = desk.look

    async def slow_look(view):
        monkeypatch.undo()
        world.hold("1", price="100")
        desk.publish()
        seen = await look(view)
        world.hold("2", price="100")
        desk.publish()
        return seen

    monkeypatch.setattr(desk, "look", slow_look)
    async with Socket(app) as socket:
        first = await socket.hear()
        told = await socket.until("FILL")
    assert first["type"] == "SNAPSHOT"
    assert [each["qty"] for each in first["data"]["positions"]] == ["1"]
    assert told["data"]["qty"] == "2"
    assert told["seq"] > first["seq"]


# --- coming back -----------------------------------------------------------------------------


async def test_back_by_seq_with_nothing_lost_and_nothing_twice(app, client):
    async with Socket(app) as socket:
        await socket.hear()
        await send(client, client_order_id="1", quantity=100)
        last = (await socket.until("RISK_ALERT"))["seq"]
    for n in "23":
        await send(client, client_order_id=n, quantity=100, symbol="MSFT")
    async with Socket(app, f"since={last}") as socket:
        resumed = await socket.hear()
        assert_envelope(resumed)
        assert (resumed["type"], resumed["data"]) == ("RESUMED", {"since": last, "replayed": 2})
        missed = [await socket.hear() for _ in range(2)]
        assert [each["data"]["symbol"] for each in missed] == ["MSFT", "MSFT"]
        await send(client, client_order_id="4", quantity=100, symbol="TSLA")
        assert (await socket.until("RISK_ALERT"))["data"]["symbol"] == "TSLA"


async def test_back_by_a_first_message(app, client):
    async with Socket(app) as socket:
        await socket.hear()
        await send(client, quantity=100)
        alert = await socket.until("RISK_ALERT")
    async with Socket(app) as socket:
        assert (await socket.hear())["type"] == "SNAPSHOT"
        socket.say(type="RESUME", seq=alert["seq"] - 1)
        assert (await socket.hear())["type"] == "RESUMED"
        assert await socket.hear() == alert


@pytest.mark.parametrize("since", [0, 7, 10**18])
async def test_a_gap_is_told_and_followed_by_a_snapshot(app, since):
    async with Socket(app, f"since={since}") as socket:
        gap = await socket.hear()
        assert (gap["type"], gap["data"]["since"]) == ("GAP", since)
        assert (await socket.hear())["type"] == "SNAPSHOT"


async def test_what_was_kept_is_bounded_and_beyond_it_is_a_gap(app, client, monkeypatch):
    monkeypatch.setattr(hubs, "MAX_KEPT", 3)
    async with Socket(app) as socket:
        start = (await socket.hear())["seq"]
        for n in range(5):
            await send(client, client_order_id=str(n), quantity=100)
        last = [(await socket.until("RISK_ALERT"))["seq"] for _ in range(5)]
    async with Socket(app, f"since={start}") as socket:
        assert (await socket.hear())["type"] == "GAP"
    async with Socket(app, f"since={last[1]}") as socket:
        assert (await socket.hear())["data"]["replayed"] == 3


async def test_nothing_is_made_for_nobody_and_who_comes_back_then_is_told_of_the_gap(desk, client):
    made = create_app(desk, tick_s=3600, linger_s=0.01)
    made.door.hub.start()
    assert desk.subscribers == []
    async with Socket(made) as socket:
        seq = (await socket.hear())["seq"]
        assert len(desk.subscribers) == 1
    await asyncio.sleep(0.05)
    assert desk.subscribers == []
    await send(client, quantity=100)
    async with Socket(made, f"since={seq}") as socket:
        assert (await socket.hear())["type"] == "GAP"
    await made.door.hub.stop()


# --- slow listeners --------------------------------------------------------------------------


async def test_states_are_conflated_for_a_slow_listener_and_events_are_not(app, desk):
    world = desk.world
    async with Socket(app) as slow, Socket(app) as quick:
        await slow.hear()
        await quick.hear()
        slow.stop_reading()
        for _ in range(40):
            world.hold("1", price="100")
            desk.publish()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        for _ in range(40):
            await quick.until("FILL")
        slow._reading.set()
        kinds = []
        while kinds.count("FILL") < 40:
            kinds.append((await slow.hear())["type"])
    assert kinds.count("POSITION") < 5


async def test_a_listener_that_reads_nothing_is_hung_up_on_and_others_hear_everything(app, desk):
    world = desk.world
    async with Socket(app) as slow, Socket(app) as quick:
        slow.scope["state"]["stopline.hang_up"] = lambda code, reason: closes.append((code, reason))
        closes: list[tuple[int, str]] = []
        await slow.hear()
        await quick.hear()
        slow.stop_reading()
        heard = 0
        for n in range(MAX_WAITING + 50):
            world.strict = n == 0
            world.hold("1", price="100")
            desk.publish()
            if n % 100 == 0:
                await asyncio.sleep(0)
        while heard < MAX_WAITING + 50:
            await quick.until("FILL")
            heard += 1
        await asyncio.sleep(0.01)
        assert slow.is_done, "it is hung up on while it still reads nothing"
    assert closes == [(1013, "too slow: come back with ?since= and the last seq you saw")]


async def test_without_a_way_to_hang_up_the_close_is_sent(app, desk):
    async with Socket(app) as slow:
        await slow.hear()
        for listener in app.door.hub._listeners:
            listener.is_overrun = True
            listener.on_overrun()
        with pytest.raises(Closed) as closed:
            await slow.hear()
    assert closed.value.code == 1013


# --- in ------------------------------------------------------------------------------------


async def test_orders_over_the_socket_get_the_answer_of_http(app, client):
    async with Socket(app) as socket:
        await socket.hear()
        socket.say(type="ORDER_SUBMIT", request_id="r1", data=order())
        answer = await socket.until("ORDER_DECISION")
        assert (answer["status"], answer["request_id"], answer["account"]) == (201, "r1", "A1")
        assert answer["data"] == (await send(client)).json()
        socket.say(type="ORDER_SUBMIT", request_id="r2", data=order(client_order_id="T-2", quantity=100))
        answer = await socket.until("ORDER_DECISION")
        assert (answer["status"], answer["data"]["check"]) == (403, "max_order_notional")
        socket.say(type="ORDER_SUBMIT", data=order(quantity=4))
        answer = await socket.until("ORDER_DECISION")
        assert (answer["status"], answer["data"]["error"]) == (409, "client_order_id_conflict")
        assert "request_id" not in answer
        socket.say(type="ORDER_CANCEL", request_id="c", data={"client_order_id": "T-1"})
        answer = await socket.until("CANCEL_DECISION")
        assert (answer["status"], answer["data"]["state"]) == (200, "pending_cancel")
        socket.say(type="ORDER_CANCEL", data={"client_order_id": "none"})
        assert (await socket.until("CANCEL_DECISION"))["status"] == 404


async def test_who_only_sends_orders_hears_only_the_answers(app, client, desk):
    async with Socket(app) as other, Socket(app, "answers_only=true") as socket:
        await send(client, client_order_id="BEFORE")
        socket.say(type="ORDER_SUBMIT", request_id="r1", data=order())
        socket.say(type="ORDER_CANCEL", request_id="r2", data={"client_order_id": "T-1"})
        socket.say(type="RESUME", seq=1)
        refused = await socket.hear()
        heard = [refused, await socket.hear(), await socket.hear()]
        assert {(each["type"], each.get("request_id"), each["status"]) for each in heard} == {
            ("ERROR", None, 422),
            ("ORDER_DECISION", "r1", 201),
            ("CANCEL_DECISION", "r2", 200),
        }
        await other.until("ORDER")
        socket.say(type="ORDER_SUBMIT", request_id="r3", data=order(client_order_id="T-3"))
        assert (await socket.hear())["request_id"] == "r3", "nothing of the stream in between"


async def test_for_sockets_that_hear_only_answers_no_stream_is_made(app, desk):
    async with Socket(app, "answers_only=true") as socket:
        before = app.door.hub.last_seq
        socket.say(type="ORDER_SUBMIT", data=order())
        assert (await socket.hear())["seq"] == before
        assert app.door.hub.last_seq == before


async def test_who_asks_over_the_socket(app, desk):
    async with Socket(app, headers=((b"x-client-id", b"bot-7"),)) as socket:
        await socket.hear()
        socket.say(type="ORDER_SUBMIT", data=order())
        await socket.until("ORDER_DECISION")
    asked = [each for each in desk.asked if isinstance(each, SubmitOrder)]
    assert [each.client for each in asked] == ["bot-7"]


async def test_answers_wait_for_a_peer_that_does_not_read_in_order_and_within_bounds(app, desk, monkeypatch):
    """Answers go out at once where the server can; else they wait, and orders beyond the bound are not read."""
    monkeypatch.setattr("stopline.doors.native.stream.MAX_IN_FLIGHT", 8)
    socket = Socket(app, "answers_only=true")
    socket.scope["state"][SAY_NOW] = socket.say_now
    before = len(desk.asked)
    async with socket:
        socket.say(type="ORDER_SUBMIT", request_id=0, data=order(client_order_id="S-0"))
        assert (await socket.hear())["request_id"] == 0
        assert socket.said_now == 1
        socket.stop_reading()
        for number in range(1, 30):
            socket.say(type="ORDER_SUBMIT", request_id=number, data=order(client_order_id=f"S-{number}"))
        async with asyncio.timeout(60):
            while len(desk.asked) < before + 1 + 8:
                await asyncio.sleep(0)
        for _ in range(100):
            await asyncio.sleep(0)
        assert len(desk.asked) == before + 1 + 8
        socket.read_on()
        assert [(await socket.hear())["request_id"] for _ in range(29)] == list(range(1, 30))
    assert socket.said_now > 1, "it never went back to answering at once"


async def test_no_answer_overtakes_one_that_waits(app, desk):
    """The peer reads again, but who waited for that is not yet awake: an answer that need not wait does."""
    socket = Socket(app, "answers_only=true")
    socket.scope["state"][SAY_NOW] = socket.say_now
    async with socket:
        for number in range(2):
            socket.stop_reading()
            asked = len(desk.asked)
            socket.say(type="ORDER_SUBMIT", request_id=number, data=order(client_order_id=f"S-{number}"))
            async with asyncio.timeout(60):
                while len(desk.asked) == asked:
                    await asyncio.sleep(0)
            for _ in range(50):
                await asyncio.sleep(0)
            socket.can_say_now = True
        assert socket.said_now == 0
        socket.can_say_now = True
        socket.say(type="ORDER_SUBMIT", request_id=2, data=order(client_order_id="S-2"))
        async with asyncio.timeout(60):
            while len(desk.asked) == asked + 1:
                await asyncio.sleep(0)
        for _ in range(50):
            await asyncio.sleep(0)
        socket.read_on()
        assert [(await socket.hear())["request_id"] for _ in range(3)] == [0, 1, 2]


async def test_orders_do_not_wait_for_one_another(app, desk, monkeypatch):
    """Sixty-four orders are asked before the first is answered: they can share one commit."""
    gate = asyncio.Event()
    ask = desk.ask
    waiting = []

    async def slow_ask(message):
        waiting.append(message.client_order_id)
        await gate.wait()
        return await ask(message)

    monkeypatch.setattr(desk, "ask", slow_ask)
    async with Socket(app) as socket:
        await socket.hear()
        for n in range(64):
            socket.say(type="ORDER_SUBMIT", data=order(client_order_id=str(n)))
        while len(waiting) < 64:
            await asyncio.sleep(0)
        assert waiting == [str(n) for n in range(64)]
        gate.set()
        answers = {(await socket.until("ORDER_DECISION"))["data"]["client_order_id"] for _ in range(64)}
    assert len(answers) == 64


@pytest.mark.parametrize(
    ("text", "kind", "status", "says"),
    [
        ("{", "ERROR", 422, "not JSON"),
        ("[]", "ERROR", 422, "not a JSON object"),
        ("{}", "ERROR", 422, "type"),
        ('{"type": "HELLO"}', "ERROR", 422, "type"),
        ('{"type": {"a": 1}}', "ERROR", 422, "type"),
        ('{"type": "RESUME"}', "ERROR", 422, "seq"),
        ('{"type": "RESUME", "seq": -1}', "ERROR", 422, "seq"),
        ('{"type": "RESUME", "seq": 1e400}', "ERROR", 422, "seq"),
        ('{"type": "ORDER_SUBMIT"}', "ORDER_DECISION", 422, "data"),
        ('{"type": "ORDER_SUBMIT", "data": []}', "ORDER_DECISION", 422, "data"),
        ('{"type": "ORDER_SUBMIT", "data": {}, "x": 1}', "ORDER_DECISION", 422, "x"),
        ('{"type": "ORDER_SUBMIT", "data": {"quantity": NaN}}', "ERROR", 422, "NaN"),
        ('{"type": "ORDER_SUBMIT", "data": {"quantity": 1e400}}', "ORDER_DECISION", 422, "quantity"),
        ('{"type": "ORDER_CANCEL", "data": {}}', "CANCEL_DECISION", 422, "client_order_id"),
        ('{"type": "ORDER_SUBMIT", "request_id": 7, "data": {}}', "ORDER_DECISION", 422, "missing"),
        ('{"type": "ORDER_SUBMIT", "request_id": [], "data": {}}', "ERROR", 422, "request_id"),
        ('{"type": "ORDER_SUBMIT", "request_id": true, "data": {}}', "ERROR", 422, "request_id"),
    ],
)
async def test_what_cannot_be_read_is_answered_and_the_socket_lives_on(app, text, kind, status, says):
    async with Socket(app) as socket:
        await socket.hear()
        socket.say_text(text)
        answer = await socket.hear()
        assert (answer["type"], answer["status"]) == (kind, status)
        assert answer.get("request_id") == (7 if ": 7" in text else None)
        assert says in json.dumps(answer["data"])
        socket.say_bytes(json.dumps({"type": "ORDER_SUBMIT", "data": order()}).encode())
        assert (await socket.until("ORDER_DECISION"))["status"] == 201


async def test_a_message_over_64_kib_is_refused(app):
    async with Socket(app) as socket:
        await socket.hear()
        socket.say_text('{"type": "' + "x" * 70_000 + '"}')
        answer = await socket.hear()
    assert (answer["type"], answer["status"]) == ("ERROR", 413)


async def test_the_store_failing_is_said_over_the_socket(app, desk):
    async with Socket(app) as socket:
        await socket.hear()
        desk.failing = DeskUnavailable("store_unavailable", "the disk is full")
        socket.say(type="ORDER_SUBMIT", data=order())
        answer = await socket.until("ORDER_DECISION")
    assert (answer["status"], answer["data"]["error"]) == (503, "store_unavailable")


async def test_a_snapshot_is_there_even_while_the_store_fails(app, desk):
    desk.failing = DeskUnavailable("store_unavailable", "the disk is full")
    async with Socket(app) as socket:
        assert (await socket.hear())["type"] == "SNAPSHOT"


async def test_a_fault_of_ours_closes_the_socket_and_says_nothing_of_its_inside(app, desk, monkeypatch, caplog):
    def fail(view):
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(desk, "look", fail)
    async with Socket(app) as socket:
        with pytest.raises(Closed) as closed:
            await socket.hear()
    assert closed.value.code == 1011
    assert "secret" not in closed.value.reason


# --- who may open one --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "headers", "status", "code"),
    [
        ("", ((b"origin", b"https://evil.example"),), 403, "origin_not_allowed"),
        ("", ((b"origin", b"null"),), 403, "origin_not_allowed"),
        ("", ((b"sec-fetch-site", b"cross-site"),), 403, "origin_not_allowed"),
        ("since=x", (), 422, "invalid_request"),
        ("since=-1", (), 422, "invalid_request"),
        ("sinse=1", (), 422, "invalid_request"),
        ("account=A9", (), 404, "unknown_account"),
        ("answers_only=yes", (), 422, "invalid_request"),
        ("answers_only=true&since=1", (), 422, "invalid_request"),
        ("", ((b"x-client-id", b"a b"),), 422, "invalid_request"),
    ],
)
async def test_a_handshake_that_is_refused_says_why(app, query, headers, status, code):
    with pytest.raises(Refused) as refused:
        await Socket(app, query, headers=headers).open()
    assert (refused.value.status, refused.value.body["error"]) == (status, code)


async def test_a_page_of_this_machine_may_listen(app):
    async with Socket(app, headers=((b"origin", b"http://localhost:5173"),)) as socket:
        assert (await socket.hear())["type"] == "SNAPSHOT"


async def test_no_other_path_is_a_socket(app):
    socket = Socket(app)
    socket.scope["path"] = "/api/order"
    with pytest.raises(Refused) as refused:
        await socket.open()
    assert refused.value.status == 404


async def test_the_host_must_be_loopback(app):
    socket = Socket(app)
    socket.scope["headers"] = [(b"host", b"evil.example")]
    with pytest.raises(Refused) as refused:
        await socket.open()
    assert refused.value.status == 400
