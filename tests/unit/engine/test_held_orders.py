"""Orders that Stopline holds: what they wait for, what goes to the broker, and what becomes of them in trouble."""

import pytest

from stopline.engine.replay import decode_state, encode_state, go_live
from stopline.messages import effects as f
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages import replies as r
from stopline.model.limits import Limits, RateWindow, ScopeKind
from stopline.model.numbers import SECOND
from stopline.model.order import Condition, Hold, OrderClass, OrderState, OrderType, Relation, Side, TimeInForce
from stopline.state.state import State
from tests.build import World, denied_by, money, qty

SIMPLE = {
    "order_types": (OrderType.MARKET, OrderType.LIMIT, OrderType.STOP),
    "times_in_force": (TimeInForce.DAY, TimeInForce.GTC),
    "order_classes": (OrderClass.SIMPLE,),
    "notional_orders": False,
}
BARE = SIMPLE | {"order_types": (OrderType.MARKET, OrderType.LIMIT)}
BRACKET = {"order_class": OrderClass.BRACKET, "take_profit": "110", "stop_loss": "90"}


def world_at(broker=SIMPLE, limits=None, **terms) -> World:
    """Return a world whose broker takes simple orders, with AAPL at 100."""
    world = World(limits=limits, **terms)
    world.connect(**broker)
    world.quote("AAPL", "99.99", "100.01")
    return world


def sent(world: World) -> list[tuple[str, str, int]]:
    """Return (id, type, quantity) of what the last step sent to the broker."""
    requests = [effect.order.request for effect in world.asked(f.PlaceOrder)]
    return [(one.client_order_id, str(one.order_type), one.order_qty) for one in requests]


def states(world: World, *names: str) -> list[str]:
    return [str(world.order(name).state) for name in names]


# --- what goes to the broker ------------------------------------------


def test_what_the_broker_gets_is_a_simple_order():
    world = world_at()
    world.buy("10", limit="100", id="B", time_in_force=TimeInForce.GTD, expire_at=world.at + 60 * SECOND, **BRACKET)
    (effect,) = world.asked(f.PlaceOrder)
    request = effect.order.request
    assert request.order_class is OrderClass.SIMPLE
    assert (request.take_profit, request.stop_loss, request.expire_at) == (None, None, None)
    assert request.time_in_force is TimeInForce.GTC
    assert effect.order.routed_order_id == world.routed("B") != "sl1-1"


@pytest.mark.parametrize("limit", [{}, {"stop_loss_limit": "89"}], ids=["stop", "stop limit"])
def test_a_stop_leg_waits_here_where_the_broker_takes_no_stops(limit):
    world = world_at(BARE)
    world.buy("10", limit="100", id="B", order_class=OrderClass.OTO, stop_loss="90", **limit)
    world.fill("B", "10", "100")
    assert sent(world) == []
    assert states(world, "B/stop_loss") == ["held"]
    world.quote("AAPL", "89.99", "90.01")
    assert sent(world) == [("B/stop_loss", "limit" if limit else "market", qty("10"))]


def test_legs_stand_until_their_position_is_gone():
    world = world_at()
    world.buy("10", limit="100", id="B", **BRACKET)
    world.fill("B", "10", "100")
    (effect,) = world.asked(f.PlaceOrder)
    assert (effect.order.request.client_order_id, effect.order.request.time_in_force) == ("B/stop_loss", "gtc")
    assert not effect.order.request.reduce_only, "the demand was ours: the broker may not know it"


