"""Account rules from the file: their units, how accounts lay over all, and what is refused."""

import re

import pytest

from stopline.config.diff import flatten
from stopline.model.breach import Mode, RuleScope
from stopline.model.limits import RateWindow
from stopline.model.market_hours import parse_hours
from stopline.model.numbers import PRICE_ONE, QTY_ONE, SECOND
from stopline.model.rules import (
    BracketTerms,
    ConnectionGuardTerms,
    CooldownAfterLossTerms,
    DailyRealizedLossTerms,
    DailyUnrealizedLossTerms,
    DrawdownKind,
    LossTier,
    LossVelocityTerms,
    MaxContractsPerInstrumentTerms,
    MaxContractsTerms,
    MaxDrawdownTerms,
    PositionMismatchTerms,
    ProfitGivebackTerms,
    RejectBurstTerms,
    Rules,
    SessionBlockTerms,
    StopLossGraceTerms,
    SymbolBlockTerms,
    TradeFrequencyTerms,
)
from tests.unit.config.files import problem, settings

MIN = 60 * SECOND


def rules(text: str, account: str = "paper") -> Rules:
    return settings(text).rules[account]


def test_without_a_section_nothing_is_armed():
    assert rules("limits: {daily_loss: 5}").armed() == {}


@pytest.mark.parametrize(
    ("text", "name", "terms"),
    [
        (
            "max_contracts: {limit: 1.5, mode: shadow}",
            "max_contracts",
            MaxContractsTerms(limit=1_500_000, mode=Mode.SHADOW),
        ),
        (
            'max_contracts_per_instrument: {limit: 3, products: {"fut:ES": 2}}',
            "max_contracts_per_instrument",
            MaxContractsPerInstrumentTerms(limit=3 * QTY_ONE, products={"fut:ES": 2 * QTY_ONE}),
        ),
        (
            "daily_realized_loss: {loss_limit: 500.00}",
            "daily_realized_loss",
            DailyRealizedLossTerms(loss_limit=500 * PRICE_ONE),
        ),
        (
            "daily_unrealized_loss: {loss_limit: 5, scope: account}",
            "daily_unrealized_loss",
            DailyUnrealizedLossTerms(loss_limit=5 * PRICE_ONE, scope=RuleScope.ACCOUNT),
        ),
        (
            "trade_frequency: {windows: [3 / 1 min, 10 / 1 h], per_session: 20, cooldown: 5 min}",
            "trade_frequency",
            TradeFrequencyTerms(
                windows=(RateWindow(3, MIN), RateWindow(10, 60 * MIN)), per_session=20, cooldown=5 * MIN
            ),
        ),
        (
            "cooldown_after_loss: {tiers: {100: 5 min, 500.00: 1 h}}",
            "cooldown_after_loss",
            CooldownAfterLossTerms(tiers=(LossTier(100 * PRICE_ONE, 5 * MIN), LossTier(500 * PRICE_ONE, 60 * MIN))),
        ),
        ("stop_loss_grace: {grace: 0 s}", "stop_loss_grace", StopLossGraceTerms(grace=0)),
        ("stop_loss_grace: {grace: 2 min}", "stop_loss_grace", StopLossGraceTerms(grace=2 * MIN)),
        (
            'session_block: {hours: "09:30 16:00", weekdays: [mon, fri], flatten: true}',
            "session_block",
            SessionBlockTerms(hours=parse_hours("09:30 16:00"), weekdays=(0, 4), flatten=True),
        ),
        ("connection_guard: {}", "connection_guard", ConnectionGuardTerms()),
        ('symbol_block: {blocked: ["fut:CL*", GME]}', "symbol_block", SymbolBlockTerms(blocked=("fut:CL*", "GME"))),
        ("bracket: {stop_ticks: 20, trailing: true}", "bracket", BracketTerms(stop_ticks=20, trailing=True)),
        (
            "max_drawdown: {loss_limit: 2000, kind: intraday, lock_level: 50100}",
            "max_drawdown",
            MaxDrawdownTerms(loss_limit=2_000 * PRICE_ONE, kind=DrawdownKind.INTRADAY, lock_level=50_100 * PRICE_ONE),
        ),
        (
            "profit_giveback: {arm_at: 1000, share: 30 %}",
            "profit_giveback",
            ProfitGivebackTerms(arm_at=1_000 * PRICE_ONE, share=300_000),
        ),
        (
            "loss_velocity: {loss_limit: 300, window: 1 min, flatten: false}",
            "loss_velocity",
            LossVelocityTerms(loss_limit=300 * PRICE_ONE, window=MIN, flatten=False),
        ),
        (
            "reject_burst: {window: 10 / 1 min, cooldown: 5 min}",
            "reject_burst",
            RejectBurstTerms(window=RateWindow(10, MIN), cooldown=5 * MIN),
        ),
        ("position_mismatch: {}", "position_mismatch", PositionMismatchTerms()),
    ],
)
def test_reads_its_units(text, name, terms):
    assert rules(f"rules:\n  {text}").armed() == {name: terms}


