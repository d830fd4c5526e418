"""POST /api/size: hand-worked sizes, the cap that binds, and never more than the gate lets through."""

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stopline.messages.inputs import CheckOrder
from stopline.messages.replies import Checked, Refused
from stopline.model.limits import Limits
from stopline.model.numbers import QTY_ONE, RATIO_ONE
from stopline.model.order import OrderType, Side
from stopline.runtime.sizing import Sized, SizeWish, find_size
from tests.build import World, money, qty
from tests.twins.desk import TwinDesk
from tests.unit.doors.native.bodies import assert_error

AAPL_175 = {"symbol": "AAPL", "side": "BUY", "price": "175.00"}


async def size(client: Any, **body: Any) -> Any:
    response = await client.post("/api/size", json={**AAPL_175, **body})
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize(
    ("body", "wanted", "amount", "at_risk"),
    [
        # Equity is 100,000. 0.5 % may be lost, 3.50 a share: 142.
        pytest.param({"risk_percent": "0.5", "stop_price": "171.50"}, "142", "500.00", "497.00", id="percent at risk"),
        pytest.param({"risk": "20", "stop_price": 171.5}, "5", "20.00", "17.50", id="money at risk"),
        pytest.param({"percent": 2}, "11", "2000.00", None, id="fixed fraction"),
        # 2 * 2.35 = 4.70 a share.
        pytest.param({"risk": "50", "atr": "2.35"}, "10", "50.00", "47.00", id="ATR"),
        pytest.param({"risk": "50", "atr": "2.35", "atr_times": "3"}, "7", "50.00", "49.35", id="three ATR"),
    ],
)
async def test_by_hand(client, world, body, wanted, amount, at_risk):
    world.change_limits(Limits())
    found = await size(client, **body)
    assert (found["qty"], found["wanted_qty"], found["amount"], found["at_risk"]) == (wanted, wanted, amount, at_risk)
    assert found["bound_by"] == ("percent" if "percent" in body else "risk")
    assert found["caps"] == [] and found["equity"] == "100000.00"


async def test_the_cap_that_binds_is_named(client):
    found = await size(client, risk_percent="0.5", stop_price="171.50")
    assert (found["qty"], found["wanted_qty"], found["bound_by"]) == ("5", "142", "max_order_notional")
    assert found["reason"] == "Order size exceeds limit: $1050.00 > $1000.00", "of one lot more than passes"
    assert (found["at_risk"], found["notional"]) == ("17.50", "875.00")
    assert [cap["check"] for cap in found["caps"]][:2] == ["max_order_notional", "max_position"]


async def test_the_tightest_cap_binds_not_the_first(client, world):
    """The first check that denies the wish is not the one that binds the answer."""
    world.change_limits(Limits(max_order_qty=qty("10"), max_position=money("875")))
    found = await size(client, risk="1000", stop_price="171.50")
    assert (found["qty"], found["bound_by"]) == ("5", "max_position")
    assert found["caps"][0]["check"] == "max_order_qty"


async def test_bars_give_wilders_range(client, world):
    world.change_limits(Limits())
    bars = [["9", "9", "9"], ["12", "8", "10"], ["11", "9", "10"], ["14", "8", "12"]]
    found = await size(client, risk="100", bars=bars, atr_period=3, atr_times=1)
    assert (found["distance"], found["stop_price"], found["qty"]) == ("4.00", "171.00", "25")


async def test_a_short_has_its_stop_above(client, world):
    world.change_limits(Limits())
    found = await size(client, side="SELL", risk="50", atr="2.35")
    assert (found["side"], found["stop_price"], found["qty"]) == ("SELL", "179.70", "10")


async def test_without_a_price_the_quote_is_the_entry(client, world):
    world.change_limits(Limits())
    body = {"symbol": "AAPL", "side": "BUY", "percent": 1}
    missing = (await client.post("/api/size", json=body)).json()
    assert (missing["qty"], missing["bound_by"], missing["reason"]) == (
        "0", "entry", "AAPL has no usable quote: give a price",
    )  # fmt: skip
    world.quote("AAPL", "174.90", "175.10")
    found = (await client.post("/api/size", json=body)).json()
    assert (found["entry"], found["qty"]) == ("175.10", "5")
    short = (await client.post("/api/size", json={**body, "side": "SELL"})).json()
    assert short["entry"] == "174.90"


async def test_less_than_a_lot(client):
    found = await size(client, risk="1", stop_price="171.50")
    assert (found["qty"], found["bound_by"]) == ("0", "lot_size")
    assert found["reason"] == "1.00 is less than a lot of 1 would lose (3.50)"


