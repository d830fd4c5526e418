"""An account whose marks stay in their bands is not looked at, and misses nothing by it."""

from random import Random

import pytest

from stopline.engine import bands
from stopline.engine.bands import drop_bands, in_band
from stopline.messages import inputs as i
from stopline.model.limits import Limits
from stopline.model.rules import Rules
from stopline.sim.world.sound import assert_valued_from_scratch
from tests.build import World, money
from tests.properties.test_rules_asked_in_time import SETS, SYMBOLS, TERMS

LIMITS = Limits(daily_loss=money("350"))


class Pair:
    """Two worlds that get the same inputs; in `asked` every holder is looked at with every quote."""

    def __init__(self, rules: Rules) -> None:
        self.lazy, self.asked = World(strict=False, limits=LIMITS), World(strict=False, limits=LIMITS)
        self.skipped = 0
        for world in (self.lazy, self.asked):
            world.step(i.ChangeRules(account="A1", rules=rules))

    def quote(self, symbol: str, cents: int) -> None:
        for world in (self.lazy, self.asked):
            if world is self.asked:
                drop_bands(world.state.accounts["A1"])
            world.quote(symbol, bid=f"{cents / 100:.2f}", ask=f"{(cents + 25) / 100:.2f}")
        self.compare()
        self.skipped += bool(self.lazy.state.accounts["A1"].valued.behind)

    def hold(self, qty: int, symbol: str, cents: int) -> None:
        for world in (self.lazy, self.asked):
            world.hold(str(qty), symbol=symbol, price=f"{cents / 100:.2f}")
        self.compare()

    def wait(self, seconds: int) -> None:
        for world in (self.lazy, self.asked):
            world.wait(seconds)
        self.compare()

    def compare(self) -> None:
        assert self.lazy.outcome.events == self.asked.outcome.events
        assert self.lazy.state.seq == self.asked.state.seq

    def compare_in_full(self) -> None:
        assert [record.body for record in self.lazy.records] == [record.body for record in self.asked.records]
        ours, theirs = self.lazy.account(), self.asked.account()
        assert ours.valuation == theirs.valuation
        assert (ours.equity(), ours.total_pnl()) == (theirs.equity(), theirs.total_pnl())


def walk(pair: Pair, rng: Random, steps: int = 300) -> None:
    prices = dict.fromkeys(SYMBOLS, 10_000)
    for _ in range(steps):
        symbol, chance = rng.choice(SYMBOLS), rng.random()
        if chance < 0.04:
            pair.hold(rng.choice((-1, 1) if symbol == "ES2026-12" else (-10, -5, 5, 10)), symbol, prices[symbol])
        elif chance < 0.06:
            pair.wait(rng.choice((1, 30, 90)))
        else:
            prices[symbol] += rng.choice((-25, 25, 50, -50, 300, -300) if rng.random() < 0.15 else (-1, 0, 1, 5, -5))
            pair.quote(symbol, prices[symbol] - prices[symbol] % 25 if symbol == "ES2026-12" else prices[symbol])
    pair.compare_in_full()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["none", *SETS])
def test_who_is_not_looked_at_would_have_said_nothing(name, seed):
    rule = name.partition(" ")[0]
    rules = Rules() if name == "none" else Rules(**{rule: TERMS[rule](**SETS[name])})
    pair = Pair(rules)
    walk(pair, Random(f"{name} {seed}"))
    if name == "none":
        assert pair.skipped > 50, "the bands are of use"


def test_figures_that_are_asked_for_are_those_of_now():
    world = World(limits=LIMITS)
    world.hold("10")
    world.quote("AAPL", bid="100", ask="100.02")
    world.quote("AAPL", bid="101", ask="101.02")
    account = world.account()
    world.quote("AAPL", bid="101.50", ask="101.52")
    assert account.valued.behind, "it is behind"
    assert account.total_pnl() == money("15.10")
    assert not account.valued.behind
    assert_valued_from_scratch(world.state)


def test_the_daily_loss_is_met_at_the_cent_from_within_a_band():
    world = World(limits=Limits(daily_loss=money("100")))
    world.hold("10")
    for bid in ("100", "99.99", "95", "90.01"):
        world.quote("AAPL", bid=bid, ask=bid)
        assert world.trading == "active"
    world.quote("AAPL", bid="90", ask="90")
    assert world.trading == "reducing"


def test_a_band_that_is_too_wide_is_found(monkeypatch):
    """Planted: what is left is not shared out among the instruments that are held."""
    monkeypatch.setattr(bands, "_way", lambda money, worth: (money + 1) * 3 * bands.VALUE_SCALE // worth)
    with pytest.raises(AssertionError):
        for seed in range(8):
            walk(Pair(Rules()), Random(seed))


def test_bands_go_with_whatever_happens_to_the_account():
    world = World(limits=LIMITS)
    world.hold("10")
    world.quote("AAPL", bid="100", ask="100.02")
    world.quote("AAPL", bid="100.01", ask="100.03")
    account, mark = world.account(), world.state.market.quotes["eq:US:AAPL"].mark
    assert in_band(account, "eq:US:AAPL", mark)
    world.step(i.ChangeLimits(account="A1", limits=Limits(daily_loss=money("1")), actor="config"))
    assert not in_band(account, "eq:US:AAPL", mark)
    world.quote("AAPL", bid="100.02", ask="100.04")
    world.hold("1")
    assert not in_band(account, "eq:US:AAPL", mark)