@pytest.mark.parametrize("kind", ["stop", "trail", "when", "oco", "oto", "bracket", "group", "gtd", "money"])
def test_every_kind_is_journaled_and_survives_a_kill(kind):
    world = world_at(BARE)
    world.hold("10")
    terms = {
        "stop": {"stop": "90"},
        "trail": {"order_type": OrderType.TRAILING_STOP, "trail_percent": 20_000},
        "when": {"limit": "120", "condition": Condition("eq:US:MSFT", Relation.AT_OR_BELOW, money("300"))},
        "oco": {"limit": "110", "stop_loss": "90", "order_class": OrderClass.OCO},
        "group": {"limit": "110", "oca_group": "out"},
        "gtd": {"limit": "110", "time_in_force": TimeInForce.GTD, "expire_at": world.at + 60 * SECOND},
        "money": {"limit": "110", "notional": "500"},
    }
    if kind in terms:
        world.sell("0" if kind == "money" else "4", id="X", **terms[kind])
    else:
        legs = {"stop_loss": "90"} | ({"take_profit": "110"} if kind == "bracket" else {})
        world.buy("4", limit="100", id="X", order_class=OrderClass(kind), **legs)
    before = states(world, *sorted(world.account().held))
    world.assert_replays()
    world.restart()
    world.connect(**BARE)
    world.reconcile()
    held = [name for name in sorted(world.account().held) if not world.order(name).is_at_broker]
    assert [state for state in before if state == "held"] == states(world, *held)


def test_a_trailing_stop_goes_on_from_where_it_was_before_the_kill():
    world = world_at()
    world.hold("10")
    world.sell("10", id="T", order_type=OrderType.TRAILING_STOP, trail_amount="2")
    world.quote("AAPL", "104.99", "105.01")
    world.restart()
    world.connect(**SIMPLE)
    world.reconcile()
    assert world.order("T").stop_price == money("103")
    world.quote("AAPL", "102.99", "103.01")
    assert sent(world) == [("T", "market", qty("10"))]


def test_a_jump_that_the_next_quote_does_not_confirm_moves_no_trailing_stop():
    """It never moves back: one wrong quote far above would sell at the next right one."""
    world = world_at(BARE)
    world.hold("10")
    world.sell("10", id="T", order_type=OrderType.TRAILING_STOP, trail_amount="2")
    world.quote("AAPL", "99.99", "100.01")
    assert world.order("T").stop_price == money("98")
    world.quote("AAPL", "149.99", "150.01")
    world.quote("AAPL", "99.99", "100.01")
    assert (world.order("T").stop_price, states(world, "T")) == (money("98"), ["held"])
    world.quote("AAPL", "149.99", "150.01")
    world.quote("AAPL", "149.99", "150.01")
    assert world.order("T").stop_price == money("148")


def test_a_trailing_stop_is_native_where_the_broker_has_it():
    world = World()
    world.hold("10")
    world.sell("10", id="T", order_type=OrderType.TRAILING_STOP, trail_amount="2")
    assert sent(world) == [("T", "trailing_stop", qty("10"))]
    assert world.order("T").hold is None


@pytest.mark.parametrize("quote", [("1", "500"), ("97", "96"), (None, None)], ids=["stub", "crossed", "none"])
def test_no_bad_quote_triggers_anything(quote):
    world = world_at(BARE)
    world.hold("10")
    world.sell("4", stop="99", id="S")
    world.sell("4", id="T", order_type=OrderType.TRAILING_STOP, trail_amount="1")
    world.quote("AAPL", *quote, one_sided=True)
    assert not world.of(e.OrderTriggered)
    assert not world.of(e.StopTrailed)


def test_a_crossed_quote_reaches_no_target():
    world = world_at(BARE)
    world.hold("10")
    world.sell("4", limit="110", id="TARGET", oca_group="g")
    world.quote("AAPL", "150", "90")
    assert states(world, "TARGET") == ["held"]
    world.quote("AAPL", "110", "110.02")
    assert sent(world) == [("TARGET", "limit", qty("4"))]


def test_what_waits_for_a_price_that_is_there_goes_at_once():
    world = world_at(BARE)
    world.hold("10")
    world.sell("10", stop="100.01", id="S")
    assert sent(world) == [("S", "market", qty("10"))]


