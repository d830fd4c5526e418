import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.checks.order_well_formed import OrderWellFormed
from stopline.checks.order_well_formed.defects import Defect
from stopline.checks.order_well_formed.plain import is_plain
from stopline.checks.order_well_formed.sentences import SENTENCES, facts
from stopline.model.capabilities import Capabilities
from stopline.model.ending import LONGEST
from stopline.model.numbers import MAX_SCALED, SECOND
from stopline.model.order import Condition, OrderClass, OrderType, TimeInForce
from stopline.model.unknown_symbol import unknown_symbol
from stopline.venue import equities
from stopline.venue.futures import future
from tests.unit.checks.build import (
    AAPL,
    BTC,
    CALL,
    CL_MAY,
    EURUSD,
    NOW,
    PAPER,
    TAKES_ALL,
    account,
    armed,
    buy,
    equity,
    exits,
    forex,
    held,
    judge,
    money,
    qty,
    ratio,
    sell,
)

TRAILING = OrderType.TRAILING_STOP
BRACKET = OrderClass.BRACKET
SIZED = equity("SIZED", lot_size=qty("10"), min_qty=qty("20"), max_qty=qty("100"))
USDJPY = forex("USDJPY")


def defect(order, capabilities=TAKES_ALL):
    """Return what the check finds; the short and the long look must agree."""
    check = armed(OrderWellFormed, order.instrument, capabilities=capabilities)
    found = judge(check, order).observed
    assert found == check.first_defect(order, order.request, order.instrument)
    return found


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(buy("1", limit="175.00"), id="limit"),
        pytest.param(buy("1"), id="market"),
        pytest.param(sell("1", stop_price="170"), id="stop"),
        pytest.param(sell("1", stop_price="170", limit_price="169.50"), id="stop limit"),
        pytest.param(sell("1", order_type=TRAILING, trail_amount="2.50"), id="trailing by an amount"),
        pytest.param(sell("1", order_type=TRAILING, trail_percent=ratio("0.05")), id="trailing by a share"),
        pytest.param(sell("1", order_type=TRAILING, trail_amount="1", stop_price="170"), id="trailing with its stop"),
        pytest.param(buy("0.0001", BTC, "60000.01"), id="exactly one lot"),
        pytest.param(buy("20", SIZED, "1"), id="exactly the smallest"),
        pytest.param(buy("100", SIZED, "1"), id="exactly the largest"),
        pytest.param(buy("1", CL_MAY, "-37.63"), id="a negative price where there are such"),
        pytest.param(buy("1", CL_MAY, "0"), id="a price of zero where there is such"),
        pytest.param(buy("1", limit="175", currency="USD"), id="the instrument's currency, said"),
        pytest.param(buy("1", limit="175", time_in_force=TimeInForce.GTD, expire_at=NOW + 1), id="expires next"),
        pytest.param(buy("1", limit="175", extended_hours=True), id="extended hours"),
        pytest.param(
            buy("1", limit="175", extended_hours=True, time_in_force=TimeInForce.GTC), id="extended hours, gtc"
        ),
        pytest.param(exits("1", reduce_only=True), id="reduce_only that reduces"),
        pytest.param(buy("1", limit="175", order_class=BRACKET, take_profit="180", stop_loss="170"), id="bracket"),
    ],
)
def test_passes_what_is_well_formed(order):
    assert defect(order) == 0


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        pytest.param(buy("1", CALL, "2"), Defect.OPTION, id="option"),
        pytest.param(buy("1000", USDJPY, "150"), Defect.NO_RATE, id="a currency without a rate"),
        pytest.param(buy("1", limit="175", currency="EUR"), Defect.WRONG_CURRENCY, id="another currency"),
        pytest.param(buy("0", limit="175"), Defect.NO_QTY, id="quantity 0"),
        pytest.param(buy(-(10**9), limit="175"), Defect.NO_QTY, id="quantity below 0"),
        pytest.param(buy("0", notional="500"), Defect.NO_SIZE_IN_MONEY, id="money that nothing sizes"),
        pytest.param(buy("1.5", limit="175"), Defect.OFF_LOT, id="half a share"),
        pytest.param(buy(1, BTC, "60000"), Defect.OFF_LOT, id="finer than the lot"),
        pytest.param(buy("10", SIZED, "1"), Defect.BELOW_MIN_QTY, id="below the smallest"),
        pytest.param(buy("110", SIZED, "1"), Defect.ABOVE_MAX_QTY, id="above the largest"),
        pytest.param(buy("1", order_type=OrderType.LIMIT), Defect.NO_LIMIT_PRICE, id="limit without a price"),
        pytest.param(
            buy("1", order_type=OrderType.STOP_LIMIT, stop_price="180"),
            Defect.NO_LIMIT_PRICE,
            id="stop limit without a limit",
        ),
        pytest.param(
            buy("1", limit="175", order_type=OrderType.MARKET),
            Defect.NEEDLESS_LIMIT_PRICE,
            id="market with a price",
        ),
        pytest.param(
            buy("1", limit="175", order_type=OrderType.STOP, stop_price="180"),
            Defect.NEEDLESS_LIMIT_PRICE,
            id="stop with a limit",
        ),
        pytest.param(buy("1", order_type=OrderType.STOP), Defect.NO_STOP_PRICE, id="stop without a price"),
        pytest.param(
            buy("1", limit="175", order_type=OrderType.STOP_LIMIT),
            Defect.NO_STOP_PRICE,
            id="stop limit without a stop",
        ),
        pytest.param(
            buy("1", stop_price="170", order_type=OrderType.MARKET),
            Defect.NEEDLESS_STOP_PRICE,
            id="market with a stop",
        ),
        pytest.param(
            buy("1", limit="175", stop_price="170", order_type=OrderType.LIMIT),
            Defect.NEEDLESS_STOP_PRICE,
            id="limit with a stop",
        ),
        pytest.param(sell("1", order_type=TRAILING), Defect.NO_TRAIL, id="trailing by nothing"),
        pytest.param(sell("1", order_type=TRAILING, trail_amount="0"), Defect.NO_TRAIL, id="trailing by 0"),
        pytest.param(sell("1", order_type=TRAILING, trail_percent=0), Defect.NO_TRAIL, id="trailing by no share"),
        pytest.param(
            sell("1", order_type=TRAILING, trail_percent=ratio("1")), Defect.NO_TRAIL, id="trailing by it all"
        ),
        pytest.param(
            sell("1", order_type=TRAILING, trail_amount="1", trail_percent=1),
            Defect.NO_TRAIL,
            id="trailing by both",
        ),
        pytest.param(buy("1", limit="175", trail_amount="1"), Defect.NEEDLESS_TRAIL, id="a limit that trails"),
        pytest.param(buy("1", limit="175.005"), Defect.OFF_TICK, id="limit off the tick"),
        pytest.param(buy("1", limit=1), Defect.OFF_TICK, id="limit finer than any tick"),
        pytest.param(sell("1", stop_price="170.001"), Defect.OFF_TICK, id="stop off the tick"),
        pytest.param(sell("1", stop_price=1), Defect.OFF_TICK, id="stop finer than any tick"),
        pytest.param(
            buy("1", limit="175", order_class=BRACKET, stop_loss=1), Defect.OFF_TICK, id="leg finer than any tick"
        ),
        pytest.param(sell("1", order_type=TRAILING, trail_amount="0.001"), Defect.OFF_TICK, id="trail off the tick"),
        pytest.param(
            buy("1", limit="175", order_class=BRACKET, take_profit="180.001"),
            Defect.OFF_TICK,
            id="take profit off the tick",
        ),
        pytest.param(
            buy("1", limit="175", order_class=BRACKET, stop_loss="170.001"),
            Defect.OFF_TICK,
            id="stop loss off the tick",
        ),
        pytest.param(
            buy("1", limit="175", order_class=BRACKET, stop_loss="170", stop_loss_limit="169.001"),
            Defect.OFF_TICK,
            id="stop loss limit off the tick",
        ),
        pytest.param(buy("1", limit="0"), Defect.PRICE_NOT_POSITIVE, id="limit of zero"),
        pytest.param(buy("1", limit="-0.01"), Defect.PRICE_NOT_POSITIVE, id="limit below zero"),
        pytest.param(sell("1", stop_price="0"), Defect.PRICE_NOT_POSITIVE, id="stop of zero"),
        pytest.param(
            buy("1", limit="175", order_class=BRACKET, stop_loss="-1"),
            Defect.PRICE_NOT_POSITIVE,
            id="stop loss below zero",
        ),
        pytest.param(buy("1", limit="175", stop_loss="170"), Defect.LEGS_WITHOUT_CLASS, id="simple with a leg"),
        pytest.param(
            buy("1", limit="175", time_in_force=TimeInForce.GTD), Defect.NO_EXPIRY, id="gtd without an expiry"
        ),
        pytest.param(
            buy("1", limit="175", time_in_force=TimeInForce.GTD, expire_at=NOW),
            Defect.EXPIRY_PAST,
            id="expires now",
        ),
        pytest.param(buy("1", limit="175", expire_at=NOW + SECOND), Defect.NEEDLESS_EXPIRY, id="day with an expiry"),
        pytest.param(buy("1", extended_hours=True), Defect.EXTENDED_HOURS_TERMS, id="market in extended hours"),
        pytest.param(
            buy("1", limit="175", extended_hours=True, time_in_force=TimeInForce.IOC),
            Defect.EXTENDED_HOURS_TERMS,
            id="ioc in extended hours",
        ),
        pytest.param(sell("1", limit="175", reduce_only=True), Defect.NOT_REDUCING, id="reduce_only that opens"),
        pytest.param(buy("1", limit="175", order_notional=MAX_SCALED + 1), Defect.TOO_LARGE, id="worth 2**63"),
        pytest.param(buy("1", limit="175", gross_after=MAX_SCALED + 1), Defect.TOO_LARGE, id="a gross of 2**63"),
        pytest.param(buy("1", limit="175", worst_qty_after=MAX_SCALED + 1), Defect.TOO_LARGE, id="a position of 2**63"),
    ],
)
def test_denies_what_is_not(order, expected):
    assert defect(order) == expected


