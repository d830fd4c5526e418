"""`stopline paper` as people run it: recorded markets through the whole system, with and without orders."""

import csv
import gzip
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from stopline.messages.events import OrderApproved
from stopline.model.numbers import SECOND
from stopline.stores.tools import events, verify
from tests.market_files import MARKET, needs_data

PAPER = [sys.executable, "-m", "stopline", "paper"]
TIMEOUT_S = 240
QUIET = {name: value for name, value in os.environ.items() if not name.startswith("STOPLINE_")}
HEADER = "ts_utc,open,high,low,close,volume,bid,bid_size,ask,ask_size\n"
ORDERS = """at,client_order_id,symbol,side,quantity,order_type,price,stop_price,reduce_only
2026-01-05T14:30:10Z,IN,XYZ,BUY,5,MARKET,,,
2026-01-05T14:30:20Z,BIG,XYZ,BUY,50,LIMIT,100.00,,
2026-01-05T14:31:00Z,STOP,XYZ,SELL,5,STOP,,90.00,
2026-01-05T14:34:59Z,LAST,XYZ,BUY,1,LIMIT,50.00,,
2026-01-06T14:00:00Z,LATE,XYZ,BUY,1,MARKET,,,
"""
Run = Callable[..., subprocess.CompletedProcess[str]]


def second(number: int, bid: int) -> str:
    return f"2026-01-05T14:{30 + number // 60}:{number % 60:02}Z,,,,,,{bid}.00,500,{bid}.02,500\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five minutes of XYZ: it rises to 110, falls to 80 through the stop at 90, and recovers to 95."""
    path = [100 + n // 12 for n in range(120)] + [109 - n // 3 for n in range(87)] + [81 + n // 6 for n in range(93)]
    rows = "".join(second(n, bid) for n, bid in enumerate(path))
    (tmp_path / "xyz_seconds.csv").write_text(HEADER + rows)
    (tmp_path / "orders.csv").write_text(ORDERS)
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    def run(*options: str, quotes: str = "xyz_seconds.csv", **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PAPER, "--quotes", quotes, *options],
            cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, env={**QUIET, **more},
        )  # fmt: skip

    return run


def test_what_the_limits_would_have_done(run: Run, folder: Path):
    before = set(folder.iterdir())
    done = run("--orders", "orders.csv", "--json")
    assert done.returncode == 0
    assert done.stderr == (
        "1 of 5 orders lie outside the market's time, 2026-01-05 14:30:00Z to 2026-01-05 14:34:59Z: they are not sent\n"
    )
    said = json.loads(done.stdout)
    assert (said["kind"], said["complete"], said["quotes"]["played"]) == ("paper", True, 300)
    orders = said["orders"]
    assert (orders["approved"], orders["denied_by"], orders["not_sent"]) == (3, {"max_order_notional": 1}, 1)
    assert said["denials"][0]["client_order_id"] == "BIG" and said["denials"][0]["max_passing_qty"] == "10"
    # In at the ask of 100.02; the mid of 89.01 is the first to reach the stop at 90.00: out at the bid of 89.00.
    assert (said["pnl"], said["fills"]) == ("-55.10", 2)
    # From its best, marked at 109.01, to the end: 5 x (109.01 - 89.00).
    assert said["max_drawdown"]["amount"] == "100.05"
    assert said["account"]["working_orders"] == 1, "the limit order of the last second was sent, and rests"
    assert said["curve"][-1][1] == said["account"]["equity"] == "99944.90"
    assert set(folder.iterdir()) == before, "nothing is left behind"


def test_two_runs_write_the_same_journal(run: Run, folder: Path):
    heads = []
    for name in ("one", "two"):
        assert run("--orders", "orders.csv", "--data-dir", name).returncode == 0
        rows = subprocess.run(
            [sys.executable, "-m", "stopline", "journal", "show", "--json", "--data-dir", name, "--tail", "9999"],
            cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, env=QUIET, check=True,
        )  # fmt: skip
        decided = [
            (record["at"], event["type"], event.get("client_order_id"))
            for record in json.loads(rows.stdout)["records"]
            for event in record["events"]
        ]
        assert verify(folder / name).intact
        heads.append(decided)
    assert heads[0] == heads[1] and len(heads[0]) > 50


def test_a_person_sees_the_day_and_its_curve(run: Run):
    done = run("--orders", "orders.csv", COLUMNS="60")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr, "no colour and no progress where there is no terminal"
    summary, _, drawn = done.stdout.partition("\nequity, USD\n")
    rows = dict(re.findall(r"^(\S.*?) {2,}(.*)$", summary, re.MULTILINE))
    assert rows["P&L"] == "-55.10 USD, equity 99,944.90"
    assert rows["denied by"] == "max_order_notional 1"
    assert "BIG  BUY 50 XYZ" in summary and "would pass: up to 10 XYZ" in summary
    lines = drawn.splitlines()
    assert max(map(len, lines)) <= 60
    assert any("\u2800" < cell < "\u28ff" for cell in drawn)
    assert "2026-01-05 14:3" in lines[-1]


