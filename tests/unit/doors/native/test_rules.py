"""Account rules through the door: what they find, what locks, what is owed, and who may end it."""

from typing import Any

import pytest

from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.model.account import TradingState
from stopline.model.breach import Mode
from stopline.model.numbers import SECOND
from stopline.model.rules import DailyTotalLossTerms, MaxContractsPerInstrumentTerms, Rules
from tests.build import World, money, qty
from tests.unit.doors.native.bodies import assert_error, send
from tests.unit.doors.native.socket import Socket

LOSS = Rules(daily_total_loss=DailyTotalLossTerms(loss_limit=money("500")))


@pytest.fixture
def broken(world):
    """An account that has lost all that it may: flattening, and locked."""
    world.step(i.ChangeRules(account="A1", rules=LOSS, reason="test"))
    world.quote("AAPL", "100", "100.02", "100")
    world.hold("100", price="100")
    for _ in range(2):
        world.quote("AAPL", "94.99", "95.01", "95")
    return world


def one(listed: list[dict[str, Any]], key: str) -> dict[str, Any]:
    """Return what stands under a key; while it is flattened, an account is locked by that as well."""
    [found] = [each for each in listed if each["key"] == key]
    return found


def flat(world: World) -> None:
    """The close fills, and the broker says flat."""
    [close] = world.account().live
    world.fill(close, "100", "95")
    world.reconcile()


# --- rules and breaches ------------------------------------------------------------------------


async def test_every_rule_is_listed_the_unarmed_as_a_defect(client, world):
    world.step(i.ChangeRules(account="A1", rules=LOSS, reason="test"))
    body = (await client.get("/api/rules")).json()
    assert (body["account"], body["armed"], body["proposal"]) == ("A1", False, None)
    first, *others = body["rules"]
    assert first == {
        "rule": "daily_total_loss", "status": "armed", "mode": "enforce",
        "terms": {"loss_limit": "500.00", "buffer": "0.00", "buffer_ticks": "0"},
        "measures": [{"key": "", "unit": "money", "observed": "0.00", "limit": "-500.00"}],
        "breaches": [], "defect": None,
    }  # fmt: skip
    world.hold("3", price="100")
    unknown, *_ = (await client.get("/api/rules")).json()["rules"]
    assert unknown["measures"] == [{"key": "", "unit": "money", "observed": None, "limit": "-500.00"}]
    assert len(others) == len(Rules.__struct_fields__) - 1
    assert {each["status"] for each in others} == {"not_armed"}
    assert others[0]["defect"] == "max_contracts is not armed: it watches nothing"


async def test_a_breach_is_open_and_then_past(client, broken):
    [rule] = [each for each in (await client.get("/api/rules")).json()["rules"] if each["breaches"]]
    listed = (await client.get("/api/risk/breaches?account=A1")).json()
    assert rule["breaches"] == listed["open"]
    [breach] = listed["open"]
    assert (breach["rule"], breach["mode"], breach["observed"], breach["limit"]) == (
        "daily_total_loss", "enforce", "-500.00", "-500.00",
    )  # fmt: skip
    assert breach["asks_for"] == ["cancel entries", "flatten", "lock until 2026-01-06T22:00:00Z"]
    assert listed["past"] == []
    flat(broken)
    broken.next_session()
    listed = (await client.get("/api/risk/breaches")).json()
    assert listed["open"] == []
    [past] = listed["past"]
    assert (past["status"], past["observed"], past["time"]) == ("ended", "-500.00", breach["since"])
    assert past["evidence"]["positions"] == [["eq:US:AAPL", "100", "95.00"]]
    assert_error(await client.get("/api/risk/breaches?account=A9"), 404, "unknown_account")


async def test_a_loosening_of_rules_waits_for_a_second_person(client, world):
    world.step(i.ChangeRules(account="A1", rules=LOSS, reason="test"))
    assert_error(await client.post("/api/rules/approve"), 403, "not_allowed")
    await client.post("/api/risk/arm")
    wider = Rules(daily_total_loss=DailyTotalLossTerms(loss_limit=money("900"), mode=Mode.WARN))
    world.step(i.ChangeRules(account="A1", rules=wider, reason="more room"))
    proposal = (await client.get("/api/rules")).json()["proposal"]
    assert proposal["terms"] == {
        "daily_total_loss": {"mode": "warn", "loss_limit": "900.00", "buffer": "0.00", "buffer_ticks": "0"}
    }
    assert (proposal["actor"], proposal["reason"]) == ("local", "more room")
    assert_error(await client.post("/api/rules/approve", json={}), 403, "second_person_required")
    world.step(i.ChangeRules(account="A1", rules=Rules(), actor="second"))
    response = await client.post("/api/rules/approve", json={"account": "A1"})
    assert (response.status_code, response.json()) == (200, {"account": "A1"})
    assert {each["status"] for each in (await client.get("/api/rules")).json()["rules"]} == {"not_armed"}


