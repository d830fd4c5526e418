"""Orders that end by a term of their own: after a time, or once they have filled in part."""

import pytest

from stopline.engine.held.ending import AGAIN
from stopline.messages import effects as f
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.model.limits import Limits
from stopline.model.numbers import SECOND
from stopline.model.order import Condition, OrderClass, Relation, TimeInForce
from tests.build import World, money, qty
from tests.unit.engine.test_held_orders import BARE, BRACKET, sent, states, world_at

AFTER = {"cancel_after": 30 * SECOND}
REST = {"cancels_rest": True}


def asked_to_cancel(world: World) -> list[str]:
    """Return whose cancel the last step sent to the broker."""
    routed = world.account().routed
    return [routed[effect.routed_order_id] for effect in world.asked(f.CancelAtBroker)]


def asked_about(world: World) -> list[str]:
    routed = world.account().routed
    return [routed[effect.routed_order_id] for effect in world.asked(f.QueryOrder)]


# --- a time -----------------------------------------------------------------------------------


def test_what_is_left_is_cancelled_when_the_time_is_over_and_not_before():
    world = world_at()
    world.buy("10", limit="99", id="B", **AFTER)
    world.accept("B")
    world.fill("B", "4", "99")
    world.wait("29.999999999")
    assert asked_to_cancel(world) == []
    world.wait("0.000000001")
    assert asked_to_cancel(world) == ["B"]
    assert world.of(e.CancelRequested)[0].cause == "its time (cancel_after 30 s) is over"
    world.fill("B", "1", "99")
    assert states(world, "B") == ["pending_cancel"], "the broker may fill it until it says that it is gone"
    world.gone("B")
    assert (states(world, "B"), world.position().qty) == (["canceled"], qty("5"))
    world.assert_replays()


def test_the_broker_hears_nothing_of_it():
    world = world_at()
    world.buy("10", limit="99", id="B", **AFTER, **REST, partial_timeout=SECOND)
    (effect,) = world.asked(f.PlaceOrder)
    request = effect.order.request
    assert (request.cancel_after, request.cancels_rest, request.partial_timeout) == (None, False, None)


def test_a_time_that_was_over_while_nobody_ran_is_over_at_the_start():
    world = world_at()
    world.buy("10", limit="99", id="B", **AFTER)
    world.accept("B", "b-1")
    world.restart()
    world.at += 3_600 * SECOND
    world.wait(0)
    assert asked_to_cancel(world) == ["B"]


def test_an_order_of_unknown_outcome_is_asked_after_and_cancelled_once_it_is_known_to_live():
    world = world_at()
    world.buy("10", limit="99", id="B", **AFTER)
    world.lose("B")
    world.wait(30)
    assert (states(world, "B"), asked_about(world), asked_to_cancel(world)) == (["unknown"], ["B"], [])
    assert world.position().highest == qty("10"), "it counts until it is proven dead"
    world.accept("B", "b-1")
    assert (states(world, "B"), asked_to_cancel(world)) == (["pending_cancel"], ["B"])


def test_a_restart_before_the_answer_asks_first_too():
    world = world_at()
    world.buy("10", limit="99", id="B", **AFTER)
    world.restart()
    world.at += 60 * SECOND
    world.wait(0)
    assert (states(world, "B"), asked_about(world)) == (["unknown"], ["B"])
    world.connect()
    world.gone("B", "expired")
    assert states(world, "B") == ["expired"]
    world.assert_replays()


def test_a_cancel_that_the_broker_refuses_is_asked_for_again():
    world = world_at()
    world.buy("10", limit="99", id="B", **AFTER)
    world.accept("B")
    world.wait(30)
    world.refuse_cancel("B")
    assert states(world, "B") == ["working"]
    world.step(i.OrderAccepted(account="A1", routed_order_id=world.routed("B"), broker_order_id="b-1"))
    assert asked_to_cancel(world) == [], "not at once"
    world.at += AGAIN - 1
    world.wait(0)
    assert asked_to_cancel(world) == []
    world.at += 1
    world.wait(0)
    assert asked_to_cancel(world) == ["B"]


def test_a_refused_cancel_of_ones_own_is_not_asked_for_again():
    world = world_at()
    world.buy("10", limit="99", id="B", **AFTER)
    world.accept("B")
    world.cancel("B")
    world.refuse_cancel("B")
    assert not world.of(e.TimerSet)


