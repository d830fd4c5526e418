"""Positions, and the ways out."""

import pytest

from stopline.messages.inputs import Flatten, Kill
from stopline.model.limits import ScopeKind
from tests.unit.doors.native.bodies import assert_error, send


@pytest.fixture
def held(world):
    world.quote("AAPL", "99.99", "100.01", "100")
    world.hold("10", price="100")
    world.quote("AAPL", "100.99", "101.01", "101")
    return world


async def test_positions(client, held):
    body = (await client.get("/api/positions")).json()["positions"]
    assert len(body) == 1
    position = body[0]
    assert (position["symbol"], position["side"], position["qty"]) == ("AAPL", "long", "10")
    assert (position["avg_entry_price"], position["mark_price"]) == ("100.00", "101.00")
    assert (position["market_value"], position["unrealized_pnl"]) == ("1010.00", "10.00")
    assert (position["highest"], position["lowest"], position["effective_position"]) == ("10", "10", "10")
    assert_error(await client.get("/api/positions?account=A9"), 404, "unknown_account")


async def test_close_all_of_it(client, held):
    response = await client.post("/api/positions/AAPL/close")
    body = response.json()
    assert response.status_code == 201
    assert (body["side"], body["order_type"], body["order_qty"], body["reducing"]) == ("SELL", "MARKET", "10", True)
    assert body["reduce_only"] is True
    again = await client.post("/api/positions/AAPL/close")
    assert_error(again, 409, "protective_order_working")
    assert again.json()["orders"] == [body["client_order_id"]]


@pytest.mark.parametrize(
    ("body", "qty"), [({"qty": "3"}, "3"), ({"qty": 3}, "3"), ({"percent": 50}, "5"), ({"percent": "100"}, "10")]
)
async def test_close_a_part(client, held, body, qty):
    response = await client.post("/api/positions/eq:US:AAPL/close", json=body)
    assert (response.status_code, response.json()["order_qty"]) == (201, qty)


async def test_a_close_under_its_own_id_is_repeated_with_the_same_bytes(client, held):
    body = {"client_order_id": "C-1"}
    first = await client.post("/api/positions/AAPL/close", json=body)
    again = await client.post("/api/positions/AAPL/close", json=body)
    assert first.json()["client_order_id"] == "C-1"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    other = await client.post("/api/positions/AAPL/close", json=body | {"qty": 1})
    assert_error(other, 409, "client_order_id_conflict")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("AAPL", {"qty": 11}, 422, "bad_request"),
        ("AAPL", {"percent": 101}, 422, "bad_request"),
        ("AAPL", {"percent": 1, "qty": 1}, 422, "invalid_request"),
        ("AAPL", {"qty": "-1"}, 422, "invalid_request"),
        ("AAPL", {"percent": True}, 422, "invalid_request"),
        ("AAPL", {"all": True}, 422, "invalid_request"),
        ("MSFT", {}, 409, "no_position"),
        ("NOPE", {}, 404, "unknown_instrument"),
        ("AAPL", {"account": "A9"}, 404, "unknown_account"),
    ],
)
async def test_a_close_that_cannot_be(client, held, path, body, status, code):
    assert_error(await client.post(f"/api/positions/{path}/close", json=body), status, code)


async def test_flatten_cancels_and_closes(client, held, desk):
    await send(client, price=99, quantity=1)
    response = await client.post("/api/flatten", json={"reason": "end of day"})
    body = response.json()
    assert response.status_code == 200
    assert body["canceling"] == ["T-1"]
    assert len(body["closing"]) == 1
    assert body["not_closed"] == []
    assert desk.asked[-1] == Flatten(account="A1", reason="end of day", actor="local")


async def test_flatten_one_instrument(client, held, desk):
    assert (await client.post("/api/flatten", json={"symbol": "AAPL"})).status_code == 200
    assert desk.asked[-1].symbol == "AAPL"
    assert_error(await client.post("/api/flatten", json={"symbol": "NOPE"}), 404, "unknown_instrument")


async def test_kill_and_release(client, held, desk):
    response = await client.post(
        "/api/kill", json={"scope": "account", "keep_positions": True, "reason": "bot runs wild"}
    )
    assert (response.status_code, response.json()["closing"]) == (200, [])
    assert desk.asked[-1] == Kill(
        account="A1", scope=ScopeKind.ACCOUNT, keep_positions=True, reason="bot runs wild", actor="local"
    )
    account = (await client.get("/api/account")).json()
    assert account["trading_state"] == "halted"
    assert account["restrictions"][0]["reason"] == "bot runs wild"
    assert (await send(client)).json()["check"] == "trading_state"
    release = {"reason": "bot fixed"}
    assert_error(await client.post("/api/release", json=release), 403, "second_person_required")
    held.wait(901)
    response = await client.post("/api/release", json=release)
    assert (response.status_code, response.json()) == (200, {"released": "A1"})
    assert_error(await client.post("/api/release", json=release), 409, "already_reset")
    assert_error(await client.post("/api/release", json={}), 422, "invalid_request", "reason")
    assert_error(await client.post("/api/release"), 422, "malformed_json")


async def test_kill_needs_no_body(client, held):
    response = await client.post("/api/kill")
    assert response.status_code == 200
    assert len(response.json()["closing"]) == 1


@pytest.mark.parametrize("body", [{"scope": "planet"}, {"keep_positions": "no"}, {"account": 1}, {"why": "x"}])
async def test_a_kill_that_is_malformed_kills_nothing(client, held, body):
    assert_error(await client.post("/api/kill", json=body), 422, "invalid_request")
    assert (await client.get("/api/account")).json()["trading_state"] == "active"


async def test_a_kill_of_a_scope_that_is_not_there(client, held):
    assert_error(await client.post("/api/kill", json={"scope": "group"}), 422, "bad_request")


async def test_headroom_is_nearest_first_and_names_the_unarmed(client, held):
    body = (await client.get("/api/headroom")).json()
    rows = body["headroom"]
    armed = [float(row["used_pct"]) for row in rows if row["status"] == "armed"]
    assert armed == sorted(armed, reverse=True)
    by_name = {(row["check"], row["scope"]): row for row in rows}
    position = by_name["max_position", "AAPL"]
    assert (position["used"], position["limit"], position["left"], position["used_pct"]) == (
        "1010.00",
        "10000.00",
        "8990.00",
        "10.1",
    )
    assert by_name["drawdown", "account"]["defect"] == "drawdown is not armed: it protects nothing"
    assert rows[-1]["status"] == "not_armed"
    assert_error(await client.get("/api/headroom?account=A9"), 404, "unknown_account")
