import pytest

from stopline.model.rules import DrawdownKind
from tests.unit.rules.build import account, armed, fires, kinds, money, one

LOSS = money("2000")
STATIC = armed("max_drawdown", loss_limit=LOSS, kind=DrawdownKind.STATIC)
DAILY = armed("max_drawdown", loss_limit=LOSS, kind=DrawdownKind.END_OF_DAY)
INTRADAY = armed("max_drawdown", loss_limit=LOSS, kind=DrawdownKind.INTRADAY)
LOCKING = armed("max_drawdown", loss_limit=LOSS, kind=DrawdownKind.INTRADAY, lock_level=money("50100"))


def at(equity, *, start="50000", close="51000", peak="51500", **more):
    """An account with these equities: now, at the start, highest at a day's end, highest ever."""
    now = None if equity is None else money(equity)
    return account(equity=now, start_equity=money(start), peak_close=money(close), peak_equity=money(peak), **more)


@pytest.mark.parametrize(
    ("rule", "floor"),
    [
        pytest.param(STATIC, "48000", id="static: below the start"),
        pytest.param(DAILY, "49000", id="end of day: below the best close"),
        pytest.param(INTRADAY, "49500", id="intraday: below the best instant"),
        pytest.param(LOCKING, "49500", id="the lock level is not reached yet"),
    ],
)
def test_fires_at_its_floor(rule, floor):
    assert not fires(rule, at(money(floor) + 1))
    assert fires(rule, at(floor))
    assert one(rule, at("1")).limit == money(floor)


def test_the_floor_stays_at_its_lock_level():
    assert one(LOCKING, at("50100", peak="60000")).limit == money("50100")
    assert not fires(LOCKING, at("50100.01", peak="60000"))


def test_a_lock_level_below_the_first_floor_lowers_nothing():
    rule = armed("max_drawdown", loss_limit=LOSS, kind=DrawdownKind.INTRADAY, lock_level=money("40000"))
    assert one(rule, at("48000")).limit == money("48000")


def test_transfers_shift_the_lock_level_too():
    moved = at("55100", start="55000", peak="65000", transfers=money("5000"))
    assert one(LOCKING, moved).limit == money("55100")


def test_unknown_equity_is_no_breach():
    assert not fires(INTRADAY, at(None))
    assert not fires(INTRADAY, account(equity=money("1")))


def test_stops_the_account_until_a_person_releases_it():
    verdict = one(DAILY, at("48999.50"))
    assert kinds(verdict) == ["cancel", "flatten", "kill"]
    assert verdict.reason == (
        "equity is $48999.50, at or below its floor of $49000.00; the peak (end_of_day) was $51000.00"
    )
    assert "the start was $50000.00" in one(STATIC, at("1")).reason
