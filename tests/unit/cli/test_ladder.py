"""Below the server: which directory is meant, and on which settings it is stopped. Real processes, real directories."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from stopline.bootstrap import System
from stopline.cli.ladder.command import show
from stopline.cli.ladder.wanted import Wanted
from stopline.cli.outcome import Stop
from stopline.config.load import load
from stopline.config.settings import Settings
from stopline.stores.last_run import note_run
from stopline.stores.sqlite.layout import Layout
from stopline.stores.sqlite.owner import Ownership

TIMEOUT_S = 120
NOBODY = "http://127.0.0.1:1"
OK, REFUSED, USAGE, UNREACHABLE, LOCKED = 0, 1, 2, 3, 4
YES = ("--yes", "--reason", "test")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings whose data directory has seen a start and an orderly end."""
    made = replace(load(), data_dir=tmp_path / "data")

    async def live() -> None:
        async with System(made):
            note_run(made, NOBODY)

    asyncio.run(live())
    return made


def stop(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("STOPLINE_")}
    command = [sys.executable, "-m", "stopline", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=quiet, text=True, capture_output=True, timeout=TIMEOUT_S, stdin=subprocess.DEVNULL
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_each_step_is_said_and_kept(settings, tmp_path):
    done = stop(tmp_path, "kill", "--data-dir", "data", "--json", *YES)
    assert done.returncode == OK, done.stderr
    body = json.loads(done.stdout)
    assert (body["kind"], body["via"], body["confirmed"]) == ("kill", "headless", True)
    assert {step["rung"] for step in body["steps"]} == {"headless"}, "nothing runs: nobody was asked"
    assert [f"[{step['rung']}] {step['outcome']}" for step in body["steps"]] == [
        line for line in done.stderr.splitlines() if line.startswith("[")
    ]


def test_a_settings_file_that_cannot_be_read_any_more_keeps_nobody_from_it(settings, tmp_path):
    broken = tmp_path / "mine.yaml"
    broken.write_text("limits: {max_order_notional: [")
    note_run(replace(settings, file=broken), NOBODY)
    done = stop(tmp_path, "kill", "--data-dir", "data", *YES)
    assert done.returncode == OK, done.stderr
    assert f"[settings] {broken}" in done.stderr and "the defaults are used" in done.stderr


def test_nothing_is_done_without_a_yes(settings, tmp_path):
    before = Layout(settings.data_dir).journal.stat().st_mtime_ns
    done = stop(tmp_path, "kill", "--data-dir", "data")
    assert done.returncode == USAGE and "there is no terminal to ask at" in done.stderr
    assert "Stopline is started in this process, without doors" in done.stderr, "a person sees what it would do"
    assert Layout(settings.data_dir).journal.stat().st_mtime_ns == before


def test_the_directory_of_another_server_is_not_guessed(settings, tmp_path):
    """The settings here have a directory, but the address was said: it may be another's."""
    done = stop(tmp_path, "kill", "--url", NOBODY, *YES)
    assert done.returncode == UNREACHABLE
    assert "name its data directory with --data-dir" in done.stderr


def test_with_both_said_it_goes_on_in_the_directory(settings, tmp_path):
    done = stop(tmp_path, "flatten", "--url", NOBODY, "--data-dir", "data", *YES)
    assert done.returncode == OK, done.stderr
    assert f"[http] nothing answers at {NOBODY}" in done.stderr


def test_who_holds_the_directory_and_has_no_door_is_named_and_not_ended_unasked(settings, tmp_path, monkeypatch):
    from stopline.cli.ladder import directory
    from stopline.cli.ladder.climb import Where, rungs
    from stopline.cli.ladder.wanted import Steps

    monkeypatch.setattr(directory, "OPENING_S", 0.5)
    ownership = Ownership(Layout(settings.data_dir))
    try:
        with pytest.raises(Stop) as stopped:
            list(rungs(Where(data_dir=settings.data_dir), "", Steps()))
    finally:
        ownership.release()
    assert stopped.value.code == LOCKED
    assert stopped.value.lines[0].startswith(f"process {os.getpid()}, since ")


def test_what_is_asked_for_is_asked_alike_on_every_rung():
    kill = Wanted(word="kill", account="A", scope="firm", keep_positions=True, reason="r")
    assert kill.body() == {"account": "A", "reason": "r", "scope": "firm", "keep_positions": True}
    assert Wanted(word="kill", account="A").body() == {"account": "A", "scope": "account"}
    assert Wanted(word="flatten", account="A", symbol="KO").body() == {"account": "A", "symbol": "KO"}


@pytest.mark.parametrize(
    ("done", "code"),
    [
        pytest.param({"confirmed": True, "accounts": []}, None, id="confirmed"),
        pytest.param({"confirmed": False, "accounts": []}, 5, id="not confirmed in time"),
        pytest.param({"closing": ["c"], "not_closed": []}, None, id="in motion"),
        pytest.param({"not_closed": ["KO"]}, REFUSED, id="a close was denied"),
    ],
)
def test_the_exit_code_says_whether_something_is_left(done, code, capsys):
    found = None
    try:
        show("kill", done, json=True, via="http", steps=[])
    except Stop as stopped:
        found = stopped.code
    assert found == code
    assert json.loads(capsys.readouterr().out)["via"] == "http", "the document is written all the same"
