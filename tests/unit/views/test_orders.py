"""Orders and fills as people see them."""

import msgspec
import pytest

from stopline.messages.events import OrderApproved, OrderFilled
from stopline.messages.inputs import ExternalOrderSeen
from stopline.model.limits import DEFAULT_LIMITS
from stopline.model.order import OrderType, Side
from stopline.views.orders import accepted, fill_body, order_body, working_orders
from tests.build import World, money, qty


@pytest.fixture
def world() -> World:
    return World(limits=DEFAULT_LIMITS)


def test_an_accepted_order_is_a_function_of_its_event(world):
    world.buy("5", limit="175", id="B1")
    event = world.of(OrderApproved)[0]
    first = msgspec.json.encode(accepted(event))
    world.fill("B1", "5", "175")
    world.next_session()
    world.next_session()
    assert msgspec.json.encode(accepted(event)) == first
    stored = world.journal(OrderApproved)[0]
    assert msgspec.json.encode(accepted(stored)) == first


def test_what_an_order_does_not_use_is_left_out(world):
    world.buy("5", limit="175", id="B1")
    plain = msgspec.to_builtins(accepted(world.of(OrderApproved)[0]))
    assert not {"stop_loss", "trail_amount", "notional", "expire_at", "tags"} & set(plain)
    world.buy("5", "MSFT", limit="100", id="B2", strategy="s", tags="t", extended_hours=True)
    rich = msgspec.to_builtins(accepted(world.of(OrderApproved)[0]))
    assert (rich["strategy"], rich["tags"], rich["extended_hours"]) == ("s", "t", True)


def test_warnings_are_told():
    world = World(limits=DEFAULT_LIMITS)
    world.change_limits(enabled=False)
    world.buy("100", limit="175", id="B1")
    body = accepted(world.of(OrderApproved)[0])
    assert any("Order size exceeds limit" in warning for warning in body.warnings)


def test_an_order_as_it_stands_has_the_terms_of_its_last_change(world):
    world.buy("5", limit="175", id="B1")
    world.accept("B1", "P-1")
    world.replace("B1", "4", limit="174.5")
    world.amend("B1")
    world.fill("B1", "1", "174")
    world.fill("B1", "2", "174.5")
    body = order_body(world.order("B1"), world.state)
    assert (body.order_qty, body.cum_qty, body.leaves_qty, body.limit_price) == ("4", "3", "1", "174.50")
    assert body.avg_price == "174.33333333"
    assert (body.state, body.broker_order_id) == ("partially_filled", "P-1")


def test_working_orders_are_newest_first(world):
    for n in range(3):
        world.buy("1", limit="175", id=f"B{n}")
    assert [each.client_order_id for each in working_orders(world.account(), world.state)] == ["B2", "B1", "B0"]


def test_a_fill_of_ours_and_one_of_somebody_else(world):
    world.buy("5", limit="175", id="B1")
    world.fill("B1", "2", "174.98")
    ours = fill_body(world.of(OrderFilled)[0])
    assert (ours.client_order_id, ours.external, ours.qty, ours.price) == ("B1", False, "2", "174.98")
    world.hold("3", price="100")
    event = world.said[0]
    theirs = fill_body(event)
    assert (theirs.client_order_id, theirs.external, theirs.side) == ("", True, "BUY")


def test_what_filled_before_anybody_saw_it_leaves_no_average(world):
    seen = ExternalOrderSeen(
        broker="paper", account="A1", routed_order_id="theirs", instrument_id="eq:US:AAPL", side=Side.BUY,
        order_type=OrderType.LIMIT, order_qty=qty("10"), cum_qty=qty("5"), limit_price=money("100"),
    )  # fmt: skip
    world.step(seen)
    (name,) = world.account().live
    for size in ("2", "3"):
        world.fill(name, size, "100")
        assert order_body(world.order(name), world.state).avg_price is None
