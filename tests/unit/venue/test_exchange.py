"""The exchange, story by story."""

import pytest
from msgspec import structs

from stopline.model.instrument import InstrumentStatus
from stopline.model.numbers import SECOND, parse_money
from stopline.model.order import Side, TimeInForce
from stopline.venue.exchange import Exchange
from stopline.venue.fees import FeeSchedule
from stopline.venue.reports import Executed
from tests.unit.venue.build import AAPL, CL, ES, NOW, Floor, price

DAY, IOC, FOK, GTD = TimeInForce.DAY, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD


@pytest.fixture
def floor():
    return Floor()


# --- at which price ------------------------------------------------------------------------------


def test_a_market_order_takes_the_quote(floor):
    floor.quote("99.99", "100.01")
    assert floor.buy("B", "10") == ["B accepted", "B 10 @ 100.01"]
    assert floor.sell("S", "10") == ["S accepted", "S 10 @ 99.99"]


def test_a_marketable_limit_takes_the_quote_and_not_its_limit(floor):
    floor.quote("99.99", "100.01")
    assert floor.buy("B", "10", "101") == ["B accepted", "B 10 @ 100.01"]
    assert floor.sell("S", "10", "99") == ["S accepted", "S 10 @ 99.99"]


def test_an_order_that_rested_trades_at_its_own_limit(floor):
    floor.quote("99.99", "100.01")
    assert floor.buy("B", "10", "99.50") == ["B accepted"]
    assert floor.quote("99.48", "99.49") == ["B 10 @ 99.50"]


def test_at_its_limit_it_trades_and_one_tick_off_it_does_not(floor):
    floor.quote("100.00", "100.02")
    floor.buy("B", "10", "99.90")
    assert floor.quote("99.89", "99.91") == []
    assert floor.quote("99.88", "99.90") == ["B 10 @ 99.90"]


def test_an_order_that_came_before_the_first_quote_trades_at_that_quote(floor):
    assert floor.buy("B", "10", "500") == ["B accepted"]
    assert floor.quote("99.99", "100.01") == ["B 10 @ 100.01"]


def test_what_is_left_of_a_taker_takes_the_next_quote_too(floor):
    floor.quote("99.99", "100.01", "300")
    assert floor.buy("B", "1000", "101") == ["B accepted", "B 300 @ 100.01"]
    assert floor.quote("100.04", "100.05", "400") == ["B 400 @ 100.05"]
    assert floor.quote("101.04", "101.05", "400") == [], "now it rests"
    assert floor.quote("100.04", "100.05", "400") == ["B 300 @ 101.00"]


# --- how much ------------------------------------------------------------------------------------


def test_no_more_than_the_displayed_size_trades_until_the_next_quote(floor):
    floor.quote("99.99", "100.01", "100")
    assert floor.buy("B1", "60") == ["B1 accepted", "B1 60 @ 100.01"]
    assert floor.buy("B2", "60") == ["B2 accepted", "B2 40 @ 100.01"]
    assert floor.buy("B3", "60") == ["B3 accepted"]
    assert floor.sell("S", "60") == ["S accepted", "S 60 @ 99.99"], "the other side has its own size"
    assert floor.quote("99.99", "100.01", "100") == ["B2 20 @ 100.01", "B3 60 @ 100.01"]


def test_a_trade_print_that_repeats_the_quote_brings_no_new_size(floor):
    floor.quote("99.99", "100.01", "100")
    floor.buy("B", "300")
    assert floor.quote("99.99", "100.01", "100", last="100.01") == []
    assert floor.quote("99.99", "100.02", "100", last="100.01") == ["B 100 @ 100.02"]
    floor.wait(2)
    assert floor.quote("99.99", "100.02", "100", last="100.01") == ["B 100 @ 100.02"], "no print after two seconds"


def test_a_side_without_size_trades_nothing(floor):
    floor.quote("99.99", "100.01", ask_size="0")
    assert floor.buy("B", "10") == ["B accepted"]
    assert floor.buy("K", "10", tif=FOK) == ["K accepted", "K canceled with 0"]


# --- who first -----------------------------------------------------------------------------------


