"""A strategy's 6,305 fills of 2004-2007 through `stopline replay fills`, that is through the engine.

Cash equals the file's own cash on every one of its days, and what the engine booked fill
by fill equals a recomputation from scratch by a ledger that shares no code with it.
"""

import csv
import gzip
import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import UTC
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pytest

from stopline.cli.replay.book import Book
from stopline.cli.replay.days import CalendarDays
from stopline.cli.replay.fills import read_fills
from stopline.cli.replay.marks import read_marks
from stopline.model.account import AccountTerms
from stopline.model.numbers import PRICE_ONE

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "fills"
TXN = DATA / "equity_strategy_txn_2004_2007.csv.gz"
POS = DATA / "equity_strategy_pos_2004_2007.csv.gz"
CASH = Decimal(100_000)
E8 = Decimal("1e-8")
CENT = Decimal("0.01")

if not TXN.exists() and not os.environ.get("CI"):
    pytest.skip(f"{TXN} is not there (in CI it must be)", allow_module_level=True)


def rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", newline="") as file:
        return list(csv.DictReader(file))


def replay(path: Path, *options: str) -> dict:
    command = [sys.executable, "-m", "stopline", "replay", "fills", str(path), "--cash", "100000", "--json"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def fills() -> list[tuple[str, str, Decimal, Decimal]]:
    """(day, symbol, signed qty, price at the engine's scale) of every fill, as the file has them."""
    return [
        (row[""][:10], row["symbol"], Decimal(row["amount"]), Decimal(row["price"]).quantize(E8, ROUND_HALF_EVEN))
        for row in rows(TXN)
    ]


@pytest.fixture(scope="module")
def file_cash() -> dict[str, Decimal]:
    return {row["index"][:10]: Decimal(row["cash"]) for row in rows(POS)}


@pytest.fixture(scope="module")
def marks(fills) -> dict[tuple[str, str], Decimal]:
    """What each symbol was worth at each day's end, from the file's position values."""
    held: dict[str, Decimal] = defaultdict(Decimal)
    by_day = defaultdict(list)
    for day, symbol, qty, _ in fills:
        by_day[day].append((symbol, qty))
    found = {}
    for row in rows(POS):
        day = row["index"][:10]
        for symbol, qty in by_day[day]:
            held[symbol] += qty
        for symbol, qty in held.items():
            if qty:
                found[day, symbol] = (Decimal(row[symbol]) / qty).quantize(E8, ROUND_HALF_EVEN)
    return found


@pytest.fixture(scope="module")
def plain_file(fills, tmp_path_factory) -> Path:
    """The fills in the documented columns."""
    path = tmp_path_factory.mktemp("fills") / "fills.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time", "symbol", "side", "qty", "price"])
        for day, symbol, qty, price in fills:
            writer.writerow([day, symbol, "buy" if qty > 0 else "sell", abs(qty), price])
    return path


@pytest.fixture(scope="module")
def marks_file(marks, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("marks") / "marks.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", "symbol", "price"])
        writer.writerows([day, symbol, price] for (day, symbol), price in marks.items())
    return path


@pytest.fixture(scope="module", params=["average", "fifo"])
def report(request, plain_file, marks_file) -> dict:
    return replay(plain_file, "--marks", str(marks_file), "--lot-method", request.param)


def test_cash_equals_the_files_cash_on_every_day(file_cash):
    """The file as it is published: unnamed time column, signed amount, prices of up to eleven decimals."""
    report = replay(TXN)
    assert sum(day["fills"] for day in report["days"]) == 6305
    assert [day["date"] for day in report["days"]] == list(file_cash)
    off = {
        day["date"]: difference
        for day in report["days"]
        if (difference := abs(Decimal(day["cash"]) - file_cash[day["date"]])) > CENT
    }
    assert off == {}


def test_the_documented_columns_say_the_same(plain_file):
    published, documented = replay(TXN), replay(plain_file)
    assert [day["cash"] for day in published["days"]] == [day["cash"] for day in documented["days"]]
    assert [day["positions"] for day in published["days"]] == [day["positions"] for day in documented["days"]]


def test_without_marks_nothing_is_guessed():
    last = replay(TXN)["days"][-1]
    assert last["equity"] is None
    assert last["day_pnl"] is None
    assert last["unpriced"] == ["AMD", "CERN", "COST", "GPS", "MMM"]


