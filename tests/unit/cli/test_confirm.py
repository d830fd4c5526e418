"""What cannot be taken back is shown first, and the account is typed; a script says --yes and --reason."""

import io
import sys

import pytest

BREAKER = {
    "breaker_id": 1, "account": "paper", "trigger_type": "DAILY_LOSS", "trigger_value": "-5100.00",
    "threshold": "-5000.00", "reason": "day P&L -5100.00", "actor": "engine", "active": True,
    "tripped_at": "2026-11-20T15:02:11.000000000Z", "expires_at": None, "reset_at": None, "reset_by": None,
}  # fmt: skip
MOTION = {"canceling": ["A1"], "closing": ["close-1"], "protective_order_working": []}
DANGEROUS = {
    "flatten": (["flatten"], "POST /api/flatten"),
    "kill": (["kill"], "POST /api/kill"),
    "release": (["release"], "POST /api/release"),
    "reset": (["breaker", "reset", "1"], "POST /api/risk/circuit-breaker/reset"),
    "trip": (["breaker", "trip"], "POST /api/risk/circuit-breaker/trip"),
}
each_dangerous = pytest.mark.parametrize(("arguments", "path"), DANGEROUS.values(), ids=DANGEROUS.keys())


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def dangerous(stand):
    stand.answers |= {path: (200, MOTION) for _, path in DANGEROUS.values()}
    stand.answers["GET /api/risk/circuit-breakers"] = (200, {"circuit_breakers": [BREAKER]})
    return stand


@each_dangerous
def test_without_a_terminal_nobody_is_asked_and_nothing_is_done(arguments, path, ask, dangerous, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("paper\n"))
    done = ask(*arguments)
    assert done.code == 2
    assert "--yes and --reason" in done.err
    assert not dangerous.was_asked(path)


@each_dangerous
def test_yes_alone_is_not_enough(arguments, path, ask, dangerous):
    done = ask(*arguments, "--yes")
    assert done.code == 2
    assert "--yes needs --reason" in done.err
    assert not dangerous.was_asked(path)


@each_dangerous
def test_a_script_says_yes_and_why(arguments, path, ask, dangerous):
    done = ask(*arguments, "--yes", "--reason", "drill", "--json")
    assert done.code == 0
    assert dangerous.body_of(path)["reason"] == "drill"
    assert done.json["version"] == 1


@each_dangerous
def test_the_account_is_typed(arguments, path, ask, dangerous, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal("paper\ndrill\n"))
    done = ask(*arguments)
    assert done.code == 0, done.err
    assert "type the account to go on (paper)" in done.err
    assert dangerous.was_asked(path)


@each_dangerous
@pytest.mark.parametrize("typed", ["", "\n", "yes\n", "Paper\n", "paper2\n"])
def test_anything_else_is_no(typed, arguments, path, ask, dangerous, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    done = ask(*arguments)
    assert done.code == 2
    assert "not done" in done.err
    assert not dangerous.was_asked(path)


def test_the_plan_names_what_is_held(ask, dangerous, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal("no\n"))
    assert "AAPL: long 5, working 0 to buy and 5 to sell" in ask("flatten").err
    assert "nothing is held or worked" in ask("flatten", "--symbol", "MSFT").err
    assert "AAPL" not in ask("kill", "--keep-positions").err


def test_a_plan_that_cannot_be_made_does_not_hold_up_the_kill_switch(ask, dangerous):
    dangerous.answers["GET /api/positions"] = (503, {"message": "the store fails"})
    done = ask("kill", "--yes", "--reason", "bot runs wild")
    assert done.code == 0
    assert "cannot be listed now" in done.err
    assert dangerous.body_of("POST /api/kill") == {"account": "paper", "reason": "bot runs wild", "scope": "account"}


def test_keep_positions_and_symbol_are_passed_on(ask, dangerous):
    ask("kill", "--keep-positions", "--scope", "firm", "--yes", "--reason", "r")
    assert dangerous.body_of("POST /api/kill")["keep_positions"] is True
    ask("flatten", "--symbol", "AAPL", "--yes", "--reason", "r")
    assert dangerous.body_of("POST /api/flatten")["symbol"] == "AAPL"


def test_a_kill_that_could_not_close_is_not_a_success(ask, dangerous):
    dangerous.answers["POST /api/kill"] = (200, MOTION | {"not_closed": ["AAPL"]})
    done = ask("kill", "--yes", "--reason", "r")
    assert done.code == 1
    assert "still open, the close was denied: AAPL" in done.err


def test_release_wants_a_reason_even_of_a_person(ask, dangerous, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal("paper\n\nfixed and tested\n"))
    assert ask("release").code == 0
    assert dangerous.body_of("POST /api/release")["reason"] == "fixed and tested"


def test_an_unknown_breaker_is_2(ask, dangerous):
    done = ask("breaker", "reset", "7", "--yes", "--reason", "r")
    assert done.code == 2
    assert "there is no breaker 7" in done.err


def test_the_plan_for_many_accounts_does_not_look_like_one_of_nothing(ask, dangerous):
    """`nothing is held or worked`, said of the one account, stood there as if it were all that is closed."""
    dangerous.answers["GET /api/positions"] = (200, {"positions": []})
    told = ask("kill", "--scope", "firm", "--yes", "--reason", "r").err
    assert "  paper  nothing is held or worked\n  and all that the other accounts of its firm hold:" in told
    assert "other accounts" not in ask("kill", "--yes", "--reason", "r").err


def test_an_instant_that_is_none_is_said_before_anybody_is_asked(ask, dangerous, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal("paper\ndrill\n"))
    done = ask("breaker", "trip", "--expires-at", "tomorrow")
    assert done.code == 2
    assert done.err.startswith("--expires-at: 'tomorrow' is not an instant; write ISO 8601 with a zone, such as ")
    assert "type the account" not in done.err
