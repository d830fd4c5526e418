"""Limits, symbol limits, day P&L, alerts, breakers, what-if."""

import pytest

from stopline.messages import inputs as i
from stopline.model.limits import DEFAULT_LIMITS, Limits, RateWindow
from stopline.model.numbers import SECOND
from stopline.ports.desk import DeskUnavailable
from tests.build import World, money
from tests.unit.doors.native.bodies import assert_error, order, raw, send

DEFAULTS = (
    b'{"max_position_size":10000.00,"max_order_size":1000.00,"daily_loss_limit":5000.00,'
    b'"max_portfolio_concentration":25.00,"max_leverage":2.00,"max_orders_per_second":10,"enabled":true}'
)


# --- limits --------------------------------------------------------------------------------


async def test_limits_are_the_bytes_of_the_contract(client):
    response = await client.get("/api/risk/limits")
    assert (response.status_code, response.content) == (200, DEFAULTS)
    assert response.headers["etag"] == '"1"'


async def test_a_limit_that_is_not_armed_is_null(client, world):
    world.change_limits(Limits())
    body = (await client.get("/api/risk/limits")).json()
    assert body == dict.fromkeys(body, None) | {"enabled": True}


async def test_a_partial_change_leaves_the_rest(client, world):
    response = await client.put("/api/risk/limits", content=b'{"max_order_size": 2000.50}')
    assert response.status_code == 200
    assert response.content == DEFAULTS.replace(b"1000.00,", b"2000.50,")
    assert response.headers["etag"] == '"2"'
    assert world.account().limits.own().max_order_notional == money("2000.50")
    assert world.account().limits.own().price_collar == DEFAULT_LIMITS.price_collar


async def test_every_name_of_document_001_is_its_check(client, world):
    body = {
        "max_position_size": "20000.00",
        "max_order_size": 1500,
        "daily_loss_limit": 400,
        "max_portfolio_concentration": 12.5,
        "max_leverage": 1.5,
        "max_orders_per_second": 3,
        "enabled": False,
        "reason": "quieter",
    }
    assert (await client.put("/api/risk/limits", json=body)).status_code == 200
    own = world.account().limits.own()
    assert (own.max_position, own.max_order_notional, own.daily_loss) == (
        money("20000"),
        money("1500"),
        money("400"),
    )
    assert (own.concentration, own.leverage, own.enabled) == (125_000, 1_500_000, False)
    assert own.order_rate == (RateWindow(3, SECOND),)


async def test_a_limit_changed_here_decides_the_next_order(client):
    assert (await send(client, quantity=6)).status_code == 403
    await client.put("/api/risk/limits", json={"max_order_size": 2000})
    assert (await send(client, client_order_id="T-2", quantity=6)).status_code == 201


async def test_null_takes_a_limit_away(client, world):
    await client.put("/api/risk/limits", json={"max_order_size": None, "max_orders_per_second": None})
    own = world.account().limits.own()
    assert (own.max_order_notional, own.order_rate) == (None, ())


async def test_other_windows_stay_when_the_second_changes(client, world):
    windows = (RateWindow(10, SECOND), RateWindow(100, 60 * SECOND))
    world.change_limits(order_rate=windows)
    await client.put("/api/risk/limits", json={"max_orders_per_second": 5})
    assert world.account().limits.own().order_rate == (RateWindow(5, SECOND), RateWindow(100, 60 * SECOND))


async def test_every_limit_under_its_own_name(client, world):
    body = {
        "max_order_qty": "100",
        "drawdown_floor": 90000,
        "quote_max_age": "2.5",
        "max_open_positions": 4,
        "order_rate": [{"count": 5, "seconds": 1}, {"count": 60, "seconds": "60"}],
        "reject_burst": {"count": 3, "seconds": 10},
        "deny": ["eq:US:GME"],
        "money_classes": ["equity"],
        "short_sale": None,
        "stop_required": True,
    }
    assert (await client.put("/api/risk/limits", json=body)).status_code == 200
    shown = (await client.get("/api/risk/limits?detail=all")).json()
    assert shown["max_order_qty"] == "100"
    assert shown["drawdown_floor"] == "90000.00"
    assert shown["quote_max_age"] == "2.5"
    assert shown["max_open_positions"] == "4"
    assert shown["order_rate"] == [{"count": 5, "seconds": "1"}, {"count": 60, "seconds": "60"}]
    assert shown["reject_burst"] == {"count": 3, "seconds": "10"}
    assert shown["deny"] == ["eq:US:GME"]
    assert shown["money_classes"] == ["equity"]
    assert set(shown) == set(Limits.__struct_fields__)