def test_an_old_quote_does_not_let_it_go():
    world = world_at(BARE)
    world.hold("10")
    world.wait(61)
    world.sell("10", stop="100.01", id="S")
    assert sent(world) == []


# --- exposure ------------------------------------------


def test_held_entries_count_against_limits_and_held_exits_do_not():
    world = world_at(limits=Limits(max_position_qty=qty("20")))
    when = Condition("eq:US:MSFT", Relation.AT_OR_ABOVE, money("400"))
    assert denied_by(world.buy("15", limit="100", id="B1", condition=when)) == ""
    assert denied_by(world.buy("6", limit="100")) == "max_position"
    assert denied_by(world.buy("5", limit="100", id="B2")) == ""
    position = world.position()
    assert (position.working_buys, position.live_buys) == (qty("20"), qty("5"))
    world.fill("B2", "5", "100")
    assert denied_by(world.sell("5", limit="110", condition=when, id="S1")) == ""
    assert world.position().working_sells == 0


def test_a_held_entry_is_no_reason_to_doubt_an_exit():
    world = world_at()
    world.hold("10")
    when = Condition("eq:US:MSFT", Relation.AT_OR_ABOVE, money("400"))
    world.sell("30", limit="100", condition=when, id="SHORT")
    assert denied_by(world.close()) == ""
    assert sent(world)[0][1:] == ("market", qty("10"))


def test_a_released_entry_is_judged_again():
    world = world_at(limits=Limits(quote_max_age=5 * SECOND))
    world.buy("5", id="B", condition=Condition(after=world.at + 10 * SECOND))
    world.wait(10)
    assert sent(world) == []
    assert states(world, "B") == ["canceled"]
    assert "quote_usable" in world.order("B").reason
    assert [alert.alert_type for alert in world.of(e.AlertRaised)] == ["ORDER_NOT_RELEASED"]


def test_what_was_spent_at_acceptance_is_not_asked_again():
    once = Limits(order_rate=(RateWindow(1, 60 * SECOND),), trades_per_session=1, duplicate_window=60 * SECOND)
    world = world_at(limits=once)
    assert denied_by(world.buy("5", limit="100", id="B", condition=Condition(after=world.at + SECOND))) == ""
    world.wait(1)
    assert sent(world) == [("B", "limit", qty("5"))]


def test_limits_of_a_strategy_hold_for_what_it_has_held():
    world = world_at()
    world.change_limits(scope=ScopeKind.STRATEGY, scope_id="s", max_position_qty=qty("5"))
    when = Condition("eq:US:MSFT", Relation.AT_OR_ABOVE, money("400"))
    assert denied_by(world.buy("5", limit="100", strategy="s", condition=when)) == ""
    assert denied_by(world.buy("1", limit="100", strategy="s")) == "max_position"


# --- making room ------------------------------------------


def test_a_recall_that_the_broker_refuses_is_asked_again_after_a_second_and_not_before():
    world = world_at()
    world.hold("10")
    world.sell("10", stop="90", id="P")
    world.accept("P")
    world.close(id="C")
    world.refuse_cancel("P")
    assert world.of(e.CancelRequested) == []
    world.quote("AAPL", "99.98", "100")
    assert world.of(e.CancelRequested) == []
    world.wait(1)
    world.quote("AAPL", "99.98", "100")
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["P"]


def silent_world() -> World:
    """Return a world that is long, and where no quote comes any more and no P&L moves."""
    world = world_at()
    world.hold("10")
    world.sell("10", stop="90", id="P")
    world.accept("P", "p-1")
    world.wait(300)
    world.step(i.MarkPnl())
    return world


def test_a_refused_recall_is_asked_again_though_no_quote_comes():
    world = silent_world()
    world.close(id="C")
    world.refuse_cancel("P")
    world.step(i.MarkPnl())
    assert world.of(e.CancelRequested) == []
    world.wait(5)
    world.step(i.MarkPnl())
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["P"]