def test_incremental_equals_recomputation_from_scratch(report, fills, marks):
    """Every tenth day, and the last: all fills up to it once more, by the naive ledger, exactly."""
    days = report["days"]
    for index in [*range(0, len(days), 10), len(days) - 1]:
        day = days[index]
        ledger = Ledger(report["lot_method"])
        for fill in fills:
            if fill[0] <= day["date"]:
                ledger.book(*fill[1:])
        prices = {symbol: price for (date, symbol), price in marks.items() if date == day["date"]}
        entry = sum(Decimal(each["realized_pnl_entry"]) for each in days[: index + 1])
        assert Decimal(day["cash"]) == CASH + ledger.cash
        assert {each["symbol"]: Decimal(each["qty"]) for each in day["positions"]} == ledger.held()
        assert {each["symbol"]: Decimal(each["cost"]) for each in day["positions"]} == ledger.costs()
        assert entry == ledger.realized
        assert Decimal(day["open_pnl"]) == ledger.value(prices) - sum(ledger.costs().values())
        assert Decimal(day["equity"]) == CASH + ledger.cash + ledger.value(prices)


def test_the_days_add_up(report):
    """On each day realized + unrealized = day P&L; over all days they make the equity, to the last digit."""
    equity = CASH
    for day in report["days"]:
        assert Decimal(day["baseline"]) == equity, day["date"]
        assert Decimal(day["realized_pnl"]) + Decimal(day["unrealized_pnl"]) == Decimal(day["day_pnl"])
        equity += Decimal(day["day_pnl"])
        assert Decimal(day["equity"]) == equity


def test_equity_equals_the_files_equity(report):
    """Within a cent for each position: the file's values carry the prices' cut digits."""
    for row, day in zip(rows(POS), report["days"], strict=True):
        total = sum(Decimal(value) for name, value in row.items() if name != "index")
        assert abs(Decimal(day["equity"]) - total) < 7 * CENT, day["date"]


def test_the_positions_add_up_to_the_account(plain_file, marks_file):
    """What every instrument realized on the session's basis, less fees, is what the account realized: every day."""
    terms = AccountTerms("replay", "file", opening_cash=100_000 * PRICE_ONE)
    book = Book(terms, CalendarDays())
    state = book._state
    for day in book.days(read_fills(plain_file, UTC).fills, read_marks(marks_file).marks):
        positions = state.accounts["replay"].positions.values()
        realized = sum(position.realized_session - position.fees for position in positions)
        assert realized == day.realized_pnl, day.date


class Ledger:
    """Books fills the slow way: decimals, lists of lots, no incremental sums that could drift."""

    def __init__(self, method: str) -> None:
        self.method = method
        self.cash = Decimal()
        self.realized = Decimal()
        self.lots: dict[str, list[list[Decimal]]] = defaultdict(list)

    def book(self, symbol: str, qty: Decimal, price: Decimal) -> None:
        self.cash -= qty * price
        lots = self.lots[symbol]
        while qty and lots and (lots[0][0] > 0) != (qty > 0):
            held, cost = lots[0]
            closed = min(abs(qty), abs(held))
            released = cost if closed == abs(held) else floor_e8(cost * closed / abs(held))
            self.realized += (closed * price if held > 0 else -closed * price) - released
            sign = 1 if held > 0 else -1
            lots[0] = [held - sign * closed, cost - released]
            qty += sign * closed
            if not lots[0][0]:
                lots.pop(0)
        if qty and lots and self.method == "average":
            lots[0] = [lots[0][0] + qty, lots[0][1] + qty * price]
        elif qty:
            lots.append([qty, qty * price])

    def held(self) -> dict[str, Decimal]:
        return {symbol: sum(lot[0] for lot in lots) for symbol, lots in self.lots.items() if lots}

    def costs(self) -> dict[str, Decimal]:
        return {symbol: sum(lot[1] for lot in lots) for symbol, lots in self.lots.items() if lots}

    def value(self, prices: dict[str, Decimal]) -> Decimal:
        return sum((qty * prices[symbol] for symbol, qty in self.held().items()), Decimal())


def floor_e8(value: Decimal) -> Decimal:
    return Decimal(int((value / E8).to_integral_value("ROUND_FLOOR"))) * E8