def test_the_largest_amounts_still_pass():
    assert defect(buy("1", limit="175", order_notional=MAX_SCALED, gross_after=MAX_SCALED)) == 0


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        pytest.param(exits("1", CALL, "2"), 0, id="an option that is held"),
        pytest.param(exits("1000", EURUSD, "1.10"), 0, id="a currency that is held"),
        pytest.param(exits("1000", USDJPY, "150"), 0, id="something held without a rate"),
        pytest.param(exits("10.5", limit="175"), 0, id="the whole of an odd position"),
        pytest.param(exits("5", SIZED, "1"), 0, id="the whole of a small position"),
        pytest.param(exits("110", SIZED, "1"), 0, id="the whole of a large position"),
        pytest.param(
            exits("5.5", position=held(AAPL, "10.5"), limit="175"), Defect.OFF_LOT, id="a part of an odd position"
        ),
        pytest.param(exits("1", limit="175.001"), Defect.OFF_TICK, id="off the tick"),
        pytest.param(exits("1", limit="175", order_notional=2**63), Defect.TOO_LARGE, id="worth 2**63"),
        pytest.param(exits("1", limit="175", gross_after=2**63), 0, id="from an account too large already"),
    ],
)
def test_exits_are_bound_by_their_form_and_no_more(order, expected):
    assert defect(order) == expected
    assert OrderWellFormed.binds_exits