# --- locks ---------------------------------------------------------------------------------------


async def test_a_lock_says_its_end_and_who_may_end_it(client, broken):
    listed = (await client.get("/api/risk/lockouts")).json()
    lock = one(listed["standing"], "lock:daily_total_loss")
    assert (lock["state"], lock["until"]) == ("reducing", "2026-01-06T22:00:00.000000000Z")
    assert (lock["keeps_flat"], lock["actor"]) == (True, "daily_total_loss")
    assert lock["left_s"] == 7 * 3600
    assert lock["one_person_from"] == "2026-01-06T15:15:00.000000000Z"
    assert lock["ends"].startswith("its end, or POST /api/risk/lockout/release")
    assert "connection" in {each["key"] for each in listed["past"]}
    for path in ("/api/account", "/api/headroom"):
        restriction = one((await client.get(path)).json()["restrictions"], "lock:daily_total_loss")
        assert (restriction["keeps_flat"], restriction["until"]) == (True, lock["until"])
    assert (await client.get("/api/headroom")).json()["trading_state"] == "reducing"
    assert_error(await client.get("/api/risk/lockouts?account=A9"), 404, "unknown_account")


async def test_one_locks_himself_out_and_only_longer(client, world):
    await send(client)
    response = await client.post("/api/risk/lockout", json={"for_s": 7200, "reason": "enough"})
    assert (response.status_code, response.json()) == (
        200, {"key": "lock:self", "until": "2026-01-06T17:00:00Z"},
    )  # fmt: skip
    assert world.trading == TradingState.REDUCING
    assert world.order("T-1").state == "pending_cancel"
    assert (await send(client, client_order_id="T-2")).json()["check"] == "trading_state"
    shorter = {"until": "2026-01-06T16:00:00Z", "reason": "now I want back in"}
    assert_error(await client.post("/api/risk/lockout", json=shorter), 403, "not_allowed")
    longer = await client.post("/api/risk/lockout", json={"until": "2026-01-06T18:00:00Z", "flatten": True})
    assert longer.json()["until"] == "2026-01-06T18:00:00Z"
    assert_error(await client.post("/api/risk/lockout", json=shorter | {"flatten": True}), 403, "not_allowed")
    lock = one((await client.get("/api/risk/lockouts")).json()["standing"], "lock:self")
    assert (lock["since"], lock["keeps_flat"]) == ("2026-01-06T15:00:00.000000000Z", True)


async def test_a_longer_lock_that_is_asked_to_keep_flat_keeps_its_end(client):
    await client.post("/api/risk/lockout", json={"for_s": 7200})
    response = await client.post("/api/risk/lockout", json={"for_s": 60, "flatten": True})
    assert response.json()["until"] == "2026-01-06T17:00:00Z"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "until"),
        ({"reason": "no end"}, "until"),
        ({"for_s": 60, "until": "2026-01-06T18:00:00Z"}, "until"),
        ({"for_s": 0}, "for_s"),
        ({"for_s": "soon"}, "for_s"),
        ({"until": "tomorrow"}, "until"),
        ({"for_s": 60, "flatten": "yes"}, "flatten"),
    ],
)
async def test_a_lock_without_an_end_that_can_be_read(client, body, field):
    assert_error(await client.post("/api/risk/lockout", json=body), 422, "invalid_request", field)


@pytest.mark.parametrize("body", [{"until": "2026-01-06T14:59:59Z"}, {"for_s": 32 * 86_400}])
async def test_a_lock_into_the_past_or_for_ever(client, body):
    assert_error(await client.post("/api/risk/lockout", json=body), 422, "bad_request")


