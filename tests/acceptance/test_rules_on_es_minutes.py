"""Rules over a real day of ES (2013-10-08, down twenty points): each fires at the minute that a few lines say.

A long position is held from the third minute on: first by rules in shadow, all of them at once, then by each
rule alone, in force in the live engine, which closes it there. The few lines walk along the marks in decimals and
share no code with the engine. The quotes are 2013's, moved as a whole into the test's own trading day.
"""

import csv
import gzip
import os
from decimal import Decimal
from pathlib import Path

import pytest

from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.model.rules import TERMS, DrawdownKind, Rules
from tests.build import World, money, ratio
from tests.watched import Watched

FILE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "market" / "es_minutes_2013.csv.gz"
FIRST, LAST = "2013-10-07T22:00:00Z", "2013-10-08T20:45:00Z"
MIN = 60 * 10**9
SIZE, POINT, TICK = 2, 50, Decimal("0.25")
ENTRY_MINUTE = 2
LOSS, TOTAL, DRAWDOWN, FAST, GIVEN, PROFIT = (Decimal(each) for each in (500, 1_000, 1_200, 300, 250, 100))
TRAIL, MOVE, HOLD_MIN, WINDOW_MIN = 24, Decimal("0.0025"), 180, 15
RULES = {
    "daily_unrealized_loss": {"loss_limit": money(str(LOSS))},
    "daily_total_loss": {"loss_limit": money(str(TOTAL))},
    "max_drawdown": {"loss_limit": money(str(DRAWDOWN)), "kind": DrawdownKind.INTRADAY},
    "max_unrealized_profit": {"target": money(str(PROFIT))},
    "profit_giveback": {"arm_at": money(str(PROFIT)), "amount": money(str(GIVEN))},
    "trailing_stop": {"ticks": TRAIL},
    "breakeven": {"trigger_ticks": 2},
    "loss_velocity": {"loss_limit": money(str(FAST)), "window": WINDOW_MIN * MIN},
    "volatility_breaker": {"move": ratio(str(MOVE)), "window": WINDOW_MIN * MIN, "cooldown": MIN},
    "time_exit": {"max_hold": HOLD_MIN * MIN},
    "stale_feed": {"max_age": MIN // 2},
}

if not FILE.exists() and not os.environ.get("CI"):
    pytest.skip(f"{FILE} is not there (in CI it must be)", allow_module_level=True)


def minute_of(text):
    day, hour, minute = int(text[8:10]), int(text[11:13]), int(text[14:16])
    return (day - 7) * 1_440 + hour * 60 + minute - 22 * 60


@pytest.fixture(scope="module")
def bars():
    """Minute of the day -> (bid, ask, close or None) of the December contract; minutes without quotes are not there."""
    with gzip.open(FILE, "rt", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["contract"] == "201312" and FIRST <= row["ts_utc"] < LAST]
    quoted = [row for row in rows if row["bid_close"] and row["ask_close"]]
    return {minute_of(row["ts_utc"]): (row["bid_close"], row["ask_close"], row["close"] or None) for row in quoted}


@pytest.fixture(scope="module")
def fired(bars):
    """The minute at which each rule fired first."""
    world = Watched(**RULES)
    world.next_session()
    begin, found = world.at, {}
    for minute in range(minute_of(LAST)):
        world.at = begin + minute * MIN
        before = len(world.told)
        if minute in bars:
            bid, ask, close = bars[minute]
            world.quote("ES2026-12", bid=bid, ask=ask, last=close)
        else:
            world.step(i.MarkPnl())
        if minute == ENTRY_MINUTE:
            world.hold(str(SIZE), "ES2026-12", str(walk(bars)[minute]))
        for told in world.told[before:]:
            if told.startswith("+"):
                found.setdefault(told[1:].partition(" ")[0], minute)
    return found


def walk(bars):
    """Minute -> mark: the last trade (of this minute or the one before) clipped to bid and ask, else the middle."""
    marks, traded = {}, (None, None)
    for minute, (bid, ask, close) in sorted(bars.items()):
        if close is not None:
            traded = (minute, Decimal(close))
        low, high = Decimal(bid), Decimal(ask)
        is_fresh = traded[0] is not None and minute - traded[0] <= 1
        marks[minute] = min(max(traded[1], low), high) if is_fresh else (low + high) / 2
    return marks


@pytest.fixture(scope="module")
def held(bars):
    """(minute, mark, P&L) while the position is held."""
    marks = walk(bars)
    entry = marks[ENTRY_MINUTE]
    return [(m, mark, (mark - entry) * SIZE * POINT) for m, mark in marks.items() if m >= ENTRY_MINUTE]


def first(path, condition):
    return next(minute for minute, *rest in path if condition(minute, *rest))


def test_the_day_is_there(bars, held):
    assert len(bars) > 1_300
    assert held[-1][2] < -1_500


def test_losses_and_profit(fired, held):
    assert fired["daily_unrealized_loss"] == first(held, lambda _, mark, pnl: pnl <= -LOSS)
    assert fired["daily_total_loss"] == first(held, lambda _, mark, pnl: pnl <= -TOTAL)
    assert fired["max_unrealized_profit"] == first(held, lambda _, mark, pnl: pnl >= PROFIT)


def test_the_drawdown_from_the_best_instant(fired, held):
    best = lambda minute: max(0, *(pnl for m, _, pnl in held if m <= minute), 0)  # noqa: E731
    assert fired["max_drawdown"] == first(held, lambda minute, mark, pnl: pnl <= best(minute) - DRAWDOWN)
    armed = first(held, lambda _, mark, pnl: pnl >= PROFIT)
    assert fired["profit_giveback"] == first(
        held, lambda minute, mark, pnl: minute > armed and best(minute) - pnl >= GIVEN
    )


def test_stops_that_follow(fired, held):
    entry = held[0][1]
    best = lambda minute: max(mark for m, mark, _ in held if m <= minute)  # noqa: E731
    assert fired["trailing_stop"] == first(held, lambda minute, mark, _: best(minute) - mark >= TRAIL * TICK)
    armed = first(held, lambda _, mark, pnl: mark >= entry + 2 * TICK)
    assert fired["breakeven"] == first(held, lambda minute, mark, _: minute > armed and mark <= entry)


def test_speed_and_range(fired, held):
    def window(minute):
        return [(mark, pnl) for m, mark, pnl in held if minute - WINDOW_MIN <= m <= minute]

    assert fired["loss_velocity"] == first(
        held, lambda minute, mark, now: max(pnl for _, pnl in window(minute)) - now >= FAST
    )

    def moved(minute):
        marks = [mark for mark, _ in window(minute)]
        return (max(marks) - min(marks)) / marks[0]

    assert fired["volatility_breaker"] == first(held, lambda minute, mark, _: moved(minute) >= MOVE)


def test_time(fired, bars):
    assert fired["time_exit"] == ENTRY_MINUTE + HOLD_MIN
    assert fired["stale_feed"] == next(minute for minute in range(ENTRY_MINUTE, minute_of(LAST)) if minute not in bars)


# --- in force ------------------------------------------------------------------------------------------

CLOSES = frozenset(RULES) - {"stale_feed", "volatility_breaker"}
LOCKS = {
    "daily_total_loss": "lock:daily_total_loss",
    "profit_giveback": "lock:profit_giveback",
    "loss_velocity": "lock:loss_velocity",
    "volatility_breaker": "cooldown:volatility_breaker",
    "max_drawdown": "kill",
}
"""What keeps the account out afterwards."""


class Live(World):
    """A world that plays the day until its rule acts, and a broker that closes at the mark."""

    def __init__(self, name, bars):
        super().__init__(strict=False)
        self.fired_at = None
        self.step(i.ChangeRules(account="A1", rules=Rules(**{name: TERMS[name](**RULES[name])})))
        self.next_session()
        begin = self.at
        for minute in range(minute_of(LAST)):
            self.at = begin + minute * MIN
            self._play(minute, bars)
            if self.fired_at is not None:
                break

    def _play(self, minute, bars):
        if minute in bars:
            bid, ask, close = bars[minute]
            self.quote("ES2026-12", bid=bid, ask=ask, last=close)
        else:
            self.step(i.MarkPnl())
        if minute == ENTRY_MINUTE:
            self.hold(str(SIZE), "ES2026-12", str(walk(bars)[minute]))
        if self.of(e.RuleBreached):
            self.fired_at = minute

    def closes(self):
        """Return the closes that are on their way."""
        return [order for order in self.account().live.values() if order.request.closes_position]


@pytest.fixture(scope="module", params=sorted(RULES))
def live(request, bars):
    return request.param, Live(request.param, bars)


def test_each_rule_in_force_fires_at_its_minute(live, fired):
    name, world = live
    assert world.fired_at == fired[name]


def test_each_rule_in_force_does_what_it_says_and_no_more(live, held):
    name, world = live
    account = world.account()
    locks = [key for key in account.restrictions if key.startswith(("lock:", "cooldown:", "kill"))]
    assert locks == ([LOCKS[name]] if name in LOCKS else [])
    assert ("rule:stale_feed" in account.restrictions) is (name == "stale_feed")
    closes = world.closes()
    assert [order.order_qty // 10**9 for order in closes] == ([SIZE] if name in CLOSES else [])
    if not closes:
        assert world.position("ES2026-12").qty == SIZE * 10**9
        return
    (mark, pnl) = next((mark, pnl) for minute, mark, pnl in held if minute >= world.fired_at)
    world.fill(closes[0].client_order_id, str(SIZE), str(mark))
    assert world.position("ES2026-12").realized_entry == money(str(pnl))
    world.reconcile()
    assert not account.obligations
    world.assert_replays()