NOTHING = Capabilities((), (), ())
NO_LIMITS = Capabilities((OrderType.MARKET,), tuple(TimeInForce), (OrderClass.SIMPLE,))
NO_TIMES = Capabilities(tuple(OrderType), (TimeInForce.IOC,), (OrderClass.SIMPLE,))
PLAIN = Capabilities((OrderType.MARKET, OrderType.LIMIT), tuple(TimeInForce), (OrderClass.SIMPLE,))


@pytest.mark.parametrize(
    ("order", "offer", "expected"),
    [
        pytest.param(buy("1", limit="175"), PAPER, 0, id="what it takes"),
        pytest.param(buy("1"), PAPER, 0, id="what it takes, market"),
        pytest.param(buy("1", limit="175"), NOTHING, Defect.BROKER_ORDER_TYPE, id="order type"),
        pytest.param(buy("1", limit="175"), NO_LIMITS, Defect.BROKER_ORDER_TYPE, id="no limit orders"),
        pytest.param(buy("1", stop_price="180"), PLAIN, 0, id="a stop is kept here, and goes at market"),
        pytest.param(
            buy("1", trail_amount="1", order_type=OrderType.TRAILING_STOP), PLAIN, 0, id="so is a stop that trails"
        ),
        pytest.param(
            buy("1", limit="181", stop_price="180"), NO_LIMITS, Defect.BROKER_ORDER_TYPE, id="what it is once triggered"
        ),
        pytest.param(
            buy("1", limit="175", time_in_force=TimeInForce.GTD, expire_at=NOW + 1), PAPER, 0, id="gtd by our own timer"
        ),
        pytest.param(
            buy("1", limit="175", time_in_force=TimeInForce.GTD, expire_at=NOW + 1),
            NO_TIMES,
            Defect.BROKER_TIME_IN_FORCE,
            id="gtd where nothing stands",
        ),
        pytest.param(
            buy("1", limit="175", time_in_force=TimeInForce.GTD),
            None,
            Defect.NO_EXPIRY,
            id="gtd, and a broker that has said nothing yet",
        ),
        pytest.param(
            buy("1", limit="175", time_in_force=TimeInForce.IOC),
            PAPER,
            Defect.BROKER_TIME_IN_FORCE,
            id="time in force",
        ),
        pytest.param(
            buy("1", limit="175", order_class=BRACKET, stop_loss="170", take_profit="180"),
            PAPER,
            0,
            id="a class that we take apart",
        ),
        pytest.param(
            buy("1", limit="175", extended_hours=True), PAPER, Defect.BROKER_EXTENDED_HOURS, id="extended hours"
        ),
        pytest.param(buy("1", limit="175", notional="500"), PAPER, 0, id="money, turned into lots"),
        pytest.param(
            exits("1", limit="175", time_in_force=TimeInForce.FOK),
            PAPER,
            Defect.BROKER_TIME_IN_FORCE,
            id="an exit that it does not take",
        ),
        pytest.param(
            buy("1", limit="175", time_in_force=TimeInForce.IOC), None, 0, id="a broker that has said nothing yet"
        ),
    ],
)
def test_denies_what_the_broker_does_not_take(order, offer, expected):
    assert defect(order, offer) == expected


