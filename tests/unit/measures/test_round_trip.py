"""A fill taken apart: against one unit after the other."""

from hypothesis import given
from hypothesis import strategies as st

from stopline.measures.round_trip import take_apart


@given(st.integers(-20, 20), st.integers(-20, 20).filter(bool), st.integers(-1_000, 1_000))
def test_is_what_unit_by_unit_does(before, signed, fee):
    position, closed, opened = before, 0, 0
    step = 1 if signed > 0 else -1
    for _ in range(abs(signed)):
        closed, opened = (closed + 1, opened) if position * step < 0 else (closed, opened + 1)
        position += step
    parts = take_apart(before, signed, fee)
    assert (parts.closed, parts.opened) == (closed, opened)
    assert parts.closing_fee + parts.opening_fee == fee
    assert abs(parts.closing_fee * abs(signed) - fee * closed) * 2 <= abs(signed)
