"""What may pass while the journal refuses: what leads out, and nothing else; and what is told afterwards."""

from typing import Any

import pytest

from stopline.engine.decide.spooled import LEAVE_ONLY, may_pass
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.model.order import Side
from tests.build import World, money, qty


def passes(world: World, side: Side, size: str, symbol: str = "AAPL", **terms: Any) -> bool:
    return may_pass(world.state, world.asking(side, size, symbol, **terms))


@pytest.mark.parametrize(
    ("held", "side", "size", "allowed"),
    [
        pytest.param("10", Side.SELL, "10", True, id="all of a long"),
        pytest.param("10", Side.SELL, "4", True, id="a part"),
        pytest.param("10", Side.SELL, "11", False, id="more than is held"),
        pytest.param("10", Side.BUY, "1", False, id="more of a long"),
        pytest.param("-10", Side.BUY, "10", True, id="all of a short"),
        pytest.param("-10", Side.BUY, "11", False, id="beyond a short"),
        pytest.param("-10", Side.SELL, "1", False, id="more of a short"),
    ],
)
def test_orders_that_provably_reduce(held, side, size, allowed):
    world = World()
    world.hold(held)
    assert passes(world, side, size) is allowed


def test_flat_nothing_reduces():
    world = World()
    assert not passes(world, Side.SELL, "1")
    assert not passes(world, Side.SELL, "1", "NOPE")
    assert not passes(world, Side.SELL, "1", account="nobody")


def test_working_exits_count():
    """Beside them it could flip the position; but they are the account's own, so it is an exit and answered as one."""
    world = World()
    world.hold("10")
    world.sell("6", limit="120")
    assert passes(world, Side.SELL, "4")
    assert passes(world, Side.SELL, "5"), "answered protective_order_working, or let go once they are out of the way"
    assert not passes(world, Side.SELL, "11")


def test_what_was_decided_before_is_answered_again():
    world = World()
    world.buy("1", id="known", limit="100")
    assert passes(world, Side.BUY, "1", id="known", limit="100")
    assert passes(world, Side.BUY, "2", id="known", limit="100"), "a conflict is no new risk either"
    assert not passes(world, Side.BUY, "1", id="new", limit="100")


def test_a_flag_proves_nothing():
    """A client's reduce_only is a demand, not a proof."""
    assert not passes(World(), Side.SELL, "1", reduce_only=True)


@pytest.mark.parametrize(
    "message",
    [
        i.ReplaceOrder(account="A1", client_order_id="x", order_qty=qty("1")),
        i.ReleaseKill(account="A1", reason="why"),
        i.ResetBreaker(breaker_id=1),
        i.ArmAccount(account="A1"),
        i.StateBaseline(account="A1", equity=money("1")),
        i.ResolveOrder(account="A1", client_order_id="x", outcome="canceled", reason="why"),
    ],
    ids=lambda message: type(message).__name__,
)
def test_other_changes_do_not(message):
    assert not may_pass(World().state, message)
    assert type(message) not in LEAVE_ONLY


@pytest.mark.parametrize("kind", sorted(LEAVE_ONLY, key=lambda kind: kind.__name__))
def test_what_only_leads_out_adds_no_risk(kind):
    """The list itself, tried: whatever it holds approves nothing but exits."""
    world = World()
    world.hold("10")
    world.buy("1", id="resting", limit="90")
    terms = {i.CancelOrder: {"client_order_id": "resting"}, i.ClosePosition: {"symbol": "AAPL"}}.get(kind, {})
    world.step(kind(account="A1", **terms))
    assert all(approved.reducing for approved in world.of(e.OrderApproved))
    assert not world.of(e.ReplaceApproved)


@pytest.mark.parametrize(("reason", "severity"), [("store_full", "CRITICAL"), ("store_slow", "WARNING")])
def test_people_are_told_once_that_the_store_fails(reason, severity):
    world = World()
    world.step(i.StoreFailing(reason=reason))
    (alert,) = [each for each in world.of(e.AlertRaised) if each.account == "A1"]
    assert (alert.alert_type, alert.severity) == ("STORE_FAILING", severity)
    assert world.state.store_failing == reason
    world.step(i.StoreFailing(reason="store_locked"))
    assert not world.of(e.AlertRaised), "still"
    world.step(i.StoreFailing(reason=""))
    assert not world.of(e.AlertRaised)
    assert world.state.store_failing == ""


def test_people_are_told_what_the_spool_kept():
    world = World()
    world.step(i.SpoolRecovered(first_seq=7, last_seq=9, reason="store_full"))
    (alert,) = [each for each in world.of(e.AlertRaised) if each.account == "A1"]
    assert (alert.alert_type, alert.severity) == ("STORE_RECOVERED", "WARNING")
    assert "records 7 to 9" in alert.message and "store_full" in alert.message and "cut off" not in alert.message
    world.step(i.SpoolRecovered(first_seq=7, last_seq=9, reason="store_full", torn=True))
    assert "cut off before it was finished" in world.of(e.AlertRaised)[0].message


def test_people_are_told_that_the_disk_fills():
    world = World()
    world.step(i.DiskFilling(severity="ERROR", message="only 9 % is free"))
    (alert,) = [each for each in world.of(e.AlertRaised) if each.account == "A1"]
    assert (alert.alert_type, alert.severity, alert.message) == ("DISK_FILLING", "ERROR", "only 9 % is free")