def test_price_goes_before_time_and_time_before_nothing(floor):
    floor.quote("100.00", "100.10")
    floor.buy("low", "50", "99.00")
    floor.buy("first", "50", "99.50")
    floor.buy("second", "50", "99.50")
    floor.buy("best", "50", "99.60")
    assert floor.quote("98.90", "99.00", "170") == [
        "best 50 @ 99.60",
        "first 50 @ 99.50",
        "second 50 @ 99.50",
        "low 20 @ 99.00",
    ]


def test_sells_the_lowest_first(floor):
    floor.quote("100.00", "100.10")
    floor.sell("high", "50", "101.00")
    floor.sell("low", "50", "100.50")
    assert floor.quote("101.00", "101.10", "60") == ["low 50 @ 100.50", "high 10 @ 101.00"]


def test_a_market_order_that_waits_goes_before_every_limit(floor):
    floor.buy("limit", "50", "200")
    floor.buy("market", "50")
    assert floor.quote("99.99", "100.00", "60") == ["market 50 @ 100.00", "limit 10 @ 100.00"]


def test_less_quantity_keeps_the_place_in_time(floor):
    floor.quote("100.00", "100.10")
    floor.buy("first", "50", "99.50")
    floor.buy("second", "50", "99.50")
    assert floor.amend("first", "40", "99.50") == ["first amended to 40"]
    assert floor.quote("99.40", "99.50", "60") == ["first 40 @ 99.50", "second 20 @ 99.50"]


@pytest.mark.parametrize(("size", "limit"), [("60", "99.50"), ("50", "99.51")], ids=["more", "another price"])
def test_more_quantity_or_another_price_loses_it(floor, size, limit):
    floor.quote("100.00", "100.10")
    floor.buy("first", "50", "99.50")
    floor.buy("second", "50", "99.50")
    floor.amend("first", size, limit)
    floor.amend("first", "50", "99.50")
    assert floor.quote("99.40", "99.50", "60") == ["second 50 @ 99.50", "first 10 @ 99.50"]


# --- replace and cancel ----------------------------------------------------------------------------


def test_a_replace_that_crosses_takes_the_quote(floor):
    floor.quote("100.00", "100.10")
    floor.buy("B", "50", "99.50")
    assert floor.amend("B", "50", "100.50") == ["B amended to 50", "B 50 @ 100.10"]


def test_a_replace_to_what_has_filled_or_less_ends_the_order(floor):
    floor.quote("99.99", "100.01", "30")
    floor.buy("B", "50", "100.01")
    assert floor.amend("B", "20", "100.01") == ["B amended to 30", "B canceled with 30"]
    assert floor.cancel("B") == ["B not canceled"]


@pytest.mark.parametrize(
    ("limit", "stop"),
    [(None, None), ("99.505", None), ("-1", None), ("99", "98")],
    ids=["none", "tick", "sign", "stop"],
)
def test_a_replace_with_terms_that_do_not_fit_changes_nothing(floor, limit, stop):
    floor.quote("100.00", "100.10")
    floor.buy("B", "50", "99.50")
    assert floor.amend("B", "60", limit, stop) == ["B not amended"]
    assert floor.quote("99.40", "99.50") == ["B 50 @ 99.50"]


def test_cancel_and_replace_of_what_is_not_there(floor):
    assert floor.cancel("X") == ["X not canceled"]
    assert floor.amend("X", "1", "1") == ["X not amended"]


def test_a_canceled_order_trades_no_more(floor):
    floor.buy("B", "10")
    assert floor.cancel("B") == ["B canceled with 0"]
    assert floor.quote("99.99", "100.01") == []


# --- times in force --------------------------------------------------------------------------------


def test_ioc_takes_what_is_there_and_ends(floor):
    floor.quote("99.99", "100.01", "30")
    assert floor.buy("B", "50", "100.01", tif=IOC) == ["B accepted", "B 30 @ 100.01", "B canceled with 30"]
    assert floor.buy("C", "50", "100.00", tif=IOC) == ["C accepted", "C canceled with 0"]


@pytest.mark.parametrize(
    ("size", "limit", "fills"),
    [("30", "100.01", True), ("31", "100.01", False), ("30", "100.00", False), ("30", None, True)],
)
def test_fok_takes_all_or_nothing(floor, size, limit, fills):
    floor.quote("99.99", "100.01", "30")
    said = floor.buy("B", size, limit, tif=FOK)
    assert said == (["B accepted", "B 30 @ 100.01"] if fills else ["B accepted", "B canceled with 0"])


