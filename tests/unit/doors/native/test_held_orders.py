"""Orders that Stopline keeps, through the door: their grammar, what they say they wait for, their history."""

import pytest

from stopline.doors.native.told import Stale, states_told, touch
from stopline.messages import events as e
from stopline.model.order import Condition, OrderClass, OrderState, OrderType, Relation, TimeInForce
from tests.build import START, money
from tests.unit.doors.native.bodies import assert_error, send

FEW = (OrderType.MARKET, OrderType.LIMIT, OrderType.STOP)
DAY_AND_GTC = (TimeInForce.DAY, TimeInForce.GTC)
BRACKET = {"order_class": "bracket", "take_profit": "180.00", "stop_loss": "170.00"}


@pytest.fixture
def priced(world):
    world.quote("AAPL", "174.99", "175.01", "175")
    world.quote("MSFT", "379.99", "380.01", "380")
    return world


def few_types(world):
    """Connect a broker that takes no stop-limits and no trailing stops."""
    world.connect(order_types=FEW)
    world.reconcile()


async def bought(client, world, size="5"):
    await send(client, client_order_id="entry", quantity=size)
    world.accept("entry")
    world.fill("entry", size, "175")


async def look(client, name, **query):
    response = await client.get(f"/api/order/{name}", params=query)
    assert response.status_code == 200, response.text
    return response.json()


# --- grammar -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ({"price": ">= 180.00"}, Condition("", Relation.AT_OR_ABOVE, money("180"))),
        ({"price": "<=180"}, Condition("", Relation.AT_OR_BELOW, money("180"))),
        ({"symbol": "MSFT", "price": ">= 400"}, Condition("MSFT", Relation.AT_OR_ABOVE, money("400"))),
        ({"after": "2026-01-06T15:30:00Z"}, Condition(after=START + 1800 * 10**9)),
        (
            {"symbol": "MSFT", "price": "<= 1", "after": "2026-01-06T15:30:00Z"},
            Condition("MSFT", Relation.AT_OR_BELOW, money("1"), START + 1800 * 10**9),
        ),
    ],
)
async def test_a_condition_is_read(client, desk, priced, said, read):
    response = await send(client, condition=said)
    assert response.status_code == 201, response.text
    assert desk.asked[-1].condition == read
    is_met = said["price"] == "<=180" if "price" in said else False
    assert response.json()["state"] == ("approved" if is_met else "held")


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"condition": ">= 180"}, "condition", "not an object"),
        ({"condition": {}}, "condition", "needs a price"),
        ({"condition": {"symbol": "MSFT"}}, "condition", "needs a price"),
        ({"condition": {"symbol": "MSFT", "after": 1767711600}}, "condition", "without the price"),
        ({"condition": {"price": "180"}}, "condition", "which side"),
        ({"condition": {"price": 180}}, "condition", "which side"),
        ({"condition": {"price": "== 180"}}, "condition", "which side"),
        ({"condition": {"price": ">= 1e400"}}, "condition", "exponent"),
        ({"condition": {"price": ">= NaN"}}, "condition", "not a decimal"),
        ({"condition": {"prize": ">= 180"}}, "condition", "nobody knows the key"),
        ({"condition": {"after": "tomorrow"}}, "condition", "not an instant"),
        ({"take_profit": "180"}, "order_class", "a simple order has none"),
        ({"stop_loss": "170"}, "order_class", "a simple order has none"),
        ({**BRACKET, "stop_loss": None}, "order_class", "a bracket needs"),
        ({**BRACKET, "stop_loss": "176"}, "order_class", "stop_loss must lie below"),
        ({**BRACKET, "take_profit": "174"}, "order_class", "take_profit must lie above"),
        ({**BRACKET, "order_class": "oto"}, "order_class", "either a take_profit or a stop_loss"),
        ({"order_class": "oco"}, "order_class", "an oco is a limit order"),
        ({"order_class": "oco", "side": "SELL", "stop_loss": "180"}, "order_class", "above the stop_loss"),
    ],
)
async def test_what_does_not_go_together_is_422_with_the_right_form(client, desk, changes, field, says):
    response = await send(client, **changes)
    body = assert_error(response, 422, "invalid_request", field)
    assert says in body["message"]
    assert body["fix"]
    assert desk.asked == []


async def test_a_condition_on_what_nobody_knows_is_404_and_uses_no_id(client, priced):
    body = assert_error(await send(client, condition={"symbol": "NOPE", "price": ">= 1"}), 404, "unknown_instrument")
    assert "NOPE" in body["message"]
    assert (await send(client)).status_code == 201


# --- who looks after it, and what it waits for -------------------------------------------------------


