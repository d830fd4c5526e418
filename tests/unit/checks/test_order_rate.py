import pytest

from stopline.checks.order_rate import OrderRate
from stopline.model.limits import RateWindow
from stopline.model.numbers import SECOND
from tests.unit.checks.build import AAPL, SPY, account, arm, armed, buy, denies, judge, times

PER_SECOND = RateWindow(3, SECOND)
CHECK = armed(OrderRate, order_rate=(PER_SECOND,))


@pytest.mark.parametrize(
    ("accepted", "denied"),
    [
        pytest.param((), False, id="none yet"),
        pytest.param(("0", "0"), False, id="at the limit"),
        pytest.param(("0", "0", "0"), True, id="one over"),
        pytest.param(("0", "0.5", "1"), False, id="exactly one window ago"),
        pytest.param(("0", "0.5", "0.999999999"), True, id="just inside"),
        pytest.param(("5", "6", "7", "8"), False, id="long ago"),
    ],
)
def test_denies_above_the_limit(accepted, denied):
    assert denies(CHECK, buy("1", limit="175"), account(entry_times=times(*accepted))) is denied


def test_exits_are_exempt():
    assert not OrderRate.binds_exits


def test_fifteen_quick_orders_the_first_ten_pass():
    """api.md, example 2: what is denied spends nothing."""
    check, view, answers = armed(OrderRate, order_rate=(RateWindow(10, SECOND),)), account(), []
    for _ in range(15):
        order = buy("1", SPY, "450")
        answers.append(judge(check, order, view))
        if answers[-1].passed:
            view.entry_times.append(order.at)
    assert [answer.passed for answer in answers] == [True] * 10 + [False] * 5
    assert all("rate limit exceeded" in answer.reason for answer in answers[10:])
    assert (answers[10].observed, answers[10].limit) == (11, 10)


def test_a_window_has_no_edge_to_slip_through():
    """A counter with a lifetime lets 2x through at its edge (semantics.md section 13)."""
    view, accepted = account(), []
    for tick in range(0, 2 * SECOND, SECOND // 10):
        order = buy("1", limit="175")
        order.at = tick
        if judge(CHECK, order, view).passed:
            view.entry_times.append(tick)
            accepted.append(tick)
    assert all(sum(start < at <= start + SECOND for at in accepted) <= 3 for start in range(-SECOND, SECOND, 10**8))


@pytest.mark.parametrize(
    ("windows", "accepted", "denied"),
    [
        pytest.param((RateWindow(3, SECOND), RateWindow(4, 60 * SECOND)), ("10", "20", "30"), False, id="both"),
        pytest.param(
            (RateWindow(3, SECOND), RateWindow(4, 60 * SECOND)), ("10", "20", "30", "40"), True, id="the longer"
        ),
        pytest.param((RateWindow(0, SECOND),), (), True, id="a limit of none"),
    ],
)
def test_every_window_holds(windows, accepted, denied):
    check = armed(OrderRate, order_rate=windows)
    assert denies(check, buy("1"), account(entry_times=times(*accepted))) is denied


FULL = times("0.1", "0.2", "0.3")


@pytest.mark.parametrize(
    ("field", "key", "order"),
    [
        ("order_rate_per_user", "user:ann", buy("1", actor="ann")),
        ("order_rate_per_client", "client:bot", buy("1", client="bot")),
        ("order_rate_per_strategy", "strategy:S1", buy("1", strategy="S1")),
        ("order_rate_per_symbol", f"symbol:{AAPL.instrument_id}", buy("1")),
    ],
)
def test_narrower_windows(field, key, order):
    check = armed(OrderRate, **{field: (PER_SECOND,)})
    finding = judge(check, order, account(client_times={key: FULL}))
    assert finding.status == "denied"
    assert finding.reason.startswith("rate limit exceeded for ")
    assert not denies(check, order, account(client_times={"user:bob": FULL, "symbol:eq:US:SPY": FULL}))
    assert not denies(check, order)


def test_what_has_no_strategy_has_no_window_of_one():
    check = armed(OrderRate, order_rate_per_strategy=(RateWindow(0, SECOND),))
    assert judge(check, buy("1")).reason == "no rate limit speaks of this order"


def test_the_finding_shows_the_window_with_least_room():
    check = armed(OrderRate, order_rate=(RateWindow(9, SECOND),), order_rate_per_symbol=(PER_SECOND,))
    view = account(entry_times=FULL, client_times={f"symbol:{AAPL.instrument_id}": FULL})
    finding = judge(check, buy("1"), view)
    assert finding.reason == (
        "rate limit exceeded for symbol 'eq:US:AAPL': order 4 in 1 s, the limit is 3; the next may go in 0.7 s"
    )


def test_is_not_armed_without_a_limit():
    assert arm(OrderRate) is None
