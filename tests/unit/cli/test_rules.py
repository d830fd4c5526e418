"""Rules, locks and obligations on the command line, against a stand-in and against a real Stopline."""

import pytest

from stopline.cli.durations import seconds_between, span
from stopline.doors.native.lockouts import LOCK_EXAMPLE, PAST_LOCK_EXAMPLE
from stopline.doors.native.obligations import OBLIGATION_EXAMPLE, PAST_OBLIGATION_EXAMPLE
from stopline.doors.native.rules import BREACH_EXAMPLE, PAST_BREACH_EXAMPLE, RULES_EXAMPLE
from tests.unit.cli.conftest import ACCOUNT, HEALTH


@pytest.fixture
def locked(stand):
    """A stand-in whose account has lost all that it may."""
    restriction = {name: LOCK_EXAMPLE[name] for name in ("key", "state", "reason", "actor", "since", "until")}
    restriction |= {"active": True, "keeps_flat": True}
    account = ACCOUNT | {
        "trading_state": "reducing",
        "restrictions": [restriction],
        "breaches": [BREACH_EXAMPLE],
        "obligations": [OBLIGATION_EXAMPLE],
    }
    stand.answers["GET /health"] = (200, HEALTH | {"at": "2026-11-20T15:03:15.000000000Z"})
    stand.answers["GET /api/account"] = (200, account)
    stand.answers["GET /api/rules"] = (200, RULES_EXAMPLE)
    past = {"next_cursor": None}
    stand.answers["GET /api/risk/breaches"] = (
        200, {"open": [BREACH_EXAMPLE], "past": [PAST_BREACH_EXAMPLE], **past},
    )  # fmt: skip
    stand.answers["GET /api/risk/lockouts"] = (
        200, {"standing": [LOCK_EXAMPLE], "past": [PAST_LOCK_EXAMPLE], **past},
    )  # fmt: skip
    stand.answers["GET /api/risk/obligations"] = (
        200, {"open": [OBLIGATION_EXAMPLE], "past": [PAST_OBLIGATION_EXAMPLE], **past},
    )  # fmt: skip
    return stand


def test_status_shows_the_lock_with_its_countdown_and_what_is_owed(locked, ask):
    done = ask("status")
    assert done.code == 4
    assert "until 2026-11-20 22:00:00Z (6 h 56 min left); what comes up meanwhile is closed" in done.out
    assert "daily_total_loss (enforce): P&L of the day" in done.out
    assert "flatten (daily_total_loss), in_progress for 64 s, failed 2 times: AAPL: the broker rejected it" in done.out


def test_rules_are_listed_with_what_they_find_and_the_unarmed_named(locked, ask):
    done = ask("rules")
    assert done.code == 0
    assert "daily_total_loss  enforce  loss_limit 500.00  P&L of the day" in done.out
    assert "not armed, so that nothing watches for it: max_contracts" in done.err
    assert ask("rules", "--json").json["rules"] == RULES_EXAMPLE["rules"]


def test_a_rule_in_bounds_says_what_it_measures(locked, ask):
    rule = RULES_EXAMPLE["rules"][0] | {"breaches": []}
    rule["measures"] = [
        {"key": "", "unit": "money", "observed": "-312.50", "limit": "-500.00"},
        {"key": "eq:US:AAPL", "unit": "qty", "observed": None, "limit": "3"},
    ]
    locked.answers["GET /api/rules"] = (200, RULES_EXAMPLE | {"rules": [rule]})
    assert "-312.50, limit -500.00; eq:US:AAPL: unknown, limit 3" in ask("rules").out


def test_no_rule_at_all_is_said(locked, ask):
    body = RULES_EXAMPLE | {"rules": RULES_EXAMPLE["rules"][1:]}
    locked.answers["GET /api/rules"] = (200, body)
    done = ask("rules")
    assert (done.out, done.err) == ("", "no rule is armed: nothing watches this account\n")


def test_a_loosening_that_waits_is_said(locked, ask):
    waits = {
        "terms": {}, "proposed_at": "2026-11-20T15:00:00.000000000Z",
        "effective_at": "2026-11-23T15:00:00.000000000Z", "actor": "config", "reason": "",
    }  # fmt: skip
    locked.answers["GET /api/rules"] = (200, RULES_EXAMPLE | {"proposal": waits})
    assert "a loosening of config waits until 2026-11-23 15:00:00Z" in ask("rules").err


def test_breaches_open_and_past(locked, ask):
    done = ask("rules", "--breaches")
    opened, past = done.out.splitlines()[1:]
    assert opened.startswith("2026-11-20 15:02:11Z  -  ")
    assert past.startswith("2026-11-19 15:02:11Z  2026-11-19 22:00:00Z  daily_total_loss")
    assert ask("rules", "--breaches", "--json").json["kind"] == "breaches"


def test_locks_that_stand_and_those_that_ended(locked, ask):
    done = ask("lockouts")
    assert "lock:daily_total_loss  reducing  2026-11-20 15:02:11Z  2026-11-20 22:00:00Z  6 h 57 min  yes" in done.out
    assert "one person alone may release it from 2026-11-20 15:17:11Z on" in done.err
    assert done.out.splitlines()[1].endswith("its end, or `stopline unlock` with a reason"), "and not a route"
    assert "its time is over" in ask("lockouts", "--past").out
    assert ask("lockouts", "--json").json["standing"] == [LOCK_EXAMPLE]


def test_what_is_owed_and_what_was(locked, ask):
    line = ask("obligations").out.splitlines()[1]
    assert line.startswith("3   flatten  daily_total_loss  in_progress")
    assert "in_progress  64 s       2     1  2026-11-20 15:03:17Z  AAPL: the broker rejected it" in line
    assert "the broker says flat, with no orders" in ask("obligations", "--past").out
    assert ask("obligations", "--json").json["open"] == [OBLIGATION_EXAMPLE]


