"""`stopline simulate`: what it says of a seed, its exit codes, and the command that repeats a run."""

import json

import pytest

from stopline.cli.app import run_cli
from stopline.cli.outcome import Exit


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = run_cli(["simulate", *words])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_a_seed_that_holds_says_so_and_how_to_repeat_it(capsys):
    code, out, err = run(capsys, "--seed", "3", "--faults", "none")
    assert code == Exit.OK
    assert "violations" in out
    assert "everything held" in err
    assert "again: stopline simulate --seed 3 --days 1 --faults none" in err


def test_json_is_one_document(capsys):
    code, out, _ = run(capsys, "--seed", "3", "--troubles", "9", "--json")
    told = json.loads(out)
    assert (code, told["kind"], told["violation"]) == (Exit.OK, "simulation", "")
    assert told["again"] == "stopline simulate --seed 3 --days 1 --faults mix --troubles 9"
    assert sum(count for name, count in told["reached"].items() if name.startswith("fault ")) > 0


def test_many_seeds_are_a_campaign(capsys):
    code, out, _ = run(capsys, "--seed", "5", "--seeds", "3", "--faults", "crash", "--json")
    told = json.loads(out)
    assert (code, told["kind"], told["runs"], told["violations"]) == (Exit.OK, "campaign", 3, 0)
    assert told["account_years"] > 0


def test_what_was_reached_is_told_when_asked_for_and_what_was_not_in_any_case(capsys):
    code, out, err = run(capsys, "--seed", "3", "--faults", "none", "--broker", "paper", "--reach")
    assert code == Exit.OK
    assert "trading state active" in out and "path of an order in doubt" in out
    assert "reached " in err
    assert "again: stopline simulate --seed 3 --days 1 --faults none --broker paper" in err


def test_a_story_is_told_when_asked_for(capsys):
    _, out, _ = run(capsys, "--seed", "3", "--faults", "none", "--story")
    assert "a process starts" in out
    assert "from now on nothing is wrong" in out


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["--faults", "frogs"], "frogs"),
        (["--broker", "frogs"], "frogs"),
        (["--only", "1,x"], "1,x"),
        (["--incident", "N99"], "N99"),
        (["--only", "1", "--seeds", "2"], "--only is for one seed"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(capsys, words, wrong):
    code, _, err = run(capsys, *words)
    assert code == Exit.USAGE
    assert wrong in err


def test_a_seed_that_fails_exits_with_1_tells_its_story_and_how_to_see_it_again(capsys, monkeypatch):
    from stopline.runtime.reconcile import Reconciler

    monkeypatch.setattr(Reconciler, "ask", lambda self, broker="", is_new_session=False: None)
    code, _, err = run(capsys, "--seed", "1", "--faults", "none", "--acts", "3")
    assert code == Exit.REFUSED
    assert "seed 1: I06" in err
    assert "again: stopline simulate --seed 1 --days 1 --faults none --acts 3 --only" in err


def test_an_incident_is_played_and_explained(capsys):
    code, out, err = run(capsys, "--incident", "n3")
    assert code == Exit.OK
    assert out.startswith("N3  Everbright")
    assert "N3: Stopline comes through" in err


def test_all_incidents_in_json(capsys):
    code, out, _ = run(capsys, "--incident", "all", "--json")
    told = json.loads(out)
    assert (code, told["kind"], len(told["played"])) == (Exit.OK, "incidents", 14)