def test_where_braille_cannot_be_written_there_is_a_plain_curve(run: Run):
    done = run("--orders", "orders.csv", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.isascii() and "***" in done.stdout


def test_without_orders_the_account_stays_as_it_is(run: Run):
    done = run()
    assert done.returncode == 0
    assert "no equity curve: nothing moved the account" in done.stdout


def test_the_curve_as_a_picture(run: Run, folder: Path):
    done = run("--orders", "orders.csv", "--plot", "equity.svg")
    assert done.returncode == 0 and "the equity curve is in equity.svg" in done.stderr
    tree = ElementTree.parse(folder / "equity.svg").getroot()
    assert any("max drawdown 100.05" in (each.text or "") for each in tree)
    assert run("--plot", "no/equity.svg").returncode == 2


def test_an_account_and_its_limits_from_a_file(run: Run, folder: Path):
    (folder / "mine.yaml").write_text("limits: {max_order_notional: 300.00, daily_loss: 20.00}\n")
    said = json.loads(run("--orders", "orders.csv", "--config", "mine.yaml", "--json").stdout)
    assert (said["orders"]["denied_by"], said["orders"]["approved"]) == ({"max_order_notional": 3}, 1)
    (folder / "loss.yaml").write_text("limits: {daily_loss: 20.00}\n")
    said = json.loads(run("--orders", "orders.csv", "--config", "loss.yaml", "--json").stdout)
    assert [each["trigger_type"] for each in said["breakers"]] == ["DAILY_LOSS"]
    assert "limit of -20.00" in said["breakers"][0]["reason"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--orders", "bad.csv"], "bad.csv, line 2: side: 'LONG' is not known here; one of BUY, SELL"),
        (["--orders", "none.csv"], "none.csv cannot be read: No such file"),
        (["--account", "other"], "--account: there is no account 'other'\naccounts here: paper"),
        (["--speed", "-1"], "--speed"),
    ],
)
def test_what_is_wrong_ends_with_2_and_says_what_would_be_right(run: Run, folder: Path, options, told):
    (folder / "bad.csv").write_text(ORDERS.replace("BUY", "LONG"))
    done = run(*options)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEADER + second(0, 100) + second(1, 100).replace("100.00", "1x"), "xyz.csv, line 3: bid:"),
        (HEADER + second(5, 100) + second(1, 100), "xyz.csv, line 3: earlier than the row before it"),
        (HEADER + "2026-01-05,1\n", "xyz.csv, line 2: 2 fields, not 10"),
        (HEADER, "xyz.csv holds no quote"),
        ("when,what\n1,2\n", "the known ones are"),
        (None, "--quotes: there is no file xyz.csv"),
    ],
)
def test_a_market_that_cannot_be_read_is_said_before_anything_is_played(run: Run, folder: Path, text, told):
    if text is not None:
        (folder / "xyz.csv").write_text(text)
    done = run(quotes="xyz.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_at_a_pace_orders_are_sent_when_their_time_comes(run: Run, folder: Path):
    """Limit orders, because on a busy machine a quote may be stale when its time comes sixty times as fast."""
    rows = "".join(f"2026-01-05T14:{30 + n}:30Z,XYZ,BUY,1,LIMIT,{70 + n}.00\n" for n in range(4))
    (folder / "paced.csv").write_text("at,symbol,side,quantity,order_type,price\n" + rows)
    said = json.loads(run("--orders", "paced.csv", "--speed", "60", "--data-dir", "kept", "--json").stdout)
    assert (said["complete"], said["orders"]["approved"], said["quotes"]["played"]) == (True, 4, 300)
    began = 1_767_623_400 * SECOND  # 2026-01-05 14:30 UTC
    decided = [
        (at - began) // SECOND
        for _, at, record in events(folder / "kept")
        for event in record
        if isinstance(event, OrderApproved)
    ]
    assert decided == sorted(decided) and all(at >= 30 + 60 * n for n, at in enumerate(decided))


@pytest.fixture
def served(folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [*PAPER, "--quotes", "xyz_seconds.csv", "--speed", "1", "--serve", "--port", "0", "--json"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=QUIET
    ) as process:
        yield process
        process.kill()


def test_it_can_be_watched_and_stopped_with_the_summary_so_far(served: subprocess.Popen[str]):
    assert served.stderr is not None and served.stdout is not None
    line = served.stderr.readline()
    found = re.fullmatch(r"watch it: (http://127\.0\.0\.1:\d+)/\n", line)
    assert found, line
    with urllib.request.urlopen(f"{found[1]}/api/account", timeout=TIMEOUT_S) as answer:
        assert json.load(answer)["equity"] == "100000.00"
    served.send_signal(signal.SIGINT)
    said = json.loads(served.stdout.read())
    assert served.wait(TIMEOUT_S) == 0
    assert said["complete"] is False
    assert said["quotes"]["played"] < said["quotes"]["in_file"] == 300


@needs_data
@pytest.mark.timeout(TIMEOUT_S)
def test_es_minutes_of_2013(run: Run, folder: Path):
    """Long a contract over a day of real minutes: the P&L is the move of the price, times fifty."""
    rows = [
        {"at": "2013-10-07T14:00:00Z", "symbol": "ESZ3", "side": "BUY", "quantity": 1, "order_type": "MARKET"},
        {"at": "2013-10-08T14:00:00Z", "symbol": "ESZ3", "side": "SELL", "quantity": 1, "order_type": "MARKET"},
    ]
    (folder / "es.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run("--orders", "es.jsonl", "--json", quotes=str(MARKET / "es_minutes_2013.csv.gz"))
    assert done.returncode == 0
    said = json.loads(done.stdout)
    assert (said["form"], said["orders"]["approved"], said["fills"]) == ("futures minutes", 2, 2)
    assert said["quotes"]["played"] == said["quotes"]["in_file"] > 32_000
    with gzip.open(MARKET / "es_minutes_2013.csv.gz", "rt", newline="") as file:
        quotes = {(row["ts_utc"], row["contract"]): row for row in csv.DictReader(file)}
    bought = float(quotes[rows[0]["at"], "201312"]["ask_close"])
    sold = float(quotes[rows[1]["at"], "201312"]["bid_close"])
    assert float(said["pnl"]) == (sold - bought) * 50
    assert said["account"]["open_positions"] == 0
    assert len(said["curve"]) <= 200