def test_a_denial_names_what_the_broker_takes():
    order = buy("1", limit="175", time_in_force=TimeInForce.IOC)
    finding = judge(armed(OrderWellFormed, capabilities=PAPER), order)
    assert finding.reason == "the broker takes no orders for ioc; it takes day, gtc"


def test_an_unknown_instrument_is_denied_by_the_check_alone():
    order = buy("1", limit="175")
    order.instrument, order.symbol = None, "AAPLL"
    finding = OrderWellFormed().explain(order, account())
    assert finding.status == "denied"
    assert finding.observed == Defect.UNKNOWN_INSTRUMENT
    assert finding.reason.startswith("'AAPLL' is not a known instrument")


@pytest.mark.parametrize(
    ("written", "ends"),
    [
        ("ES", "; ESH7, ESZ6 are listed"), ("es", "; ESH7, ESZ6 are listed"), ("ESM7", "; ESH7, ESZ6 are listed"),
        ("ES2026-12", "; ESH7, ESZ6 are listed"), ("aapl", "; AAPL is listed"), ("ESG", "; ESG1 is listed"),
        ("APPL", "; AAPL is listed"), ("AAPLL", "; AAPL is listed"), ("aap", "; AAPL is listed"),
        ("APAL", "; AAPL is listed"), ("AAPP", "; AAPL is listed"), ("PPLA", "such as eq:US:AAPL"),
        ("AP", "such as eq:US:AAPL"), ("E", "such as eq:US:AAPL"), ("", "such as eq:US:AAPL"),
    ],
)  # fmt: skip
def test_what_may_have_been_meant_is_named(written, ends):
    listed = [future("ES", 2026, 12, 0), future("ES", 2027, 3, 0), equities.equity("AAPL"), equities.equity("ESG1")]
    assert unknown_symbol(written, {each.instrument_id: each for each in listed}).endswith(ends)


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (
            buy("1", limit="175.005"),
            "limit_price 175.005 is not a multiple of the tick 0.01: 175.00 or 175.01 would be",
        ),
        (
            buy("1", limit="175", stop_price="170.001"),
            "stop_price 170.001 is not a multiple of the tick 0.01: 170.00 or 170.01 would be",
        ),
        (buy("25", SIZED, "1"), "quantity 25 is not a multiple of the lot 10: 20 or 30 would be"),
        (buy("0.5", limit="1"), "quantity 0.5 is not a multiple of the lot 1: none or 1 would be"),
        (sell("1", limit="1", reduce_only=True), "reduce_only demanded, but the order is not provably reducing"),
        (
            buy("1", limit="1", time_in_force=TimeInForce.GTD, expire_at=NOW - SECOND),
            "expire_at 2026-01-06T16:59:59Z is not after now, 2026-01-06T17:00:00Z",
        ),
    ],
)
def test_a_denial_says_what_would_be_right(order, reason):
    assert judge(armed(OrderWellFormed, order.instrument), order).reason == reason


