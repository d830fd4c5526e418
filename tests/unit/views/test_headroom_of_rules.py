"""How far each rule is: the limit itself, where the rule acts, what is left, and tomorrow's floor."""

from stopline.messages import inputs as i
from stopline.model.breach import Mode
from stopline.model.rules import (
    ConnectionGuardTerms,
    DailyTotalLossTerms,
    DrawdownKind,
    MaxContractsTerms,
    MaxDrawdownTerms,
    Rules,
    TrailingStopTerms,
)
from stopline.views.headroom import headroom
from tests.build import World, money, ratio


def ruled(**rules) -> World:
    world = World(cash="50000")
    world.quote("ES2026-12", "4000.00", "4000.25", "4000.00")
    world.step(i.ChangeRules(account="A1", rules=Rules(**rules)))
    return world


def rows(world):
    found = headroom(world.account(), world.state, world.at)
    return {(row.check, row.scope): row for row in found if row.kind == "rule"}


def test_shows_the_limit_and_where_the_rule_acts():
    world = ruled(daily_total_loss=DailyTotalLossTerms(loss_limit=money("1000"), buffer=money("100"), buffer_ticks=2))
    world.hold("2", "ES2026-12", price="4000.00")
    world.quote("ES2026-12", "3998.00", "3998.25", "3998.00")
    row = rows(world)["daily_total_loss", "account"]
    assert (row.used, row.limit, row.acts_at, row.left) == ("-200.00", "-1000.00", "-850.00", "650.00")
    assert (row.status, row.used_pct, row.defect) == ("armed", "23.6", None), "200 of the 850 until it acts"


def test_a_buffer_is_not_used_up_before_anything_is_lost():
    """A day without a trade was at 10 % of a loss of 1,000.00 with a buffer of 100.00."""
    loss = DailyTotalLossTerms(loss_limit=money("1000"), buffer=money("100"))
    floor = MaxDrawdownTerms(kind=DrawdownKind.STATIC, loss_limit=money("2000"), buffer=money("100"))
    found = rows(ruled(daily_total_loss=loss, max_drawdown=floor))
    assert found["daily_total_loss", "account"].used_pct == "0.0"
    assert found["max_drawdown", "account"].used_pct == "0.0"


def test_a_buffer_that_is_all_of_the_limit_is_used_up():
    world = ruled(daily_total_loss=DailyTotalLossTerms(loss_limit=money("100"), buffer=money("100")))
    assert rows(world)["daily_total_loss", "account"].used_pct == "100.0"


def test_a_floor_says_where_it_would_stand_tomorrow():
    terms = MaxDrawdownTerms(kind=DrawdownKind.END_OF_DAY, loss_limit=money("2000"), lock_level=money("50000"))
    world = ruled(max_drawdown=terms)
    row = rows(world)["max_drawdown", "account"]
    assert (row.used, row.limit, row.left, row.projected) == ("50000.00", "48000.00", "2000.00", "48000.00")
    world.hold("1", "ES2026-12", price="4000.00")
    world.quote("ES2026-12", "4010.00", "4010.25", "4010.00")
    row = rows(world)["max_drawdown", "account"]
    assert (row.used, row.limit, row.projected) == ("50500.00", "48000.00", "48500.00")
    world.next_session()
    row = rows(world)["max_drawdown", "account"]
    assert row.limit == "48500.00"


def test_what_nobody_can_judge_is_unknown_and_what_only_watches_is_a_defect():
    loss = DailyTotalLossTerms(loss_limit=money("1000"))
    world = ruled(daily_total_loss=loss, max_contracts=MaxContractsTerms(limit=ratio("2"), mode=Mode.SHADOW))
    world.hold("1", "MES2026-12", price="4000.00")
    found = rows(world)
    unknown = found["daily_total_loss", "account"]
    assert (unknown.status, unknown.used, unknown.left, unknown.limit) == ("unknown", None, None, "-1000.00")
    watching = found["max_contracts", "account"]
    assert (watching.status, watching.used, watching.limit, watching.left) == ("shadow", "0.1", "2", "1.9")
    assert "acts on nothing" in watching.defect


def test_rules_without_a_distance_are_no_rows_and_positions_have_their_own():
    world = ruled(connection_guard=ConnectionGuardTerms(), trailing_stop=TrailingStopTerms(ticks=8))
    assert rows(world) == {}


def test_an_account_without_rules_has_none():
    assert rows(World()) == {}
