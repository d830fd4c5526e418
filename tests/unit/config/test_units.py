"""Human units, exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.config import units
from stopline.config.rendering import render
from stopline.config.units import Unfit
from stopline.model.limits import RateWindow
from stopline.model.numbers import MAX_SCALED


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (units.read_money, "5000", 5000 * 10**8),
        (units.read_money, "0.00000001", 1),
        (units.read_money, "12345678901.12345678", 1234567890112345678),
        (units.read_signed_money, "-95000.5", -95000_50000000),
        (units.read_qty, "0.000000001", 1),
        (units.read_ratio, "2.0", 2_000_000),
        (units.read_ratio, "200 %", 2_000_000),
        (units.read_ratio, "0.5%", 5_000),
        (units.read_share, "25 %", 250_000),
        (units.read_share, "0.25", 250_000),
        (units.read_share, "100 %", 1_000_000),
        (units.read_count, "10", 10),
        (units.read_duration, "250 ms", 250_000_000),
        (units.read_duration, "5s", 5_000_000_000),
        (units.read_duration, "0.5 s", 500_000_000),
        (units.read_duration, "15 min", 900_000_000_000),
        (units.read_duration, "1 h", 3_600_000_000_000),
        (units.read_duration, "1 d", 86_400_000_000_000),
        (units.read_duration, "7 ns", 7),
        (units.read_window, "10 / 1 s", RateWindow(10, 10**9)),
        (units.read_window, "10/s", RateWindow(10, 10**9)),
        (units.read_window, "300 / 15 min", RateWindow(300, 900 * 10**9)),
        (units.read_windows, "10 / 1 s", (RateWindow(10, 10**9),)),
        (units.read_windows, ["10 / 1 s", "20 / 1 min"], (RateWindow(10, 10**9), RateWindow(20, 60 * 10**9))),
        (units.read_windows, "none", ()),
        (units.read_patterns, ["AAPL", "fut:ES*"], ("AAPL", "fut:ES*")),
        (units.read_patterns, "AAPL", ("AAPL",)),
        (units.read_patterns, "none", ()),
        (units.optional(units.read_money), "none", None),
        (units.read_bool, "true", True),
        (units.read_port, "0", 0),
        (units.read_time_of_day, "17:00", "17:00"),
        (units.read_zone, "America/Chicago", "America/Chicago"),
    ],
)
def test_what_is_read(read, text, value):
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (units.read_money, "-1"),
        (units.read_money, "1,000"),
        (units.read_money, "$5"),
        (units.read_money, "5000 USD"),
        (units.read_money, "1e400"),
        (units.read_money, "NaN"),
        (units.read_money, "0.000000001"),
        (units.read_money, "１"),
        (units.read_money, "true"),
        (units.read_money, "none"),
        (units.read_money, ""),
        (units.read_money, None),
        (units.read_money, []),
        (units.read_money, {}),
        (units.read_positive_money, "0"),
        (units.read_share, "25"),
        (units.read_share, "101 %"),
        (units.read_share, "%"),
        (units.read_ratio, "0.0000001"),
        (units.read_count, "1.5"),
        (units.read_count, "-1"),
        (units.read_port, "65536"),
        (units.read_duration, "5"),
        (units.read_duration, "5 weeks"),
        (units.read_duration, "-5 s"),
        (units.read_duration, "0 s"),
        (units.read_duration, "0.5 ns"),
        (units.read_duration, "1.2.3 s"),
        (units.read_duration, "999999999 d"),
        (units.read_window, "10"),
        (units.read_window, "0 / 1 s"),
        (units.read_window, "10 / 0 s"),
        (units.read_window, "10 / 1"),
        (units.read_window, "9999999999 / 1 s"),
        (units.read_windows, [None]),
        (units.read_windows, [["10 / 1 s"]]),
        (units.read_patterns, ["ES*"]),
        (units.read_patterns, [""]),
        (units.read_classes, ["shares"]),
        (units.read_bool, "yes"),
        (units.read_bool, "True"),
        (units.read_bool, "0"),
        (units.read_zone, "Mars/Olympus"),
        (units.read_zone, "../../etc/passwd"),
        (units.read_time_of_day, "24:00"),
        (units.read_time_of_day, "5pm"),
    ],
)
def test_what_is_refused(read, text):
    with pytest.raises(Unfit) as refused:
        read(text)
    assert refused.value.problem
    assert refused.value.fix


READERS = [
    units.read_money, units.read_qty, units.read_ratio, units.read_share, units.read_count, units.read_duration,
    units.read_window, units.read_windows, units.read_patterns, units.read_classes, units.read_bool,
    units.read_port, units.read_time_of_day, units.optional(units.read_signed_money),
]  # fmt: skip


@given(st.sampled_from(READERS), st.text(max_size=80) | st.none() | st.lists(st.text(max_size=20) | st.none()))
def test_any_value_is_read_or_refused(read, value):
    try:
        found = read(value)
    except Unfit:
        return
    if isinstance(found, int):
        assert -MAX_SCALED <= found <= MAX_SCALED


@given(st.integers(1, 10**15))
def test_durations_come_back(nanos):
    assert units.read_duration(render(nanos, units.read_duration)) == nanos


@given(st.integers(0, MAX_SCALED))
def test_money_comes_back(scaled):
    assert units.read_money(render(scaled, units.read_money)) == scaled


@given(st.integers(0, 1_000_000))
def test_shares_come_back(ratio):
    assert units.read_share(render(ratio, units.read_share)) == ratio