def test_a_lock_says_what_it_does_and_asks(locked, ask):
    locked.answers["POST /api/risk/lockout"] = (200, {"key": "lock:self", "until": "2026-11-20T17:00:00Z"})
    assert ask("lock", "--for", "2h").code == 2, "nobody is there to ask"
    assert not locked.was_asked("POST /api/risk/lockout")
    done = ask("lock", "--for", "2h", "--flatten", "--yes", "--reason", "enough")
    assert done.code == 0
    assert "lock paper out for 2h: no new risk" in done.err
    assert "1 positions, 0 orders" in done.err
    assert locked.body_of("POST /api/risk/lockout") == {
        "account": "paper", "flatten": True, "reason": "enough", "for_s": "7200",
    }  # fmt: skip
    ask("lock", "--until", "2026-11-20T22:00:00Z", "--yes", "--reason", "enough")
    assert locked.body_of("POST /api/risk/lockout")["until"] == "2026-11-20T22:00:00Z"


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--for", "2h", "--until", "2026-11-20T22:00:00Z"),
        ("--for", "two hours"),
        ("--for", "0s"),
        ("--for", "2"),
        ("--until", "tomorrow"),
        ("--until", "2026-11-20 22:00"),
    ],
)
def test_a_lock_without_one_end(locked, ask, options):
    """It is refused before anybody is asked to type the account."""
    done = ask("lock", *options, "--yes", "--reason", "enough")
    assert done.code == 2
    assert "lock paper out" not in done.err
    assert not locked.was_asked("POST /api/risk/lockout")


def test_a_release_names_the_lock_and_needs_a_reason(locked, ask):
    locked.answers["POST /api/risk/lockout/release"] = (200, {"released": "lock:daily_total_loss"})
    unknown = ask("unlock", "lock:self", "--yes", "--reason", "back")
    assert unknown.code == 2
    assert "locks: lock:daily_total_loss" in unknown.err
    assert ask("unlock", "lock:daily_total_loss", "--yes").code == 2
    assert not locked.was_asked("POST /api/risk/lockout/release")
    assert ask("unlock", "lock:daily_total_loss", "--yes", "--reason", "a bad print").code == 0
    asked = locked.body_of("POST /api/risk/lockout/release")
    assert asked == {"account": "paper", "key": "lock:daily_total_loss", "reason": "a bad print"}


def test_a_release_that_is_refused(locked, ask):
    refusal = {"error": "second_person_required", "message": "14 min left", "fix": "wait"}
    locked.answers["POST /api/risk/lockout/release"] = (403, refusal)
    done = ask("unlock", "lock:daily_total_loss", "--yes", "--reason", "x")
    assert (done.code, done.err.splitlines()[-2:]) == (1, ["14 min left", "try: wait"])


def test_the_clock_is_trusted_with_a_reason(stand, ask):
    stand.answers["POST /api/clock/trust"] = (200, {"clock": "trusted"})
    assert ask("clock", "trust").code == 2
    assert ask("clock", "trust", "--reason", "set by hand").code == 0
    assert stand.body_of("POST /api/clock/trust") == {"reason": "set by hand"}


def test_a_heartbeat_from_a_script(stand, ask):
    stand.answers["POST /api/heartbeat"] = (200, {"bot": "strategy:trend"})
    for wrong in ((), ("--strategy", "a"), ("--strategy", "a", "--client", "b", "--timeout", "5s")):
        assert ask("heartbeat", *wrong).code == 2
    assert ask("heartbeat", "--strategy", "trend", "--timeout", "30s", "--leave").code == 2
    assert ask("heartbeat", "--strategy", "trend", "--timeout", "30s").code == 0
    assert stand.body_of("POST /api/heartbeat") == {"strategy": "trend", "timeout_s": "30"}
    ask("heartbeat", "--client", "bot-7", "--leave", "--account", "paper")
    assert stand.body_of("POST /api/heartbeat") == {"account": "paper", "client": "bot-7", "timeout_s": "0"}


def test_flatten_of_a_group(stand, ask):
    done = {"canceling": [], "closing": ["close-1"], "not_closed": [], "flattening": ["paper", "other"]}
    stand.answers["POST /api/flatten"] = (200, done)
    assert ask("flatten", "--scope", "firm", "--yes", "--reason", "x").code == 2
    told = ask("flatten", "--scope", "group", "--yes", "--reason", "x")
    assert "flatten paper and all of its group:" in told.err
    assert told.err.splitlines()[1:3] == [
        "  paper  AAPL: long 5, working 0 to buy and 5 to sell",
        "  and all that the other accounts of its group hold: `stopline positions --account NAME`",
    ]
    assert "flattening  paper, other" in told.out
    assert stand.body_of("POST /api/flatten")["scope"] == "group"
    ask("flatten", "--yes", "--reason", "x")
    assert "scope" not in stand.body_of("POST /api/flatten")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"), (64, "64 s"), (119, "119 s"), (120, "2 min"), (7199, "1 h 59 min"), (7200, "2 h"),
        (90_061, "1 d 1 h"), (86_400, "1 d"), (3_605, "1 h"), (125, "2 min 5 s"), (None, "-"),
    ],
)  # fmt: skip
def test_spans(seconds, text):
    assert span(seconds) == text


def test_seconds_between_instants():
    assert seconds_between("2026-11-20T15:00:00.900000000Z", "2026-11-20T15:01:04Z") == 64
    assert seconds_between(None, "2026-11-20T15:01:04Z") is None
    assert seconds_between("now", "then") is None
