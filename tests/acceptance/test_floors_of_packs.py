"""The floors of three styles of packs over the equity of a real strategy, 2004 to 2007, against a few lines.

The strategy's equity at each day's end is what the account is worth when its day ends; within the day only that
figure is known, so the floor that trails within the day is tested at the closes too.
"""

import csv
import gzip

import pytest

from stopline.engine.distance import rule_rows
from stopline.messages import inputs as i
from stopline.model.calendar import Session
from stopline.model.numbers import parse_money, render_money
from stopline.model.rules import DrawdownKind, MaxDrawdownTerms, Rules
from tests.build import World
from tests.market_files import DATA, needs_data

DAY = 86_400 * 10**9
START, LIMIT, LOCK = 100_000_00, 6_000_00, 103_000_00
"""In cents: a maximum loss of 6,000 below 100,000; the floor stays at 103,000 where it locks."""
BUFFER = 100_00


def closes() -> list[tuple[str, int]]:
    """Return (day, equity in cents) of the strategy."""
    with gzip.open(DATA / "fills" / "equity_strategy_pos_2004_2007.csv.gz", "rt") as file:
        rows = list(csv.reader(file))[1:]
    return [(row[0][:10], round(sum(float(each) for each in row[1:] if each) * 100)) for row in rows]


def money(cents: int) -> int:
    return parse_money(f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}")


def by_hand(kind: str, lock: int | None) -> list[tuple[str, int, bool]]:
    """Return (day, floor, equity at or below it) at each close, before that close moves the floor of tomorrow."""
    peak, told = START, []
    for day, equity in closes():
        if kind == "intraday":
            peak = max(peak, equity)
        floor = START - LIMIT if kind == "static" else peak - LIMIT
        if lock is not None and kind != "static":
            floor = max(min(floor, lock), START - LIMIT)
        told.append((day, floor, equity <= floor + BUFFER))
        peak = max(peak, equity)
    return told


class Strategy:
    """An engine whose account is worth what the strategy was: the difference comes as P&L in cash."""

    def __init__(self, kind: DrawdownKind, lock: int | None) -> None:
        self.world = World(cash="100000.00", strict=False)
        terms = MaxDrawdownTerms(
            kind=kind, loss_limit=money(LIMIT), lock_level=None if lock is None else money(lock), buffer=money(BUFFER)
        )
        self.world.step(i.ChangeRules(account="A1", rules=Rules(max_drawdown=terms)))
        self.opens = self.world.account().day.session.resets_at

    def close(self, day: str, equity: int) -> tuple[str, int, bool, int]:
        """Bring a day's last figure; return its floor, whether it breaks, and tomorrow's floor as it looks now."""
        world = self.world
        world.at = self.opens - 1
        world.step(i.AccountReported(broker="paper", account="A1", cash=money(equity)))
        (row,) = [row for row in rule_rows(world.account(), world.state, world.at) if row.rule == "max_drawdown"]
        broken, tomorrow = "max_drawdown:" in world.account().breaches, row.projected
        world.at = self.opens
        session = Session(f"after {day}", self.opens, self.opens + DAY, "2026a")
        world.step(i.SessionScheduled(account="A1", session=session))
        self.opens += DAY
        return render_money(row.limit), row.left <= 0, broken, tomorrow


@needs_data
@pytest.mark.parametrize(
    ("kind", "lock"),
    [
        pytest.param(DrawdownKind.STATIC, None, id="static"),
        pytest.param(DrawdownKind.END_OF_DAY, LOCK, id="end of day, locks"),
        pytest.param(DrawdownKind.INTRADAY, None, id="within the day"),
        pytest.param(DrawdownKind.INTRADAY, LOCK, id="within the day, locks"),
    ],
)
def test_every_floor_of_four_years(kind, lock):
    strategy, expected = Strategy(kind, lock), by_hand(kind, lock)
    projected = None
    was_broken = False
    for (day, equity), (_, floor, breaks) in zip(closes(), expected, strict=True):
        shown, at_floor, broken, tomorrow = strategy.close(day, equity)
        was_broken = was_broken or breaks
        assert (day, shown, at_floor) == (day, render_money(money(floor)), breaks)
        assert broken is was_broken, day
        if kind is DrawdownKind.END_OF_DAY:
            assert projected in (None, money(floor + BUFFER)), "what was said of tomorrow's floor came true"
            projected = tomorrow
    assert len(expected) > 900
    assert len({floor for _, floor, _ in expected}) > (1 if kind is not DrawdownKind.STATIC else 0)
