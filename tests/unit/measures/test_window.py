"""What a figure did in a window: against a look at every pair of samples."""

from hypothesis import given
from hypothesis import strategies as st

from stopline.measures.window import Sample, fall, range_ratio
from stopline.model.numbers import RATIO_ONE

SERIES = st.lists(st.tuples(st.integers(0, 20), st.integers(-50, 50)), max_size=8).map(
    lambda pairs: [Sample(at, value) for at, value in sorted(pairs, key=lambda pair: pair[0])]
)


@given(SERIES, st.integers(0, 10), st.integers(0, 25))
def test_the_deepest_fall_to_the_newest(series, window, at):
    inside = [each for each in series if 0 <= at - each.at <= window]
    falls = [before.value - inside[-1].value for before in inside]
    assert fall(series, window, at) == max(falls, default=None)


@given(SERIES, st.integers(0, 10), st.integers(0, 25))
def test_the_widest_pair(series, window, at):
    inside = [each for each in series if 0 <= at - each.at <= window]
    ratio = range_ratio(series, window, at)
    if not inside or inside[0].value == 0:
        assert ratio is None
        return
    widest = max(one.value - other.value for one in inside for other in inside)
    assert ratio is not None
    base = abs(inside[0].value)
    assert (ratio - 1) * base < widest * RATIO_ONE <= ratio * base


def test_a_sample_exactly_one_window_old_counts():
    series = [Sample(10, 100), Sample(20, 90)]
    assert (fall(series, 10, 20), fall(series, 9, 20)) == (10, 0)
    assert (range_ratio(series, 10, 20), range_ratio(series, 9, 20)) == (100_000, 0)
