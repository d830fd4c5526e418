"""Rules in force over a strategy's 6,305 fills of 2004-2007: each fires, live, on the day that a few lines say.

The fills come from outside, day by day, and each day ends on the marks that its published equity was made with.
A rule that acts makes another history of it: each is looked at alone, up to its first breach.
"""

import csv
import gzip
import os
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import groupby
from pathlib import Path

import pytest

from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.model.calendar import Session
from stopline.model.numbers import SECOND
from stopline.model.order import Side
from stopline.model.rules import TERMS, DrawdownKind, LossTier, Rules
from stopline.model.week import Week
from tests.build import DAY, OPENS, World, money
from tests.unit.checks.build import equity as stock

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "fills"
TXN = DATA / "equity_strategy_txn_2004_2007.csv.gz"
POS = DATA / "equity_strategy_pos_2004_2007.csv.gz"
START = Decimal(100_000)
DAY_LOSS, WEEK_LOSS, DRAWDOWN, REALIZED = (Decimal(each) for each in (5_000, 6_000, 15_000, 2_000))
NEAR = Decimal("0.10")
"""The file's values carry cut digits."""
RULES = {
    "daily_total_loss": {"loss_limit": money(str(DAY_LOSS))},
    "weekly_loss": {"loss_limit": money(str(WEEK_LOSS))},
    "max_drawdown": {"loss_limit": money(str(DRAWDOWN)), "kind": DrawdownKind.END_OF_DAY},
    "daily_realized_loss": {"loss_limit": money(str(REALIZED))},
    "daily_realized_profit": {"target": money(str(REALIZED)), "flatten": True},
    "cooldown_after_loss": {"tiers": (LossTier(money(str(REALIZED)), 3_600 * SECOND),)},
}

if not TXN.exists() and not os.environ.get("CI"):
    pytest.skip(f"{TXN} is not there (in CI it must be)", allow_module_level=True)


def rows(path):
    with gzip.open(path, "rt", newline="") as file:
        return list(csv.DictReader(file))


def exact(text):
    return Decimal(text).quantize(Decimal("1e-8"), ROUND_HALF_EVEN)


@pytest.fixture(scope="module")
def fills():
    """Day -> (symbol, signed quantity, price) of every fill."""
    found = defaultdict(list)
    for row in rows(TXN):
        found[row[""][:10]].append((row["symbol"], Decimal(row["amount"]), exact(row["price"])))
    return found


@pytest.fixture(scope="module")
def values():
    """Day -> what each position was worth at its end, with the cash."""
    return {row.pop("index")[:10]: {name: Decimal(text) for name, text in row.items()} for row in rows(POS)}


class Years(World):
    """A world that lives the days until its rule says something."""

    def __init__(self, name, fills, values):
        super().__init__(
            strict=False, instruments=[stock(each) for each in next(iter(values.values())) if each != "cash"]
        )
        self.step(i.ChangeRules(account="A1", rules=Rules(**{name: TERMS[name](**RULES[name])})))
        self.fired_on, self.verdict = "", None
        for number, day in enumerate(values, 1):
            self._open(number, day)
            self._trade(fills[day])
            self._mark(values[day])
            if self.fired_on:
                break

    def step(self, message):
        reply = super().step(message)
        if self.of(e.RuleBreached) and not getattr(self, "fired_on", "x"):
            self.fired_on, self.verdict = self.day, self.of(e.RuleBreached)[0].verdict
        return reply

    def _open(self, number, day):
        self.at = OPENS + number * DAY
        self.day = day
        monday = "{}-{:02}".format(*date.fromisoformat(day).isocalendar()[:2])
        week = Week(monday, self.at, self.at + 7 * DAY, "2026a")
        # The world's own first day is in 2026: those of the file follow it.
        session = Session(f"3{day[1:]}", self.at, self.at + DAY, "2026a")
        self.step(i.SessionScheduled(account="A1", session=session, week=week))
        # Nobody knows what anything is worth before the day's end.
        self.at += 3_600 * SECOND
        self.step(i.MarkPnl())

    def _trade(self, fills):
        for symbol, qty, price in fills:
            if not self.fired_on:
                self.at += SECOND
                side = Side.BUY if qty > 0 else Side.SELL
                self.report(side, str(abs(qty)), symbol, money(str(price)))

    def _mark(self, worth):
        for _ in range(2):
            for position in list(self.account().positions.values()):
                symbol = position.instrument_id.rpartition(":")[2]
                if position.qty and not self.fired_on:
                    self.quote(symbol, bid=money(str(exact(worth[symbol] / (Decimal(position.qty) / 10**9)))))
        self.step(i.MarkPnl())


