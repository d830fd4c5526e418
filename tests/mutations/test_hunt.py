"""The hunt's bugs stand where they are planted, and mean what they say; a sample is found.

`make planted` plants all of them, `make mutants` mutates at random.
"""

import pytest

from stopline.sim.incidents import INCIDENTS
from tests.mutations.campaign import ROOT, Orchard
from tests.mutations.hunt import checkers, table
from tests.mutations.hunt.bugs import BUGS
from tests.mutations.hunt.checkers import CHECKERS, ask
from tests.mutations.hunt.seeds import worlds
from tests.mutations.rooms import ROOMS, TESTS, draw, interval

SCENARIOS = CHECKERS[0]


@pytest.mark.parametrize("bug", BUGS, ids=[bug.name for bug in BUGS])
def test_is_not_stale(bug):
    text = (ROOT / "src" / "stopline" / bug.edit.file).read_text(encoding="utf-8")
    assert text.count(bug.edit.old) == 1, f"plant it again where the code of {bug.edit.file} went"
    compile(text.replace(bug.edit.old, bug.edit.new), bug.edit.file, "exec")


def test_every_incident_has_a_bug_and_the_names_tell_them_apart():
    told = {bug.stands_for.partition(" ")[0].strip(":") for bug in BUGS}
    assert set(INCIDENTS) <= told
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= 60


def test_what_is_missed_is_named_and_is_little():
    rows = table.rows()
    missed = {name for name, row in rows.items() if "**missed**" in row}
    assert set(rows) <= {bug.name for bug in BUGS}
    assert missed == {bug.name for bug in BUGS if bug.missed and bug.name in rows}
    assert len(rows) - len(missed) >= 57
    assert len(missed) <= 5


def test_the_budget_is_made_of_general_checks():
    paths = {part for checker in CHECKERS for part in checker.module if part.startswith("tests/")}
    assert all((ROOT / path.partition("::")[0]).exists() for path in paths)
    assert not any(path.startswith("tests/unit") for path in paths)
    assert len(worlds()) >= 40


@pytest.fixture(scope="module")
def orchard(tmp_path_factory):
    return Orchard(tmp_path_factory.mktemp("hunt"))


@pytest.mark.timeout(600)
def test_a_planted_bug_is_found_and_an_untouched_tree_is_not_blamed(orchard):
    (bug,) = [bug for bug in BUGS if bug.name == "lowest is above"]
    assert ask(orchard, SCENARIOS).outcome == "passed"
    with orchard.planted(bug.edit):
        verdict = ask(orchard, SCENARIOS)
    assert verdict.outcome == "found", verdict.detail
    assert "test_scenarios.py" in verdict.detail


@pytest.mark.timeout(600)
def test_what_cannot_run_has_found_nothing(orchard):
    assert ask(orchard, checkers.tests("none", 60, "tests/no_such_test.py")).outcome == "broken"


def test_a_sample_is_drawn_by_its_seed():
    names = {room: [f"{room}-{n}" for n in range(100)] for room in ROOMS}
    assert draw(names, list(ROOMS), 5, 1) == draw(names, list(ROOMS), 5, 1) != draw(names, list(ROOMS), 5, 2)
    assert all(len(drawn) == 100 for drawn in draw(names, list(ROOMS), 0, 1).values())
    assert all((ROOT / path).exists() for path in TESTS)


def test_how_sure_a_score_is():
    low, high = interval(45, 50)
    assert 0.78 < low < 0.80 and 0.95 < high < 0.96
    assert interval(0, 0) == (0.0, 1.0)
    assert interval(50, 50)[1] == pytest.approx(1.0)
