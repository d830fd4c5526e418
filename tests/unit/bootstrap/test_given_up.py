"""What an earlier run gave up at a broker, told to the next one."""

from stopline.bootstrap.brokers import given_up
from tests.build import World


def test_orders_that_their_broker_never_showed_and_no_others():
    world = World()
    for name in ("NEVER", "DAY", "GONE", "LIVES"):
        world.buy("1", limit="90", id=name)
    world.accept("DAY", "b-1")
    world.gone("DAY", "expired")
    world.gone("GONE")
    world.gone("NEVER", "expired")
    assert given_up(world.account()) == [world.routed("NEVER")]
    world.next_session()
    assert given_up(world.account()) == [world.routed("NEVER")]
    assert given_up(None) == []
