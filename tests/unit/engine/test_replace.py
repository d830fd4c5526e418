"""Replace: two orders may live until the broker proves one dead (semantics.md section 3; reliability.md N12)."""

import pytest

from stopline.messages import effects as f
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.model.limits import Limits
from tests.build import World, denied_by, money, qty


def working(world: World, size: str = "10", limit: str = "100") -> World:
    """Bring order B1 to work."""
    assert denied_by(world.buy(size, limit=limit, id="B1")) == ""
    world.accept("B1")
    return world


def test_old_and_new_are_reserved_until_one_is_proven_dead():
    world = working(World())
    assert denied_by(world.replace("B1", "15", limit="101")) == ""
    assert world.position().working_buys == qty("25")
    assert world.position().buy_money == money("2515")
    assert [type(effect) for effect in world.outcome.effects] == [f.ReplaceAtBroker]
    world.amend("B1")
    order = world.order("B1")
    assert (order.state, order.order_qty, order.limit_price, order.pending) == (
        "working",
        qty("15"),
        money("101"),
        None,
    )
    assert (world.position().working_buys, world.position().buy_money) == (qty("15"), money("1515"))
    world.assert_replays()


def test_a_refused_replace_leaves_the_old_terms():
    world = working(World())
    world.replace("B1", "15", limit="101")
    world.refuse_replace("B1")
    order = world.order("B1")
    assert (order.state, order.order_qty, order.limit_price) == ("working", qty("10"), money("100"))
    assert world.position().working_buys == qty("10")
    world.assert_replays()


@pytest.mark.parametrize(("limit", "denied"), [("25", ""), ("24", "max_position")], ids=["at old plus new", "below"])
def test_limits_count_old_plus_new(limit, denied):
    world = working(World())
    world.change_limits(Limits(max_position_qty=qty(limit)))
    assert denied_by(world.replace("B1", "15")) == denied
    assert (world.position().working_buys == qty("25")) is (denied == "")


def test_a_denied_replace_leaves_the_order_at_work():
    world = working(World(limits=Limits(max_order_qty=qty("10"))))
    assert denied_by(world.replace("B1", "11")) == "max_order_qty"
    assert [type(event) for event in world.said] == [e.ReplaceDenied]
    assert world.outcome.effects == ()
    assert world.order("B1").state == "working"
    assert world.position().working_buys == qty("10")


def test_the_gate_judges_what_is_left_to_fill():
    world = working(World(limits=Limits(max_order_qty=qty("10"))))
    world.fill("B1", "4", "100")
    assert denied_by(world.replace("B1", "14")) == ""
    assert world.position().working_buys == qty("16")  # 6 left of the old, 10 of the new


@pytest.mark.parametrize("state", ["approved", "sent", "unknown", "pending_cancel", "pending_replace"])
def test_only_what_works_can_be_replaced(state):
    world = World()
    world.buy("10", limit="100", id="B1")
    go = {
        "approved": [],
        "sent": [world.sent],
        "unknown": [world.lose],
        "pending_cancel": [world.accept, world.cancel],
        "pending_replace": [world.accept, lambda cid: world.replace(cid, "11")],
    }
    for do in go[state]:
        do("B1")
    assert denied_by(world.replace("B1", "12")) == "order_not_working"
    assert world.said == ()


def test_a_replace_that_is_still_open_forbids_another_whatever_came_between():
    """Lose the first replace out of sight, and a second would forget what the first may still bring."""
    world = working(World())
    world.replace("B1", "100")
    world.cancel("B1")
    world.refuse_cancel("B1")
    assert world.position().working_buys == qty("110")
    assert denied_by(world.replace("B1", "11")) == "order_not_working"
    assert world.position().working_buys == qty("110")
    world.amend("B1", "100")
    assert world.position().working_buys == qty("100")


@pytest.mark.parametrize(("size", "code"), [("4", "bad_request"), ("3", "bad_request"), ("5", "")])
def test_it_cannot_go_below_what_is_filled(size, code):
    world = working(World())
    world.fill("B1", "4", "100")
    assert denied_by(world.replace("B1", size)) == code


def test_unknown_and_dead_orders():
    world = working(World())
    assert denied_by(world.replace("nope", "1")) == "unknown_order"
    world.gone("B1")
    assert denied_by(world.replace("B1", "1")) == "order_not_working"
    assert denied_by(world.cancel("B1")) == "order_not_working"
    assert denied_by(world.cancel("nope")) == "unknown_order"
    assert denied_by(world.step(i.CancelOrder(account="nobody", client_order_id="B1"))) == "unknown_account"


def test_a_fill_while_the_replace_is_under_way():
    world = working(World())
    world.replace("B1", "15")
    world.fill("B1", "10", "100")
    assert world.order("B1").state == "pending_replace", "the old is full, the new is not"
    assert world.position().working_buys == qty("5")
    world.amend("B1")
    assert world.order("B1").leaves_qty == world.position().working_buys == qty("5")
    world.fill("B1", "5", "100")
    assert world.order("B1").state == "filled"
    world.assert_replays()


