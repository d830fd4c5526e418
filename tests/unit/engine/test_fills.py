"""Fills: position, cost, cash and P&L, in exact amounts (semantics.md sections 8, 9 and 12)."""

import pytest

from stopline.measures.pnl import lots_of
from stopline.messages import events as e
from stopline.model.order import Side
from tests.build import World, money, qty, usd

# (fills as "+10@100" buys ten at 100, position, cost, realized against entry, cash moved)
STORIES = {
    "open": ("+10@100", "10", "1000.00", "0.00", "-1000.00"),
    "add": ("+10@100 +10@110", "20", "2100.00", "0.00", "-2100.00"),
    "reduce": ("+10@100 -4@110", "6", "600.00", "40.00", "-560.00"),
    "reduce after adding, by average cost": ("+10@100 +10@110 -10@120", "10", "1050.00", "150.00", "-900.00"),
    "close": ("+10@100 -10@90", "0", "0.00", "-100.00", "-100.00"),
    "flip long to short": ("+10@100 -15@110", "-5", "-550.00", "100.00", "650.00"),
    "flip short to long": ("-10@100 +15@110", "5", "550.00", "-100.00", "-650.00"),
    "short": ("-10@100", "-10", "-1000.00", "0.00", "1000.00"),
    "short covered at a profit": ("-10@100 +10@80", "0", "0.00", "200.00", "200.00"),
    "close and open again": ("+10@100 -10@110 +5@120", "5", "600.00", "100.00", "-500.00"),
    "a third of a cent": ("+3@0.01 -1@0.02 -1@0.02 -1@0.02", "0", "0.00", "0.03", "0.03"),
    "fractions of a share": ("+0.333333333@100 -0.333333333@101", "0", "0.00", "0.33333333", "0.33333333"),
}


def play(world: World, story: str, symbol: str = "AAPL") -> None:
    for text in story.split():
        size, _, price = text.partition("@")
        world.hold(size.lstrip("+"), symbol, price)


@pytest.mark.parametrize(("story", "held", "cost", "realized", "cash"), STORIES.values(), ids=STORIES.keys())
def test_average_cost(story, held, cost, realized, cash):
    world = World()
    play(world, story)
    position = world.position()
    assert (position.qty, usd(position.cost)) == (qty(held), cost)
    assert usd(position.realized_entry) == realized
    assert usd(world.account().cash - money("100000")) == cash
    world.assert_replays()


def test_fifo_releases_the_oldest_lot_first():
    world = World(fifo=True)
    play(world, "+10@100 +10@110 -5@120 -10@120")
    position = world.position()
    assert lots_of(position.lots) == [(qty("5"), money("550"), money("550"))]
    assert usd(position.cost) == "550.00"
    assert usd(position.realized_entry) == "250.00"  # 5 * 20 + 5 * 20 + 5 * 10
    world.assert_replays()


def test_fifo_flips_into_one_new_lot():
    world = World(fifo=True)
    play(world, "+10@100 +10@110 -25@120")
    position = world.position()
    assert lots_of(position.lots) == [(qty("-5"), money("-600"), money("-600"))]
    assert usd(position.realized_entry) == "300.00"


def test_average_and_fifo_realize_the_same_once_flat():
    story = "+7@101.01 +3@99.99 -4@100.5 +2@98.37 -8@103.33"
    totals = []
    for fifo in (False, True):
        world = World(fifo=fifo)
        play(world, story)
        assert world.position().qty == world.position().cost == 0
        totals.append((world.position().realized_entry, world.account().cash))
    assert totals[0] == totals[1]


def test_cost_is_never_lost_to_rounding():
    world = World()
    play(world, "+3@100.00000001 -1@100 -1@100 -1@100")
    assert world.position().cost == 0
    assert world.position().realized_entry == -3
    assert world.account().cash == money("100000") - 3


def test_fees_are_paid_from_cash_and_counted_in_the_day():
    world = World()
    world.hold("10", price="100", fee="1.25")
    world.hold("-10", price="100", fee="1.25")
    world.quote("AAPL", "100")
    assert usd(world.account().cash) == "99997.50"
    assert world.pnl() == ("-2.50", "0.00", "-2.50")
    assert usd(world.position().fees) == "2.50"


def test_a_rebate_is_a_negative_fee():
    world = World()
    world.hold("10", price="100", fee="-0.02")
    assert usd(world.account().cash) == "99000.02"


