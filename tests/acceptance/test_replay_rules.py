"""Rules over a strategy's 6,305 fills of 2004-2007, on its published equity: every limit fires where a few lines say.

The few lines share no code with the engine: decimals, the file's own equity at each day's end, and a
ledger by average cost.
"""

import csv
import gzip
import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import groupby
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "fills"
TXN = DATA / "equity_strategy_txn_2004_2007.csv.gz"
POS = DATA / "equity_strategy_pos_2004_2007.csv.gz"
START = Decimal(100_000)
DAY_LOSS, WEEK_LOSS, DRAWDOWN, REALIZED = (Decimal(each) for each in (5_000, 6_000, 15_000, 2_000))
NEAR = Decimal("0.10")
"""The file's values carry cut digits: nothing may depend on a difference as small as this."""
RULES = f"""
rules:
  daily_total_loss: {{loss_limit: {DAY_LOSS}}}
  weekly_loss: {{loss_limit: {WEEK_LOSS}}}
  max_drawdown: {{loss_limit: {DRAWDOWN}, kind: end_of_day}}
  daily_realized_loss: {{loss_limit: {REALIZED}}}
  daily_realized_profit: {{target: {REALIZED}}}
  cooldown_after_loss: {{tiers: {{{REALIZED}: 1 h}}}}
  stop_loss_grace: {{grace: 1 min}}
"""

if not TXN.exists() and not os.environ.get("CI"):
    pytest.skip(f"{TXN} is not there (in CI it must be)", allow_module_level=True)


def rows(path):
    with gzip.open(path, "rt", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def fills():
    """(day, symbol, signed qty, price) of every fill."""
    return [(row[""][:10], row["symbol"], Decimal(row["amount"]), Decimal(row["price"])) for row in rows(TXN)]


@pytest.fixture(scope="module")
def equity():
    """Equity at the end of each day, as published."""
    return {
        row["index"][:10]: sum((Decimal(value) for name, value in row.items() if name != "index"), Decimal())
        for row in rows(POS)
    }


@pytest.fixture(scope="module")
def fired(fills, tmp_path_factory):
    """What `stopline replay fills --rules` says: by rule, (day, observed, limit) in order."""
    folder = tmp_path_factory.mktemp("rules")
    (folder / "rules.yaml").write_text(RULES)
    held, by_day = defaultdict(Decimal), defaultdict(list)
    for day, symbol, qty, _ in fills:
        by_day[day].append((symbol, qty))
    with (folder / "marks.csv").open("w") as file:
        print("date,symbol,price", file=file)
        for row in rows(POS):
            day = row["index"][:10]
            for symbol, qty in by_day[day]:
                held[symbol] += qty
            for symbol, qty in held.items():
                if qty:
                    print(day, symbol, (Decimal(row[symbol]) / qty).quantize(Decimal("1e-8")), sep=",", file=file)
    command = [sys.executable, "-m", "stopline", "replay", "fills", str(TXN), "--cash", str(START), "--json"]
    options = ["--marks", str(folder / "marks.csv"), "--rules", str(folder / "rules.yaml")]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["rules"]
    assert told["not_judged"] == {"stop_loss_grace": "orders"}
    by_rule = defaultdict(list)
    for each in told["fired"]:
        by_rule[each["rule"]].append((each["day"], Decimal(each["observed"]), Decimal(each["limit"])))
    return by_rule


def same(found, expected):
    """Compare days exactly, and amounts to the digits that the file has."""
    assert [day for day, *_ in found] == [day for day, *_ in expected]
    for one, other in zip(found, expected, strict=True):
        assert abs(one[1] - other[1]) < NEAR, one


def test_the_daily_loss(fired, equity):
    before, expected = START, []
    for day, now in equity.items():
        assert abs(now - before + DAY_LOSS) > NEAR
        if now - before <= -DAY_LOSS:
            expected.append((day, now - before))
        before = now
    assert len(expected) == 8
    same(fired["daily_total_loss"], expected)


def test_the_weekly_loss(fired, equity):
    """The first day of each week on whose end so much was lost since the end of the week before."""
    base, expected = START, []
    for _, days in groupby(equity.items(), key=lambda item: date.fromisoformat(item[0]).isocalendar()[:2]):
        week = list(days)
        lost = [(day, now - base) for day, now in week if now - base <= -WEEK_LOSS]
        expected += lost[:1]
        base = week[-1][1]
    assert len(expected) > 5
    same(fired["weekly_loss"], expected)


def test_the_drawdown(fired, equity):
    """Once: below the highest close before that day."""
    peak = START
    for day, now in equity.items():
        if now <= peak - DRAWDOWN:
            expected = [(day, now, peak - DRAWDOWN)]
            break
        peak = max(peak, now)
    same(fired["max_drawdown"], expected)
    assert abs(fired["max_drawdown"][0][2] - expected[0][2]) < NEAR


@pytest.fixture(scope="module")
def ledger(fills):
    """By average cost: (day, realized of the day so far) after each fill, and (day, result) of each closed trade."""
    held, cost, trade = defaultdict(Decimal), defaultdict(Decimal), defaultdict(Decimal)
    realized, trades = [], []
    today, total = "", Decimal()
    for day, symbol, size, exact in fills:
        qty, price = size, exact.quantize(Decimal("1e-8"), ROUND_HALF_EVEN)
        if day != today:
            today, total = day, Decimal()
        if held[symbol] * qty < 0:
            closed = min(abs(qty), abs(held[symbol])) * (1 if qty > 0 else -1)
            released = -cost[symbol] * closed / held[symbol]
            won = -closed * price - released
            total, trade[symbol] = total + won, trade[symbol] + won
            cost[symbol] -= released
            held[symbol] += closed
            qty -= closed
            if not held[symbol]:
                trades.append((day, trade.pop(symbol)))
        held[symbol] += qty
        cost[symbol] += qty * price
        realized.append((day, total))
    return realized, trades


@pytest.mark.parametrize(("rule", "sign"), [("daily_realized_loss", -1), ("daily_realized_profit", 1)])
def test_the_realized_day(fired, ledger, rule, sign):
    """By the first fill of a day that brought it there."""
    expected = []
    for day, results in groupby(ledger[0], key=lambda item: item[0]):
        reached = [total for _, total in results if total * sign >= REALIZED]
        expected += [(day, total) for total in reached[:1]]
    assert len(expected) > 10
    same(fired[rule], expected)


def test_each_losing_trade_cools_down(fired, ledger):
    expected = [(day, result) for day, result in ledger[1] if result <= -REALIZED]
    assert len(expected) > 10
    same(fired["cooldown_after_loss"], expected)