def test_a_close_that_never_arrived_goes_again_though_no_quote_comes():
    world = silent_world()
    world.close(id="C")
    world.gone("P")
    world.gone("C", "expired")
    world.wait(5)
    world.step(i.MarkPnl())
    assert sent(world) == [("C", "market", qty("10"))]


def test_what_fills_on_its_way_back_is_not_sold_twice():
    world = world_at()
    world.hold("10")
    world.sell("10", stop="90", id="P")
    world.accept("P")
    world.close(id="C")
    world.fill("P", "7", "90")
    assert world.position().qty == qty("3")
    world.gone("P", cum="7")
    assert sent(world) == [("C", "market", qty("3"))]
    world.fill("C", "3", "90")
    assert (world.position().qty, states(world, "P", "C")) == (0, ["canceled", "filled"])


def test_a_late_fill_of_what_was_called_back_is_booked_and_shrinks_the_rest():
    world = world_at()
    world.hold("10")
    world.sell("10", stop="90", id="P")
    world.accept("P")
    old = world.routed("P")
    world.close(id="C", size="4")
    world.gone("P")
    world.accept("P")
    assert world.routed("P") != old
    world.report(Side.SELL, "2", "AAPL", "90", routed_order_id=old)
    order = world.order("P")
    assert (order.cum_qty, order.leaves_qty) == (qty("2"), qty("6"))
    assert world.position().qty == qty("8")
    recalled = [event.client_order_id for event in world.of(e.CancelRequested)]
    assert recalled == ["P"], "4 on their way and 6 at rest are more than 8"


def test_a_late_fill_as_large_as_what_works_now_is_not_taken_for_its_own():
    """The stop works on at the broker: kept here as well, it would be sent a second time."""
    world = world_at()
    world.hold("20")
    world.sell("20", stop="90", id="P")
    world.accept("P")
    old = world.routed("P")
    world.close(id="C", size="14")
    world.gone("P")
    world.accept("P")
    assert world.order("P").leaves_qty == qty("6")
    world.report(Side.SELL, "6", "AAPL", "90", routed_order_id=old)
    assert world.of(e.OrderHeld) == []
    assert (world.order("P").is_at_broker, world.order("P").leaves_qty) == (True, qty("6"))
    world.fill("C", "14", "100")
    assert world.position().qty == 0
    assert world.order("P").state is OrderState.PENDING_CANCEL, "of nothing there is nothing to sell"


def test_a_late_fill_that_completes_a_held_order_ends_it():
    world = world_at()
    world.hold("4")
    world.sell("2", stop="90", id="S")
    world.accept("S")
    old = world.routed("S")
    world.sell("4", limit="101", id="T")
    world.quote("AAPL", "101", "101.02")
    world.gone("S")
    world.report(Side.SELL, "2", "AAPL", "90", routed_order_id=old)
    assert states(world, "S") == ["filled"]
    world.quote("AAPL", "89", "89.02")
    assert world.position().qty == qty("2")
    world.assert_replays()


def test_a_corrected_close_that_had_been_cut_is_over_as_it_was():
    """Simulation seed 410: it stayed unknown for ever, and with it the account was `cancel_only`."""
    world = world_at()
    world.hold("10")
    world.sell("10", stop="90", id="P")
    world.accept("P")
    world.close(id="C")
    world.fill("P", "7", "90")
    world.gone("P", cum="7")
    exec_id = world.fill("C", "3", "90")
    world.hold("5")
    world.correct(exec_id, "3", "90.01")
    assert (world.position().qty, states(world, "C")) == (qty("5"), ["filled"])
    assert world.account().live == {}
    world.assert_replays()