async def test_what_is_shown_can_be_sent_back(client, world):
    shown = (await client.get("/api/risk/limits?detail=all")).json()
    before = world.account().limits.own()
    assert (await client.put("/api/risk/limits", json=shown)).status_code == 200
    assert world.account().limits.own() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ""),
        ({"reason": "none"}, ""),
        ({"max_order_size": -1}, "max_order_size"),
        ({"max_order_size": True}, "max_order_size"),
        ({"max_order_size": "1e400"}, "max_order_size"),
        ({"max_order_sise": 1}, "max_order_sise"),
        ({"max_orders_per_second": 1.5}, "max_orders_per_second"),
        ({"max_orders_per_second": 0}, "max_orders_per_second"),
        ({"enabled": 1}, "enabled"),
        ({"order_rate": [{"count": 1}]}, "order_rate"),
        ({"order_rate": [{"count": 1, "seconds": 0}]}, "order_rate"),
        ({"order_rate": {"count": 1, "seconds": 1}}, "order_rate"),
        ({"deny": "eq:*"}, "deny"),
        ({"money_classes": ["stocks"]}, "money_classes"),
        ({"max_order_size": 1, "max_order_notional": 2}, "max_order_notional"),
        ({"max_orders_per_second": 1, "order_rate": []}, "order_rate"),
    ],
)
async def test_a_change_that_is_malformed(client, world, body, field):
    before = world.account().limits.own()
    assert_error(await client.put("/api/risk/limits", json=body), 422, "invalid_request", field)
    assert world.account().limits.own() == before


async def test_a_contradiction_is_refused_by_the_engine(client):
    assert_error(await client.put("/api/risk/limits", json={"daily_loss_limit": 0}), 422, "bad_request")


async def test_a_change_made_on_older_limits_is_refused(client):
    change = {"max_order_size": 900}
    first = await client.put("/api/risk/limits", json=change, headers={"If-Match": '"1"'})
    assert first.status_code == 200
    stale = await client.put("/api/risk/limits", json={"max_order_size": 800}, headers={"If-Match": '"1"'})
    assert_error(stale, 409, "stale_version")
    stale = await client.put("/api/risk/limits", json={"max_order_size": 800, "base_version": 1})
    assert_error(stale, 409, "stale_version")
    wrong = await client.put("/api/risk/limits", json=change, headers={"If-Match": '"x"'})
    assert_error(wrong, 422, "invalid_request", "If-Match")


async def test_loosening_an_armed_account_waits(client, world):
    world.step(i.ArmAccount(account="A1"))
    response = await client.put("/api/risk/limits", json={"max_order_size": 2000})
    body = response.json()
    assert response.status_code == 202
    assert (body["status"], body["proposal_id"]) == ("proposed", 1)
    assert body["effective_at"] == "2026-01-09T15:00:00.000000000Z"
    assert "proposal 1" in body["message"]
    assert (await client.get("/api/risk/limits")).content == DEFAULTS
    tightened = await client.put("/api/risk/limits", json={"max_order_size": 500})
    assert tightened.status_code == 200
    symbol = await client.put("/api/risk/position-limits/AAPL", json={"max_position": 100})
    assert symbol.status_code == 200
    symbol = await client.put("/api/risk/position-limits/AAPL", json={"max_position": 200})
    assert symbol.status_code == 202