@pytest.fixture(scope="module", params=RULES)
def lived(request, fills, values):
    return request.param, Years(request.param, fills, values)


@pytest.fixture(scope="module")
def expected(fills, values):
    """Rule -> (day, observed) of the first breach, in a few lines."""
    equity = {day: sum(each.values()) for day, each in values.items()}
    found, before, peak = {}, START, START
    for day, now in equity.items():
        if now - before <= -DAY_LOSS:
            found.setdefault("daily_total_loss", (day, now - before))
        if now <= peak - DRAWDOWN:
            found.setdefault("max_drawdown", (day, now))
        before, peak = now, max(peak, now)
    base = START
    for _, days in groupby(equity.items(), key=lambda item: date.fromisoformat(item[0]).isocalendar()[:2]):
        week = list(days)
        for day, now in week:
            if now - base <= -WEEK_LOSS:
                found.setdefault("weekly_loss", (day, now - base))
        base = week[-1][1]
    return found | realized(fills)


def realized(fills):
    """By average cost: the first fill that brought a day, or a trade, so far."""
    found, held, cost, trade = {}, defaultdict(Decimal), defaultdict(Decimal), defaultdict(Decimal)
    for day, each in fills.items():
        total = Decimal()
        for symbol, size, price in each:
            qty, closed = size, Decimal()
            if held[symbol] * qty < 0:
                closed = min(abs(qty), abs(held[symbol])) * (1 if qty > 0 else -1)
                released = -cost[symbol] * closed / held[symbol]
                won = -closed * price - released
                total, trade[symbol] = total + won, trade[symbol] + won
                cost[symbol], held[symbol] = cost[symbol] - released, held[symbol] + closed
                if not held[symbol] and (result := trade.pop(symbol)) <= -REALIZED:
                    found.setdefault("cooldown_after_loss", (day, result))
            qty -= closed
            held[symbol], cost[symbol] = held[symbol] + qty, cost[symbol] + qty * price
            if total <= -REALIZED:
                found.setdefault("daily_realized_loss", (day, total))
            if total >= REALIZED:
                found.setdefault("daily_realized_profit", (day, total))
    return found


def test_fires_on_its_day(lived, expected):
    name, world = lived
    day, observed = expected[name]
    assert world.fired_on == day
    assert abs(Decimal(world.verdict.observed) / 10**8 - observed) < NEAR


def test_leaves_the_market_or_only_rests(lived):
    name, world = lived
    held = [position for position in world.account().positions.values() if position.qty]
    closes = [order for order in world.account().live.values() if order.request.closes_position]
    if name == "cooldown_after_loss":
        assert not closes
        assert list(world.account().restrictions) == ["cooldown:cooldown_after_loss"]
        return
    assert sorted((each.request.instrument_id, each.order_qty) for each in closes) == sorted(
        (each.instrument_id, abs(each.qty)) for each in held
    )
    (owed,) = world.account().obligations.values()
    assert (owed.kind, owed.cause) == ("flatten", name)
    assert ("kill" if name == "max_drawdown" else f"lock:{name}") in world.account().restrictions
    for close in closes:
        price = world.state.market.quotes.get(close.request.instrument_id)
        world.fill(close.client_order_id, close.order_qty, "10" if price is None or price.mark is None else price.mark)
    world.reconcile()
    assert not world.account().obligations
    world.assert_replays()
