"""`replay fills --rules`: which rules would have fired over a history, when, and on what numbers."""

import json

import pytest

from stopline.cli.replay.shadow import AT_MARKS, NEEDS_TIMES, NOT_IN_FILLS, not_judged
from stopline.model.rules import TERMS, ConnectionGuardTerms, DailyTotalLossTerms, Rules, SessionBlockTerms

FILLS = """time,symbol,qty,price,fee
2026-01-06T15:00:00Z,AAPL,10,100,1
2026-01-06T15:10:00Z,AAPL,-10,90,1
2026-01-06T15:20:00Z,AAPL,10,90,0
2026-01-06T15:20:00Z,AAPL,10,90,0
2026-01-07T15:00:00Z,AAPL,-5,85,0
2026-01-09T23:30:00Z,AAPL,-15,95,0
"""
MARKS = """date,symbol,price
2026-01-06,AAPL,92
2026-01-07,AAPL,80
"""


@pytest.fixture
def replayed(run, tmp_path):
    """Replay the history with these rules; return its document."""
    (tmp_path / "fills.csv").write_text(FILLS)
    (tmp_path / "marks.csv").write_text(MARKS)

    def replayed(rules, *options, code=0):
        (tmp_path / "rules.yaml").write_text(f"rules:\n  {rules}\n")
        files = ("fills.csv", "--cash", "10000", "--marks", "marks.csv", "--rules", "rules.yaml")
        ran = run("replay", "fills", *files, "--json", *options)
        assert ran.code == code, ran.err
        return json.loads(ran.out) if code == 0 else ran.err

    return replayed


def fired(document):
    return [(each["at"][:19], each["key"], each["observed"], each["limit"]) for each in document["rules"]["fired"]]


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        pytest.param(
            "daily_realized_loss: {loss_limit: 102}",
            [("2026-01-06T15:10:00", "", "-102.00", "-102.00")],
            id="at its limit, fees included, by the fill that reached it",
        ),
        pytest.param("daily_realized_loss: {loss_limit: 102.01}", [], id="just not"),
        pytest.param(
            "cooldown_after_loss: {tiers: {50: 5 min, 102: 1 h}}",
            [("2026-01-06T15:10:00", "trip:1", "-102.00", "-102.00")],
            id="by the tier that the trade reached",
        ),
        pytest.param(
            "daily_total_loss: {loss_limit: 215}",
            [("2026-01-07T21:59:59", "", "-215.00", "-215.00")],
            id="on the day's marks: 5 at 85 and 15 at 80, bought at 92 by yesterday's close",
        ),
        pytest.param(
            "daily_unrealized_loss: {loss_limit: 180}",
            [("2026-01-07T21:59:59", "eq:US:AAPL", "-180.00", "-180.00")],
            id="a position on the day's marks",
        ),
        pytest.param(
            "weekly_loss: {loss_limit: 277}",
            [("2026-01-07T21:59:59", "", "-277.00", "-277.00")],
            id="over two days",
        ),
        pytest.param(
            "trade_frequency: {windows: 1 / 30 min}",
            [("2026-01-06T15:20:00", "30 min", "2", "1")],
            id="two entries in half an hour; fills of one instant are one",
        ),
        pytest.param(
            'session_block: {hours: "09:30 16:00"}',
            [
                ("2026-01-05T22:00:00", "", "1", "0"),
                ("2026-01-06T21:59:59", "", "1", "0"),
                ("2026-01-07T21:59:59", "", "1", "0"),
            ],
            id="outside ones hours",
        ),
        pytest.param(
            'symbol_block: {blocked: ["eq:US:A*"]}',
            [("2026-01-06T15:00:00", "eq:US:AAPL", "1", "0"), ("2026-01-06T15:20:00", "eq:US:AAPL", "1", "0")],
            id="whenever it is held",
        ),
        pytest.param("max_contracts: {limit: 1}", [], id="equities are no contracts"),
    ],
)
def test_says_when_and_on_what_numbers(replayed, rules, told):
    document = replayed(rules)
    assert fired(document) == told


