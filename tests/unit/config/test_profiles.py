"""Profiles and packs are configurations that load, and their limits do in the engine what their lines say."""

import pytest
from msgspec import structs

from stopline.config.load import load_bytes
from stopline.config.profiles import OWN, PACKS, Answers, How, Trades, pack_loss, pack_names, pack_text, render_profile
from stopline.config.rendering import render
from stopline.config.rule_units import read_weekly_reset
from stopline.config.settings import Settings
from stopline.config.units import Unfit
from stopline.messages import inputs as i
from stopline.model.limits import Limits
from stopline.model.numbers import parse_money, parse_ratio
from stopline.model.rules import DailyTotalLossTerms, Rules
from stopline.model.week import FUTURES_WEEK
from tests.build import World, denied_by, money

LOSS = money("500")
ES, MES = "ES2026-12", "MES2026-12"


def loaded(text: str) -> Settings:
    return load_bytes(text.encode(), PACKS / "x.yaml")


def limits_of(settings: Settings) -> Limits:
    (account,) = settings.accounts
    return settings.limits[account.account]


def rules_of(settings: Settings) -> Rules:
    (account,) = settings.accounts
    return settings.rules[account.account]


@pytest.mark.parametrize("where", [OWN, *pack_names()])
@pytest.mark.parametrize("how", How)
@pytest.mark.parametrize("trades", Trades)
def test_every_answer_makes_a_configuration(trades: Trades, how: How, where: str):
    text = render_profile(Answers(trades, where, how, LOSS))
    limits = limits_of(loaded(text))
    assert limits.daily_loss == LOSS and limits.enabled
    if where == OWN:
        block = text.partition("limits:\n")[2].partition("\nrules:\n")[0].splitlines()
        assert block and all(" # " in line for line in block), "every limit says why"
        assert rules_of(loaded(text)).daily_total_loss == DailyTotalLossTerms(loss_limit=LOSS)


@pytest.mark.parametrize("name", pack_names())
def test_a_pack_is_dated_and_says_what_it_does_not_do(name: str):
    text = pack_text(name)
    assert name.rpartition("-")[2] == "2026" and f"Pack {name}:" in text
    assert "NOT done by this file" in text
    assert "Check them" in text or "put in those of your firm" in text
    assert parse_money(pack_loss(name)) == limits_of(loaded(text)).daily_loss


def test_the_packs_that_ship():
    assert pack_names() == ["intraday-trailing-2026", "static-2026", "topstep-2026"]


@pytest.mark.parametrize(
    ("name", "firm_loss", "firm_maximum", "contracts"),
    [
        ("topstep-2026", "1000", "2000", "5"),
        ("intraday-trailing-2026", None, "2500", "10"),
        ("static-2026", "1250", "2500", "5"),
    ],
)
def test_a_pack_acts_before_the_firm_does(name: str, firm_loss: str | None, firm_maximum: str, contracts: str):
    settings = loaded(pack_text(name))
    limits, (terms,) = limits_of(settings), settings.accounts
    rules = rules_of(settings)
    assert limits.daily_loss is not None
    assert firm_loss is None or limits.daily_loss < money(firm_loss)
    day, floor = rules.daily_total_loss, rules.max_drawdown
    assert (None if day is None else day.loss_limit) == (None if firm_loss is None else money(firm_loss))
    assert floor is not None and floor.loss_limit == money(firm_maximum)
    for each in (day, floor):
        assert each is None or (each.buffer > 0 and each.buffer_ticks > 0)
    assert limits.max_contracts == parse_ratio(contracts)
    assert terms.reset_time == "17:00"


def test_the_days_and_weeks_of_topstep_are_chicagos():
    (terms,) = loaded(pack_text("topstep-2026")).accounts
    assert terms.reset_zone == "America/Chicago"
    assert terms.weekly_reset == FUTURES_WEEK


@pytest.mark.parametrize("text", ["mon", "wed", "sun 17:00 America/Chicago"])
def test_a_weekly_reset_is_shown_as_it_is_written(text):
    assert render(read_weekly_reset(text), read_weekly_reset) == text


@pytest.mark.parametrize("text", ["", "monday", "sun 17:00", "sun 5pm America/Chicago", "sun 17:00 Mars/Olympus", 7])
def test_what_is_no_weekly_reset(text):
    with pytest.raises(Unfit) as caught:
        read_weekly_reset(text)
    assert caught.value.fix


def test_the_topstep_pack_at_the_gate():
    """Five contracts go, a sixth does not; ten micros are one; shares do not go at all; the loss of a day ends it."""
    world = World(limits=limits_of(loaded(pack_text("topstep-2026"))), cash="50000")
    world.quote(ES, "4000.00", "4000.25")
    world.quote(MES, "4000.00", "4000.25")
    assert denied_by(world.check("buy", "6", ES, limit="4000.00")) == "max_contracts"
    world.buy("4", ES, limit="4000.00", id="E")
    world.fill("E", "4", "4000.00")
    assert denied_by(world.check("buy", "11", MES, limit="4000.00")) == "max_contracts"
    assert world.check("buy", "10", MES, limit="4000.00").approved
    shares = world.check("buy", "1", "AAPL", limit="1.00")
    assert "instrument_allowed" in {each.check for each in shares.findings if each.status == "denied"}
    # 4 ES lose 200 a point: 4.5 points are 900.
    world.quote(ES, "3995.50", "3995.50")
    assert world.trading == "reducing"
    assert world.check("sell", "4", ES, limit="3995.50").approved, "there is always a way out"


def test_who_trades_both_can_buy_shares_beside_a_future():
    limits = limits_of(loaded(render_profile(Answers(Trades.BOTH, OWN, How.HAND, LOSS))))
    world = World(limits=limits)
    world.quote(ES, "4000.00", "4000.25")
    world.buy("1", ES, limit="4000.00", id="E")
    world.fill("E", "1", "4000.00")
    assert world.check("buy", "10", limit="100").approved
    assert denied_by(world.check("buy", "1", MES, limit="4000.00")) == "max_contracts"


def test_a_profile_of_shares_at_the_gate():
    world = World(limits=limits_of(loaded(render_profile(Answers(Trades.STOCKS, OWN, How.HAND, LOSS)))))
    assert denied_by(world.check("buy", "51", limit="100")) == "max_order_notional"
    assert world.check("buy", "50", limit="100").approved
    assert denied_by(world.check("buy", "1", ES, limit="4000")) == "instrument_allowed"


def test_the_topstep_pack_closes_before_the_firm_does():
    """4 ES lose 200 a point. Two ticks of 4 ES are 100: it acts at a loss of 800, which is 4 points; 3.75 are 750."""
    world = World(limits=limits_of(loaded(pack_text("topstep-2026"))), cash="50000")
    rules = rules_of(loaded(pack_text("topstep-2026")))
    world.step(i.ChangeRules(account="A1", rules=structs.replace(rules, session_block=None)))
    world.quote(ES, "4000.00", "4000.25", "4000.00")
    world.buy("4", ES, limit="4000.00", id="E")
    world.fill("E", "4", "4000.00")
    world.quote(ES, "3996.25", "3996.50", "3996.25")
    assert not world.account().obligations
    world.quote(ES, "3996.00", "3996.25", "3996.00")
    assert [each.kind for each in world.account().obligations.values()] == ["flatten"]
    assert "lock:daily_total_loss" in world.account().restrictions