def test_a_cancel_by_an_expiry_that_the_broker_refuses_is_asked_for_again():
    world = world_at()
    world.buy("10", limit="99", id="B", time_in_force=TimeInForce.GTD, expire_at=world.at + 60 * SECOND)
    world.accept("B")
    world.wait(60)
    world.refuse_cancel("B")
    world.at += AGAIN
    world.wait(0)
    assert asked_to_cancel(world) == ["B"]


def test_what_stopline_holds_is_canceled_at_once():
    world = world_at(BARE)
    world.buy("10", stop="105", id="S", **AFTER)
    assert states(world, "S") == ["held"]
    world.wait(30)
    assert (states(world, "S"), asked_to_cancel(world)) == (["canceled"], [])
    world.quote("AAPL", "105.99", "106.01")
    assert sent(world) == []


def test_with_a_condition_the_time_runs_from_when_that_is_met():
    world = world_at()
    when = Condition("eq:US:AAPL", Relation.AT_OR_BELOW, money("95"))
    world.buy("10", limit="96", id="B", condition=when, **AFTER)
    world.wait(3600)
    assert sent(world) == []
    world.quote("AAPL", "94.97", "94.99")
    assert sent(world) == [("B", "limit", qty("10"))]
    world.accept("B")
    world.wait(29)
    assert states(world, "B") == ["working"]
    world.wait(1)
    assert asked_to_cancel(world) == ["B"]


def test_with_an_instant_too():
    world = world_at()
    world.buy("10", limit="96", id="B", condition=Condition(after=world.at + 60 * SECOND), **AFTER)
    world.wait(60)
    assert sent(world) == [("B", "limit", qty("10"))]
    world.wait(30)
    assert asked_to_cancel(world) == ["B"]


def test_the_time_runs_once_however_often_an_exit_gives_way():
    world = world_at()
    world.hold("10")
    world.sell("10", limit="110", id="T", **AFTER)
    world.accept("T", "b-1")
    world.wait(20)
    world.quote("AAPL", "99.99", "100.01")
    world.close(size="4", id="C")
    world.gone("T")
    world.fill("C", "4", "100")
    assert world.order("T").leaves_qty == qty("6")
    world.wait(10)
    assert (states(world, "T"), asked_to_cancel(world)) == (["pending_cancel"], ["T"])


def test_a_leg_has_no_end_of_its_own():
    world = world_at()
    world.buy("10", limit="100", id="B", **BRACKET, **AFTER)
    world.fill("B", "10", "100")
    world.accept("B/stop_loss")
    world.wait(3600)
    assert states(world, "B/stop_loss", "B/take_profit") == ["working", "held"]


def test_an_entry_that_ends_in_part_leaves_legs_that_fit():
    world = world_at()
    world.buy("10", limit="100", id="B", **BRACKET, **AFTER)
    world.accept("B")
    world.fill("B", "3", "100")
    assert sent(world) == [("B/stop_loss", "stop", qty("3"))]
    world.accept("B/stop_loss")
    world.wait(30)
    world.fill("B", "2", "100")
    world.gone("B")
    world.wait(2)
    world.quote("AAPL", "99.99", "100.01")
    world.gone("B/stop_loss")
    assert sent(world) == [("B/stop_loss", "stop", qty("5"))], "what filled on the way to the cancel is covered too"


def test_a_stop_that_guards_a_locked_account_stays():
    world = world_at()
    world.hold("10")
    world.sell("10", stop="90", id="S", **AFTER)
    world.accept("S")
    world.step(i.TripBreaker(account="A1"))
    world.wait(30)
    assert (states(world, "S"), asked_to_cancel(world)) == (["working"], [])
    assert [event.alert_type for event in world.journal(e.AlertRaised)][-1] == "PROTECTION_STAYS"


def test_a_stop_that_guards_nothing_any_more_ends():
    world = world_at(limits=Limits(stop_required=True))
    world.hold("10")
    world.sell("10", stop="90", id="S", **AFTER)
    world.accept("S")
    world.change_limits(stop_required=False)
    world.wait(30)
    assert asked_to_cancel(world) == ["S"]


def test_a_cancel_on_its_way_is_not_sent_twice():
    world = world_at()
    world.buy("10", limit="99", id="B", **AFTER)
    world.accept("B")
    world.cancel("B")
    world.wait(30)
    assert asked_to_cancel(world) == []


# --- a part ---------------------------------------------------------------------------------------


def test_after_the_first_partial_fill_the_rest_is_cancelled():
    world = world_at()
    world.buy("10", limit="100", id="B", **REST)
    world.accept("B")
    world.fill("B", "4", "100")
    assert asked_to_cancel(world) == ["B"]
    world.fill("B", "1", "100")
    assert asked_to_cancel(world) == [], "it is on its way"
    world.gone("B")
    assert (states(world, "B"), world.position().qty) == (["canceled"], qty("5"))