@pytest.mark.parametrize("again", ["2", "1", None], ids=["the same size", "less", "nothing"])
def test_what_is_corrected_of_what_was_at_the_broker_before_leaves_nothing_to_fill(again):
    """Simulation seed 310: the order was taken to be larger by as much, and worked for ever."""
    world = world_at()
    world.hold("10")
    world.sell("10", stop="90", id="P")
    world.accept("P")
    old = world.routed("P")
    world.close(id="C", size="4")
    world.gone("P")
    world.accept("P")
    assert world.routed("P") != old
    exec_id = world.report(Side.SELL, "2", "AAPL", "90", routed_order_id=old)
    world.fill("C", "4", "90")
    world.gone("P")
    world.accept("P")
    world.fill("P", "4", "90")
    assert (world.position().qty, states(world, "P")) == (0, ["filled"])
    if again is None:
        world.bust(exec_id)
    else:
        world.correct(exec_id, again, "90.01")
    order = world.order("P")
    assert (str(order.state), order.leaves_qty, order.order_qty - order.cum_qty) == ("filled", 0, 0)
    world.assert_replays()


def test_reports_of_the_old_id_are_over():
    world = world_at()
    world.hold("10")
    world.sell("10", stop="90", id="P")
    world.accept("P")
    old = world.routed("P")
    world.close(id="C", size="4")
    world.gone("P")
    for report in (
        i.OrderGone(account="A1", routed_order_id=old, outcome="canceled", cum_qty=0),
        i.OrderRefused(account="A1", routed_order_id=old, reason="late"),
        i.OutcomeUnknown(account="A1", routed_order_id=old, reason="late"),
        i.OrderAccepted(account="A1", routed_order_id=old, broker_order_id="x"),
    ):
        world.step(report)
        assert world.said == ()
    assert world.account().is_over(old)
    assert not world.account().is_over(world.routed("C"))


def test_nothing_gives_way_while_the_position_is_not_proven():
    world = world_at()
    world.hold("10")
    world.sell("10", stop="90", id="P")
    world.accept("P")
    world.close(id="C")
    world.gone("P")
    world.reject("C")
    world.accept("P")
    world.sell("10", limit="110", id="TARGET")
    world.disconnect()
    world.quote("AAPL", "110", "110.02")
    assert states(world, "TARGET") == ["pending_release"]
    assert not world.of(e.CancelRequested), "the stop stays: nothing could be sent in its place"
    world.connect(**SIMPLE)
    world.reconcile()
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["P"]


@pytest.mark.parametrize("halt", ["kill", "breaker"])
def test_protection_is_let_go_whatever_stops_the_account(halt):
    world = world_at(BARE)
    world.hold("10")
    world.sell("10", stop="95", id="S")
    if halt == "kill":
        world.kill(keep_positions=True)
    else:
        world.step(i.TripBreaker(account="A1", reason="enough"))
    assert states(world, "S") == ["held"]
    world.quote("AAPL", "94.9", "94.92")
    assert sent(world) == [("S", "market", qty("10"))]


def test_a_stop_that_never_arrived_is_sent_again_under_another_id():
    world = world_at()
    world.buy("10", limit="100", id="B", order_class=OrderClass.OTO, stop_loss="90")
    world.fill("B", "10", "100")
    first = world.routed("B/stop_loss")
    world.gone("B/stop_loss", "expired")
    assert states(world, "B/stop_loss") == ["held"]
    world.wait(1)
    world.quote("AAPL", "99.98", "100")
    assert sent(world) == [("B/stop_loss", "stop", qty("10"))]
    assert world.routed("B/stop_loss") != first


def test_a_close_that_never_arrived_is_sent_again():
    world = world_at()
    world.hold("10")
    world.sell("10", stop="90", id="P")
    world.accept("P")
    world.close(id="C")
    world.gone("P")
    world.gone("C", "expired")
    assert states(world, "C") == ["pending_release"]
    world.wait(1)
    world.quote("AAPL", "99.98", "100")
    assert "C" in [cid for cid, _, _ in sent(world)] or world.order("P").is_recalled