def test_futures_move_cash_by_what_they_realize_only():
    world = World()
    world.hold("2", "ES2026-12", price="6900.25")
    assert usd(world.account().cash) == "100000.00"
    world.quote("ES2026-12", "6910.25")
    assert world.pnl() == ("0.00", "1000.00", "1000.00")  # 10 points * 50 * 2
    world.hold("-1", "ES2026-12", price="6905.25", fee="2.10")
    assert usd(world.account().cash) == "100247.90"
    assert world.pnl() == ("247.90", "500.00", "747.90")
    assert usd(world.account().equity()) == "100747.90"
    world.assert_replays()


def test_a_tick_of_the_es_is_twelve_fifty():
    world = World()
    world.hold("1", "ES2026-12", price="6900.00")
    world.quote("ES2026-12", "6900.25")
    assert world.pnl()[2] == "12.50"


def test_negative_prices_all_the_way():
    world = World(cash="1000000")
    world.quote("CL2020-05", "10.00")
    world.hold("10", "CL2020-05", price="10.00")
    world.quote("CL2020-05", "-37.63")
    assert world.pnl()[2] == "-476300.00"  # (-37.63 - 10) * 1000 * 10
    world.hold("-10", "CL2020-05", price="-37.63")
    assert world.pnl() == ("-476300.00", "0.00", "-476300.00")
    world.hold("10", "CL2020-05", price="-40")
    world.quote("CL2020-05", "-37.63")
    assert world.pnl()[2] == "-452600.00"
    world.assert_replays()


def test_selling_at_a_negative_price_costs_money_in_a_cash_class_too():
    world = World()
    world.hold("-1", "EURUSD", price="-0.5")
    assert usd(world.account().cash) == "99999.50"


# --- deduplication, late fills, external fills ------------------------------------------


def test_an_execution_is_booked_once():
    world = World()
    world.buy("10", limit="100", id="B1")
    world.fill("B1", "4", "100", exec_id="X1")
    world.fill("B1", "4", "100", exec_id="X1")
    assert world.said == ()
    assert world.order("B1").cum_qty == world.position().qty == qty("4")


def test_an_execution_is_booked_once_even_a_day_later():
    world = World()
    world.hold("4", exec_id="X1")
    world.quote("AAPL", "100")
    world.next_session()
    world.hold("4", exec_id="X1")
    assert world.position().qty == qty("4")


def test_the_same_exec_id_of_another_account_is_another_execution():
    world = World()
    world.open_account("A2")
    world.hold("4", exec_id="X1")
    world.hold("4", exec_id="X1", account="A2")
    assert world.position().qty == world.position(account="A2").qty == qty("4")


@pytest.mark.parametrize("end", ["canceled", "expired"])
def test_a_late_fill_is_always_booked(end):
    world = World()
    world.buy("10", limit="100", id="B1")
    world.gone("B1", end)
    world.fill("B1", "4", "100")
    assert world.position().qty == qty("4")
    assert world.order("B1").state == end
    assert world.position().working_buys == 0
    world.fill("B1", "6", "100")
    assert world.order("B1").state == "filled"
    world.assert_replays()


def test_a_fill_of_a_rejected_order_is_booked():
    world = World()
    world.buy("10", limit="100", id="B1")
    world.reject("B1")
    world.fill("B1", "10", "100")
    assert world.position().qty == qty("10")


def test_a_fill_before_the_acknowledgement_is_booked():
    world = World()
    world.buy("10", limit="100", id="B1")
    world.fill("B1", "10", "100")
    world.accept("B1")
    assert world.order("B1").state == "filled"
    assert world.position().working_buys == 0


def test_a_fill_two_days_after_the_order_ended_is_booked():
    world = World()
    world.buy("10", limit="100", id="B1")
    world.gone("B1")
    routed = world.routed("B1")
    for _ in range(3):
        world.next_session()
    world.report(Side.BUY, "4", "AAPL", "100", routed_order_id=routed)
    assert world.position().qty == qty("4")
    world.assert_replays()


def test_an_overfill_is_booked_and_told():
    world = World()
    world.buy("10", limit="100", id="B1")
    world.fill("B1", "12", "100")
    assert world.position().qty == qty("12")
    assert world.position().working_buys == 0
    assert [alert.alert_type for alert in world.of(e.AlertRaised)] == ["OVERFILL"]


def test_a_fill_that_we_did_not_send_is_booked_as_external():
    world = World()
    world.hold("10")
    assert [event.fill.qty for event in world.of(e.ExternalFilled)] == [qty("10")]
    assert [alert.alert_type for alert in world.of(e.AlertRaised)] == ["EXTERNAL_FILL"]
    assert world.position().qty == qty("10")


