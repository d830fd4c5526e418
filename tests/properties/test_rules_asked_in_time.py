"""Rules are not asked at every quote, and miss nothing by it: what they would say is always said already."""

import inspect
import re
import sys
from random import Random

import pytest

from stopline.engine.enforce.judging import rules_of
from stopline.engine.rulebook import ask, changes
from stopline.engine.situation import live_situation
from stopline.messages import inputs as i
from stopline.model.breach import RuleScope
from stopline.model.rules import TERMS, DrawdownKind, Rules
from stopline.rules import RULES
from tests.build import World, money

SYMBOLS = ("AAPL", "MSFT", "ES2026-12")
SETS = {
    "daily_total_loss": {"loss_limit": money("400")},
    "weekly_loss": {"loss_limit": money("500")},
    "max_drawdown static": {"loss_limit": money("450"), "kind": DrawdownKind.STATIC},
    "max_drawdown intraday": {"loss_limit": money("450"), "kind": DrawdownKind.INTRADAY},
    "profit_giveback": {"arm_at": money("100"), "amount": money("150")},
    "trailing_stop": {"ticks": 40},
    "trailing_stop armed": {"ticks": 40, "arm_ticks": 20},
    "breakeven": {"trigger_ticks": 60, "offset_ticks": 5},
    "daily_unrealized_loss": {"loss_limit": money("200")},
    "daily_unrealized_loss account": {"loss_limit": money("300"), "scope": RuleScope.ACCOUNT},
    "max_unrealized_profit": {"target": money("250")},
    "margin_call": {"buffer": 100_000},
}


def assert_nothing_is_unsaid(world: World) -> None:
    """Ask every rule about the account as it is: what opened or ended was said in the step before."""
    account = world.account()
    now = ask(rules_of(account), live_situation(world.state, account, world.at))
    opened, closed = changes(rules_of(account), account.breaches, now, account.history)
    assert ([each.name for each in opened], [each.name for each in closed]) == ([], [])


def assert_peaks_are_known(world: World) -> None:
    """What a floor hangs on is as high as what is seen."""
    account, seen = world.account(), live_situation(world.state, world.account(), world.at)
    if account.breaches:
        # What is reached stands for its period, and hangs on no peak any more.
        return
    for held in seen.positions:
        if (account.rules.trailing_stop or account.rules.breakeven) and held.is_trusted:
            assert (held.best_mark - held.mark) * held.sign >= 0
    giveback = account.rules.profit_giveback
    if giveback is not None and seen.total_pnl is not None and seen.total_pnl >= giveback.arm_at:
        assert seen.total_pnl <= seen.peak_pnl
    drawdown = account.rules.max_drawdown
    if drawdown is not None and drawdown.kind is DrawdownKind.INTRADAY and seen.equity is not None:
        assert seen.equity <= seen.peak_equity


@pytest.mark.parametrize("mode", ["shadow", "enforce"])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", SETS)
def test_what_the_rules_would_say_is_said(name, seed, mode):
    rng, rule = Random(f"{name} {seed}"), name.partition(" ")[0]
    world = World(strict=False)
    world.step(i.ChangeRules(account="A1", rules=Rules(**{rule: TERMS[rule](**SETS[name], mode=mode)})))
    prices = dict.fromkeys(SYMBOLS, 10_000)
    asked = 0
    for _ in range(250):
        symbol = rng.choice(SYMBOLS)
        if rng.random() < 0.05:
            world.hold(
                str(rng.choice((-10, -5, 5, 10)) if symbol != "ES2026-12" else rng.choice((-1, 1))),
                symbol=symbol,
                price=f"{prices[symbol] / 100:.2f}",
            )
        else:
            prices[symbol] += rng.choice((-25, 25, 50, -50, 300, -300) if rng.random() < 0.2 else (-1, 0, 1, 5, -5))
            bid = prices[symbol] - prices[symbol] % 25 if symbol == "ES2026-12" else prices[symbol]
            world.quote(symbol, bid=f"{bid / 100:.2f}", ask=f"{(bid + 25) / 100:.2f}")
        asked += world.account().recent.quiet is None
        assert_nothing_is_unsaid(world)
        assert_peaks_are_known(world)
    assert world.records


@pytest.mark.parametrize("rule", [rule for rule in RULES if not rule.hangs_on_marks], ids=lambda rule: rule.name)
def test_what_does_not_hang_on_marks_says_the_same_at_any(rule):
    """Its file reads nothing that a quote moves: marks, profit and loss, equity, or when it was quoted."""
    source = inspect.getsource(sys.modules[rule.__module__])
    assert (
        re.findall(
            r"\.(mark|best_mark|value|unrealized_pnl|open_pnl|total_pnl|equity|week_pnl|group_pnl|quoted_at|"
            r"pnl_marks|prices|peak_\w+|is_trusted|maintenance_margin)\b",
            source,
        )
        == []
    )