def test_a_plain_order_gets_the_short_look():
    order = buy("1", limit="175")
    assert is_plain(order, order.request, order.instrument)


def test_numbers_of_defects_stay():
    """They stand in the journal: a new one gets the next number."""
    assert [defect.value for defect in Defect] == list(range(1, 34))


def test_every_defect_has_its_sentence():
    spoken_of = facts(buy("1", limit="175"), "USD", TAKES_ALL)
    told = {defect: text.format_map(spoken_of) for defect, text in SENTENCES.items()}
    assert told.keys() == set(Defect) - {
        Defect.UNKNOWN_INSTRUMENT,
        Defect.OFF_TICK,
        Defect.LEGS_UNFIT,
        Defect.END_UNFIT,
    }


def test_a_replace_is_judged_by_its_new_quantity_and_what_is_left():
    """Of 30 asked, 20 have filled: what is left may be below the smallest."""
    assert defect(buy("30", SIZED, "1", left="10")) == 0
    assert defect(buy("30", SIZED, "1", left="0")) == Defect.NO_QTY


def test_money_of_a_price_that_is_negative_is_counted_by_its_size():
    assert defect(buy("1", CL_MAY, "-37.63", order_notional=money("37630"))) == 0


maybe_price = st.sampled_from([None, None, None, 0, -money("1"), money("175"), money("175.005"), 1])
some_order = st.builds(
    buy,
    st.sampled_from(["1", "20", "30", "110", "0", "1.5"]),
    st.sampled_from([AAPL, SIZED, BTC, CL_MAY, CALL, EURUSD, USDJPY]),
    maybe_price,
    order_type=st.sampled_from([OrderType.LIMIT, OrderType.LIMIT, *OrderType]),
    stop_price=maybe_price,
    take_profit=maybe_price,
    stop_loss=maybe_price,
    stop_loss_limit=maybe_price,
    trail_amount=maybe_price,
    trail_percent=st.sampled_from([None, None, 0, 50_000]),
    notional=st.sampled_from([None, None, 0, 1]),
    expire_at=st.sampled_from([None, None, 0, NOW + 1]),
    cancel_after=st.sampled_from([None, None, None, 0, SECOND]),
    cancels_rest=st.sampled_from([False, False, True]),
    partial_timeout=st.sampled_from([None, None, None, SECOND]),
    time_in_force=st.sampled_from([TimeInForce.DAY, TimeInForce.DAY, *TimeInForce]),
    order_class=st.sampled_from([OrderClass.SIMPLE, OrderClass.SIMPLE, BRACKET]),
    extended_hours=st.booleans(),
    reduce_only=st.booleans(),
    currency=st.sampled_from(["", "", "USD", "EUR"]),
    is_reducing=st.booleans(),
    gross_after=st.sampled_from([None, 0, MAX_SCALED, MAX_SCALED + 1]),
)


@given(some_order, st.sampled_from([TAKES_ALL, PAPER, NOTHING, None]))
def test_the_short_look_misses_nothing(order, offer):
    check = armed(OrderWellFormed, order.instrument, capabilities=offer)
    found = check.observe(order, account())
    assert found == check.first_defect(order, order.request, order.instrument)
    assert judge(check, order).reason