async def test_a_lock_is_released_with_a_reason_and_not_at_once(client, broken):
    flat(broken)
    body = {"account": "A1", "key": "lock:daily_total_loss", "reason": "a bad print, the desk agrees"}
    early = await client.post("/api/risk/lockout/release", json=body)
    assert_error(early, 403, "second_person_required")
    broken.wait(15 * 60)
    assert_error(await client.post("/api/risk/lockout/release", json=body | {"key": "lock:none"}), 404, "unknown_lock")
    assert_error(
        await client.post("/api/risk/lockout/release", json={"key": "lock:x"}), 422, "invalid_request", "reason"
    )
    response = await client.post("/api/risk/lockout/release", json=body)
    assert (response.status_code, response.json()) == (200, {"released": "lock:daily_total_loss"})
    listed = (await client.get("/api/risk/lockouts")).json()
    assert listed["standing"] == []
    assert listed["past"][0]["key"] == "lock:daily_total_loss"
    assert (listed["past"][0]["lifted_by"], listed["past"][0]["keeps_flat"]) == ("local", True)


# --- obligations ---------------------------------------------------------------------------------


async def test_what_is_owed_is_listed_with_its_age_until_it_is_done(client, broken):
    broken.at += 64 * SECOND
    listed = (await client.get("/api/risk/obligations?account=A1")).json()
    [owed] = listed["open"]
    assert (owed["kind"], owed["cause"], owed["state"], owed["age_s"]) == (
        "flatten", "daily_total_loss", "in_progress", 64,
    )  # fmt: skip
    assert (await client.get("/api/account")).json()["obligations"] == listed["open"]
    assert listed["past"] == []
    flat(broken)
    listed = (await client.get("/api/risk/obligations")).json()
    assert listed["open"] == []
    [past] = listed["past"]
    assert (past["outcome"], past["end_reason"]) == ("done", "the broker says flat, with no orders")
    assert (past["opened_at"], past["closed_at"]) == (owed["opened_at"], "2026-01-06T15:01:04.000000000Z")
    assert_error(await client.get("/api/risk/obligations?account=A9"), 404, "unknown_account")


async def test_a_group_is_flattened_all_of_it_and_one_without_a_group_is_not(client, world):
    assert_error(await client.post("/api/flatten", json={"scope": "group"}), 422, "bad_request")
    assert_error(await client.post("/api/flatten", json={"scope": "firm"}), 422, "invalid_request", "scope")
    for name in ("G1", "G2"):
        world.open_account(name, group="desk")
        world.schedule(name)
        world.reconcile(name)
        world.hold("5", price="100", account=name)
    world.hold("7", price="100")
    response = await client.post("/api/flatten", json={"account": "G1", "scope": "group", "reason": "end of day"})
    body = response.json()
    assert body["flattening"] == ["G1", "G2"]
    assert len(body["closing"]) == 2
    owed = (await client.get("/api/risk/obligations")).json()["open"]
    assert [(each["account"], each["kind"], each["reason"]) for each in owed] == [
        ("G1", "flatten", "end of day"), ("G2", "flatten", "end of day"),
    ]  # fmt: skip
    assert not world.account().live
    alone = await client.post("/api/flatten", json={"account": "A1"})
    assert "flattening" not in alone.json()


# --- bots and the clock ------------------------------------------------------------------------------


async def test_a_bot_that_goes_silent_loses_its_entries(client, world):
    response = await client.post("/api/heartbeat", json={"strategy": "trend", "timeout_s": 5})
    assert (response.status_code, response.json()) == (200, {"bot": "strategy:trend"})
    await send(client, strategy="trend")
    await send(client, client_order_id="T-2")
    world.wait(4)
    await client.post("/api/heartbeat", json={"strategy": "trend", "timeout_s": 5})
    world.wait("4.000000003")
    assert world.order("T-1").state == "approved"
    world.at += 2
    world.wait(2)
    assert world.order("T-1").state == "pending_cancel"
    assert world.order("T-2").state == "approved"
    [alert] = [each for each in world.journal(e.AlertRaised) if each.alert_type == "BOT_SILENT"]
    assert alert.message.startswith("strategy:trend has not said for 5 s that it lives")
    left = await client.post("/api/heartbeat", json={"strategy": "trend", "timeout_s": 0})
    assert left.status_code == 200
    assert not world.account().bots


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"timeout_s": 5}, "strategy"),
        ({"strategy": "a", "client": "b", "timeout_s": 5}, "strategy"),
        ({"strategy": "a"}, "timeout_s"),
        ({"strategy": "", "timeout_s": 5}, "strategy"),
        ({"strategy": "a", "timeout_s": -1}, "timeout_s"),
        ({"strategy": "a", "timeout": 5}, "timeout"),
    ],
)
async def test_a_heartbeat_that_cannot_be_read(client, body, field):
    assert_error(await client.post("/api/heartbeat", json=body), 422, "invalid_request", field)