def test_an_unknown_order_in_the_way_is_waited_for():
    world = world_at()
    world.hold("10")
    world.sell("10", stop="90", id="P")
    world.sent("P")
    world.lose("P")
    world.close(id="C")
    assert sent(world) == []
    assert states(world, "P", "C") == ["pending_cancel", "pending_release"]
    world.gone("P")
    assert sent(world) == [("C", "market", qty("10"))]


def test_an_entry_in_the_way_of_a_close_ends_for_good():
    world = world_at()
    world.hold("12")
    assert denied_by(world.sell("24", limit="100.01", id="SHORT")) == ""
    world.accept("SHORT")
    assert denied_by(world.close(id="C")) == ""
    assert [(event.client_order_id, event.is_recall) for event in world.of(e.CancelRequested)] == [("SHORT", False)]
    world.gone("SHORT")
    assert sent(world) == [("C", "market", qty("12"))]
    assert states(world, "SHORT") == ["canceled"]


@pytest.mark.parametrize("terms", [{}, {"limit": "89"}], ids=["stop", "stop limit"])
def test_an_entry_in_the_way_of_a_stop_that_was_triggered_ends_for_good(terms):
    """Both could fill, and flip the position: but the loss that the stop is to end goes on."""
    world = world_at(BARE)
    world.hold("12")
    world.sell("12", stop="90", id="S", **terms)
    world.sell("24", limit="100.01", id="SHORT")
    world.accept("SHORT")
    world.quote("AAPL", "89.99", "90.01")
    assert [(event.client_order_id, event.is_recall) for event in world.of(e.CancelRequested)] == [("SHORT", False)]
    world.gone("SHORT")
    assert sent(world) == [("S", "limit" if terms else "market", qty("12"))]


def test_of_an_odd_position_whole_lots_rest():
    """Two and a half shares are left of it: the broker takes two, and nothing of an order for two and a half."""
    world = world_at()
    world.hold("3.5")
    world.sell("1", stop="90", id="S")
    world.accept("S")
    world.sell("3", limit="110", stop_loss="91", id="O", order_class=OrderClass.OCO)
    assert sent(world) == [("O/stop_loss", "stop", qty("2"))]
    world.accept("O/stop_loss", "b-2")
    world.wait(5)
    world.step(i.MarkPnl())
    assert world.of(e.CancelRequested) == [], "half a share more is nothing to call it back for"


def test_an_entry_does_not_give_way_to_a_target():
    world = world_at(BARE)
    world.hold("12")
    world.sell("12", limit="110", stop_loss="90", id="O", order_class=OrderClass.OCO)
    world.sell("24", limit="120", id="SHORT")
    world.accept("SHORT")
    world.quote("AAPL", "110", "110.02")
    assert world.of(e.CancelRequested) == []
    assert states(world, "O", "SHORT") == ["pending_release", "working"]


def test_a_triggered_stop_that_the_broker_rejects_is_told_loudly():
    world = world_at(BARE)
    world.hold("10")
    world.sell("10", stop="95", id="S")
    world.quote("AAPL", "94.9", "94.92")
    world.reject("S", "halted")
    (alert,) = world.of(e.AlertRaised)
    assert (alert.alert_type, alert.severity) == ("ORDER_REJECTED_BY_BROKER", "CRITICAL")
    assert alert.message == "S: rejected by the broker: halted; it is no protection any more"


def test_a_close_that_waits_for_its_turn_outlives_the_day():
    """It was accepted; that the stop takes a moment to leave while the day turns must not drop it unsaid."""
    world = world_at()
    world.hold("10")
    world.sell("10", stop="90", id="P", time_in_force=TimeInForce.GTC)
    world.accept("P")
    world.close(id="C")
    world.next_session()
    assert states(world, "P", "C") == ["pending_cancel", "pending_release"]
    world.gone("P")
    assert sent(world) == [("C", "market", qty("10"))]


# --- families ------------------------------------------


