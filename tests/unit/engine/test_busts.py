"""Busts and corrections take back exactly what was booked (semantics.md section 8; reliability.md N5, N14 and F24)."""

import pytest

from stopline.messages import effects as f
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.model.limits import Limits
from stopline.model.order import Side
from stopline.model.rules import ConsecutiveLossesTerms, Rules
from tests.build import World, denied_by, money, qty, usd


def picture(world: World) -> tuple[object, ...]:
    """Return everything that P&L is made of."""
    position, account = world.position(), world.account()
    return (
        position.qty,
        position.cost,
        position.session_cost,
        position.realized_entry,
        position.realized_session,
        position.fees,
        account.cash,
        world.pnl(),
    )


@pytest.mark.parametrize("fifo", [False, True])
def test_a_bust_is_as_if_it_had_never_been(fifo):
    pictures = []
    for with_bust in (True, False):
        world = World(fifo=fifo)
        world.quote("AAPL", "105")
        world.hold("10", price="100", fee="1")
        if with_bust:
            world.hold("5", price="0.01", exec_id="BAD", fee="1")
        world.hold("-3", price="110", fee="1")
        if with_bust:
            world.bust("BAD")
        pictures.append(picture(world))
        world.assert_replays()
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize("fifo", [False, True])
def test_a_next_day_bust_restores_pnl_exactly(fifo):
    """Sold out at a stub quote yesterday; today the venue breaks the trade."""
    pictures = []
    for with_bust in (True, False):
        world = World(fifo=fifo)
        world.quote("AAPL", "100")
        world.hold("30", price="99.97")
        if with_bust:
            world.hold("-30", price="0.01", exec_id="STUB")
        world.next_session()
        world.quote("AAPL", "101")
        world.hold("7", price="100.03")
        if with_bust:
            world.bust("STUB")
        position, account = world.position(), world.account()
        pictures.append((position.qty, position.cost, position.realized_entry, account.cash, account.equity()))
        world.assert_replays()
    assert pictures[0] == pictures[1]


def test_a_next_day_bust_of_a_carried_position_keeps_the_session_basis():
    world = World()
    world.quote("AAPL", "100")
    world.hold("10", price="90")
    world.hold("10", price="95", exec_id="X")
    world.next_session()
    world.quote("AAPL", "101")
    assert world.pnl() == ("0.00", "20.00", "20.00")
    world.bust("X")
    # Ten at 100 were never bought at 95: 50 of yesterday's 150 profit is gone, and so is today's ten.
    assert world.position().qty == qty("10")
    assert usd(world.position().session_cost) == "1000.00"
    assert world.pnl() == ("-50.00", "10.00", "-40.00")
    world.assert_replays()


def test_a_bust_reopens_the_order_as_unknown_and_asks_the_broker():
    world = World()
    world.buy("10", limit="100", id="B1")
    bad = world.fill("B1", "10", "100")
    world.bust(bad)
    order = world.order("B1")
    assert (order.state, order.cum_qty, order.leaves_qty) == ("unknown", 0, qty("10"))
    assert world.position().working_buys == qty("10")
    assert [query.routed_order_id for query in world.asked(f.QueryOrder)] == [order.routed_order_id]
    world.gone("B1")
    assert world.position().working_buys == 0
    world.assert_replays()


def test_a_bust_of_an_order_that_ended_otherwise_leaves_it_ended():
    world = World()
    world.buy("10", limit="100", id="B1")
    bad = world.fill("B1", "4", "100")
    world.gone("B1")
    world.bust(bad)
    assert world.order("B1").state == "canceled"
    assert world.position().working_buys == 0
    assert world.position().qty == 0


def test_a_busted_first_fill_makes_the_entry_wait_again():
    world = World()
    world.buy("10", limit="100", id="B1")
    bad = world.fill("B1", "4", "100")
    world.bust(bad)
    assert world.account().unfilled_entries == 1
    world.fill("B1", "10", "100")
    assert world.account().unfilled_entries == 0


def test_an_order_is_found_as_long_as_its_fills_can_be_busted():
    """Ended on the first day, filled late on the second, busted on the third: the broker's word still finds it."""
    world = World(limits=Limits())
    world.change_limits(Limits(max_position_qty=qty("100")), scope="strategy", scope_id="mean")
    world.buy("10", limit="100", id="B1", strategy="mean")
    world.gone("B1")
    world.quote("AAPL", "100")
    world.next_session()
    late = world.fill("B1", "10", "100")
    world.next_session()
    world.bust(late)
    assert (world.order("B1").state, world.position().working_buys) == ("unknown", qty("10"))
    assert world.state.scopes["strategy:A1:mean"].positions["eq:US:AAPL"].qty == 0
    world.gone("B1")
    assert (world.order("B1").state, world.position().working_buys) == ("canceled", 0)
    world.assert_replays()


def test_the_same_bust_twice_is_one():
    world = World()
    world.hold("10", exec_id="X")
    world.bust("X", by="Y")
    world.bust("X", by="Y")
    assert world.said == ()
    world.bust("X", by="Z")
    assert world.of(e.FillVoided) == []
    assert world.position().qty == 0