def test_fok_does_not_go_before_those_who_wait(floor):
    """Reopening after a halt: size is displayed, and a resting order has not had its share yet."""
    floor.exchange.list_instrument(structs.replace(AAPL, status=InstrumentStatus.HALTED))
    floor.quote("99.99", "100.01", "30")
    floor.buy("first", "20", "100.01")
    floor.exchange.list_instrument(AAPL)
    assert floor.buy("B", "20", tif=FOK) == ["B accepted", "first 20 @ 100.01", "B canceled with 0"]


def test_immediate_orders_end_where_there_is_no_market(floor):
    assert floor.buy("B", "50", tif=IOC) == ["B accepted", "B canceled with 0"]
    assert floor.buy("C", "50", tif=FOK) == ["C accepted", "C canceled with 0"]


@pytest.mark.parametrize("tif", [DAY, GTD])
def test_day_and_gtd_end_at_their_time(floor, tif):
    floor.buy("B", "10", "90", tif=tif, expires_at=floor.at + SECOND)
    floor.buy("later", "10", "90", tif=tif, expires_at=floor.at + 2 * SECOND)
    floor.buy("gtc", "10", "90")
    assert floor.exchange.next_expiry() == floor.at + SECOND
    assert floor.expire() == []
    floor.wait(1)
    assert floor.expire() == ["B expired with 0"]
    floor.wait(1)
    assert floor.expire() == ["later expired with 0"]
    assert floor.exchange.next_expiry() is None
    assert floor.quote("89.99", "90.00") == ["gtc 10 @ 90.00"]


def test_an_order_that_ended_does_not_expire_again(floor):
    floor.buy("B", "10", "90", tif=DAY, expires_at=floor.at + SECOND)
    floor.cancel("B")
    floor.wait(1)
    assert floor.expire() == []


# --- stops -----------------------------------------------------------------------------------------


def test_a_stop_triggers_on_the_last_trade_and_takes_the_quote(floor):
    floor.quote("100.00", "100.10", last="100.05")
    assert floor.sell("S", "10", stop="99.50") == ["S accepted"]
    assert floor.quote("99.49", "99.61", last="99.51") == []
    assert floor.quote("99.48", "99.60", last="99.50") == ["S triggered", "S 10 @ 99.48"]


def test_a_buy_stop_triggers_on_the_mid_where_nothing_traded(floor):
    floor.quote("100.00", "100.10")
    floor.buy("B", "10", stop="101.00")
    assert floor.quote("100.94", "101.04") == []
    assert floor.quote("100.95", "101.05") == ["B triggered", "B 10 @ 101.05"]


def test_a_stop_limit_rests_at_its_limit_once_triggered(floor):
    floor.quote("100.00", "100.10")
    floor.sell("S", "10", "99.80", stop="99.90")
    assert floor.quote("99.60", "99.70") == ["S triggered"]
    assert floor.quote("99.85", "99.95") == ["S 10 @ 99.80"]


def test_a_stop_that_is_reached_already_triggers_at_once(floor):
    floor.quote("100.00", "100.10")
    assert floor.sell("S", "10", stop="100.50") == ["S accepted", "S triggered", "S 10 @ 100.00"]


def test_stops_trigger_in_the_order_of_their_prices_behind_those_who_were_there(floor):
    floor.quote("100.00", "100.10", "10")
    floor.sell("far", "10", stop="98.00")
    floor.sell("near", "10", stop="99.00")
    assert floor.sell("there", "15", "97.00") == ["there accepted", "there 10 @ 100.00"]
    assert floor.quote("97.50", "97.60", "20") == [
        "near triggered",
        "far triggered",
        "near 10 @ 97.50",
        "far 10 @ 97.50",
    ]


def test_an_amended_stop_waits_at_its_new_price(floor):
    floor.quote("100.00", "100.10")
    floor.sell("S", "10", stop="99.50")
    floor.amend("S", "10", stop="98.00")
    assert floor.quote("99.00", "99.10") == []
    assert floor.amend("S", "10", stop="99.40") == ["S amended to 10", "S triggered", "S 10 @ 99.00"]