async def test_a_bracket_and_its_legs(client, priced):
    body = (await send(client, **BRACKET)).json()
    assert body["legs"] == ["T-1/take_profit", "T-1/stop_loss"]
    assert body["handling"] == "synthetic"
    stop = await look(client, "T-1/stop_loss")
    assert (stop["state"], stop["held_for"], stop["waits_for"]) == ("held", "parent", "the first fill of T-1")
    assert (stop["parent"], stop["leg"], stop["handling"]) == ("T-1", "stop_loss", "synthetic")
    priced.accept("T-1")
    priced.fill("T-1", "5", "175")
    stop, target = await look(client, "T-1/stop_loss"), await look(client, "T-1/take_profit")
    assert (stop["state"], stop["handling"]) == ("approved", "native")
    assert "held_for" not in stop and "sent_as" not in stop
    assert (target["state"], target["handling"], target["held_for"]) == ("held", "synthetic", "price")
    assert target["waits_for"] == "AAPL at or above 180.00"


async def test_a_trailing_stop_shows_its_stop_as_it_moves(client, priced):
    few_types(priced)
    await bought(client, priced)
    body = (await send(client, side="SELL", price=None, order_type="TRAILING_STOP", trail_amount="1.50")).json()
    assert (body["state"], body["handling"], body["held_for"]) == ("held", "synthetic", "price")
    priced.quote("AAPL", "175.99", "176.01", "176")
    body = await look(client, "T-1")
    assert body["stop_price"] == "174.50"
    assert body["waits_for"] == "AAPL at or below 174.50, which follows the market"
    priced.quote("AAPL", "174.39", "174.41", "174.40")
    body = await look(client, "T-1")
    assert (body["state"], body["handling"], body["sent_as"]) == ("approved", "synthetic", "MARKET")


async def test_a_condition_in_words(client, priced):
    await send(client, condition={"symbol": "MSFT", "price": ">= 400", "after": "2026-01-06T15:30:00Z"})
    body = await look(client, "T-1")
    assert body["condition"] == {
        "symbol": "MSFT",
        "price": ">= 400.00",
        "after": "2026-01-06T15:30:00.000000000Z",
    }
    assert body["waits_for"] == "MSFT at or above 400.00, from 2026-01-06T15:30:00.000000000Z on"
    await send(client, client_order_id="T-2", price="174", condition={"after": "2026-01-06T15:30:00Z"})
    assert (await look(client, "T-2"))["waits_for"] == "the instant 2026-01-06T15:30:00.000000000Z"


async def test_a_close_behind_ones_own_stop_waits_its_turn(client, priced):
    await bought(client, priced)
    await send(client, client_order_id="stop", side="SELL", order_type="STOP", price=None, stop_price="170")
    priced.accept("stop")
    response = await client.post("/api/positions/AAPL/close")
    body = response.json()
    assert response.status_code == 201
    assert (body["state"], body["held_for"]) == ("pending_release", "release")
    assert body["waits_for"].startswith("its turn")
    recalled = await look(client, "stop")
    assert (recalled["state"], recalled["waits_for"]) == (
        "pending_cancel",
        "the broker to let go of it: then Stopline keeps it",
    )
    priced.gone("stop")
    assert (await look(client, body["client_order_id"]))["state"] == "approved"
    assert (await look(client, "stop"))["state"] == "held"
    again = await client.post("/api/positions/AAPL/close")
    assert_error(again, 409, "protective_order_working")


async def test_a_repeat_of_a_held_order_gets_the_same_bytes(client, priced):
    first = await send(client, **BRACKET)
    priced.accept("T-1")
    priced.fill("T-1", "5", "175")
    second = await send(client, **BRACKET)
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers["idempotent-replayed"] == "true"


# --- change and cancel ---------------------------------------------------------------------------------


async def test_what_is_held_is_changed_at_once(client, priced):
    await send(client, condition={"price": ">= 180"})
    response = await client.patch("/api/order/T-1", json={"price": "174.00"})
    assert response.status_code == 200
    assert (response.json()["state"], response.json()["limit_price"]) == ("held", "174.00")
    body = await look(client, "T-1")
    assert (body["state"], body["limit_price"]) == ("held", "174.00")


async def test_what_is_held_is_canceled_at_once(client, priced):
    await send(client, condition={"price": ">= 180"})
    response = await client.delete("/api/order/T-1")
    assert response.json() == {"client_order_id": "T-1", "state": "canceled"}
    assert priced.order("T-1").state is OrderState.CANCELED


# --- lists and history ------------------------------------------------------------------------------------


async def test_the_list_says_the_same_as_the_order(client, priced):
    await send(client, **BRACKET)
    listed = {each["client_order_id"]: each for each in (await client.get("/api/orders")).json()["orders"]}
    for name in ("T-1", "T-1/take_profit", "T-1/stop_loss"):
        body = await look(client, name)
        assert {field: listed[name][field] for field in body} == body
    held = (await client.get("/api/orders", params={"status": "held"})).json()["orders"]
    assert {each["client_order_id"] for each in held} == {"T-1/take_profit", "T-1/stop_loss"}


