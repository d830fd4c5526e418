"""Commitment, and what only a person can know."""

import pytest

from stopline.messages import inputs as i
from tests.build import World
from tests.unit.doors.native.bodies import assert_error, send


async def test_arm_propose_and_approve(client, world):
    response = await client.post("/api/risk/arm")
    assert (response.status_code, response.json()) == (200, {"armed": "A1"})
    assert (await client.get("/api/account")).json()["armed"] is True
    await client.put("/api/risk/limits", json={"max_order_size": 2000, "reason": "larger orders"})
    await client.put("/api/risk/position-limits/AAPL", json={"max_position": 100})
    await client.put("/api/risk/position-limits/AAPL", json={"max_position": 200})
    found = (await client.get("/api/risk/proposals")).json()["proposals"]
    assert [(each["proposal_id"], each["symbol"], each["limits"]) for each in found] == [
        (1, "", {"max_order_notional": "2000.00"}),
        (2, "AAPL", {"max_position": "200.00"}),
    ]
    assert (found[0]["reason"], found[0]["actor"], found[0]["account"]) == ("larger orders", "local", "A1")
    own = await client.post("/api/risk/proposals/approve", json={"proposal_id": 1})
    assert_error(own, 403, "second_person_required")
    world.step(i.ApproveLimits(account="A1", proposal_id=1, actor="second"))
    assert (await client.get("/api/risk/limits")).json()["max_order_size"] == 2000
    assert [each["proposal_id"] for each in (await client.get("/api/risk/proposals")).json()["proposals"]] == [2]
    gone = await client.post("/api/risk/proposals/approve", json={"proposal_id": 1})
    assert gone.status_code in (403, 404)
    assert_error(await client.post("/api/risk/proposals/approve", json={}), 422, "invalid_request", "proposal_id")


async def test_an_order_of_unknown_outcome_is_resolved(client, world):
    await send(client)
    body = {"outcome": "canceled", "reason": "the broker's desk says so"}
    assert_error(await client.post("/api/order/T-1/resolve", json=body), 403, "not_allowed")
    world.sent("T-1")
    world.lose("T-1")
    assert (await client.get("/api/order/T-1")).json()["state"] == "unknown"
    assert (await client.get("/api/positions")).json()["positions"][0]["working_buys"] == "5"
    response = await client.post("/api/order/T-1/resolve", json=body)
    assert (response.status_code, response.json()) == (200, {"client_order_id": "T-1", "state": "canceled"})
    assert (await client.get("/api/positions")).json()["positions"] == []


@pytest.mark.parametrize("body", [{"outcome": "filled", "reason": "x"}, {"outcome": "canceled"}, {"reason": "x"}, {}])
async def test_a_resolution_that_is_malformed(client, body):
    await send(client)
    assert_error(await client.post("/api/order/T-1/resolve", json=body), 422, "invalid_request")
    assert_error(
        await client.post("/api/order/none/resolve", json={"outcome": "expired", "reason": "x"}), 404, "unknown_order"
    )


async def test_the_days_opening_equity_is_stated_where_nobody_knows_it(client, world: World):
    body = {"equity": "98900.00", "reason": "broker statement"}
    assert_error(await client.post("/api/risk/baseline", json=body), 403, "not_allowed")
    world.hold("10", price="110")
    world.next_session(late_s=3600)
    account = (await client.get("/api/account")).json()
    assert (account["baseline"], account["trading_state"]) == (None, "reducing")
    response = await client.post("/api/risk/baseline", json=body)
    assert (response.status_code, response.json()) == (200, {"session_id": "2026-01-07"})
    assert (await client.get("/api/account")).json()["baseline"] == "98900.00"
    assert_error(await client.post("/api/risk/baseline", json={}), 422, "invalid_request", "equity")
