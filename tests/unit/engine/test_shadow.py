"""Rules beside an engine: what they are shown, what is remembered for them, and what they say of real steps."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stopline.messages import inputs as i
from stopline.model.limits import RateWindow
from stopline.model.market_hours import MarketSpan
from stopline.model.numbers import PRICE_ONE, QTY_ONE
from stopline.model.rules import DrawdownKind, LossTier
from stopline.model.week import Week
from stopline.state.history import History
from stopline.state.situation import Surroundings
from tests.build import START, money, qty, ratio
from tests.watched import WEEK, Watched

MIN = 60 * 10**9


def test_a_trade_is_flat_to_flat_and_bears_its_fees():
    world = Watched()
    world.hold("10", price="100", fee="1")
    world.hold("10", price="102", fee="1")
    world.hold("-5", price="110", fee="0.50")
    assert world.trips() == []
    world.hold("-15", price="90", fee="1.50")
    assert world.trips() == [("AAPL", money("-124"))]


def test_a_flip_ends_one_trade_and_begins_the_next_with_its_share_of_the_fee():
    world = Watched()
    world.hold("10", price="100", fee="1")
    world.hold("-30", price="101", fee="3")
    assert world.trips() == [("AAPL", money("8"))]
    world.hold("20", price="101", fee="2")
    assert world.trips() == [("AAPL", money("8")), ("AAPL", money("-4"))]


def test_a_trade_goes_on_over_a_reset():
    world = Watched()
    world.hold("10", price="100")
    world.hold("-5", price="90")
    world.price("AAPL", "90")
    world.next_session()
    world.hold("-5", price="80")
    assert world.trips() == [("AAPL", money("-150"))]
    assert [trip.number for trip in world.seen.trips] == [1]


def test_a_busted_fill_gives_its_trade_back():
    world = Watched()
    world.hold("10", price="100", fee="1")
    bad = world.hold("-5", price="10", fee="1")
    world.bust(bad)
    world.hold("-10", price="100", fee="1")
    assert world.trips() == [("AAPL", money("-2"))]


def test_the_latest_increase_is_what_a_close_takes_back():
    world = Watched()
    world.hold("2", "ES2026-12", "4000")
    world.hold("3", "MES2026-12", "4000")
    world.hold("1", "ES2026-12", "4000")
    world.hold("-1", "ES2026-12", "4000")
    assert [(each.instrument_id, each.qty) for each in world.seen.increases] == [
        ("fut:ES:2026-12", qty("2")),
        ("fut:MES:2026-12", qty("3")),
    ]


def test_what_was_held_before_anybody_looked_is_the_oldest():
    world = Watched()
    world.hold("3")
    world.shadow._history = History()
    world.hold("2")
    assert [each.qty for each in world.seen.increases] == [qty("3"), qty("2")]


FILLS = st.lists(
    st.tuples(
        st.sampled_from(["AAPL", "MSFT"]), st.integers(-9, 9).filter(bool), st.integers(90, 110), st.integers(0, 5)
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=40, deadline=None)
@given(FILLS)
def test_all_trades_together_are_what_was_realized(fills):
    """Fractions, average cost, one list per instrument: closed trades and open ones make the account's P&L."""
    world = Watched()
    realized, held = Fraction(0), {}
    for symbol, size, price, fee in fills:
        world.hold(str(size), symbol, str(price), fee=str(fee))
        amount, cost = held.get(symbol, (0, Fraction(0)))
        closed = min(abs(amount), abs(size)) if amount * size < 0 else 0
        if closed:
            released = cost * Fraction(closed, abs(amount))
            realized += closed * price * (1 if amount > 0 else -1) - released
            cost -= released
        cost += (abs(size) - closed) * price * (1 if size > 0 else -1)
        realized -= fee
        held[symbol] = (amount + size, cost)
    history = world.history
    in_trades = sum(t.realized_pnl for t in history.trips) + sum(t.realized_pnl for t in history.open_trips.values())
    assert in_trades == world.seen.realized_pnl
    assert abs(Fraction(in_trades, PRICE_ONE) - realized) < Fraction(1, 10**6)
    for symbol, (amount, _) in held.items():
        made_of = [each.qty for each in world.seen.increases if each.instrument_id.endswith(symbol)]
        assert sum(made_of) == abs(amount) * QTY_ONE