async def test_the_history_tells_each_change_and_every_id_at_the_broker(client, priced):
    await bought(client, priced)
    await send(client, client_order_id="stop", side="SELL", order_type="STOP", price=None, stop_price="170")
    first = priced.routed("stop")
    priced.accept("stop")
    await client.post("/api/positions/AAPL/close", json={"qty": "2"})
    priced.gone("stop")
    body = await look(client, "stop", history="true")
    told = body["history"]
    assert [each["event"] for each in told[:4]] == ["OrderApproved", "OrderWorking", "CancelRequested", "OrderHeld"]
    assert told[0]["actor"] == "local"
    assert "goes first" in told[2]["reason"]
    assert told[3]["state"] == "held"
    assert told[-1]["state"] == body["state"]
    assert {each["routed_order_id"] for each in told} >= {first, priced.routed("stop")}
    assert [each["seq"] for each in told] == sorted(each["seq"] for each in told)
    assert "history" not in await look(client, "stop")


# --- the stream ------------------------------------------------------------------------------------------


async def test_the_stream_tells_every_change_of_a_held_order(client, priced):
    few_types(priced)
    await bought(client, priced)
    await send(client, client_order_id="T", side="SELL", price=None, order_type="TRAILING_STOP", trail_amount="1.50")
    priced.quote("AAPL", "175.99", "176.01", "176")
    priced.quote("AAPL", "174.39", "174.41", "174.40")
    await send(client, client_order_id="entry-2", **BRACKET)
    priced.fill("entry-2", "5", "174")
    for kind in (e.StopTrailed, e.OrderTriggered, e.OrderReleased, e.OrderHeld):
        told = priced.journal(kind)
        assert told, kind
        for event in told:
            stale = Stale()
            touch(stale, event, priced.state)
            (message, *_) = states_told(stale, priced.state)
            assert (message.type, message.data.handling in ("native", "synthetic")) == ("ORDER", True)


# --- ends of an order's own -----------------------------------------------------------------------


async def test_how_an_order_ends_is_told_and_stopline_looks_after_it(client, world):
    terms = {"cancel_after_s": "30.50", "on_partial_fill": "cancel_rest", "partial_timeout_s": 5}
    told = {"cancel_after_s": "30.5", "on_partial_fill": "cancel_rest", "partial_timeout_s": "5"}
    body = (await send(client, client_order_id="E-1", **terms)).json()
    assert {name: body[name] for name in told} == told
    assert body["handling"] == "synthetic"
    world.accept("E-1")
    shown = await look(client, "E-1")
    assert ({name: shown[name] for name in told}, shown["state"], shown["handling"]) == (told, "working", "synthetic")


async def test_the_usual_end_is_not_mentioned(client):
    body = (await send(client, client_order_id="E-1", on_partial_fill="KEEP")).json()
    assert not {"cancel_after_s", "on_partial_fill", "partial_timeout_s"} & body.keys()
    assert body["handling"] == "native"


# --- what an answer says of an order that goes at once ---------------------------------------------


def simple(world):
    """Connect a broker that takes no classes, no stops and no gtd."""
    world.connect(order_types=FEW[:2], times_in_force=DAY_AND_GTC, order_classes=(OrderClass.SIMPLE,))
    world.reconcile()


@pytest.mark.parametrize(
    ("terms", "sent_as"),
    [
        pytest.param(BRACKET, "", id="bracket"),
        pytest.param({"cancel_after_s": 30}, "", id="an end of its own"),
        pytest.param({"quantity": None, "notional": "900"}, "", id="in money"),
        pytest.param({"time_in_force": "GTD", "expire_at": "2026-01-06T20:00:00Z"}, "", id="gtd"),
        pytest.param({"price": None, "order_type": "STOP", "stop_price": "175"}, "MARKET", id="a stop that is reached"),
        pytest.param({"condition": {"price": ">= 175"}}, "", id="a condition that is met"),
    ],
)
async def test_an_order_that_goes_at_once_says_so(client, priced, terms, sent_as):
    simple(priced)
    first = await send(client, client_order_id="G-1", **terms)
    body = first.json()
    assert first.status_code == 201, first.text
    assert (body["state"], body.get("sent_as", "")) == ("approved", sent_as)
    assert not {"waits_for", "held_for"} & body.keys()
    assert body["routed_order_id"] == priced.routed("G-1")
    shown = await look(client, "G-1")
    assert {name: shown[name] for name in body if name != "warnings"} == {
        name: value for name, value in body.items() if name != "warnings"
    }
    priced.accept("G-1")
    again = await send(client, client_order_id="G-1", **terms)
    assert again.content == first.content, "a repeat gets the same answer, for ever"


async def test_an_order_that_ends_as_it_goes_says_so(client, priced):
    """The stop is reached already: it would go at market, and for that the collar is too tight."""
    simple(priced)
    priced.change_limits(price_collar=1)
    body = (await send(client, client_order_id="S-1", price=None, order_type="STOP", stop_price="170")).json()
    assert (body["state"], body.get("waits_for", ""), priced.order("S-1").state) == ("canceled", "", "canceled")


async def test_a_close_that_waits_for_its_own_stop_says_that(client, priced):
    await bought(client, priced)
    await send(client, client_order_id="S-1", side="SELL", price=None, order_type="STOP", stop_price="170")
    priced.accept("S-1")
    body = (await client.post("/api/positions/AAPL/close", json={"client_order_id": "C-1"})).json()
    assert (body["state"], body["held_for"]) == ("pending_release", "release")
    assert body["waits_for"].startswith("its turn")