STRANGE = {
    "stub bid": ("0.01", "100.10"),
    "stub both": ("0.01", "199999.99"),
    "crossed": ("100.20", "100.10"),
    "no bid": (None, "98.00"),
    "no ask": ("98.00", None),
    "nothing": (None, None),
    "zero": ("0", "98.00"),
    "negative": ("-1", "98.00"),
}


@pytest.mark.parametrize(("bid", "ask"), STRANGE.values(), ids=STRANGE.keys())
@pytest.mark.parametrize("last", [None, "0.01"])
def test_a_strange_quote_triggers_and_trades_nothing(floor, bid, ask, last):
    """Incident N5: a quote of 0.01 x 100,000 is nobody's price."""
    floor.quote("100.00", "100.10")
    floor.sell("stop", "10", stop="99.50")
    floor.buy("limit", "10", "99.50")
    assert floor.quote(bid, ask, "100000", last=last) == []
    assert floor.buy("B", "10") == ["B accepted"]
    assert floor.sell("S", "10", tif=IOC) == ["S accepted", "S canceled with 0"]
    assert floor.quote("100.00", "100.10") == ["B 10 @ 100.10"], "a usable quote brings the market back"


@pytest.mark.parametrize(("bid", "ask"), STRANGE.values(), ids=STRANGE.keys())
def test_a_strange_quote_moves_no_mark(floor, bid, ask):
    """Accounts are margined at the mark."""
    floor.quote("100.00", "100.10", last="100.05")
    floor.quote(bid, ask, last="0.01")
    assert floor.exchange.mark(AAPL.instrument_id) == price("100.05")
    assert floor.exchange.price_for(AAPL.instrument_id, Side.BUY, floor.at) is None


def test_a_print_far_away_triggers_no_more_than_the_quote_allows(floor):
    floor.quote("100.00", "100.10", last="100.05")
    floor.sell("S", "10", stop="99.50")
    assert floor.quote("100.00", "100.10", last="0.01") == []


def test_a_locked_quote_trades(floor):
    floor.quote("100.00", "100.00")
    assert floor.buy("B", "10") == ["B accepted", "B 10 @ 100.00"]


# --- how long a quote stands ---------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "trades"), [(60, True), (61, False)])
def test_a_quote_stands_for_a_minute(floor, seconds, trades):
    floor.quote("99.99", "100.01")
    floor.wait(seconds)
    assert (floor.buy("B", "10", tif=IOC) == ["B accepted", "B 10 @ 100.01"]) is trades


@pytest.mark.parametrize(("seconds", "trades"), [(300, True), (301, False)])
def test_or_as_long_as_its_source_says(floor, seconds, trades):
    floor.quote("99.99", "100.01", valid_until=NOW + 300 * SECOND)
    floor.wait(seconds)
    assert (floor.buy("B", "10", tif=IOC) == ["B accepted", "B 10 @ 100.01"]) is trades


def test_a_stop_that_comes_on_a_stale_quote_waits(floor):
    floor.quote("99.99", "100.01")
    floor.wait(61)
    assert floor.sell("S", "10", stop="101") == ["S accepted"]


def test_an_order_on_a_stale_quote_waits_for_the_next(floor):
    floor.quote("99.99", "100.01")
    floor.wait(3600)
    assert floor.buy("B", "10") == ["B accepted"]
    assert floor.quote("119.99", "120.01") == ["B 10 @ 120.01"]


def test_a_halted_instrument_takes_orders_and_trades_nothing(floor):
    floor.exchange.list_instrument(structs.replace(AAPL, status=InstrumentStatus.HALTED))
    floor.quote("99.99", "100.01")
    assert floor.buy("B", "10") == ["B accepted"]
    floor.exchange.list_instrument(AAPL)
    assert floor.quote("99.99", "100.01") == ["B 10 @ 100.01"]


# --- other instruments -----------------------------------------------------------------------------


def test_instruments_do_not_mix(floor):
    floor.buy("E", "2", "6900", instrument=ES)
    assert floor.quote("99.99", "100.01") == []
    assert floor.quote("6899.75", "6900.00", "5", instrument=ES) == ["E 2 @ 6900.00"]