def test_shrinking_to_what_has_filled_meanwhile_ends_the_order():
    world = working(World())
    world.replace("B1", "6")
    world.fill("B1", "6", "100")
    assert world.order("B1").state == "pending_replace"
    world.amend("B1")
    assert world.order("B1").state == "filled"
    assert world.position().working_buys == 0
    assert world.account().live == {}
    world.assert_replays()


def test_an_order_that_dies_takes_the_replace_with_it():
    world = working(World())
    world.replace("B1", "15")
    world.gone("B1")
    assert world.order("B1").pending is None
    assert world.position().working_buys == 0


def test_losing_sight_of_a_replace_keeps_both():
    world = working(World())
    world.replace("B1", "15")
    world.lose("B1")
    assert world.order("B1").state == "unknown"
    assert world.position().working_buys == qty("25")


def test_terms_that_the_broker_changed_by_itself_are_reserved_at_their_price():
    world = working(World())
    world.amend("B1", "20", limit="150")
    assert world.position().working_buys == qty("20")
    assert world.position().buy_money == money("3000")


def test_a_market_order_may_be_replaced_too():
    world = World()
    world.quote("AAPL", "99", "101")
    world.buy("10", id="B1")
    world.accept("B1")
    assert denied_by(world.replace("B1", "5")) == ""
    world.amend("B1")
    assert world.position().buy_money == money("510.05")
    world.assert_replays()


# --- reducing orders ------------------------------------------


def protected(world: World) -> World:
    """Long 10 with a stop P1 for all of it."""
    world.hold("10")
    world.sell("10", stop="90", id="P1")
    world.accept("P1")
    return world


@pytest.mark.parametrize(
    ("change", "reducing"),
    [
        ({"stop": "91"}, True),
        ({"size": "8"}, True),
        ({"size": "8", "stop": "95"}, True),
        ({"stop": "89"}, False),
        ({"size": "11"}, False),
    ],
    ids=str,
)
def test_in_place_counts_the_larger_of_both(change, reducing):
    """Same side, no more quantity, stop not further away: only one of both can fill."""
    world = protected(World())
    world.change_limits(Limits(max_order_qty=1))
    size = change.pop("size", None)
    assert denied_by(world.replace("P1", size, **change)) == ("" if reducing else "max_order_qty")
    assert world.position().working_sells == qty("10")


def test_a_stop_can_be_tightened_while_reducing():
    world = protected(World())
    world.step(i.TripBreaker(account="A1"))
    assert denied_by(world.replace("P1", stop="95")) == ""
    world.amend("P1")
    assert world.order("P1").stop_price == money("95")
    assert world.position().stop_sell_money == money("950")


def test_an_exit_that_grew_beyond_the_position_is_an_entry():
    """Replaced to 30, a stop for 10 would open a short of 20: a breaker must cancel it."""
    world = protected(World())
    assert denied_by(world.replace("P1", "30")) == ""
    world.amend("P1")
    assert world.order("P1").state == "working"
    world.step(i.TripBreaker(account="A1"))
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["P1"]
    world.assert_replays()


def test_an_exit_on_its_way_beyond_the_position_is_an_entry_too():
    world = protected(World())
    assert denied_by(world.replace("P1", "30")) == ""
    world.step(i.TripBreaker(account="A1"))
    assert [event.client_order_id for event in world.of(e.CancelRequested)] == ["P1"]


def test_a_replace_of_an_entry_is_judged_as_one():
    world = working(World())
    world.step(i.TripBreaker(account="A1"))
    world.refuse_cancel("B1")
    assert denied_by(world.replace("B1", "9")) == "trading_state"


def test_replacing_is_no_new_order_for_the_rate():
    world = working(World())
    before = world.account().entry_times.count
    world.replace("B1", "9")
    assert world.account().entry_times.count == before


def test_an_order_that_filled_before_its_replace_was_refused_is_done():
    world = working(World())
    world.replace("B1", "20")
    world.fill("B1", "10", "100")
    assert world.order("B1").state == "pending_replace", "twenty may have been taken"
    world.refuse_replace("B1")
    assert (world.order("B1").state, world.order("B1").is_live) == ("filled", False)
    world.reconcile()
    assert world.trading == "active", "nothing works here that does not work at the broker"
    world.assert_replays()


def test_an_echo_of_the_old_terms_does_not_answer_a_replace_under_way():
    """A query answered before the replace arrived says the old terms: the new ones may still fill."""
    world = World()
    world.buy("10", limit="100", id="B")
    world.accept("B")
    world.replace("B", "20", limit="100")
    held = world.order("B").reserved_qty
    world.amend("B", "10", limit="100")
    assert world.order("B").pending is not None
    assert world.order("B").reserved_qty == held
    world.amend("B", "20", limit="100")
    assert world.order("B").pending is None
    assert world.order("B").order_qty == qty("20")


def test_after_a_restart_the_old_terms_say_that_the_replace_never_arrived():
    world = World()
    world.buy("10", limit="100", id="B")
    world.accept("B")
    world.replace("B", "20", limit="100")
    world.restart()
    world.amend("B", "10", limit="100")
    assert world.order("B").pending is None
    assert world.order("B").reserved_qty == qty("10")