async def test_which_account(client, world):
    world.open_account("A2")
    assert_error(await client.get("/api/risk/limits"), 422, "invalid_request", "account")
    assert_error(await client.put("/api/risk/limits", json={"max_order_size": 1}), 422, "invalid_request", "account")
    assert (await client.put("/api/risk/limits?account=A2", json={"max_order_size": 7})).status_code == 200
    assert (await client.put("/api/risk/limits", json={"max_order_size": 8, "account": "A1"})).status_code == 200
    assert (await client.get("/api/risk/limits?account=A2")).json()["max_order_size"] == 7
    assert (await client.get("/api/risk/limits?account=A1")).json()["max_order_size"] == 8
    assert_error(await client.get("/api/risk/limits?account=A3"), 404, "unknown_account")


# --- one symbol ------------------------------------------------------------------------------


async def test_a_symbol_without_its_own_limit_shows_the_accounts(client):
    response = await client.get("/api/risk/position-limits/TSLA")
    assert response.content == b'{"max_position":10000.00,"max_concentration_pct":25.00}'


async def test_put_and_get_the_limit_of_a_symbol(client, world):
    sent = b'{"max_position": 5000.00, "max_concentration_pct": 15.00}'
    response = await client.put("/api/risk/position-limits/TSLA", content=sent)
    assert (response.status_code, response.content) == (200, sent.replace(b" ", b""))
    for name in ("TSLA", "eq:US:TSLA"):
        response = await client.get(f"/api/risk/position-limits/{name}")
        assert response.content == sent.replace(b" ", b"")
    response = await client.put("/api/risk/position-limits/eq:US:TSLA", json={"max_position": None})
    assert response.content == b'{"max_position":10000.00,"max_concentration_pct":15.00}'
    assert list(world.account().limits.symbols) == ["TSLA"]


async def test_a_futures_product_has_a_limit_in_contracts(client):
    response = await client.put("/api/risk/position-limits/fut:ES", json={"max_position_qty": 12})
    assert response.json()["max_position_qty"] == "12"
    body = (await client.get("/api/risk/position-limits/fut:ES")).json()
    assert body == {"max_position": None, "max_concentration_pct": None, "max_position_qty": "12"}


async def test_a_symbol_nobody_knows(client):
    body = assert_error(await client.get("/api/risk/position-limits/NOPE"), 404, "unknown_instrument")
    assert "a futures product such as fut:ES" in body["fix"], "who asked for ES was not told how"
    response = await client.put("/api/risk/position-limits/NOPE", json={"max_position": 1})
    assert_error(response, 404, "unknown_instrument")


# --- what happened ---------------------------------------------------------------------------


async def test_alerts_are_newest_first(client):
    await send(client, client_order_id="1", quantity=100)
    await send(client, client_order_id="2", symbol="MSFT", quantity=100)
    body = (await client.get("/api/risk/alerts?limit=1")).json()
    assert body["next_cursor"]
    alert = body["alerts"][0]
    assert (alert["alert_type"], alert["severity"], alert["symbol"]) == ("ORDER_REJECTED", "WARNING", "MSFT")
    assert "Order size exceeds limit" in alert["message"]
    rest = (await client.get(f"/api/risk/alerts?cursor={body['next_cursor']}")).json()
    assert [each["symbol"] for each in rest["alerts"]] == ["AAPL"]


async def test_the_days_pnl_is_numbers_written_exactly(client, world):
    world.quote("AAPL", "99.99", "100.01", "100")
    world.hold("10", price="100")
    world.quote("AAPL", "101.23", "101.25", "101.2345678")
    response = await client.get("/api/risk/daily-pnl")
    assert response.content == (
        b'{"date":"2026-01-06","realized_pnl":0.00,"unrealized_pnl":12.345678,"total_pnl":12.345678,'
        b'"circuit_breaker_triggered":false}'
    )


async def test_an_unpriced_position_makes_pnl_unknown_and_never_zero(client, world):
    world.hold("10", price="100")
    body = (await client.get("/api/risk/daily-pnl")).json()
    assert (body["unrealized_pnl"], body["total_pnl"]) == (None, None)
    account = (await client.get("/api/account")).json()
    assert (account["equity"], account["unpriced"]) == (None, ["AAPL"])


# --- breakers --------------------------------------------------------------------------------


async def lose_too_much(world: World) -> None:
    world.quote("AAPL", "99.99", "100.01", "100")
    world.hold("100", price="100")
    for _ in range(2):
        world.quote("AAPL", "48.99", "49.01", "49")