async def test_what_no_size_mends(client, world):
    """A kill switch lets no entry through, however small."""
    world.kill()
    found = await size(client, percent=1)
    assert (found["qty"], found["wanted_qty"], found["bound_by"]) == ("0", "5", "trading_state")


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({}, "risk", "exactly one of percent, risk and risk_percent, not none"),
        ({"risk": 1, "percent": 1}, "risk", "not percent and risk"),
        ({"risk": 1}, "stop_price", "exactly one of stop_price, atr and bars, not none"),
        ({"risk": 1, "stop_price": 1, "atr": 1}, "stop_price", "not stop_price and atr"),
        ({"percent": 1, "stop_price": 1}, "stop_price", "needs no stop"),
        ({"risk": "NaN", "stop_price": 1}, "risk", "NaN"),
        ({"risk": 0, "stop_price": 1}, "risk", "more than 0"),
        ({"risk": 1, "atr": 1, "atr_times": 0}, "atr_times", "more than 0"),
        ({"risk": 1, "bars": [[1, 2]]}, "bars", "lists of three prices"),
        ({"risk": 1, "bars": [["1", "2", "1"]]}, "bars", "between its low and its high"),
        ({"risk": 1, "bars": [["1", "1", "1"]] * 20}, "bars", "bars that move"),
        ({"risk": 1, "bars": [["2", "1", "1"]] * 3}, "bars", "needs 15 bars"),
        ({"risk": 1, "stop": 1}, "stop", "nobody knows this key"),
    ],
)
async def test_what_is_malformed(client, body, field, said):
    response = await client.post("/api/size", json={**AAPL_175, **body})
    assert response.status_code == 422, response.text
    problem = next(each for each in response.json()["problems"] if each["field"] == field)
    assert said in problem["message"]


@pytest.mark.parametrize(("side", "stop"), [("BUY", "175.00"), ("BUY", "176"), ("SELL", "175.00"), ("SELL", "170")])
async def test_a_stop_on_the_wrong_side(client, side, stop):
    response = await client.post("/api/size", json={**AAPL_175, "side": side, "risk": 1, "stop_price": stop})
    assert response.status_code == 422 and "must be" in response.json()["message"]


async def test_nobody_knows_it(client):
    assert_error(
        await client.post("/api/size", json={**AAPL_175, "percent": 1, "symbol": "NOPE"}), 404, "unknown_instrument"
    )
    assert_error(
        await client.post("/api/size", json={**AAPL_175, "percent": 1, "account": "x"}), 404, "unknown_account"
    )


async def test_nothing_is_reserved_or_said(client, world):
    before = world.state.seq
    for _ in range(30):
        await size(client, percent=1)
    assert world.state.seq == before, "no record, and no token of the order rate"


SMALL = st.integers(1, 60)
LIMITS = st.builds(
    Limits,
    max_order_qty=st.none() | SMALL.map(lambda n: n * QTY_ONE),
    max_order_notional=st.none() | SMALL.map(lambda n: money(str(n * 200))),
    max_position=st.none() | SMALL.map(lambda n: money(str(n * 300))),
    concentration=st.none() | st.integers(1, 20).map(lambda n: n * RATIO_ONE // 100),
    leverage=st.none() | st.integers(1, 30).map(lambda n: n * RATIO_ONE // 10),
    gross_exposure=st.none() | st.integers(1, 30).map(lambda n: n * RATIO_ONE // 100),
    buying_power=st.booleans(),
)
WISHES = st.one_of(
    st.fixed_dictionaries({"percent": st.integers(1, 3 * RATIO_ONE)}),
    st.fixed_dictionaries({"risk": st.integers(1, 10**13), "atr": st.integers(1, 10**10)}),
    st.fixed_dictionaries({"risk_percent": st.integers(1, RATIO_ONE // 2), "atr": st.integers(1, 10**10)}),
)


@example(limits=Limits(), wish={"risk_percent": 1000, "atr": 4_999_500_001}, side=Side.BUY, held=0, price=100)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limits=LIMITS, wish=WISHES, side=st.sampled_from(Side), held=st.integers(-30, 30), price=st.integers(100, 300))
async def test_never_above_any_cap_and_no_less_than_it_could_be(limits, wish, side, held, price):
    """Whatever the limits: the size passes the gate, one lot more does not, and the wish is never passed."""
    world = World(limits=Limits())
    world.quote("AAPL", "174.90", "175.10")
    if held:
        world.report(Side.BUY if held > 0 else Side.SELL, str(abs(held)), "AAPL", "175")
    world.change_limits(limits)
    desk = TwinDesk(world, None)
    asked = SizeWish(account="A1", symbol="AAPL", side=side, price=money(str(price)), **wish)
    sized = await find_size(desk, asked)
    assert isinstance(sized, Sized), sized if isinstance(sized, Refused) else ""
    assert 0 <= sized.qty <= sized.wanted_qty and sized.qty % QTY_ONE == 0
    assert sized.amount is not None
    spent = sized.notional if sized.distance is None else sized.at_risk
    assert spent is not None and spent <= sized.amount
    if sized.qty:
        assert checked(world, sized, sized.qty).approved
    if sized.qty < sized.wanted_qty:
        beyond = checked(world, sized, sized.qty + QTY_ONE)
        assert not beyond.approved and beyond.check == sized.bound_by


def checked(world: World, sized: Sized, quantity: int) -> Checked:
    wish = sized.wish
    asking = world.asking(wish.side, quantity, "AAPL", order_type=OrderType.LIMIT, limit_price=wish.price)
    reply = world.step(CheckOrder(order=asking))
    assert isinstance(reply, Checked)
    return reply
