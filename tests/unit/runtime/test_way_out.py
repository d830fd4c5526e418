"""The way out of an account, input by input: cancel, confirm, close; never twice, and never protection for nothing."""

import pytest

from stopline.messages import inputs as i
from stopline.model.limits import DEFAULT_LIMITS
from stopline.runtime.way_out import WayOut, cancel_all
from tests.build import World
from tests.twins.desk import TwinDesk


@pytest.fixture
def world() -> World:
    world = World(limits=DEFAULT_LIMITS)
    world.connect()
    world.reconcile()
    for symbol in ("AAPL", "MSFT"):
        world.quote(symbol, "99", "101")
    return world


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def go(world, said):
    """Return what lets a way out do one round, and tells what it asked for."""
    desk = TwinDesk(world)

    def way(**more) -> WayOut:
        return WayOut(desk, "A1", say=said.append, actor="local", **more)

    async def go(way: WayOut) -> tuple[bool, list[str]]:
        before = len(desk.asked)
        is_done = await way.go_on()
        asked = [
            f"cancel {each.client_order_id}" if isinstance(each, i.CancelOrder) else type(each).__name__
            for each in desk.asked[before:]
        ]
        return is_done, asked

    go.way, go.desk = way, desk
    return go


def close_of(world: World) -> str:
    (close,) = (each for each in world.account().live.values() if each.request.closes_position)
    return close.client_order_id


async def test_the_stop_goes_before_the_close_and_the_close_only_when_it_is_gone(world, go, said):
    world.hold("10")
    world.sell("10", stop="90", id="STOP")
    world.accept("STOP")
    way = go.way()
    assert await go(way) == (False, ["cancel STOP"])
    assert await go(way) == (False, []), "the broker has not confirmed it"
    world.gone("STOP")
    assert await go(way) == (False, ["Flatten"])
    assert await go(way) == (False, []), "it is closed once"
    world.fill(close_of(world), "10", "99")
    assert await go(way) == (True, [])
    assert world.position().qty == 0
    assert said[0] == "A1: canceling STOP" and said[1].startswith("A1: closing, by close-")


async def test_a_stop_that_fills_while_it_is_canceled_is_the_close(world, go):
    world.hold("10")
    world.sell("10", stop="90", id="STOP")
    world.accept("STOP")
    way = go.way()
    await go(way)
    world.fill("STOP", "10", "90")
    assert await go(way) == (True, [])
    assert world.position().qty == 0


async def test_no_protection_is_taken_while_nothing_is_proven(world, go, said):
    world.hold("10")
    world.sell("10", stop="90", id="STOP")
    world.accept("STOP")
    world.disconnect()
    way = go.way()
    assert await go(way) == (False, []), "the close would be denied, and the stop would be gone"
    assert "waiting until our book agrees with the broker's (paper is down: cable)" in said[0]
    world.connect()
    world.reconcile()
    assert await go(way) == (False, ["cancel STOP"])


async def test_flat_is_not_done_before_it_is_proven(world, go):
    world.disconnect()
    assert await go(go.way()) == (False, [])


async def test_positions_that_are_kept_keep_their_stops(world, go):
    world.hold("10")
    world.sell("10", stop="90", id="STOP")
    world.buy("1", "MSFT", limit="90", id="ENTRY")
    for name in ("STOP", "ENTRY"):
        world.accept(name)
    way = go.way(keep_positions=True)
    assert await go(way) == (False, ["cancel ENTRY"])
    world.gone("ENTRY")
    assert await go(way) == (True, [])
    assert world.order("STOP").is_live and world.position().qty


async def test_only_one_symbol(world, go):
    world.hold("5")
    world.hold("5", "MSFT")
    world.buy("1", "MSFT", limit="90", id="OTHER")
    way = go.way(symbol="AAPL")
    assert await go(way) == (False, ["Flatten"])
    world.fill(close_of(world), "5", "99")
    assert await go(way) == (True, [])
    assert world.position("MSFT").qty and world.order("OTHER").is_live


async def test_a_close_that_is_denied_is_said_once(world, go, said):
    world.hold("5")
    world.wait(120)  # no quote is fresh any more
    way = go.way()
    for _ in range(3):
        await go(way)
    assert len(said) == len(set(said))


async def test_cancel_all_asks_once(world, go):
    world.buy("1", limit="90", id="B1")
    world.buy("1", limit="91", id="B2")
    assert (await cancel_all(go.desk, "A1", actor="local")).asked == ["B1", "B2"]
    assert (await cancel_all(go.desk, "A1", actor="local")).asked == []