def test_a_leg_cannot_be_made_larger_than_its_parent():
    world = world_at()
    world.buy("10", limit="100", id="B", **BRACKET)
    assert denied_by(world.replace("B/stop_loss", "11")) == "bad_request"
    assert denied_by(world.replace("B/stop_loss", "8")) == ""
    assert world.asked(f.ReplaceAtBroker) == [], "it is held: nobody has to be asked"
    world.fill("B", "10", "100")
    assert sent(world) == [("B/stop_loss", "stop", qty("8"))]


@pytest.mark.parametrize("suffix", ["/take_profit", "/stop_loss"])
def test_nobody_squats_on_the_names_of_legs(suffix):
    assert denied_by(World().buy("1", limit="100", id=f"B{suffix}")) == "bad_request"


def test_the_end_of_a_day_does_not_part_a_family():
    world = world_at()
    world.buy("10", limit="100", id="B", time_in_force=TimeInForce.GTC, **BRACKET)
    world.fill("B", "10", "100")
    world.accept("B/stop_loss")
    for _ in range(3):
        world.next_session()
        world.reconcile()
    world.quote("AAPL", "110", "110.02")
    world.gone("B/stop_loss")
    assert sent(world) == [("B/take_profit", "limit", qty("10"))]
    world.assert_replays()


def test_days_later_a_leg_still_covers_what_its_parent_filled_and_no_more():
    world = world_at()
    world.hold("6")
    world.buy("10", limit="100", id="B", order_class=OrderClass.OTO, stop_loss="90")
    world.fill("B", "4", "100")
    world.accept("B/stop_loss")
    world.cancel("B")
    world.gone("B")
    for _ in range(3):
        world.next_session()
        world.reconcile()
    world.wait(2)
    world.quote("AAPL", "99.99", "100.01")
    assert world.position().qty == qty("10")
    assert world.order("B/stop_loss").leaves_qty == qty("4")
    assert not world.order("B/stop_loss").is_recalled


def test_whatever_fills_of_an_oco_no_more_is_sold_than_was_decided():
    world = world_at()
    world.hold("10")
    world.sell("6", limit="110", id="O", order_class=OrderClass.OCO, stop_loss="90")
    world.accept("O/stop_loss")
    world.fill("O/stop_loss", "4", "90")
    world.quote("AAPL", "110", "110.02")
    world.gone("O/stop_loss", cum="4")
    assert sent(world) == [("O", "limit", qty("2"))]
    world.fill("O", "2", "110")
    assert world.position().qty == qty("4")
    assert not world.account().live


def test_an_oca_group_of_entries_ends_with_the_first_fill():
    world = world_at()
    world.buy("5", limit="99", id="L1", oca_group="g")
    world.buy("5", limit="98", id="L2", oca_group="g")
    assert states(world, "L1", "L2") == ["held", "held"], "one at a time, once its price is there"
    world.quote("AAPL", "98.98", "99")
    assert sent(world) == [("L1", "limit", qty("5"))]
    world.fill("L1", "1", "99")
    assert states(world, "L1", "L2") == ["partially_filled", "canceled"]


def test_two_that_trigger_in_one_quote_do_not_go_both():
    world = world_at()
    world.buy("5", stop="101", id="UP1", oca_group="g")
    world.buy("5", stop="101", id="UP2", oca_group="g")
    world.quote("AAPL", "101.5", "101.52")
    assert sent(world) == [("UP1", "market", qty("5"))]
    assert states(world, "UP2") == ["pending_release"]
    world.reject("UP1")
    assert sent(world) == [("UP2", "market", qty("5"))], "none has traded: the other may"


def test_two_ways_out_that_trigger_in_one_quote_do_not_go_both():
    world = world_at(BARE)
    world.hold("10")
    world.sell("3", limit="110", id="FIRST", oca_group="x")
    world.sell("3", limit="111", id="SECOND", oca_group="x")
    world.quote("AAPL", "112", "112.02")
    assert [name for name, _, _ in sent(world)] == ["FIRST"]