def test_prices_below_zero_trade_where_the_instrument_says_so(floor):
    """2020-04-20."""
    floor.quote("-37.64", "-37.63", "5", instrument=CL)
    assert floor.buy("B", "1", instrument=CL) == ["B accepted", "B 1 @ -37.63"]
    assert floor.sell("S", "1", "-38", instrument=CL) == ["S accepted", "S 1 @ -37.64"]


def test_a_quote_of_an_unknown_instrument_says_nothing():
    floor = Floor(ES)
    assert floor.quote("99.99", "100.01") == []
    assert floor.buy("B", "1") == ["B refused: unknown_instrument"]


# --- what it refuses -------------------------------------------------------------------------------

REFUSED = {
    "no quantity": ({"order_qty": 0}, "bad_quantity"),
    "negative quantity": ({"order_qty": -1}, "bad_quantity"),
    "off tick": ({"limit_price": 100_500_000_1}, "bad_price"),
    "no limit": ({"limit_price": None}, "bad_price"),
    "limit of zero": ({"limit_price": 0}, "bad_price"),
    "needless stop": ({"stop_price": 10**8}, "bad_price"),
    "trailing": ({"order_type": "trailing_stop"}, "unsupported"),
    "at the open": ({"time_in_force": TimeInForce.OPG}, "unsupported"),
    "at the close": ({"time_in_force": TimeInForce.CLS}, "unsupported"),
    "day without an end": ({"time_in_force": DAY}, "expired"),
    "day that is over": ({"time_in_force": DAY, "expires_at": NOW}, "expired"),
}


@pytest.mark.parametrize(("terms", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses(floor, terms, code):
    assert floor.enter(structs.replace(floor.order("B", "buy", "10", "100"), **terms)) == [f"B refused: {code}"]


@pytest.mark.parametrize("tif", [IOC, FOK])
def test_refuses_a_stop_that_cannot_wait(floor, tif):
    assert floor.sell("S", "10", stop="90", tif=tif) == ["S refused: unsupported"]


def test_refuses_an_id_that_is_in_use(floor):
    floor.buy("B", "10", "100")
    assert floor.buy("B", "10", "100") == ["B refused: duplicate_order_id"]


# --- fees, ids, another life -----------------------------------------------------------------------


def test_fees_are_per_share_and_per_contract():
    floor = Floor(AAPL, ES, fees=FeeSchedule(per_share=parse_money("0.005"), per_contract=parse_money("2.25")))
    floor.quote("99.99", "100.01")
    floor.quote("6899.75", "6900.00", instrument=ES)
    floor.buy("B", "7")
    fees = [report.fee for report in floor.reports if isinstance(report, Executed)]
    floor.buy("E", "3", instrument=ES)
    fees += [report.fee for report in floor.reports if isinstance(report, Executed)]
    assert fees == [parse_money("0.035"), parse_money("6.75")]


def test_executions_are_counted():
    exchange = Floor().exchange
    other = Exchange(next_exec=41)
    other.list_instrument(AAPL)
    floor = Floor()
    for expected, each in ((1, exchange), (41, other)):
        floor.exchange = each
        floor.quote("99.99", "100.01")
        floor.buy("B1", "1")
        floor.buy("B2", "1")
        executed = [report for report in floor.reports if isinstance(report, Executed)]
        assert [report.exec_no for report in executed] == [expected + 1]


def test_another_life_goes_on_with_the_orders_and_without_the_quotes(floor):
    floor.quote("100.00", "100.10", "30")
    floor.buy("rested", "10", "99.50")
    floor.sell("stop", "10", stop="99.00")
    left = [floor.exchange.order(name) for name in ("rested", "stop")]
    again = Floor()
    again.exchange.restore(left)
    assert again.buy("new", "10", "99.50") == ["new accepted"]
    assert again.quote("99.40", "99.50", "15") == ["rested 10 @ 99.50", "new 5 @ 99.50"]
    assert again.quote("98.90", "99.00", "15") == ["stop triggered", "new 5 @ 99.00", "stop 10 @ 98.90"]


def test_restoring_what_is_not_listed_fails():
    floor = Floor(ES)
    with pytest.raises(LookupError, match="not listed"):
        floor.exchange.restore([floor.order("B", "buy", "10")])