def test_entries_are_trades_and_exits_and_partial_fills_are_not():
    world = Watched(trade_frequency={"windows": (RateWindow(2, MIN),)})
    for name in ("B1", "B2", "B3"):
        world.buy("5", limit="100", id=name)
    world.fill("B1", "2", "100")
    world.fill("B1", "3", "100")
    world.fill("B2", "1", "100")
    world.sell("6", limit="100", id="S1")
    world.fill("S1", "6", "100")
    assert (world.told, world.seen.session_trades) == ([], 2)
    world.fill("B3", "1", "100")
    assert world.told == ["+trade_frequency 1 min"]


def test_fills_of_others_at_one_instant_are_one_trade():
    world = Watched(trade_frequency={"per_session": 1})
    world.hold("2")
    world.hold("3")
    assert world.told == []
    world.wait(1)
    world.hold("-1")
    world.hold("1")
    assert world.told == ["+trade_frequency session"]
    world.next_session()
    assert world.told[1:] == ["-trade_frequency session"]


def test_two_usable_quotes_in_a_row_close_and_one_does_not():
    world = Watched(daily_unrealized_loss={"loss_limit": money("50")})
    world.hold("10", price="100")
    world.price("AAPL", "100")
    world.quote("AAPL", bid="0.01", ask="200000")
    world.quote("AAPL", bid="90")
    assert world.told == []
    world.quote("AAPL", bid="90")
    assert world.told == ["+daily_unrealized_loss eq:US:AAPL"]


def test_a_mark_that_is_too_old_is_none_and_ends_no_breach():
    world = Watched(daily_unrealized_loss={"loss_limit": money("50")})
    world.hold("10", price="100")
    world.price("AAPL", "90")
    world.wait(600)
    world.quote("AAPL", ask="200000", one_sided=True)
    assert world.seen.total_pnl is None
    assert world.told == ["+daily_unrealized_loss eq:US:AAPL"]


def test_best_marks_trail_and_start_anew_with_a_new_trade():
    world = Watched(trailing_stop={"ticks": 100})
    world.hold("10", price="100")
    for price in ("100", "105", "104.01"):
        world.price("AAPL", price)
    assert world.told == []
    world.price("AAPL", "104")
    assert world.told == ["+trailing_stop eq:US:AAPL"]
    world.hold("-10", price="104")
    world.hold("-10", price="104")
    for price in ("104", "103", "103.99"):
        world.price("AAPL", price)
    assert world.told == ["+trailing_stop eq:US:AAPL", "-trailing_stop eq:US:AAPL"]


def test_a_trailing_floor_moves_with_open_profit_intraday_and_not_by_the_day():
    terms = {"loss_limit": money("200")}
    for kind, told in ((DrawdownKind.INTRADAY, ["+max_drawdown"]), (DrawdownKind.END_OF_DAY, [])):
        world = Watched(max_drawdown=terms | {"kind": kind})
        world.hold("100", price="100")
        for price in ("100", "105", "103"):
            world.price("AAPL", price)
        assert world.told == told


def test_the_floor_of_a_day_is_below_the_best_close():
    world = Watched(max_drawdown={"loss_limit": money("200"), "kind": DrawdownKind.END_OF_DAY})
    world.hold("100", price="100")
    world.price("AAPL", "105")
    world.step(i.MarkPnl())
    world.next_session()
    world.price("AAPL", "103.01")
    assert world.told == []
    world.price("AAPL", "103")
    assert (world.told, world.verdicts[0].limit) == (["+max_drawdown"], money("100300"))


def test_transfers_shift_start_and_peaks_alike():
    world = Watched(max_drawdown={"loss_limit": money("200"), "kind": DrawdownKind.STATIC})
    world.step(i.CashTransferred(broker="paper", account="A1", transfer_id="T1", amount=money("50000")))
    seen = world.seen
    assert (seen.start_equity, seen.peak_equity, seen.peak_close) == (money("150000"),) * 3
    assert (seen.transfers, seen.week_pnl, world.told) == (money("50000"), 0, [])