@pytest.mark.parametrize("kind", ["gtd", "condition", "alone"])
def test_a_stop_that_gave_way_comes_back_whatever_it_first_waited_for(kind):
    world = world_at()
    world.hold("10")
    terms = {
        "gtd": {"time_in_force": TimeInForce.GTD, "expire_at": world.at + 3600 * SECOND},
        "condition": {"condition": Condition("eq:US:AAPL", Relation.AT_OR_ABOVE, money("100"))},
        "alone": {},
    }[kind]
    world.sell("10", stop="90", id="S", **terms)
    world.accept("S", "b-1")
    world.quote("AAPL", "98.99", "99.01")
    world.close(size="4", id="C")
    assert states(world, "S", "C") == ["pending_cancel", "pending_release"]
    world.gone("S")
    assert sent(world) == [("C", "market", qty("4")), ("S", "stop", qty("6"))]


def test_a_stop_whose_condition_came_and_that_never_arrived_goes_again():
    world = world_at()
    world.hold("10")
    world.sell("10", stop="90", id="S", condition=Condition("eq:US:AAPL", Relation.AT_OR_ABOVE, money("100")))
    world.quote("AAPL", "98.99", "99.01")
    world.gone("S", "expired")
    world.wait(2)
    world.quote("AAPL", "98.98", "99.00")
    world.step(i.MarkPnl())
    assert world.order("S").broker_type is OrderType.STOP
    assert states(world, "S") == ["approved"]


# --- time ------------------------------------------


def test_timers_of_an_order_that_is_gone_do_nothing():
    world = world_at()
    world.buy("5", limit="99", id="G", time_in_force=TimeInForce.GTD, expire_at=world.at + 60 * SECOND)
    world.accept("G")
    world.cancel("G")
    world.gone("G")
    world.wait(60)
    assert states(world, "G") == ["canceled"]


def test_a_condition_with_instant_and_price_counts_the_price_from_the_instant_on():
    world = world_at()
    when = Condition("eq:US:AAPL", Relation.AT_OR_ABOVE, money("100"), world.at + 10 * SECOND)
    world.buy("5", limit="101", id="B", condition=when)
    assert sent(world) == []
    world.wait(9)
    world.quote("AAPL", "99.99", "100.01")
    assert sent(world) == []
    world.wait(1)
    assert sent(world) == [("B", "limit", qty("5"))]


def test_where_nobody_quotes_the_price_a_condition_waits_for_the_instant_lets_nothing_go():
    world = world_at()
    when = Condition("eq:US:MSFT", Relation.AT_OR_ABOVE, money("100"), world.at + 10 * SECOND)
    world.buy("5", limit="101", id="B", condition=when)
    world.wait(11)
    assert sent(world) == []
    world.quote("MSFT", "199.99", "200.01")
    assert sent(world) == [("B", "limit", qty("5"))]


def test_an_order_in_money_is_the_same_order_again():
    world = world_at()
    first = world.buy("0", limit="99", id="M", notional="1000")
    assert isinstance(first, r.Decided)
    assert world.order("M").order_qty == qty("10")
    assert isinstance(world.buy("0", limit="99", id="M", notional="1000"), r.Repeated)
    assert denied_by(world.buy("0", limit="99", id="M", notional="1001")) == "client_order_id_conflict"


def test_what_is_watched_is_found_again_after_a_snapshot():
    world = world_at(BARE)
    world.hold("10")
    world.sell("4", stop="90", id="S")
    world.buy("1", limit="99", id="B", condition=Condition("eq:US:MSFT", Relation.AT_OR_ABOVE, money("400")))
    again: State = decode_state(encode_state(world.state), world.at)
    go_live(again)
    assert again.market.waiting == world.state.market.waiting != {}
    assert again.accounts["A1"].live["S"].hold is Hold.PRICE
    assert again.accounts["A1"].live["B"].state is OrderState.HELD