@pytest.mark.parametrize("timeout_s", ["0.5", 3601])
async def test_a_heartbeat_with_a_timeout_out_of_bounds(client, timeout_s):
    body = {"client": "bot-7", "timeout_s": timeout_s}
    assert_error(await client.post("/api/heartbeat", json=body), 422, "bad_request")


async def test_a_heartbeat_over_the_socket(app, world):
    async with Socket(app, "answers_only=true") as socket:
        socket.say(type="HEARTBEAT", request_id=7, data={"client": "bot-7", "timeout_s": 5})
        answer = await socket.hear()
        assert (answer["type"], answer["status"], answer["request_id"]) == ("HEARTBEAT_HEARD", 200, 7)
        assert (answer["data"], answer["account"]) == ({"bot": "client:bot-7"}, "A1")
        socket.say(type="HEARTBEAT", data={"timeout_s": 5})
        answer = await socket.hear()
        assert (answer["type"], answer["status"]) == ("HEARTBEAT_HEARD", 422)
    assert "client:bot-7" in world.account().bots


async def test_the_clock_is_trusted_by_a_person_with_a_reason(client, world):
    assert_error(await client.post("/api/clock/trust", json={"reason": "checked"}), 403, "not_allowed")
    world.step(i.ClockStepped(by=60 * SECOND))
    [lock] = (await client.get("/api/risk/lockouts")).json()["standing"]
    assert (lock["key"], lock["until"], lock["one_person_from"]) == ("clock", None, None)
    assert "POST /api/clock/trust" in lock["ends"]
    assert_error(await client.post("/api/clock/trust", json={}), 422, "invalid_request", "reason")
    response = await client.post("/api/clock/trust", json={"reason": "set by hand"})
    assert (response.status_code, response.json()) == (200, {"clock": "trusted"})
    assert world.trading == TradingState.ACTIVE


# --- the stream ------------------------------------------------------------------------------------


async def test_breach_lock_and_obligation_are_told_at_once(app, desk):
    world = desk.world
    world.step(i.ChangeRules(account="A1", rules=LOSS, reason="test"))
    world.quote("AAPL", "100", "100.02", "100")
    world.hold("100", price="100")
    app.door.hub.start()
    async with Socket(app) as socket:
        await socket.hear()
        for _ in range(2):
            world.quote("AAPL", "94.99", "95.01", "95")
        flat(world)
        world.next_session()
        desk.publish()
        told: dict[str, list[dict[str, object]]] = {"RULE": [], "LOCKOUT": [], "OBLIGATION": []}
        while len(told["RULE"]) < 2 or told["OBLIGATION"][-1]["active"]:
            message = await socket.hear()
            if message["type"] in told:
                told[message["type"]].append(message["data"])
    opened, ended = told["RULE"]
    assert (opened["rule"], opened["active"], opened["observed"]) == ("daily_total_loss", True, "-500.00")
    assert (ended["rule"], ended["active"], ended["observed"]) == ("daily_total_loss", False, None)
    lock = next(each for each in told["LOCKOUT"] if each["key"] == "lock:daily_total_loss")
    assert (lock["active"], lock["keeps_flat"]) == (True, True)
    states = [each["state"] for each in told["OBLIGATION"]]
    assert (states[0], states[-1]) == ("opened", "done")
    last = told["OBLIGATION"][-1]
    assert isinstance(last["obligation"], dict)
    assert last["obligation"]["cause"] == "daily_total_loss"
    await app.door.hub.stop()


async def test_a_snapshot_shows_breaches_and_what_is_owed(app, broken):
    async with Socket(app) as socket:
        [account] = (await socket.hear())["data"]["accounts"]
    assert [each["rule"] for each in account["breaches"]] == ["daily_total_loss"]
    assert [each["kind"] for each in account["obligations"]] == ["flatten"]


async def test_a_rule_that_only_warns_is_listed_as_such(client, world):
    most = MaxContractsPerInstrumentTerms(limit=qty("1"), mode=Mode.WARN)
    world.step(i.ChangeRules(account="A1", rules=Rules(max_contracts_per_instrument=most), reason="test"))
    world.hold("3", price="100")
    [breach] = (await client.get("/api/risk/breaches")).json()["open"]
    assert (breach["mode"], breach["key"], breach["unit"]) == ("warn", "eq:US:AAPL", "qty")
    assert (await client.get("/api/risk/obligations")).json()["open"] == []
    assert (await client.get("/api/risk/lockouts")).json()["standing"] == []
