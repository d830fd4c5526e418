"""Headroom: the nearest limit first, the unknown before it, the unarmed last."""

from typing import Any

import pytest

from stopline.model.limits import DEFAULT_LIMITS, Limits, RateWindow, ScopeKind
from stopline.model.numbers import SECOND
from stopline.views.headroom import headroom, limits_in_force
from tests.build import World, denied_by, money, qty


def rows(world: World, account: str = "A1") -> dict[tuple[str, str], Any]:
    found = headroom(world.account(account), world.state, world.at)
    return {(row.check, row.scope): row for row in found}


@pytest.fixture
def world() -> World:
    made = World(limits=DEFAULT_LIMITS)
    made.quote("AAPL", "99.99", "100.01", "100")
    made.hold("40", price="100")
    return made


def test_a_flat_account_shows_its_ceilings_unused():
    found = rows(World(limits=DEFAULT_LIMITS))
    ceiling = found["max_position", "account"]
    assert (ceiling.used, ceiling.left, ceiling.used_pct, ceiling.status) == ("0.00", "10000.00", "0.0", "armed")
    assert found["max_order_notional", "each order"].limit == "1000.00"


def test_used_left_and_share(world):
    found = rows(world)
    position = found["max_position", "AAPL"]
    assert (position.used, position.limit, position.left, position.used_pct) == (
        "4000.00",
        "10000.00",
        "6000.00",
        "40.0",
    )
    share = found["concentration", "AAPL"]
    assert (share.used, share.limit, share.used_pct) == ("0.04", "0.25", "16.0")
    leverage = found["leverage", "account"]
    assert (leverage.used, leverage.limit, leverage.used_pct) == ("0.04", "2.00", "2.0")


def test_the_strictest_limit_of_a_symbol_is_shown(world):
    world.symbol_limit("AAPL", max_position=money("5000"), max_position_qty=qty("50"))
    found = [row for row in headroom(world.account(), world.state, world.at) if row.check == "max_position"]
    assert {(row.unit, row.used, row.limit, row.used_pct) for row in found} == {
        ("money", "4000.00", "5000.00", "80.0"),
        ("qty", "40", "50", "80.0"),
    }


def test_working_orders_count_at_their_worst(world):
    world.buy("5", limit="99", id="B1")
    world.sell("5", limit="101", id="S1")
    assert rows(world)["max_position", "AAPL"].used == "4500.00"


def test_a_loss_uses_up_the_daily_loss_and_a_gain_adds_room(world):
    world.quote("AAPL", "74.99", "75.01", "75")
    loss = rows(world)["daily_loss", "account"]
    assert (loss.used, loss.left, loss.used_pct) == ("1000.00", "4000.00", "20.0")
    world.quote("AAPL", "124.99", "125.01", "125")
    gain = rows(world)["daily_loss", "account"]
    assert (gain.used, gain.left, gain.used_pct) == ("0.00", "6000.00", "0.0")


def test_what_is_unknown_comes_first_and_says_that_new_risk_is_denied(world):
    world.hold("1", "MSFT", price="100")
    found = headroom(world.account(), world.state, world.at)
    unknown = [row for row in found if row.status == "unknown"]
    assert found[: len(unknown)] == unknown
    assert {"daily_loss", "leverage", "concentration", "buying_power"} <= {row.check for row in unknown}
    assert all(row.used is None and row.used_pct is None and "new risk is denied" in row.defect for row in unknown)
    assert rows(world)["max_position", "AAPL"].used == "4000.00"


def test_rows_are_sorted_by_share_and_the_unarmed_are_defects(world):
    found = headroom(world.account(), world.state, world.at)
    armed = [float(row.used_pct) for row in found if row.status == "armed"]
    assert armed == sorted(armed, reverse=True)
    last = [row for row in found if row.status == "not_armed"]
    assert found[-len(last) :] == last
    assert all(row.limit is None and "protects nothing" in row.defect for row in last)
    assert {"drawdown", "max_contracts", "gross_exposure"} <= {row.check for row in last}