OTO, OCO = OrderClass.OTO, OrderClass.OCO


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (buy("1", limit="175", order_class=BRACKET, stop_loss="170"), "a bracket needs a take_profit and a stop_loss"),
        (
            buy("1", limit="175", order_class=BRACKET, take_profit="180"),
            "a bracket needs a take_profit and a stop_loss",
        ),
        (buy("1", limit="175", order_class=OTO), "an oto needs either"),
        (buy("1", limit="175", order_class=OTO, take_profit="180", stop_loss="170"), "an oto needs either"),
        (buy("1", order_class=OTO, take_profit="180", stop_loss_limit="170"), "a stop_loss_limit needs a stop_loss"),
        (sell("1", limit="175", order_class=OCO), "an oco is a limit order"),
        (sell("1", order_class=OCO, stop_loss="170"), "an oco is a limit order"),
        (sell("1", limit="175", order_class=OCO, stop_loss="170", take_profit="180"), "an oco is a limit order"),
        (sell("1", limit="175", order_class=OCO, stop_loss="175"), "the target must lie above the stop_loss"),
        (buy("1", limit="175", order_class=OCO, stop_loss="170"), "the target must lie below the stop_loss"),
        (buy("1", limit="175", order_class=OTO, take_profit="175"), "the take_profit must lie above the price"),
        (sell("1", limit="175", order_class=OTO, take_profit="175"), "the take_profit must lie below the price"),
        (buy("1", limit="175", order_class=OTO, stop_loss="175"), "the stop_loss must lie below the price"),
        (sell("1", limit="175", order_class=OTO, stop_loss="170"), "the stop_loss must lie above the price"),
        (buy("1", order_class=BRACKET, take_profit="170", stop_loss="170"), "the target must lie above the stop_loss"),
        (
            buy("1", limit="175", order_class=OTO, stop_loss="170", stop_loss_limit="170.01"),
            "the stop_loss_limit must not lie above the stop_loss",
        ),
        (
            sell("1", limit="175", order_class=OTO, stop_loss="180", stop_loss_limit="179.99"),
            "the stop_loss_limit must not lie below the stop_loss",
        ),
    ],
)
def test_says_how_legs_do_not_fit(order, said):
    assert defect(order) == Defect.LEGS_UNFIT
    assert OrderWellFormed().reason(Defect.LEGS_UNFIT, order).startswith(said)


def test_legs_open_and_an_oco_closes():
    assert defect(sell("1", limit="175", order_class=OCO, stop_loss="170")) == Defect.OCO_OPENS
    assert defect(exits("1", limit="175", order_class=OCO, stop_loss="170")) == 0
    assert defect(buy("1", limit="175", order_class=OTO, stop_loss="170", stop_loss_limit="170")) == 0
    assert defect(exits("1", limit="175", order_class=OTO, stop_loss="180")) == Defect.LEGS_OF_EXIT


def test_a_condition_needs_something_to_wait_for():
    assert defect(buy("1", limit="175", condition=Condition())) == Defect.CONDITION_EMPTY
    assert defect(buy("1", limit="175", condition=Condition(after=NOW))) == 0


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (buy("1", limit="175", cancel_after=0), "cancel_after and partial_timeout must be above 0"),
        (buy("1", limit="175", cancel_after=LONGEST + 1), "cancel_after and partial_timeout must be above 0"),
        (buy("1", limit="175", partial_timeout=SECOND), "a partial_timeout is how long"),
        (
            buy("1", limit="175", cancels_rest=True, partial_timeout=0),
            "cancel_after and partial_timeout must be above 0",
        ),
        (buy("1", limit="175", time_in_force=TimeInForce.IOC, cancels_rest=True), "nothing of an order for ioc"),
        (buy("1", limit="175", time_in_force=TimeInForce.FOK, cancel_after=SECOND), "nothing of an order for fok"),
        (exits("1", limit="175", order_class=OCO, stop_loss="170", cancel_after=SECOND), "an oco stands until"),
    ],
)
def test_says_how_an_end_does_not_fit(order, said):
    assert defect(order) == Defect.END_UNFIT
    assert OrderWellFormed().reason(Defect.END_UNFIT, order).startswith(said)


def test_an_exit_may_have_a_time_and_gives_up_no_rest():
    assert defect(buy("1", limit="175", cancel_after=LONGEST, cancels_rest=True, partial_timeout=1)) == 0
    assert defect(exits("1", limit="175", cancel_after=1)) == 0
    assert defect(exits("1", limit="175", cancels_rest=True)) == Defect.PARTIAL_OF_EXIT