@pytest.mark.parametrize("wrong", ["side", "instrument"])
def test_a_fill_that_does_not_fit_its_order_is_external_and_leaves_the_order(wrong):
    world = World()
    world.buy("10", limit="100", id="B1")
    side = Side.SELL if wrong == "side" else Side.BUY
    world.report(side, "10", "TSLA" if wrong == "instrument" else "AAPL", "100", routed_order_id=world.routed("B1"))
    assert len(world.of(e.ExternalFilled)) == 1
    assert world.order("B1").cum_qty == 0
    assert [alert.severity for alert in world.of(e.AlertRaised)] == ["CRITICAL"]


@pytest.mark.parametrize("what", ["account", "instrument", "no quantity"])
def test_a_fill_that_cannot_be_booked_is_critical(what):
    world = World()
    terms = {"account": "nobody"} if what == "account" else {}
    world.report(
        Side.BUY, "0" if what == "no quantity" else "1", "eq:US:XXX" if what == "instrument" else "AAPL", "1", **terms
    )
    assert [(a.alert_type, a.severity) for a in world.of(e.AlertRaised)] == [("FILL_NOT_BOOKED", "CRITICAL")]
    assert len(world.said) == 1


@pytest.mark.parametrize(
    ("size", "price"),
    [("9223372036", "92233720368"), ("900000", "110000"), ("1", "92233720368.54775807")],
)
@pytest.mark.parametrize("fifo", [False, True])
def test_a_fill_that_cannot_be_counted_is_critical_and_poisons_nothing(size, price, fifo):
    world = World(fifo=fifo)
    world.hold(size, price=price, fee="0.00000001")
    assert [(a.alert_type, a.severity) for a in world.said] == [("FILL_NOT_BOOKED", "CRITICAL")]
    world.assert_replays()


def test_fills_that_add_up_to_what_cannot_be_counted():
    world = World(fifo=True)
    for _ in range(5):
        world.hold("300000", price="100000")
    assert world.position().qty == qty("900000")
    world.assert_replays()


def test_the_order_knows_what_it_filled_for():
    world = World()
    world.buy("10", limit="101", id="B1")
    world.fill("B1", "4", "100", fee="0.5")
    world.fill("B1", "6", "101", fee="0.5")
    order = world.order("B1")
    assert (usd(order.filled_money), usd(order.fees)) == ("1006.00", "1.00")


def test_an_entry_counts_as_one_trade_and_an_exit_as_none():
    world = World()
    world.buy("10", limit="100", id="B1")
    world.fill("B1", "4", "100")
    world.fill("B1", "6", "100")
    world.sell("10", limit="100", id="S1")
    world.fill("S1", "10", "100")
    assert world.account().day.trades == 1


def test_exits_beyond_the_position_are_called_back_newest_first():
    world = World()
    world.hold("10")
    world.sell("4", stop="90", id="S1")
    world.sell("4", stop="91", id="S2")
    world.sell("2", stop="92", id="S3")
    world.hold("-4")
    cancels = [(event.client_order_id, event.cause) for event in world.of(e.CancelRequested)]
    assert cancels == [("S3", "position_shrank"), ("S2", "position_shrank")]
    world.hold("-1")
    assert world.of(e.CancelRequested) == [], "what is already on its way out is not asked again"
    world.gone("S3")
    assert not world.of(e.OrderReleased), "S1 and what S2 may still fill cover more than there is"
    world.gone("S2")
    assert [event.order.request.client_order_id for event in world.of(e.OrderReleased)] == ["S2"]
    assert world.of(e.OrderReleased)[0].order.request.order_qty == qty("1"), "the rest of the position is covered again"
    world.hold("-5")
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["S2", "S1"]


def test_no_orphan_stop_survives_its_position():
    world = World()
    world.hold("-10")
    world.buy("10", stop="110", id="S1")
    world.hold("10")
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["S1"]


def test_an_account_may_turn_to_fifo_and_back_with_positions_open():
    world = World()
    world.hold("10", price="100")
    world.open_account("A1", fifo=True)
    world.hold("10", price="110")
    assert [cost for _, cost, _ in lots_of(world.position().lots)] == [money("1000"), money("1100")]
    world.hold("-4", price="120")
    assert usd(world.position().realized_entry) == "80.00", "what was held by average is the oldest lot"
    world.open_account("A1", fifo=False)
    world.hold("-4", price="120")
    assert world.position().lots == b"", "average cost keeps no lots"
    world.open_account("A1", fifo=True)
    world.hold("-12", price="120")
    assert (world.position().qty, world.position().cost) == (0, 0)
    assert usd(world.position().realized_entry) == "300.00"
    world.assert_replays()
