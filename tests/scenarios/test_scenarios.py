"""Every scenario goes as it is told. `python -m tests.scenarios --rewrite` tells it anew; read the difference."""

import pytest

from stopline.rules import RULES
from tests.scenarios.runner import FOLDER, Scenario, play, rewrite

FILES = sorted(FOLDER.rglob("*.txt"))


def test_there_are_scenarios():
    assert len(FILES) >= 50
    assert all(path.read_text(encoding="utf-8").startswith("# ") for path in FILES)


def test_every_rule_has_its_scenario_and_none_is_of_nothing():
    told = {path.stem: path.read_text(encoding="utf-8") for path in (FOLDER / "rules").glob("*.txt")}
    names = {rule.name for rule in RULES}
    assert set(told) == names
    for name, text in told.items():
        assert f"breach {name} (" in text, f"{name} never fires"
        assert "\nrestart " in text, f"{name} is not told over a restart"


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_goes_as_it_is_told(path):
    for line, answer in play(path.read_text(encoding="utf-8")):
        if line.command:
            assert answer == line.expected, f"{path.name}:{line.number}: {line.command}"


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_is_written_as_the_runner_writes(path):
    text = path.read_text(encoding="utf-8")
    assert rewrite(text) == text


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("fly AAPL", "no scenario knows"),
        ("wait 5 s", "positional"),
        ("wait 5d", "no span"),
        ("fill AAPL 1 @ 1", "no live"),
    ],
)
def test_what_nobody_understands_is_an_error(command, complaint):
    with pytest.raises((ValueError, TypeError), match=complaint):
        Scenario().answer(command)


def test_a_wrong_answer_is_seen():
    ((line, answer),) = play("buy AAPL 1 @ 100 -> denied")
    assert (line.expected, answer) == ("denied", "approved")


def test_every_command_says_how_it_is_written():
    for name, method in vars(Scenario).items():
        if name.startswith("do_"):
            assert (method.__doc__ or "").startswith(name.removeprefix("do_").replace("_", "-"))
