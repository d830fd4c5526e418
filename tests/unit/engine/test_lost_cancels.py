"""A cancel that got lost with its order: what somebody wanted to end does not come back to life."""

import pytest

from stopline.messages import effects as f
from stopline.messages import events as e
from stopline.messages import inputs as i
from tests.build import World, qty
from tests.unit.engine.test_held_orders import BRACKET, sent, states, world_at
from tests.unit.engine.test_own_ends import asked_to_cancel


def world_with_entry() -> World:
    world = world_at()
    world.buy("10", limit="99", id="B")
    world.accept("B", "b-1")
    return world


def world_with_stop() -> World:
    """Return a world whose stop was sent and not answered yet."""
    world = world_at()
    world.hold("10")
    world.sell("10", stop="90", id="P")
    return world


def test_an_order_that_comes_back_alive_is_asked_to_end_again():
    world = world_with_entry()
    world.cancel("B")
    world.lose("B")
    assert (states(world, "B"), asked_to_cancel(world)) == (["unknown"], [])
    world.accept("B", "b-1")
    assert (states(world, "B"), asked_to_cancel(world)) == (["pending_cancel"], ["B"])
    (asked,) = world.of(e.CancelRequested)
    assert (asked.cause, asked.actor) == ("requested", "engine")
    world.assert_replays()


def test_as_often_as_it_is_lost():
    world = world_with_entry()
    world.cancel("B")
    for _ in range(3):
        world.lose("B")
        world.accept("B", "b-1")
        assert asked_to_cancel(world) == ["B"]
    world.gone("B")
    (gone,) = world.of(e.OrderCanceled)
    assert gone.reason == "requested"


def test_over_a_restart_too():
    world = world_with_entry()
    world.cancel("B")
    world.lose("B")
    world.restart()
    world.connect()
    world.accept("B", "b-1")
    assert asked_to_cancel(world) == ["B"]


def test_proof_that_it_is_gone_says_who_wanted_that():
    world = world_with_entry()
    world.cancel("B")
    world.lose("B")
    world.gone("B")
    assert [event.reason for event in world.of(e.OrderCanceled)] == ["requested"]


def test_a_cancel_that_the_broker_refused_is_over():
    world = world_with_entry()
    world.cancel("B")
    world.refuse_cancel("B")
    world.lose("B")
    world.accept("B", "b-1")
    assert (states(world, "B"), asked_to_cancel(world)) == (["working"], [])


def test_an_order_nobody_wanted_to_end_works_on():
    world = world_with_entry()
    world.lose("B")
    world.accept("B", "b-1")
    assert (states(world, "B"), asked_to_cancel(world)) == (["working"], [])


def test_a_stop_that_guards_the_position_by_now_stays():
    world = world_with_stop()
    world.accept("P")
    world.cancel("P")
    world.lose("P")
    world.step(i.TripBreaker(account="A1"))
    world.accept("P")
    assert (states(world, "P"), asked_to_cancel(world)) == (["working"], [])


@pytest.mark.parametrize("end", ["expired", "rejected"])
def test_an_exit_that_never_arrived_and_was_cancelled_is_not_kept(end):
    """A stop that nobody wants any more must not wait here, and sell later."""
    world = world_at()
    world.buy("10", limit="100", id="B", **BRACKET)
    world.fill("B", "10", "100")
    assert sent(world) == [("B/stop_loss", "stop", qty("10"))]
    world.cancel("B/stop_loss")
    if end == "expired":
        world.gone("B/stop_loss", "expired")
    else:
        world.reject("B/stop_loss")
    assert states(world, "B/stop_loss") == [end]
    world.quote("AAPL", "80", "80.02")
    assert sent(world) == []


def test_called_back_after_its_end_was_asked_for_it_does_not_come_back():
    world = world_with_stop()
    world.accept("P", "p-1")
    world.cancel("P")
    world.lose("P")
    world.close()
    asked = [event for event in world.of(e.CancelRequested) if event.client_order_id == "P"]
    assert [event.is_recall for event in asked] == [False]
    world.gone("P")
    assert states(world, "P") == ["canceled"]
    (effect,) = world.asked(f.PlaceOrder)
    assert (effect.order.request.order_qty, world.position().lowest) == (qty("10"), 0)


def test_what_filled_as_far_as_it_was_sent_while_its_cancel_was_on_its_way_is_over():
    world = world_with_stop()
    world.accept("P")
    world.close(id="C", size="4")
    world.gone("P")
    world.accept("P")
    assert (world.order("P").order_qty, world.order("P").asked_qty) == (qty("6"), qty("10"))
    world.cancel("P")
    world.fill("P", "6", "90")
    assert (states(world, "P"), world.position().qty) == (["canceled"], qty("4"))
    world.gone("C", "expired")
    world.quote("AAPL", "80", "80.02")
    assert "P" not in [cid for cid, _, _ in sent(world)]
