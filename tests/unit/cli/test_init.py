"""`stopline init`: by options, by a person at a terminal, and what it refuses."""

import io
import sys

import pytest

from stopline.config.load import load
from tests.build import money


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_by_options(run, tmp_path):
    ran = run("init", "--trade", "stocks", "--where", "own", "--how", "hand", "--loss", "500")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "stopline.yaml written; read it, then `stopline run`\n"
    found = load(tmp_path / "stopline.yaml")
    assert found.limits["main"].daily_loss == money("500")
    assert run("config", "validate").code == 0


def test_a_person_is_asked_until_the_answer_is_one(run, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal("options\nfutures\ntopstep-2026\nhand\nfive\n5000\n400\n"))
    ran = run("init", "firm.yaml")
    assert ran.code == 0
    assert "'options' is none of stocks, futures, both" in ran.err
    assert "'five' is not a decimal number" in ran.err
    assert "5000 is more than topstep-2026 leaves (900.00)" in ran.err
    assert ran.err.endswith("firm.yaml written; read it, then `stopline run --config firm.yaml`\n")
    assert load(tmp_path / "firm.yaml").limits["topstep"].daily_loss == money("400")


def test_nobody_is_asked_for_a_file_that_is_there_already(run, tmp_path, monkeypatch):
    """Four answers were taken, and then refused."""
    (tmp_path / "stopline.yaml").write_text("mine\n", encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", Terminal("stocks\nhand\n500\n"))
    ran = run("init")
    assert (ran.code, ran.err) == (2, "stopline.yaml cannot be written: it is there already\nname a new file\n")
    assert (tmp_path / "stopline.yaml").read_text(encoding="utf-8") == "mine\n"


def test_who_trades_stocks_is_not_asked_for_a_firm(run, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal("bot\n250.50\n"))
    ran = run("init", "--trade", "stocks")
    assert ran.code == 0 and "Where" not in ran.err
    assert load(tmp_path / "stopline.yaml").limits["main"].daily_loss == money("250.50")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--trade", "options"), "--trade: 'options' is not known here"),
        (("--trade", "stocks", "--where", "topstep-2026"), "--where: 'topstep-2026' is not known here"),
        (("--trade", "stocks", "--how", "bot", "--loss", "0"), "--loss: "),
        (("--trade", "stocks", "--how", "bot", "--loss", "1e99"), "--loss: "),
        (("--trade", "stocks", "--how", "bot"), "there is no terminal to ask at: say --loss"),
        ((), "there is no terminal to ask at: say --trade"),
    ],
)
def test_what_it_refuses(run, tmp_path, monkeypatch, arguments, said):
    monkeypatch.setattr(sys, "stdin", io.StringIO("stocks\n"))
    ran = run("init", *arguments)
    assert (ran.code, ran.out) == (2, "") and said in ran.err
    assert not (tmp_path / "stopline.yaml").exists()


def test_who_goes_away_gets_no_file(run, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal("stocks\n"))
    ran = run("init")
    assert ran.code == 2 and "nothing was written" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays(run, tmp_path):
    (tmp_path / "stopline.yaml").write_text("mine")
    ran = run("init", "--trade", "stocks", "--how", "bot", "--loss", "5")
    assert ran.code == 2 and "it is there already" in ran.err
    assert (tmp_path / "stopline.yaml").read_text() == "mine"
