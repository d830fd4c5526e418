"""POST /api/order: the decision, its status and its bytes."""

import pytest

from stopline.messages.inputs import SubmitOrder
from stopline.model.order import OrderClass, OrderType, Side, TimeInForce
from stopline.ports.desk import DeskUnavailable
from tests.build import money, qty
from tests.unit.doors.native.bodies import assert_error, order, raw, send


async def test_an_order_that_passes_is_accepted(client, world):
    response = await send(client)
    assert response.status_code == 201
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {
        "account": "A1",
        "client_order_id": "T-1",
        "instrument_id": "eq:US:AAPL",
        "symbol": "AAPL",
        "side": "BUY",
        "order_type": "LIMIT",
        "order_qty": "5",
        "limit_price": "175.00",
        "stop_price": None,
        "time_in_force": "DAY",
        "order_class": "simple",
        "state": "approved",
        "handling": "native",
        "decision_id": world.order("T-1").decision_id,
        "routed_order_id": world.routed("T-1"),
        "reducing": False,
    }


async def test_a_denial_says_which_check_saw_what(client):
    response = await send(client, quantity=100)
    body = response.json()
    checks = {check["check"]: check for check in body.pop("checks")}
    assert response.status_code == 403
    assert body.pop("decision_id")
    assert body == {
        "error": "risk_denied",
        "check": "max_order_notional",
        "message": "Order size exceeds limit: $17500.00 > $1000.00",
        "observed": "17500.00",
        "limit": "1000.00",
        "headroom": "-16500.00",
        "max_passing_qty": "5",
        "retry_with_new_id": True,
        "account": "A1",
        "client_order_id": "T-1",
        "symbol": "AAPL",
    }
    assert checks["max_order_notional"] == {
        "check": "max_order_notional",
        "passed": False,
        "observed": "17500.00",
        "limit": "1000.00",
        "headroom": "-16500.00",
        "status": "denied",
        "unit": "money",
        "reason": "Order size exceeds limit: $17500.00 > $1000.00",
    }
    assert checks["max_position"]["passed"] is False
    assert checks["leverage"] | {"reason": ""} == {
        "check": "leverage",
        "passed": True,
        "observed": "0.175",
        "limit": "2.00",
        "headroom": "1.825",
        "status": "passed",
        "unit": "ratio",
        "reason": "",
    }
    assert checks["max_order_qty"]["status"] == "not_armed"


@pytest.mark.parametrize("changes", [{}, {"quantity": 100}, {"symbol": "NOPE"}], ids=["201", "403", "unknown"])
async def test_a_repeat_gets_the_same_bytes(client, world, changes):
    first = await send(client, **changes)
    await send(client, client_order_id="T-2", price="174.99")
    world.wait(3600)
    again = await send(client, **changes)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers


async def test_a_repeat_after_the_order_has_moved_on_is_still_the_decision(client, world):
    first = await send(client)
    world.fill("T-1", "5", "175")
    world.next_session()
    assert (await send(client)).content == first.content


async def test_a_repeat_may_write_its_numbers_and_symbol_differently(client):
    first = await send(client)
    again = await client.post(
        "/api/order", content=raw(order(symbol="eq:US:AAPL", side="buy"), quantity="5.0", price="1.75e2")
    )
    assert again.content == first.content


async def test_the_same_id_with_another_body_is_a_conflict(client):
    await send(client)
    body = assert_error(await send(client, quantity=4), 409, "client_order_id_conflict")
    assert body["orders"] == ["T-1"]


async def test_a_malformed_order_uses_up_no_id(client, desk):
    asked = len(desk.asked)
    assert_error(await send(client, quantity="NaN"), 422, "invalid_request", "quantity")
    assert len(desk.asked) == asked
    assert (await send(client)).status_code == 201


async def test_the_store_failing_is_503_and_uses_up_no_id(client, desk):
    desk.failing = DeskUnavailable("store_unavailable", "the disk is full")
    response = await send(client)
    body = assert_error(response, 503, "store_unavailable")
    assert body["message"] == "the disk is full"
    assert response.headers["retry-after"] == "1"
    desk.failing = None
    assert (await send(client)).status_code == 201


async def test_more_than_the_rate_is_403_and_never_429(client):
    statuses = [
        (await send(client, client_order_id=f"R-{n}", symbol="SPY", quantity=1, price=450)).status_code
        for n in range(15)
    ]
    assert statuses == [201] * 10 + [403] * 5
    body = (await send(client, client_order_id="R-16", symbol="SPY", quantity=1, price=450)).json()
    assert "rate limit exceeded" in body["message"]


async def test_the_only_account_is_the_default_and_one_of_two_must_be_named(client, world):
    assert (await send(client)).json()["account"] == "A1"
    world.open_account("A2")
    assert_error(await send(client, client_order_id="T-2"), 422, "invalid_request", "account")
    assert (await send(client, client_order_id="T-2", account="A1")).status_code == 201
    assert_error(await send(client, client_order_id="T-3", account="A3"), 404, "unknown_account")


async def test_who_asks_is_the_client_id_or_the_address(client, desk):
    await send(client)
    await client.post("/api/order", json=order(client_order_id="T-2"), headers={"X-Client-Id": "bot-7"})
    assert [each.client for each in desk.asked if isinstance(each, SubmitOrder)] == ["127.0.0.1:5001", "bot-7"]
    refused = await client.post("/api/order", json=order(), headers={"X-Client-Id": "a b"})
    assert_error(refused, 422, "invalid_request", "X-Client-Id")


