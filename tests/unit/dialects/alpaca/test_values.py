"""Decimals and instants: exact where a client asks, tolerant where a broker reports."""

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.dialects.alpaca.decimals import read_exact, read_reported, read_with_loss
from stopline.dialects.alpaca.exact_json import Malformed
from stopline.dialects.alpaca.instants import read_instant, write_instant


def test_a_reported_average_of_thirty_digits_is_rounded():
    assert read_with_loss("49.6499849505605227113711001112", 8) == (4_964_998_495, True)
    assert read_with_loss("286.9749783265074366", 8) == (28_697_497_833, True)
    assert read_with_loss("189.19", 8) == (18_919_000_000, False)


@pytest.mark.parametrize(
    ("text", "scaled"),
    [
        ("0.125", 12),
        ("0.1250000000000000000000000", 12),
        ("0.1250000000000000000000001", 13),
        ("0.135", 14),
        ("-0.125", -12),
        ("-0.1250000000000000000000001", -13),
    ],
)
def test_ties_go_to_even_however_far_the_rest_is(text, scaled):
    assert read_reported(text, 2) == scaled


@given(st.integers(-(10**9), 10**9), st.text("0123456789", min_size=1, max_size=40))
def test_rounding_is_half_even_for_any_number_of_digits(whole, fraction):
    text = f"{whole}.{fraction}"
    exact = Decimal(text).scaleb(8)
    assert read_reported(text, 8) == int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))


@pytest.mark.parametrize("value", ["0.123456789", "1e400", "", "NaN", "１", "1,5", True, 5, [], {}])
def test_what_a_client_asks_is_exact_or_refused(value):
    with pytest.raises(Malformed):
        read_exact(value, 8)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2021-03-16T18:38:01.942282Z", "2021-03-16T18:38:01.942282Z"),
        ("2022-07-27T08:12:33.66897767Z", "2022-07-27T08:12:33.66897767Z"),
        ("2023-03-29T16:00:00-04:00", "2023-03-29T20:00:00Z"),
        ("2022-04-19", "2022-04-19T00:00:00Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z"),
        ("0026-01-07T00:00:00-05:00", "0026-01-07T05:00:00Z"),
    ],
)
def test_instants_keep_their_nanoseconds(text, shown):
    assert write_instant(read_instant(text)) == shown


@given(st.integers(-(10**18), 4 * 10**18))
def test_instants_round_trip(at):
    assert read_instant(write_instant(at)) == at


@pytest.mark.parametrize("value", ["", "soon", "2021-13-01T00:00:00Z", "2021-01-01T25:00:00Z", "0000-00-00", 1, None])
def test_a_bad_instant_is_refused(value):
    with pytest.raises(Malformed, match="must be an instant"):
        read_instant(value)


@pytest.mark.parametrize("value", ["2021-01-01T00:00:00+99:99", "0001-01-01T00:00:00+14:00"])
def test_a_zone_beyond_the_calendar_is_refused_or_read(value):
    try:
        assert isinstance(read_instant(value), int)
    except Malformed as fault:
        assert "must be an instant" in str(fault)
