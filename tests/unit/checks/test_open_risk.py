import pytest
from msgspec import structs

from stopline.checks.open_risk import OpenRisk
from stopline.model.order import OrderClass
from tests.unit.checks.build import (
    AAPL,
    CL_MAY,
    SPY,
    TSLA,
    account,
    arm,
    armed,
    buy,
    denies,
    equity,
    held,
    holding,
    judge,
    money,
    quote,
    ratio,
    sell,
    worth,
)

CHECK = armed(OpenRisk, open_risk=True, daily_loss=money("1000"))
BRACKET = OrderClass.BRACKET
WITH_STOP = {"order_class": BRACKET, "stop_loss": "165"}
UNSTRESSED = equity("NEW", stress_move=None)


def short(size, stop_loss, *, bid="180", **terms):
    """A short entry beside a bid; the gate counts it at the bid or more."""
    return sell(size, order_class=BRACKET, stop_loss=stop_loss, quote=quote(bid, "185"), worst_price="181.80", **terms)


@pytest.mark.parametrize(
    ("order", "denied"),
    [
        pytest.param(buy("57", limit="175"), False, id="10 % of 9975 is below"),
        pytest.param(buy("10", limit="1000"), False, id="at the limit"),
        pytest.param(buy("10", limit="1000.01"), True, id="one tick over"),
        pytest.param(buy("100", limit="175", **WITH_STOP), False, id="down to its stop, at the limit"),
        pytest.param(buy("101", limit="175", **WITH_STOP), True, id="down to its stop, one over"),
        pytest.param(
            sell("100", limit="175", order_class=BRACKET, stop_loss="185"), False, id="a short up to its stop"
        ),
        pytest.param(sell("101", limit="175", order_class=BRACKET, stop_loss="185"), True, id="a short, one over"),
        pytest.param(short("100", "185", bid="176.77"), False, id="a market short, from a percent below the bid"),
        pytest.param(short("101", "185", bid="176.77"), True, id="a market short, one over"),
        pytest.param(short("100", "185", limit="175"), False, id="a short by limit below the bid, from its limit"),
        pytest.param(short("101", "185", limit="175"), True, id="a short by limit below the bid, one over"),
        pytest.param(short("100", "185", stop_price="175"), False, id="a short by stop, from its stop"),
        pytest.param(short("101", "185", stop_price="175"), True, id="a short by stop, one over"),
        pytest.param(short("100", "185", bid="176", stop_price="175"), True, id="a short by stop, near the bid"),
        pytest.param(buy("10", limit="1000", total_pnl="-0.01"), True, id="what is lost already counts"),
        pytest.param(buy("11", limit="1000", total_pnl="100"), False, id="so does what is won"),
        pytest.param(buy("1", limit="175", total_pnl=None), True, id="no data: P&L"),
        pytest.param(buy("1"), True, id="no data: a price"),
        pytest.param(buy("1", UNSTRESSED, "1"), True, id="no data: neither stop nor stress move"),
        pytest.param(
            buy("1", UNSTRESSED, "10", order_class=BRACKET, stop_loss="9"), False, id="a stop, and no stress move"
        ),
    ],
)
def test_counts_the_order(order, denied):
    assert denies(CHECK, order) is denied


def long(size, value, **fields):
    return holding(held(TSLA, size, **fields), TSLA=worth(value))


@pytest.mark.parametrize(
    ("view", "denied"),
    [
        pytest.param(account(), False, id="nothing held"),
        pytest.param(holding(held(TSLA)), False, id="nothing left of it"),
        pytest.param(long("36", "9000"), False, id="10 % of 9000, at the limit"),
        pytest.param(long("37", "9250"), True, id="over"),
        pytest.param(
            long("100", "25000", stop_sells="100", stop_sell_money="24100"), False, id="down to the stop"
        ),
        pytest.param(
            long("100", "25000", stop_sells="100", stop_sell_money="24099"), True, id="down to the stop, over"
        ),
        pytest.param(
            long("100", "25000", stop_sells="100", stop_sell_money="26000"), False, id="a stop beyond the mark"
        ),
        pytest.param(
            long("100", "25000", stop_sells="64", stop_sell_money="16000"), False, id="a stop for a part"
        ),
        pytest.param(
            long("100", "25000", stop_sells="63", stop_sell_money="15750"), True, id="a stop for too small a part"
        ),
        pytest.param(
            holding(held(TSLA, "-100", stop_buys="100", stop_buy_money="25900"), TSLA=worth("-25000")),
            False,
            id="a short up to its stop",
        ),
        pytest.param(
            holding(held(TSLA, "-100", stop_buys="100", stop_buy_money="25901"), TSLA=worth("-25000")),
            True,
            id="a short, over",
        ),
        pytest.param(
            holding(held(TSLA, "0", working_buys="36", buy_money="9000"), TSLA=worth("0")),
            False,
            id="a working entry",
        ),
        pytest.param(
            holding(held(TSLA, "0", working_buys="36", buy_money="9000.01"), TSLA=worth("0")),
            True,
            id="a working entry, over",
        ),
        pytest.param(
            holding(
                held(
                    TSLA, "36", working_sells="36", sell_money="9000", exit_sells="36",
                    stop_sells="36", stop_sell_money="9000",
                ),
                TSLA=worth("9000"),
            ),
            False,
            id="a working exit is no entry",
        ),
        pytest.param(
            holding(held(TSLA, "1"), TSLA=worth("250", is_unpriced=True)), True, id="no data: a mark"
        ),
        pytest.param(holding(held(TSLA, "1")), True, id="no data: never valued"),
    ],
)  # fmt: skip
def test_counts_what_is_held_and_worked(view, denied):
    """The order itself loses 100 of the 1000."""
    assert denies(CHECK, buy("1", limit="1000"), view) is denied


@pytest.mark.parametrize("size", ["1", "-1", "0"])
def test_something_held_without_stop_or_stress_move_is_unknown(size):
    order = buy("1", limit="10")
    order.instruments[UNSTRESSED.instrument_id] = UNSTRESSED
    view = holding(held(UNSTRESSED, size, working_buys="1", buy_money="1"), **{UNSTRESSED.instrument_id: worth("1")})
    assert denies(CHECK, order, view)


def test_stops_are_not_trusted_where_prices_may_be_negative():
    order = buy("1", limit="1")
    crude = structs.replace(CL_MAY, stress_move=ratio("0.5"))
    order.instruments[crude.instrument_id] = crude
    position = held(crude, "1", stop_sells="1", stop_sell_money="2000")
    view = holding(position, **{crude.instrument_id: worth("2000")})
    assert denies(CHECK, order, view)
    assert judge(CHECK, order, view).observed == money("1000.10")


def test_what_is_flat_and_what_its_stop_guards_beyond_its_price_lose_nothing():
    order = buy("100", limit="175", order_class=BRACKET, stop_loss="180")
    assert judge(CHECK, order, holding(held(TSLA))).observed == 0


def test_exits_are_exempt():
    assert not OpenRisk.binds_exits


def test_reasons():
    over = judge(CHECK, buy("100", limit="175"))
    assert over.reason == "with every stop hit the day would lose $1750.00: exceeds $1000.00"
    assert judge(CHECK, buy("1")).reason.startswith("open risk cannot be judged")


def test_is_armed_by_both():
    assert arm(OpenRisk, AAPL, open_risk=True) is None
    assert arm(OpenRisk, SPY, daily_loss=1) is None