async def test_every_field_arrives(client, desk):
    await send(
        client,
        account="A1",
        order_type="STOP_LIMIT",
        stop_price="174.50",
        time_in_force="GTD",
        expire_at="2026-01-07T15:00:00Z",
        extended_hours=True,
        reduce_only=True,
        order_class="bracket",
        take_profit={"limit_price": "190.00"},
        stop_loss={"stop_price": "170.00", "limit_price": "169.50"},
        oca_group="g",
        cancel_after_s="30.5",
        on_partial_fill="cancel_rest",
        partial_timeout_s=5,
        currency="USD",
        strategy="s-1",
        tags=["a", "b"],
        legs=[],
    )
    assert desk.asked[-1] == SubmitOrder(
        account="A1",
        client_order_id="T-1",
        symbol="AAPL",
        side=Side.BUY,
        order_qty=qty("5"),
        order_type=OrderType.STOP_LIMIT,
        limit_price=money("175"),
        stop_price=money("174.50"),
        time_in_force=TimeInForce.GTD,
        expire_at=1_767_798_000_000_000_000,
        extended_hours=True,
        reduce_only=True,
        strategy="s-1",
        tags="a,b",
        currency="USD",
        order_class=OrderClass.BRACKET,
        take_profit=money("190"),
        stop_loss=money("170"),
        stop_loss_limit=money("169.50"),
        oca_group="g",
        cancel_after=30_500_000_000,
        cancels_rest=True,
        partial_timeout=5_000_000_000,
        actor="local",
        client="127.0.0.1:5001",
    )


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"client_order_id": None}, "client_order_id", "missing"),
        ({"symbol": None}, "symbol", "missing"),
        ({"side": None}, "side", "missing"),
        ({"order_type": None}, "order_type", "missing"),
        ({"quantity": None}, "quantity", "missing"),
        ({"quantity": 0}, "quantity", "more than 0"),
        ({"quantity": -1}, "quantity", "more than 0"),
        ({"quantity": True}, "quantity", "not a number"),
        ({"quantity": [1]}, "quantity", "not a number"),
        ({"price": True}, "price", "true is not a number"),
        ({"price": {}}, "price", "not a number"),
        ({"price": None}, "price", "needs a price"),
        ({"price": "1e400"}, "price", "exponent"),
        ({"notional": "100"}, "quantity", "not both"),
        ({"order_type": "MARKET"}, "price", "takes no price"),
        ({"order_type": "STOP"}, "stop_price", "needs a stop_price"),
        ({"order_type": "TRAILING_STOP", "price": None}, "trail_amount", "exactly one"),
        ({"stop_price": "1"}, "stop_price", "takes no stop_price"),
        ({"trail_amount": "1"}, "trail_amount", "takes no trail_amount"),
        ({"time_in_force": "GTD"}, "expire_at", "needs expire_at"),
        ({"expire_at": "2026-01-07T15:00:00Z"}, "expire_at", "only time_in_force GTD"),
        ({"cancel_after_s": 0}, "cancel_after_s", "more than 0"),
        ({"cancel_after_s": "40000000"}, "cancel_after_s", "at most a year"),
        ({"cancel_after_s": 1, "time_in_force": "IOC"}, "cancel_after_s", "left to cancel later"),
        ({"on_partial_fill": "complete"}, "on_partial_fill", "not known"),
        ({"on_partial_fill": "cancel_rest", "time_in_force": "FOK"}, "on_partial_fill", "left to cancel later"),
        ({"partial_timeout_s": 5}, "partial_timeout_s", "it needs that"),
        ({"partial_timeout_s": 5, "on_partial_fill": "keep"}, "partial_timeout_s", "it needs that"),
        ({"time_in_force": "FOREVER"}, "time_in_force", "not known"),
        ({"side": "HOLD"}, "side", "not known"),
        ({"legs": [{}]}, "legs", "not taken"),
        ({"take_profit": {"price": 1}}, "take_profit", "nobody knows"),
        ({"stop_loss": {"limit_price": 1}}, "stop_loss", "stop_price is missing"),
        ({"tags": [1]}, "tags", "not text"),
        ({"qty": 5}, "qty", "nobody knows"),
        ({"extended_hours": "yes"}, "extended_hours", "true or false"),
    ],
)
async def test_grammar_is_422_with_field_fault_and_fix(client, changes, field, says):
    response = await send(client, **changes)
    body = assert_error(response, 422, "invalid_request", field)
    problem = next(problem for problem in body["problems"] if problem["field"] == field)
    assert says in problem["message"]
    assert problem["fix"]


async def test_a_key_that_is_nearly_right_is_named(client):
    body = assert_error(await send(client, quantity=None, quantitty=5), 422, "invalid_request", "quantitty")
    assert body["fix"] == "did you mean quantity?"


async def test_an_order_in_money_and_a_trailing_stop_are_grammar(client, desk):
    await send(client, quantity=None, notional="500")
    assert desk.asked[-1].notional == money("500")
    assert desk.asked[-1].order_qty == 0
    await send(client, client_order_id="T-2", order_type="TRAILING_STOP", price=None, trail_percent="1.5")
    assert desk.asked[-1].trail_percent == 15_000


async def test_markup_in_names_comes_back_as_text(client):
    response = await send(client, symbol="<script>alert(1)</script>", strategy='"><b>')
    assert response.status_code == 403
    assert response.json()["symbol"] == "<script>alert(1)</script>"
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-content-type-options"] == "nosniff"