def test_a_whole_fill_leaves_nothing_to_cancel():
    world = world_at()
    world.buy("10", limit="100", id="B", **REST)
    world.fill("B", "10", "100")
    assert (states(world, "B"), asked_to_cancel(world)) == (["filled"], [])


def test_the_rest_may_fill_for_a_while_from_the_first_part_on():
    world = world_at()
    world.buy("10", limit="100", id="B", **REST, partial_timeout=5 * SECOND)
    world.accept("B")
    world.wait(60)
    world.fill("B", "4", "100")
    world.wait(4)
    world.fill("B", "1", "100")
    assert asked_to_cancel(world) == []
    world.wait(1)
    assert asked_to_cancel(world) == ["B"], "five seconds after the first part, not after the last"
    assert world.of(e.CancelRequested)[0].cause.startswith("it was filled in part 5 s ago")


def test_a_rest_that_fills_in_time_is_kept():
    world = world_at()
    world.buy("10", limit="100", id="B", **REST, partial_timeout=5 * SECOND)
    world.fill("B", "4", "100")
    world.fill("B", "6", "100")
    world.wait(5)
    assert (states(world, "B"), asked_to_cancel(world)) == (["filled"], [])


def test_a_part_that_was_taken_back_was_none():
    world = world_at()
    world.buy("10", limit="100", id="B", **REST, partial_timeout=5 * SECOND)
    world.accept("B")
    world.bust(world.fill("B", "4", "100"))
    world.wait(5)
    assert asked_to_cancel(world) == []
    world.fill("B", "4", "100")
    world.wait(5)
    assert asked_to_cancel(world) == ["B"]


def test_a_part_of_an_order_nobody_knows_about_asks_first():
    world = world_at()
    world.buy("10", limit="100", id="B", **REST)
    world.lose("B")
    world.fill("B", "4", "100")
    assert (states(world, "B"), asked_about(world), asked_to_cancel(world)) == (["unknown"], ["B"], [])
    world.accept("B", "b-1")
    assert asked_to_cancel(world) == ["B"]


def test_the_broker_would_not_cancel_the_rest():
    world = world_at()
    world.buy("10", limit="100", id="B", **REST)
    world.accept("B")
    world.fill("B", "4", "100")
    world.refuse_cancel("B")
    world.at += AGAIN
    world.wait(0)
    assert asked_to_cancel(world) == ["B"]


def test_an_order_that_is_being_made_larger_has_filled_in_part():
    world = world_at()
    world.buy("10", limit="100", id="B", **REST)
    world.accept("B")
    world.replace("B", "20")
    world.fill("B", "10", "100")
    assert asked_to_cancel(world) == ["B"]


def test_legs_of_a_part_fit_the_part():
    world = world_at()
    world.buy("10", limit="100", id="B", **BRACKET, **REST)
    world.accept("B")
    world.fill("B", "4", "100")
    assert asked_to_cancel(world) == ["B"]
    assert sent(world) == [("B/stop_loss", "stop", qty("4"))]
    world.gone("B")
    world.accept("B/stop_loss")
    world.fill("B/stop_loss", "4", "90")
    assert (world.position().qty, states(world, "B/take_profit")) == (0, ["canceled"])


def test_the_first_that_fills_in_part_ends_the_rest_of_its_group_and_its_own():
    world = world_at()
    world.buy("10", limit="100.50", id="ONE", oca_group="g", **REST)
    world.buy("10", limit="95", id="TWO", oca_group="g")
    world.accept("ONE")
    world.fill("ONE", "4", "100.50")
    assert asked_to_cancel(world) == ["ONE"]
    assert states(world, "TWO") == ["canceled"]


@pytest.mark.parametrize("terms", [{"order_class": OrderClass.OCO, "stop_loss": "90"}, {}], ids=["oco", "exit"])
def test_what_closes_gives_up_nothing_of_itself(terms):
    world = world_at()
    world.hold("10")
    reply = world.sell("10", limit="110", id="X", **REST, **terms)
    assert reply.decision.check == "order_well_formed"


@pytest.mark.parametrize("terms", [AFTER, REST, {**REST, "partial_timeout": SECOND}], ids=["time", "part", "grace"])
def test_the_same_order_with_other_ends_is_another_order(terms):
    world = world_at()
    world.buy("10", limit="99", id="B")
    assert world.buy("10", limit="99", id="B", **terms).code == "client_order_id_conflict"
