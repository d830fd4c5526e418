"""Which live orders cover a position."""

import pytest
from msgspec import structs

from stopline.model.order import Hold, OrderState
from stopline.state.coverage import coverage
from tests.build import World, qty


@pytest.fixture
def orders():
    """Long 10 with a stop, a stop-limit, a trailing stop and a target of 1 each, and a stop on the wrong side."""
    world = World()
    world.quote("AAPL", bid="99.99", ask="100.01", last="100")
    world.hold("10")
    world.sell("1", stop="95", id="stop")
    world.sell("2", limit="105", id="target")
    world.buy("1", stop="106", id="wrong side")
    for name in ("stop", "target", "wrong side"):
        world.accept(name)
    return world, list(world.account().live.values())


def covered(orders, size="10", name="eq:US:AAPL"):
    return coverage(orders, name, qty(size))


def test_stops_and_targets_on_the_closing_side(orders):
    assert covered(orders[1]) == (qty("1"), qty("2"), 0, 0)
    assert covered(orders[1], "-10") == (qty("1"), 0, 0, 0)
    assert covered(orders[1], name="eq:US:MSFT") == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        (OrderState.WORKING, True),
        (OrderState.PARTIALLY_FILLED, True),
        (OrderState.PENDING_REPLACE, True),
        (OrderState.APPROVED, False),
        (OrderState.SENT, False),
        (OrderState.UNKNOWN, False),
        (OrderState.PENDING_CANCEL, False),
    ],
)
def test_a_stop_protects_only_where_it_is_live(orders, state, counts):
    (stop,) = [order for order in orders[1] if order.client_order_id == "stop"]
    stop.state = state
    assert covered([stop]).stop_qty == (qty("1") if counts else 0)


@pytest.mark.parametrize("kind", ["stop", "stop_limit", "trailing_stop"])
def test_stops_of_every_kind_count(orders, kind):
    (stop,) = [order for order in orders[1] if order.client_order_id == "stop"]
    stop.request = structs.replace(stop.request, order_type=type(stop.request.order_type)(kind))
    assert covered([stop]) == (qty("1"), 0, 0, 0)


def test_what_is_not_proven_yet_is_coming(orders):
    stop, target, _ = orders[1]
    stop.state, target.state = OrderState.SENT, OrderState.UNKNOWN
    assert covered(orders[1]) == (0, 0, qty("1"), qty("2"))
    stop.state, stop.is_recalled = OrderState.PENDING_CANCEL, True
    assert covered([stop]) == (0, 0, qty("1"), 0)


def test_what_stopline_watches_protects_and_a_leg_that_waits_for_its_parent_does_not(orders):
    stop, _, _ = orders[1]
    stop.state, stop.hold = OrderState.HELD, Hold.PRICE
    assert covered([stop]).stop_qty == qty("1")
    stop.hold = Hold.PARENT
    assert covered([stop]) == (0, 0, 0, 0)


def test_only_what_is_left_of_an_order_counts(orders):
    (stop,) = [order for order in orders[1] if order.client_order_id == "stop"]
    stop.order_qty, stop.cum_qty = qty("4"), qty("1")
    assert covered([stop]).stop_qty == qty("3")
