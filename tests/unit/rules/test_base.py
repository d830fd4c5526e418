"""What all rules have in common."""

import pytest

from stopline.model.breach import CLOSING, Mode, RuleScope
from stopline.model.rules import Rules
from stopline.model.verdict import Unit
from stopline.rules import RULES
from stopline.rules.base import Reading, Rule, close
from tests.unit.rules.build import AAPL, ES_DEC, account, armed, fires, held, money, one


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_is_not_armed_by_itself(rule):
    assert rule.arm(Rules()) is None


def test_a_verdict_names_its_mode_its_scope_and_its_key():
    rule = armed("daily_unrealized_loss", loss_limit=money("5"), mode=Mode.SHADOW)
    verdict = one(rule, account(held(AAPL, "10", mark="99"), held(ES_DEC, "1", mark="100")))
    assert (verdict.mode, verdict.scope, verdict.unit) == (Mode.SHADOW, RuleScope.POSITION, Unit.MONEY)
    assert verdict.breach_id == ("daily_unrealized_loss", AAPL.instrument_id)


def test_what_is_written_down_is_enforced_unless_it_says_otherwise():
    assert armed("daily_realized_loss", loss_limit=1).terms.mode is Mode.ENFORCE


class Broken(Rule, frozen=True, gc=False):
    name = "broken"
    unit = Unit.MONEY
    scope = RuleScope.ACCOUNT

    def readings(self, seen):
        yield Reading("", None, 0, True)


def test_an_unknown_reading_can_be_no_breach():
    rule = Broken(armed("daily_realized_loss", loss_limit=1).terms)
    with pytest.raises(ValueError, match="could not measure"):
        fires(rule, account())


def test_a_rule_that_closes_must_say_what():
    with pytest.raises(ValueError, match="which"):
        close(None)


def test_closing_actions_are_those_that_trade():
    assert {str(kind) for kind in CLOSING} == {"reduce_excess", "close_position", "flatten", "kill"}
