"""Accounts, positions, restrictions and the whole at a glance."""

import pytest

from stopline.messages.inputs import TripBreaker
from stopline.model.limits import DEFAULT_LIMITS, ScopeKind
from stopline.model.order import Side
from stopline.views.account import account_body
from stopline.views.positions import positions_of, unpriced_symbols
from stopline.views.report import status
from stopline.views.risk import breakers_of, daily_pnl, restrictions_of
from tests.build import World


@pytest.fixture
def world() -> World:
    made = World(limits=DEFAULT_LIMITS)
    made.quote("AAPL", "99.99", "100.01", "100")
    made.hold("10", price="100")
    made.quote("AAPL", "100.99", "101.01", "101")
    return made


def test_an_account_adds_up(world):
    body = account_body(world.account(), world.state, world.at)
    assert (body.equity, body.cash, body.market_value) == ("100010.00", "99000.00", "1010.00")
    assert (body.total_pnl, body.realized_pnl, body.unrealized_pnl) == ("10.00", "0.00", "10.00")
    assert (body.trading_state, body.mode, body.open_positions) == ("active", "PAPER", 1)
    assert body.trading_day == "2026-01-06"


def test_unknown_figures_are_null_and_say_what_is_missing(world):
    world.hold("1", "MSFT", price="100")
    body = account_body(world.account(), world.state, world.at)
    assert (body.equity, body.total_pnl, body.market_value, body.initial_margin) == (None, None, None, None)
    assert body.unpriced == ["MSFT"]
    assert unpriced_symbols(world.account()) == ["MSFT"]
    assert body.cash == "98900.00"


def test_a_live_account_cannot_be_mistaken():
    world = World(paper=False)
    assert account_body(world.account(), world.state, world.at).mode == "LIVE"


def test_a_short_position(world):
    world.quote("MSFT", "199.99", "200.01", "200")
    world.report(Side.SELL, "5", "MSFT", "201")
    body = next(each for each in positions_of(world.account(), world.state) if each.symbol == "MSFT")
    assert (body.side, body.qty, body.avg_entry_price, body.market_value) == ("short", "-5", "201.00", "-1000.00")
    assert (body.open_pnl, body.lowest, body.highest) == ("5.00", "-5", "-5")


def test_positions_leave_out_what_is_flat(world):
    world.buy("1", "TSLA", limit="100", id="B1")
    world.gone("B1")
    assert [body.symbol for body in positions_of(world.account(), world.state)] == ["AAPL"]


def test_an_unpriced_position_is_not_worth_zero(world):
    world.hold("1", "MSFT", price="100")
    body = next(each for each in positions_of(world.account(), world.state) if each.symbol == "MSFT")
    assert (body.market_value, body.unrealized_pnl, body.worst_money, body.unpriced) == (None, None, None, True)
    assert body.avg_entry_price == "100.00"


def test_restrictions_are_the_accounts_its_groups_and_its_firms_strictest_first():
    world = World(limits=DEFAULT_LIMITS, group="g", firm="f")
    world.kill(scope=ScopeKind.FIRM, reason="firm stops")
    world.disconnect()
    found = restrictions_of(world.account(), world.state)
    assert (found[0].state, found[0].reason) == ("halted", "firm stops")
    assert found[1].state == "cancel_only"
    assert account_body(world.account(), world.state, world.at).trading_state == "halted"


def test_breakers_newest_first_and_of_one_account(world):
    world.open_account("A2")
    for account in ("A1", "A2"):
        world.step(TripBreaker(account=account))
    assert [each.breaker_id for each in breakers_of(None, world.state)] == [2, 1]
    assert [each.account for each in breakers_of("A1", world.state)] == ["A1"]
    assert daily_pnl(world.account(), world.state).circuit_breaker_triggered is True


def test_the_whole_at_a_glance(world):
    world.open_account("A2")
    world.buy("1", limit="99", id="B1")
    body = status(world.state, world.at)
    assert [each.account for each in body.accounts] == ["A1", "A2"]
    assert [each.client_order_id for each in body.orders] == ["B1"]
    assert [each.symbol for each in body.positions] == ["AAPL"]
    assert body.brokers[0].connected is True
    assert [each.account for each in status(world.state, world.at, "A2").accounts] == ["A2"]
    assert status(world.state, world.at, "A2").orders == []
