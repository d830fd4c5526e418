"""Look at orders, cancel and change them; pages out of the tables."""

import pytest

from stopline.messages.inputs import CancelOrder, ReplaceOrder
from stopline.ports.desk import DeskUnavailable
from tests.build import money, qty
from tests.unit.doors.native.bodies import assert_error, send


async def test_an_order_as_it_stands(client, world):
    await send(client)
    world.accept("T-1")
    world.fill("T-1", "2", "174.98")
    body = (await client.get("/api/order/T-1")).json()
    assert body["state"] == "partially_filled"
    assert (body["order_qty"], body["cum_qty"], body["leaves_qty"]) == ("5", "2", "3")
    assert (body["side"], body["order_type"], body["avg_price"]) == ("BUY", "LIMIT", "174.98")
    assert body["approved_at"] == "2026-01-06T15:00:00.000000000Z"


async def test_an_order_nobody_knows(client):
    assert_error(await client.get("/api/order/none"), 404, "unknown_order")
    assert_error(await client.delete("/api/order/none"), 404, "unknown_order")
    assert_error(await client.patch("/api/order/none", json={"quantity": 1}), 404, "unknown_order")
    assert_error(await client.get("/api/order/none?account=A9"), 404, "unknown_account")


async def test_an_id_may_hold_a_slash(client):
    await send(client, client_order_id="bot/7#1")
    assert (await client.get("/api/order/bot%2F7%231")).json()["client_order_id"] == "bot/7#1"


async def test_cancel(client, world, desk):
    await send(client)
    world.accept("T-1")
    response = await client.delete("/api/order/T-1")
    assert (response.status_code, response.json()) == (
        200,
        {"client_order_id": "T-1", "state": "pending_cancel"},
    )
    assert desk.asked[-1] == CancelOrder(account="A1", client_order_id="T-1", actor="local")


async def test_cancel_of_what_has_ended(client, world):
    await send(client)
    world.fill("T-1", "5", "175")
    body = assert_error(await client.delete("/api/order/T-1"), 409, "order_not_working")
    assert body["orders"] == ["T-1"]


async def test_change(client, world, desk):
    await send(client)
    world.accept("T-1")
    response = await client.patch("/api/order/T-1", json={"quantity": "4", "price": 174.5, "account": "A1"})
    assert response.status_code == 200
    assert response.json() == {
        "account": "A1",
        "client_order_id": "T-1",
        "state": "pending_replace",
        "order_qty": "4",
        "limit_price": "174.50",
        "stop_price": None,
        "decision_id": response.json()["decision_id"],
    }
    assert desk.asked[-1] == ReplaceOrder(
        account="A1", client_order_id="T-1", order_qty=qty("4"), limit_price=money("174.50"), actor="local"
    )


async def test_a_change_can_be_denied_and_the_order_works_on(client, world):
    await send(client)
    world.accept("T-1")
    response = await client.patch("/api/order/T-1", json={"quantity": 100})
    body = response.json()
    assert response.status_code == 403
    assert (body["error"], body["check"], body["symbol"]) == ("risk_denied", "max_order_notional", "AAPL")
    assert body["retry_with_new_id"] is False
    assert (await client.get("/api/order/T-1")).json()["order_qty"] == "5"


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "quantity"), ({"account": "A1"}, "quantity"), ({"quantity": 0}, "quantity"), ({"side": "SELL"}, "side")],
)
async def test_a_change_that_is_malformed(client, body, field):
    await send(client)
    assert_error(await client.patch("/api/order/T-1", json=body), 422, "invalid_request", field)


async def test_query_and_body_must_mean_one_account(client):
    response = await client.patch("/api/order/T-1?account=A1", json={"quantity": 1, "account": "A2"})
    assert_error(response, 422, "invalid_request", "account")


async def test_orders_are_listed_newest_first_with_denied_ones(client, world):
    await send(client, client_order_id="1")
    await send(client, client_order_id="2", symbol="MSFT", price=100)
    await send(client, client_order_id="3", quantity=100)
    world.accept("1")

    async def ids(query: str) -> list[str]:
        response = await client.get(f"/api/orders{query}")
        assert response.status_code == 200, response.text
        return [each["client_order_id"] for each in response.json()["orders"]]

    assert await ids("") == ["3", "2", "1"]
    assert await ids("?account=A1") == ["3", "2", "1"]
    assert await ids("?symbol=MSFT") == ["2"]
    assert await ids("?symbol=eq:US:MSFT") == ["2"]
    assert await ids("?status=denied") == ["3"]
    assert await ids("?status=live") == ["2", "1"]
    assert await ids("?status=working") == ["1"]
    assert await ids("?status=filled") == []
    assert await ids("?since=2026-01-06T15:00:00Z") == ["3", "2", "1"]
    assert await ids("?since=2026-01-06T15:00:01Z") == []
    row = (await client.get("/api/orders?status=denied")).json()["orders"][0]
    assert (row["denied_by"], row["side"], row["order_qty"]) == ("max_order_notional", "BUY", "100")
    assert "id" not in row
    assert "cursor" not in row


async def test_pages_follow_one_another_to_the_end(client):
    for n in range(7):
        await send(client, client_order_id=str(n))
    seen, cursor = [], ""
    for _ in range(4):
        body = (await client.get(f"/api/orders?limit=2{cursor}")).json()
        seen += [each["client_order_id"] for each in body["orders"]]
        cursor = f"&cursor={body['next_cursor']}"
    assert body["next_cursor"] is None
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=x", "limit"),
        ("limit=１", "limit"),
        ("limit=1e400", "limit"),
        ("limit=1&limit=2", "limit"),
        ("since=yesterday", "since"),
        ("status=open", "status"),
        ("cursor=x", "cursor"),
        ("symbol=", "symbol"),
        ("acount=A1", "acount"),
    ],
)
async def test_a_filter_that_is_wrong_is_refused_and_not_ignored(client, query, field):
    await send(client)
    assert_error(await client.get(f"/api/orders?{query}"), 422, "invalid_request", field)


async def test_executions(client, world):
    await send(client)
    world.fill("T-1", "2", "174.98")
    world.fill("T-1", "3", "174.99")
    body = (await client.get("/api/executions")).json()
    assert [(each["qty"], each["price"]) for each in body["executions"]] == [("3", "174.99"), ("2", "174.98")]
    assert {each["side"] for each in body["executions"]} == {"BUY"}
    assert (await client.get("/api/executions?symbol=MSFT")).json()["executions"] == []
    assert_error(await client.get("/api/executions?account=A9"), 404, "unknown_account")


async def test_tables_that_stand_still_are_503(client, desk):
    desk.projections = None
    assert_error(await client.get("/api/orders"), 503, "projections_failed")


async def test_while_nothing_is_decided_orders_can_still_be_looked_at(client, desk):
    await send(client)
    desk.failing = DeskUnavailable("store_unavailable", "the disk is full")
    assert (await client.get("/api/order/T-1")).status_code == 200
    assert_error(await client.delete("/api/order/T-1"), 503, "store_unavailable")