def test_limits_that_only_warn_are_defects(world):
    world.change_limits(enabled=False)
    row = rows(world)["leverage", "account"]
    assert (row.status, row.used_pct) == ("warn", "2.0")
    assert "only warns" in row.defect


def test_rates_are_rows_per_window_and_per_name(world):
    world.change_limits(
        order_rate=(RateWindow(10, SECOND), RateWindow(100, 60 * SECOND)),
        order_rate_per_strategy=(RateWindow(4, SECOND),),
        trades_per_session=5,
    )
    for n in range(3):
        world.buy("1", limit="99", id=f"B{n}", strategy="s")
    found = rows(world)
    assert (found["order_rate", "account, per 1 s"].used, found["order_rate", "account, per 60 s"].used) == ("3", "3")
    assert found["order_rate", "strategy:s, per 1 s"].left == "1"
    assert found["trade_frequency", "account, per session"].limit == "5"
    world.wait(2)
    assert rows(world)["order_rate", "account, per 1 s"].used == "0"


def test_a_working_entry_takes_the_place_of_a_trade_as_at_the_gate(world):
    world.change_limits(trade_frequency=(RateWindow(2, 60 * SECOND),), trades_per_session=2)
    for n in range(2):
        world.buy("1", limit="99", id=f"B{n}")
    world.fill("B0", "1", "99")
    assert denied_by(world.buy("1", limit="99")) == "trade_frequency"
    found = rows(world)
    assert found["trade_frequency", "account, per 60 s"].left == "0"
    assert found["trade_frequency", "account, per session"].left == "0"


def test_drawdown_is_the_way_down_to_its_floor(world):
    world.change_limits(drawdown_floor=money("95000"))
    row = rows(world)["drawdown", "account"]
    assert (row.used, row.limit, row.left, row.used_pct) == ("100000.00", "95000.00", "5000.00", "95.0")


def test_a_limit_of_nothing_is_used_up(world):
    world.change_limits(max_open_positions=0)
    assert rows(world)["max_open_positions", "account"].used_pct == "100.0"


def test_futures_count_in_contracts_and_not_in_money(world):
    world.change_limits(max_contracts=2_000_000)
    world.quote("ES2026-12", "5999.75", "6000.25", "6000")
    world.hold("1", "ES2026-12", price="6000")
    found = rows(world)
    assert (found["max_contracts", "account"].used, found["max_contracts", "account"].used_pct) == ("1.00", "50.0")
    assert ("max_position", "ESZ6") not in found


def test_a_groups_limit_is_in_force_where_it_is_stricter():
    world = World(limits=DEFAULT_LIMITS, group="g")
    world.change_limits(Limits(max_order_notional=money("500")), scope=ScopeKind.GROUP, scope_id="g")
    assert limits_in_force(world.account(), world.state).max_order_notional == money("500")
    assert rows(world)["max_order_notional", "each order"].limit == "500.00"


def test_the_expiries_of_one_future_count_together_as_the_gate_counts_them():
    world = World(limits=Limits(max_position_qty=qty("3")))
    world.symbol_limit("fut:ES", max_position=money("1000000"))
    world.quote("ES2026-12", "5000")
    world.quote("ES2027-03", "5000")
    world.hold("2", "ES2026-12", "5000")
    world.buy("1", "ES2027-03", limit="5000")
    found = [row for row in headroom(world.account(), world.state, world.at) if row.check == "max_position"]
    assert {(row.scope, row.unit, row.used, row.left) for row in found} == {
        ("ESZ6", "qty", "3", "0"),
        ("ESH7", "qty", "3", "0"),
        ("ESZ6", "money", "750000.00", "250000.00"),
        ("ESH7", "money", "750000.00", "250000.00"),
    }
    assert denied_by(world.buy("1", "ES2026-12", limit="5000")) == "max_position"
