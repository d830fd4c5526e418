"""The demonstration, as a person and as a program run it; and that it notices when its story is not true."""

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from itertools import takewhile
from pathlib import Path

import apsw
import pytest
from msgspec.structs import replace

from stopline.cli.app import run_cli
from stopline.cli.demo import entries, limits, plot, story
from stopline.cli.demo.stage import Stage
from stopline.cli.demo.wording import ACCOUNT, buy, sell
from stopline.messages import inputs as i
from stopline.model.account import TradingState
from stopline.model.limits import Limits
from stopline.model.numbers import parse_price
from stopline.stores.tools import verify

DEMO = [sys.executable, "-m", "stopline", "demo", "--fast"]
README = Path(__file__).resolve().parents[2] / "README.md"
TIMEOUT_S = 120


def demo(*options: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("STOPLINE_")}
    return subprocess.run([*DEMO, *options], cwd=cwd, capture_output=True, text=True, timeout=TIMEOUT_S, env=quiet)


def test_a_person_reads_the_whole_day(tmp_path: Path):
    done = demo(cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in done.stdout, "no colour where nobody sees it"
    titles = [match[1] for line in lines if (match := re.fullmatch(r"[ 1][0-9]  (\S.*)", line))]
    assert titles == [step.title for step in plot.STORY]
    for told in (
        "STOP_LIMIT",
        "DENIED  max_order_notional",
        "observed 17,200.00, limit 5,000.00, headroom -12,200.00",
        "would pass: up to 29 AAPL",
        "APPROVED  as an exit",
        "TRIPPED  DAILY_LOSS",
        "REFUSED  condition_persists",
        "rule daily_total_loss                                             BROKEN",
        "the fill is booked, and closed again at once",
        "REFUSED  second_person_required",
        "chain intact",
    ):
        assert told in done.stdout
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


def test_the_readme_shows_what_it_really_says(tmp_path: Path):
    _, _, rest = README.read_text(encoding="utf-8").partition("stopline demo\n```")
    shown = rest.split("```")[1].strip("\n").splitlines()
    assert len(shown) > 20
    said = iter(demo(cwd=tmp_path).stdout.splitlines())
    missing = [line for line in shown if line not in ("...", "") and line not in said]
    assert missing == [], "in this order"


def test_a_program_gets_a_line_a_step_and_the_journal_can_be_kept(tmp_path: Path):
    kept = tmp_path / "kept"
    done = demo("--json", "--data-dir", str(kept), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    *steps, end = (json.loads(line) for line in done.stdout.splitlines())
    assert [step["name"] for step in steps] == [step.name for step in plot.STORY]
    assert all(step["as_told"] and step["version"] == 1 and step["kind"] == "demo_step" for step in steps)
    acts = [act for step in steps for act in step["told"]]
    assert {act["outcome"] for act in acts} >= {"approved", "denied", "refused", "done", "tripped", "happened"}
    denial = next(act for act in acts if act.get("check") == "max_order_notional")
    assert (denial["observed"], denial["limit"], denial["max_passing_qty"]) == ("17200.00", "5000.00", "29")
    assert (end["kind"], end["as_told"], end["trading_state"]) == ("demo_end", True, "active")
    assert end["approved"] == sum(act["outcome"] == "approved" for act in acts) + 5, (
        "a bracket has legs, flatten sends one, the rule one, and its lock one"
    )
    assert sum(end["denied"].values()) == sum(act["outcome"] == "denied" for act in acts)
    assert end["journal"]["intact"]
    proof = verify(kept)
    assert proof.intact and proof.records >= end["journal"]["records"]
    again = demo("--data-dir", str(kept), cwd=tmp_path)
    assert (again.returncode, again.stdout) == (2, "")
    assert "holds a journal already" in again.stderr and "name a new directory" in again.stderr


def test_two_runs_tell_the_same(tmp_path: Path):
    one, other = demo(cwd=tmp_path), demo(cwd=tmp_path)
    unstable = re.compile(r"journal +\d+ records")
    assert unstable.sub("", one.stdout) == unstable.sub("", other.stdout)


@pytest.fixture
def left_running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [*DEMO, "--keep-running", "--port", "0"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def test_it_can_be_left_running_and_traded_on(left_running: subprocess.Popen[str]):
    assert left_running.stderr is not None
    said = list(takewhile(lambda line: not line.startswith("Ctrl-C"), left_running.stderr))
    found = re.search(r"It is running: (http://127\.0\.0\.1:\d+)/", "".join(said))
    assert found, said
    order = {"client_order_id": "mine", "symbol": "AAPL", "side": "BUY", "quantity": 1, "order_type": "MARKET"}
    request = urllib.request.Request(f"{found[1]}/api/order", json.dumps(order).encode())
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
        assert answer.status == 201, "the account trades again"
    with urllib.request.urlopen(f"{found[1]}/", timeout=TIMEOUT_S) as page:
        assert page.status == 200
    left_running.send_signal(signal.SIGINT)
    assert left_running.wait(TIMEOUT_S) == 0


def test_ctrl_c_in_the_middle_of_it(tmp_path: Path):
    paced = [part for part in DEMO if part != "--fast"]
    with subprocess.Popen(paced, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert any(line.startswith(" 1  ") for line in process.stdout)
            process.send_signal(signal.SIGINT)
            said = process.communicate(timeout=TIMEOUT_S)[1]
        finally:
            process.kill()
    assert (process.returncode, said) == (1, "stopped before the end; nothing was left behind\n")


def test_a_port_in_use_is_said_before_the_story_begins(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = demo("--keep-running", "--port", str(taken.getsockname()[1]), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is in use" in done.stderr


# --- a story that is not true ------------------------------------------------------------------


@pytest.fixture
def in_this_process(monkeypatch, tmp_path: Path) -> Iterator[None]:
    """Run in an empty directory, and give back the logging that a process of its own would have set up."""
    monkeypatch.chdir(tmp_path)
    root, ours, alerts = (logging.getLogger(name) for name in ("", "stopline", "stopline.runtime.notices"))
    handlers, levels = root.handlers[:], (root.level, ours.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    alerts.disabled = False
    logging.captureWarnings(False)


async def a_denial_that_is_none(stage: Stage) -> None:
    await stage.denied(buy("W-1", "1", "AAPL"), "max_order_notional")


async def an_approval_that_is_none(stage: Stage) -> None:
    await stage.approved(buy("W-2", "1000", "AAPL"))


async def another_check(stage: Stage) -> None:
    await stage.denied(buy("W-3", "1000", "AAPL"), "leverage")


async def another_price(stage: Stage) -> None:
    await stage.approved(buy("W-4", "1", "AAPL"))
    await stage.filled("W-4", at="174.00")


async def another_position(stage: Stage) -> None:
    await stage.approved(buy("W-5", "1", "AAPL"))
    await stage.filled("W-5", at="175.02")
    await stage.position("AAPL", "2")


async def an_exit_that_is_none(stage: Stage) -> None:
    await stage.approved(sell("W-6", "1", "AAPL"), reducing=True)


async def a_refusal_that_is_none(stage: Stage) -> None:
    await stage.refused(i.TripBreaker(account=ACCOUNT), "trip", "not_allowed")


async def something_done_that_is_refused(stage: Stage) -> None:
    await stage.done(i.CancelOrder(account=ACCOUNT, client_order_id="nobody"), "cancel nobody")


async def a_state_that_never_comes(stage: Stage) -> None:
    await stage.state_is(TradingState.HALTED)


PLANTED = (
    a_denial_that_is_none, an_approval_that_is_none, another_check, another_price, another_position,
    an_exit_that_is_none, a_refusal_that_is_none, something_done_that_is_refused, a_state_that_never_comes,
)  # fmt: skip


@pytest.mark.parametrize("act", PLANTED, ids=lambda act: act.__name__)
def test_a_wrong_story_ends_with_1_and_says_what_was_wrong(act, monkeypatch, capsys, in_this_process):
    monkeypatch.setattr(
        plot, "STORY", (entries.LIMIT, story.Step("planted", "Planted", "It is not so.", act), limits.EXIT)
    )
    monkeypatch.setattr("stopline.cli.demo.stage.PATIENCE_S", 1.0 if act is a_state_that_never_comes else 30.0)
    assert run_cli(["demo", "--fast"]) == 1
    said = capsys.readouterr().out
    assert "NOT AS TOLD" in said
    assert "It did not go as told" in said
    assert "Exits are never blocked" not in said, "it ends where it went wrong"


async def damage(stage: Stage) -> None:
    """Overwrite one record of the journal, behind the back of the process that runs."""
    await stage.system.settle()
    with closing(apsw.Connection(str(stage.system.settings.data_dir / "journal.db"))) as connection:
        connection.execute("UPDATE records SET body = zeroblob(length(body)) WHERE seq = 40")
        assert connection.changes() == 1


def test_a_journal_that_does_not_hold_is_not_as_told(monkeypatch, capsys, in_this_process):
    damaged = story.Step("damage", "Damage", "Somebody changes a record.", damage)
    monkeypatch.setattr(plot, "STORY", (entries.MARKET, damaged))
    assert run_cli(["demo", "--fast", "--json"]) == 1
    end = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (end["as_told"], end["journal"]["intact"]) == (False, False)
    assert "the journal does not hold" in end["wrong"]


def test_the_real_story_notices_other_limits(monkeypatch, capsys, in_this_process):
    """Not a step is planted: the account only has a limit that the story does not know."""
    usual = story.demo_limits

    def tighter(base: Limits) -> Limits:
        return replace(usual(base), max_order_notional=parse_price("3000"))

    monkeypatch.setattr(story, "demo_limits", tighter)
    assert run_cli(["demo", "--fast", "--json"]) == 1
    *_, step, end = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert step["as_told"] is False and "approved" in step["wrong"]
    assert end["as_told"] is False and end["wrong"].startswith(f"step {step['step']}")