def test_a_week_goes_on_over_days_and_a_new_one_begins_at_nothing():
    world = Watched(weekly_loss={"loss_limit": money("100")})
    world.hold("10", price="100")
    for price in ("96", "92"):
        world.price("AAPL", price)
        world.step(i.MarkPnl())
        world.next_session()
    assert world.told == []
    world.price("AAPL", "90")
    assert world.told == ["+weekly_loss"]
    world.step(i.MarkPnl())
    world.around = Surroundings(week=Week("2026-01-12", WEEK.resets_at, WEEK.resets_at * 2, "2026a"))
    world.next_session()
    world.price("AAPL", "90")
    assert world.told == ["+weekly_loss", "-weekly_loss"]


def test_a_days_profit_that_is_given_back():
    world = Watched(profit_giveback={"arm_at": money("100"), "share": ratio("0.50")})
    world.hold("100", price="100")
    for price in ("101", "102", "101.01"):
        world.price("AAPL", price)
    assert world.told == []
    world.price("AAPL", "101")
    assert world.told == ["+profit_giveback"]


def test_a_stop_that_goes_starts_the_grace_again():
    world = Watched(stop_loss_grace={"grace": MIN})
    world.hold("10", price="100")
    world.price("AAPL", "100")
    world.wait(50)
    world.sell("10", stop="95", id="stop")
    world.accept("stop")
    world.wait(100)
    world.price("AAPL", "100")
    assert world.told == []
    world.cancel("stop")
    world.gone("stop")
    world.wait(60)
    world.price("AAPL", "100")
    assert world.told == []
    world.wait(1)
    world.price("AAPL", "100")
    assert world.told == ["+stop_loss_grace eq:US:AAPL"]
    world.sell("10", stop="95", id="another")
    world.accept("another")
    assert world.told[1:] == ["-stop_loss_grace eq:US:AAPL"]


def test_the_brokers_session_is_guarded():
    world = Watched(connection_guard={})
    begun = list(world.told)
    world.disconnect()
    world.connect()
    assert world.told == [*begun, "+connection_guard"]
    world.reconcile()
    assert world.told == [*begun, "+connection_guard", "-connection_guard"]


def test_rejections_and_errors_are_counted_apart():
    world = Watched(
        reject_burst={"window": RateWindow(2, MIN)},
        error_burst={"window": RateWindow(2, MIN)},
    )
    for name in ("B1", "B2"):
        world.buy("1", limit="100", id=name)
    world.reject("B1")
    world.lose("B2")
    assert world.told == ["+error_burst"]
    world.buy("1", limit="100", id="B3")
    world.reject("B3")
    assert world.told == ["+error_burst", "+reject_burst"]


def test_losses_of_the_session_cool_down():
    world = Watched(cooldown_after_loss={"tiers": (LossTier(money("10"), MIN),)}, consecutive_losses={"count": 2})
    for _ in range(2):
        world.hold("10", price="100")
        world.hold("-10", price="99")
    assert world.told == ["+cooldown_after_loss trip:1", "+cooldown_after_loss trip:2", "+consecutive_losses trip:2"]
    world.next_session()
    assert sorted(world.told[3:]) == sorted(f"-{each[1:]}" for each in world.told[:3])


def test_own_hours_and_time():
    hours = (MarketSpan(START - MIN, START + MIN), MarketSpan(START + 9 * MIN, START + 19 * MIN))
    world = Watched(
        Surroundings(week=WEEK, trading_hours=hours), session_block={"hours": ()}, time_exit={"max_hold": 5 * MIN}
    )
    world.hold("1")
    world.wait(60)
    world.price("AAPL", "100")
    assert world.told == ["+session_block"]
    world.wait(240)
    world.price("AAPL", "100")
    world.wait(300)
    world.price("AAPL", "100")
    assert world.told[1:] == ["+time_exit eq:US:AAPL held", "-session_block"]


@pytest.mark.parametrize(("mark", "told"), [("3960.25", []), ("3960", ["+margin_call"])])
def test_maintenance_margin_of_all_positions(mark, told):
    """Five ES keep 90,000 of 100,000: forty points on them are 10,000."""
    world = Watched(margin_call={"buffer": 0})
    world.hold("5", "ES2026-12", "4000")
    world.price("ES2026-12", mark)
    assert world.told == told