def test_a_breach_has_its_end_its_reason_and_what_it_would_have_asked_for(replayed):
    (breach,) = replayed("daily_realized_loss: {loss_limit: 100, mode: warn}")["rules"]["fired"]
    assert breach["ended_at"] == "2026-01-06T22:00:00.000000000Z"
    assert (breach["day"], breach["mode"], breach["scope"], breach["unit"]) == (
        "2026-01-06",
        "warn",
        "account",
        "money",
    )
    assert breach["reason"] == "realized P&L of the day is -$102.00, at or below -$100.00"
    assert [each["text"] for each in breach["would"]] == [
        "cancel entries",
        "flatten",
        "lock until 2026-01-06T22:00:00Z",
    ]
    assert breach["would"][2]["until"] == "2026-01-06T22:00:00.000000000Z"


def test_a_history_is_not_changed_by_what_rules_ask_for(replayed, run):
    bare = run("replay", "fills", "fills.csv", "--cash", "10000", "--marks", "marks.csv", "--json")
    watched = replayed("daily_realized_loss: {loss_limit: 1}")
    assert watched["days"] == json.loads(bare.out)["days"]


def test_what_fills_cannot_judge_says_what_it_would_need(replayed):
    document = replayed("stop_loss_grace: {grace: 1 min}\n  max_contracts: {limit: 1}")
    assert document["rules"]["judged"] == ["max_contracts"]
    assert document["rules"]["not_judged"] == {"stop_loss_grace": "orders"}


def test_days_without_marks_are_unknown_and_not_calm(replayed, run, tmp_path):
    """Two days end with a position that has no mark; so nobody knows on what equity the third one opens."""
    assert replayed("daily_total_loss: {loss_limit: 215}")["rules"]["unknown_days"] == {}
    ran = run("replay", "fills", "fills.csv", "--cash", "10000", "--rules", "rules.yaml", "--json")
    told = json.loads(ran.out)["rules"]
    assert (told["fired"], told["unknown_days"]) == ([], {"daily_total_loss": 3})


def test_dates_alone_cannot_judge_hours(replayed):
    document = replayed('session_block: {hours: "09:30 16:00"}', "--days", "date")
    assert document["rules"]["not_judged"] == {"session_block": "times of day"}
    assert document["rules"]["fired"] == []


def test_people_see_a_line_for_each_breach_and_for_each_rule(replayed, run, tmp_path):
    replayed("daily_realized_loss: {loss_limit: 100}\n  bracket: {stop_ticks: 4}\n  max_contracts: {limit: 1}")
    ran = run("replay", "fills", "fills.csv", "--cash", "10000", "--marks", "marks.csv", "--rules", "rules.yaml")
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    assert (
        "2026-01-06T15:10:00Z daily_realized_loss account -102.00 -100.00 "
        "cancel entries, flatten, lock until 2026-01-06T22:00:00Z" in lines
    )
    assert "daily_realized_loss 1 0 2026-01-06T15:10:00Z 2026-01-06T15:10:00Z" in lines
    assert "bracket unknown all needs orders" in lines
    assert "max_contracts 0 0" in lines
    assert "rules ran in shadow" in ran.err


ACCOUNTS = """
accounts:
  - {account: one, opening_cash: 1}
  - {account: two, opening_cash: 1, rules: {daily_realized_loss: none}}
"""


def test_whose_rules(replayed):
    both = f"daily_realized_loss: {{loss_limit: 100}}{ACCOUNTS}"
    assert "say whose with --account: one, two" in replayed(both, code=2)
    assert len(replayed(both, "--account", "one")["rules"]["fired"]) == 1
    assert "sets no rules" in replayed(both, "--account", "two", code=2)
    assert "--account 'three' is no account" in replayed(both, "--account", "three", code=2)


def test_a_file_with_errors_says_where(replayed):
    assert "rules.yaml:2:18: rules.max_contracts: needs settings" in replayed("max_contracts: 4", code=2)
    assert "sets no rules" in replayed("max_contracts: none", code=2)


def test_what_cannot_be_judged_is_decided_for_rules_that_exist():
    assert set(NOT_IN_FILLS) | AT_MARKS | NEEDS_TIMES <= set(TERMS)
    assert not set(NOT_IN_FILLS) & AT_MARKS
    rules = Rules(
        connection_guard=ConnectionGuardTerms(),
        session_block=SessionBlockTerms(hours=()),
        daily_total_loss=DailyTotalLossTerms(loss_limit=1),
    )
    assert set(not_judged(rules, is_dated=False)) == {"connection_guard"}
    assert set(not_judged(rules, is_dated=True)) == {"connection_guard", "session_block"}