async def test_a_daily_loss_trips_is_listed_and_cannot_be_reset_while_it_lasts(client, world):
    await lose_too_much(world)
    body = (await client.get("/api/risk/circuit-breakers")).json()
    breaker = body["circuit_breakers"][0]
    assert (breaker["trigger_type"], breaker["trigger_value"], breaker["threshold"]) == (
        "DAILY_LOSS",
        "-5100.00",
        "-5000.00",
    )
    assert (breaker["active"], breaker["breaker_id"]) == (True, 1)
    assert (await client.get("/api/risk/daily-pnl")).json()["circuit_breaker_triggered"] is True
    denied = await send(client)
    assert (denied.status_code, denied.json()["check"]) == (403, "trading_state")
    response = await client.post("/api/risk/circuit-breaker/reset", json={"breaker_id": 1})
    assert_error(response, 409, "condition_persists")


async def test_trip_and_reset_by_hand(client):
    response = await client.post(
        "/api/risk/circuit-breaker/trip", json={"reason": "news", "expires_at": "2026-01-06T16:00:00Z"}
    )
    body = response.json()
    assert response.status_code == 200
    assert (body["trigger_type"], body["active"], body["reason"]) == ("MANUAL", True, "news")
    assert body["expires_at"] == "2026-01-06T16:00:00.000000000Z"
    assert (await send(client)).status_code == 403
    response = await client.post("/api/risk/circuit-breaker/reset", json={"breaker_id": body["breaker_id"]})
    assert (response.status_code, response.json()["active"]) == (200, False)
    assert (await send(client, client_order_id="T-2")).status_code == 201
    again = await client.post("/api/risk/circuit-breaker/reset", json={"breaker_id": body["breaker_id"]})
    assert_error(again, 409, "already_reset")


async def test_a_breaker_nobody_knows(client):
    response = await client.post("/api/risk/circuit-breaker/reset", json={"breaker_id": 99})
    assert_error(response, 404, "unknown_breaker")


@pytest.mark.parametrize("body", [{}, {"breaker_id": 0}, {"breaker_id": "x"}, {"breaker_id": 1, "force": True}])
async def test_a_reset_that_is_malformed(client, body):
    assert_error(await client.post("/api/risk/circuit-breaker/reset", json=body), 422, "invalid_request")


async def test_trip_twice_and_in_the_past(client):
    past = await client.post("/api/risk/circuit-breaker/trip", json={"expires_at": "2020-01-01T00:00:00Z"})
    assert_error(past, 422, "bad_request")
    assert (await client.post("/api/risk/circuit-breaker/trip")).status_code == 200
    assert_error(await client.post("/api/risk/circuit-breaker/trip"), 403, "not_allowed")


# --- what if ---------------------------------------------------------------------------------


async def test_check_is_the_decision_without_sending(client, world):
    records = len(world.records)
    response = await client.post("/api/risk/check", json=order(quantity=100, client_order_id=None))
    body = response.json()
    assert response.status_code == 200
    assert (body["approved"], body["check"], body["max_passing_qty"]) == (False, "max_order_notional", "5")
    assert body["message"] == "Order size exceeds limit: $17500.00 > $1000.00"
    assert len(world.records) == records
    passing = (await client.post("/api/risk/check", json=order())).json()
    assert (passing["approved"], passing["check"], passing["observed"]) == (True, None, None)
    assert passing["evidence"]["equity"] == "100000.00"
    assert (await send(client)).status_code == 201


async def test_check_of_what_is_malformed(client):
    response = await client.post("/api/risk/check", content=raw(order(), quantity="NaN"))
    assert_error(response, 422, "malformed_json")
    assert_error(await client.post("/api/risk/check", json=order(account="A9")), 404, "unknown_account")


async def test_while_nothing_is_decided_limits_are_shown_but_not_changed(client, desk):
    desk.failing = DeskUnavailable("store_unavailable", "the disk is full")
    assert (await client.get("/api/risk/limits")).content == DEFAULTS
    assert_error(await client.put("/api/risk/limits", json={"max_order_size": 1}), 503, "store_unavailable")