def test_a_correction_replaces_and_never_adds():
    world = World()
    world.buy("10", limit="101", id="B1")
    first = world.fill("B1", "10", "101", exec_id="x.01")
    world.correct(first, "10", "100", by="x.02")
    assert world.position().qty == qty("10")
    assert usd(world.position().cost) == "1000.00"
    assert usd(world.account().cash) == "99000.00"
    assert world.order("B1").state == "filled"
    assert world.order("B1").cum_qty == qty("10")
    world.correct("x.02", "8", "100", by="x.03")
    assert world.position().qty == world.order("B1").cum_qty == qty("8")
    world.correct("x.02", "8", "100", by="x.03")
    assert world.said == ()
    world.assert_replays()


def test_a_corrected_entry_is_the_trade_that_it_was():
    world = World(limits=Limits(trades_per_session=2))
    world.buy("10", limit="100", id="B1")
    world.correct(world.fill("B1", "10", "100"), "10", "99")
    account = world.account()
    assert (account.day.trades, account.trade_times.count, account.history.session_trades) == (1, 1, 1)
    assert (account.unfilled_entries, denied_by(world.buy("1", limit="100"))) == (0, "")

    world.correct(world.hold("5", "MSFT"), "4", "100")
    assert account.history.session_trades == 2
    world.assert_replays()


def test_a_correction_that_comes_the_next_day():
    world = World()
    world.quote("AAPL", "100")
    world.hold("10", price="100", exec_id="x.01")
    world.next_session()
    world.correct("x.01", "10", "99", by="x.02")
    assert world.position().qty == qty("10")
    assert usd(world.position().cost) == "990.00"
    assert usd(world.account().cash) == "99010.00"
    world.assert_replays()


def test_a_bust_that_shrinks_the_position_cuts_the_exits():
    world = World()
    world.hold("10", exec_id="X")
    world.sell("10", stop="90", id="S1")
    world.bust("X")
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["S1"]


def test_a_bust_of_something_that_nobody_knows_is_critical_and_changes_nothing():
    world = World()
    world.bust("never-seen")
    assert [(a.alert_type, a.severity) for a in world.of(e.AlertRaised)] == [("BUST_UNKNOWN", "CRITICAL")]
    assert world.of(e.FillVoided) == []


def test_a_correction_of_something_that_nobody_knows_does_not_add_a_position():
    world = World()
    world.hold("10", exec_id="x.01")
    for _ in range(3):
        world.quote("AAPL", "100")
        world.next_session()
    world.report(Side.BUY, "10", "AAPL", "99", exec_id="x.02", replaces="x.01")
    assert world.position().qty == qty("10"), "a correction replaces, never adds"
    assert [a.severity for a in world.of(e.AlertRaised)] == ["CRITICAL"]


def test_a_bust_of_a_fill_that_opened_a_short_cash_loss():
    """What a bust gives back is the cash that the fill took, whatever was booked after it."""
    world = World()
    world.hold("-10", price="100", exec_id="X")
    world.hold("4", price="90")
    world.bust("X")
    assert world.position().qty == qty("4")
    assert usd(world.position().cost) == "360.00"
    assert world.account().cash == money("100000") - money("360")


def test_a_bust_of_futures_gives_back_what_was_realized():
    world = World()
    world.hold("2", "ES2026-12", price="6900")
    world.hold("-2", "ES2026-12", price="6800", exec_id="X")
    assert usd(world.account().cash) == "90000.00"
    world.bust("X")
    assert usd(world.account().cash) == "100000.00"
    assert world.position("ES2026-12").qty == qty("2")
    world.assert_replays()


def test_the_correction_of_a_whole_fill_is_no_overfill():
    world = World()
    world.buy("10", limit="100", id="B1")
    world.accept("B1")
    exec_id = world.fill("B1", "10", "100")
    world.correct(exec_id, "10", "99")
    assert [alert.alert_type for alert in world.of(e.AlertRaised)] == ["FILL_BUSTED"]
    assert (world.order("B1").state, world.order("B1").cum_qty) == ("filled", qty("10"))
    world.correct(f"{exec_id}-corrected", "11", "99")
    assert [alert.alert_type for alert in world.of(e.AlertRaised)] == ["FILL_BUSTED", "OVERFILL"]


def test_an_entry_that_is_taken_back_ends_no_streak_of_losses():
    world = World()
    rule = ConsecutiveLossesTerms(count=2)
    world.step(i.ChangeRules(account="A1", rules=Rules(consecutive_losses=rule)))
    world.hold("10", price="100")
    world.hold("-10", price="99")
    world.bust(world.hold("10", price="1", fee="0.5"))
    account = world.account()
    assert ([trip.number for trip in account.history.trips], account.history.open_trips) == ([1], {})
    world.hold("10", price="100")
    world.hold("-10", price="99")
    assert world.trading == "reducing"
    world.assert_replays()