ACCOUNTS = """
rules:
  max_contracts: {limit: 2}
  bracket: {stop_ticks: 20}
accounts:
  - {account: one, opening_cash: 1}
  - account: two
    opening_cash: 1
    rules:
      max_contracts: none
      bracket: {target_ticks: 9, mode: warn}
"""


def test_an_account_replaces_a_rule_as_a_whole_or_takes_it_out():
    assert set(rules(ACCOUNTS, "one").armed()) == {"max_contracts", "bracket"}
    assert rules(ACCOUNTS, "two").armed() == {"bracket": BracketTerms(target_ticks=9, mode=Mode.WARN)}


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("max_contracts: 3", "rules.max_contracts", "needs settings below it"),
        ("max_contracts:", "rules.max_contracts", "has no value"),
        ("max_contracts: {}", "rules.max_contracts.limit", "is missing"),
        ("max_contract: {limit: 2}", "rules.max_contract", "do you mean max_contracts?"),
        ("daily_realized_loss: {loss_limit: -5}", "rules.daily_realized_loss.loss_limit", "above zero"),
        ("daily_realized_loss: {loss_limit: 5, size: 1}", "rules.daily_realized_loss.size", "mode, loss_limit"),
        ("bracket: {stop_ticks: 1, mode: sometimes}", "rules.bracket.mode", "write shadow, warn, enforce"),
        ("bracket: {stop_ticks: 0}", "rules.bracket.stop_ticks", "write a whole number of ticks"),
        ("bracket: {mode: warn}", "rules.bracket", "write one of stop_ticks, target_ticks"),
        ("cooldown_after_loss: {tiers: {x: 5 min}}", "rules.cooldown_after_loss.tiers", "'x' is not a decimal"),
        ("cooldown_after_loss: {tiers: {}}", "rules.cooldown_after_loss.tiers", "is empty"),
        ("trade_frequency: {windows: 3 / 1 d}", "rules.trade_frequency.windows", "longer than an hour"),
        ("trade_frequency: {cooldown: 1 h}", "rules.trade_frequency", "windows, per_session"),
        ("session_block: {hours: 9-5}", "rules.session_block.hours", "write local openings"),
        ("session_block: {hours: closed}", "rules.session_block", "says nothing to watch"),
        ("symbol_block: {blocked: [ES*]}", "rules.symbol_block.blocked", "no colon"),
        ("max_drawdown: {loss_limit: 1, kind: monthly}", "rules.max_drawdown.kind", "static, end_of_day, intraday"),
        ("max_drawdown: {loss_limit: 1, kind: static, lock_level: 5}", "rules.max_drawdown", "does not move"),
        ("profit_giveback: {arm_at: 1000}", "rules.profit_giveback", "amount, share"),
        ("profit_giveback: {arm_at: 1, share: 0 %}", "rules.profit_giveback.share", "above zero"),
        ("breakeven: {trigger_ticks: 4, offset_ticks: 4}", "rules.breakeven", "not below trigger_ticks"),
        ("time_exit: {}", "rules.time_exit", "max_hold, before_reset"),
        ("loss_velocity: {loss_limit: 1, window: 2 h}", "rules.loss_velocity.window", "an hour at most"),
        ("reject_burst: {window: 3 / 1 d}", "rules.reject_burst.window", "an hour at most"),
        ("consecutive_losses: {count: 0}", "rules.consecutive_losses.count", "write a whole number such as 3"),
        ("stop_loss_grace: {grace: 5}", "rules.stop_loss_grace.grace", "write a number and a unit"),
        (
            "daily_unrealized_loss: {loss_limit: 5, scope: firm}",
            "rules.daily_unrealized_loss.scope",
            "position, account",
        ),
    ],
)
def test_refuses_with_the_place_and_what_would_be_right(text, key, says):
    found = problem(f"rules:\n  {text}")
    assert re.match(r"conf/stopline\.yaml:2:\d+: ", found)
    assert f": {key}: " in found
    assert says in found


def test_a_rule_decides_and_shows_in_the_settings_in_force():
    tight, loose = settings("rules: {max_contracts: {limit: 1}}"), settings("rules: {max_contracts: {limit: 2}}")
    assert tight.version != loose.version
    assert flatten(loose)["accounts.paper.rules.max_contracts.limit"] == "2.00"
    shown = {key.rpartition(".")[2]: text for key, text in flatten(settings(LIKE_WRITTEN)).items() if ".rules." in key}
    assert shown == {
        "mode": "enforce",
        "tiers": "{100.00: 5 min}",
        "hours": "09:30 16:00",
        "weekdays": "[mon, fri]",
        "flatten": "false",
        "products": "{ES: 2}",
        "limit": "none",
        "grace": "90 s",
    }


LIKE_WRITTEN = """
rules:
  max_contracts_per_instrument: {products: {ES: 2}}
  cooldown_after_loss: {tiers: {100.00: 5 min}}
  session_block: {hours: "09:30 16:00", weekdays: [mon, fri]}
  stop_loss_grace: {grace: 90 s}
"""
