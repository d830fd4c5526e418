"""Rules asked one after the other, and what opens and closes a breach."""

import pytest

from stopline.engine.rulebook import DEFECT, Judgement, arm_rules, ask, changes
from stopline.model.breach import ActionKind, Mode, OpenBreach
from stopline.model.rules import TERMS, DailyRealizedLossTerms, MaxContractsTerms, Rules
from stopline.rules.base import Period
from stopline.rules.daily_realized_loss import DailyRealizedLoss
from stopline.state.history import History
from tests.unit.rules.build import ES_DEC as ES
from tests.unit.rules.build import account, armed, held, money, ratio
from tests.watched import WEEK

LOSS = armed("daily_unrealized_loss", loss_limit=money("500"))
LATCHED = armed("daily_total_loss", loss_limit=money("500"))
FOR_EVER = armed("max_contracts", limit=ratio("1"))


def test_arms_what_is_configured_in_order():
    rules = Rules(max_contracts=MaxContractsTerms(limit=1), daily_realized_loss=DailyRealizedLossTerms(loss_limit=1))
    assert [rule.name for rule in arm_rules(rules)] == ["max_contracts", "daily_realized_loss"]
    assert arm_rules(Rules()) == ()


class Failing(DailyRealizedLoss, frozen=True, gc=False):
    def readings(self, seen):
        raise ZeroDivisionError


def test_a_rule_that_raises_only_reduces_and_keeps_no_other_from_being_asked():
    failing = Failing(TERMS["daily_realized_loss"](loss_limit=1, mode=Mode.SHADOW))
    said = ask((failing, FOR_EVER), account(held(ES, "2"))).verdicts
    assert [(each.rule, each.key) for each in said] == [("daily_realized_loss", DEFECT), ("max_contracts", "")]
    assert [action.kind for action in said[0].actions] == [ActionKind.WARN, ActionKind.REDUCING]
    assert said[0].mode is Mode.ENFORCE
    assert "ZeroDivisionError" in said[0].reason


def follow(rule, *situations, over=()):
    """Return what opened and closed (+ and -), look by look; `over` are the periods that end with each."""
    breaches, told, history = {}, [], History(week=WEEK)
    for index, seen in enumerate(situations):
        ended = over[index] if over else ()
        history.session_since = index if Period.SESSION in ended else history.session_since
        history.week_since = index if Period.WEEK in ended else history.week_since
        opened, closed = changes((rule,), breaches, ask((rule,), seen), history)
        for verdict in closed:
            del breaches[verdict.name]
        breaches |= {verdict.name: OpenBreach(verdict, index) for verdict in opened}
        told.append("-" * len(closed) + "+" * len(opened))
    return told


OUT, IN = account(held(ES, "1", mark="80")), account(held(ES, "1", mark="100"))
BLIND = account(held(ES, "1"))


def test_a_breach_is_said_once_and_its_end_once():
    assert follow(LOSS, IN, OUT, OUT, IN, IN, OUT) == ["", "+", "", "-", "", "+"]


def test_what_nothing_can_judge_ends_no_breach():
    assert follow(LOSS, OUT, BLIND, OUT, BLIND, IN) == ["+", "", "", "", "-"]


def test_a_position_that_is_gone_is_over():
    assert follow(LOSS, OUT, account()) == ["+", "-"]


def test_a_new_period_is_a_new_breach():
    day = (Period.SESSION,)
    assert follow(LOSS, OUT, OUT, OUT, BLIND, OUT, over=[(), day, (Period.WEEK,), day, ()]) == ["+", "-+", "", "-", "+"]


def test_one_that_latches_stands_whatever_is_won_back():
    out, won = account(total_pnl=money("-500")), account(total_pnl=money("900"))
    assert follow(LATCHED, out, won, out, won, over=[(), (), (), (Period.SESSION,)]) == ["+", "", "", "-"]


def test_a_rule_that_works_again_is_no_defect_any_more():
    failing = Failing(TERMS["daily_realized_loss"](loss_limit=money("1")))
    works = DailyRealizedLoss(TERMS["daily_realized_loss"](loss_limit=money("1")))
    (defect,) = ask((failing,), account()).verdicts
    opened, closed = changes((works,), {defect.name: OpenBreach(defect, 0)}, ask((works,), account()), History())
    assert (opened, closed) == ([], [defect])


@pytest.mark.parametrize("name", ["daily_realized_loss", "daily_total_loss", "daily_realized_profit", "weekly_loss"])
def test_what_locks_until_a_reset_stands_until_then(name):
    rule = armed(name, **{"target" if name.endswith("profit") else "loss_limit": 1})
    assert rule.latches
    assert rule.period is (Period.WEEK if name == "weekly_loss" else Period.SESSION)


def test_nothing_said_changes_nothing():
    assert changes((), {}, Judgement((), frozenset()), History()) == ([], [])
