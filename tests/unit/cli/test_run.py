"""What `stopline run` says and takes, without running it."""

import json
import logging
import sys
import time

import pytest
from msgspec import structs

from stopline.bootstrap import StartRefused
from stopline.cli import run as command
from stopline.cli.logs import AsJson, ForPeople
from stopline.cli.outcome import Exit
from stopline.config.load import load
from stopline.config.settings import Market
from stopline.model.breach import Mode
from stopline.model.rules import BracketTerms, MaxContractsTerms, Rules
from stopline.ports.journal import JournalBusy, JournalCorrupt


@pytest.fixture
def served(monkeypatch):
    """What would have been served, in place of serving it."""
    seen = []
    monkeypatch.setattr(command, "_serve", seen.append)
    monkeypatch.setattr("stopline.cli.logs.start_logging", lambda level, *, as_json: None)
    return seen


def test_options_go_before_the_file_which_goes_before_the_defaults(run, served, tmp_path):
    (tmp_path / "stopline.yaml").write_text(
        "server: {port: 9001}\nmarket: {source: synthetic:3}\nlog: {level: debug}\n"
    )
    assert run("run", "--port", "9002").code == 0
    assert run("run", "--market", "synthetic:4", "--data-dir", "d", "--log-json", "--log-level", "error").code == 0
    first, second = served
    assert (first.port, first.market.seed, first.host, first.log_level) == (9002, 3, "127.0.0.1", "debug")
    assert (second.port, second.market.seed, str(second.data_dir), second.log_json) == (9001, 4, "d", True)
    assert second.log_level == "error"
    assert second.file is not None
    assert second.file.name == "stopline.yaml"


def test_a_recording_goes_from_where_one_stands(run, served, tmp_path):
    (tmp_path / "ticks.csv").write_text("x\n")
    assert run("run", "--market", "ticks.csv", "--speed", "0").code == 0
    assert (str(served[0].market.path), served[0].market.speed) == ("ticks.csv", 0)
    assert run("run", "--market", "no.csv").code == 2
    assert run("run", "--market", ".").err.startswith("the recording . is a directory\nwrite synthetic:7")
    assert run("paper", "--quotes", ".").err.startswith("--quotes: . is a directory\n")
    assert run("sim", "alpaca", "--market", ".", "--port", "0").err.startswith(
        "the simulator does not run: the recording . is"
    )
    assert run("run", "--speed", "-1").code == 2


def test_a_person_sees_what_is_running():
    settings = load(None)
    said = "\n".join(command.describe(settings, "http://127.0.0.1:8082"))
    assert "SYNTHETIC, made-up prices" in said
    assert "paper  PAPER  broker paper  USD" in said
    assert "http://127.0.0.1:8082/docs" in said
    recorded = structs.replace(settings, market=Market("ibm.csv", path=settings.data_dir, speed=60))
    assert "recorded file ibm.csv, 60 times as fast" in "\n".join(command.describe(recorded, "u"))
    fast = structs.replace(settings, market=Market("ibm.csv", path=settings.data_dir, speed=0))
    assert "as fast as it goes" in "\n".join(command.describe(fast, "u"))


def test_a_person_sees_which_rules_act_and_that_there_are_none():
    settings = load(None)
    assert "no rules: nothing watches this account" in "\n".join(command.describe(settings, "u"))
    limit = MaxContractsTerms(limit=1)
    acting = structs.replace(
        settings, rules={"paper": Rules(max_contracts=limit, bracket=BracketTerms(mode=Mode.WARN))}
    )
    assert "rules that act: max_contracts; that only watch: bracket (warn)" in "\n".join(command.describe(acting, "u"))


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (JournalBusy("busy"), Exit.LOCKED),
        (JournalCorrupt(3, "bad"), Exit.REFUSED),
        (ValueError("port in use"), Exit.USAGE),
        (None, Exit.USAGE),
    ],
)
def test_why_it_does_not_start_is_a_code(cause, code):
    refused = StartRefused("no")
    refused.__cause__ = cause
    assert command.refused_code(refused) is code


def test_a_recorded_day_in_a_directory_that_somebody_has_is_locked_too(run, tmp_path, monkeypatch):
    """`stopline run` ended with 4 there, and `stopline paper` with 2."""

    def refuse(*_):
        raise StartRefused("no") from JournalBusy("busy")

    monkeypatch.setattr("stopline.cli.paper.run.run_paper", refuse)
    monkeypatch.setattr("stopline.cli.paper.command._survey", lambda quotes: None)
    assert run("paper", "--quotes", "q.csv", "--data-dir", "d").code == Exit.LOCKED


def test_a_long_recovery_says_that_it_goes_on(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(command, "PATIENCE_S", 0.02)
    (tmp_path / "journal.db").write_bytes(b"x" * 3_000_000)
    said, ends = "", time.monotonic() + 60
    with command._patience(tmp_path):
        while f"reading the journal in {tmp_path} (3 MB)" not in said:
            assert time.monotonic() < ends, said
            time.sleep(0.01)
            said += capsys.readouterr().err
    time.sleep(0.1)  # its last word, if one was on its way
    capsys.readouterr()
    monkeypatch.setattr(command, "PATIENCE_S", 0.4)
    with command._patience(tmp_path) as is_open:
        is_open.set()
        time.sleep(0.6)
    assert capsys.readouterr().err == ""


def record(message: str, *arguments: object, exception: bool = False) -> logging.LogRecord:
    error = None
    if exception:
        try:
            raise ValueError("oops")
        except ValueError:
            error = sys.exc_info()
    made = logging.LogRecord("stopline.runtime.market", logging.WARNING, "x.py", 1, message, arguments, error)
    made.created = 1_763_649_001.25
    return made


def test_log_lines_for_people():
    assert ForPeople().format(record("no quote for %d s", 30)) == ("14:30:01 WARNING runtime.market: no quote for 30 s")
    assert "ValueError: oops" in ForPeople().format(record("x", exception=True))


def test_log_lines_for_programs():
    line = AsJson().format(record('a "quoted"\nline', exception=True))
    assert "\n" not in line
    said = json.loads(line)
    assert said["time"] == "2025-11-20T14:30:01.250000Z"
    assert (said["level"], said["logger"], said["message"]) == (
        "WARNING",
        "stopline.runtime.market",
        'a "quoted"\nline',
    )
    assert "ValueError: oops" in said["exception"]
