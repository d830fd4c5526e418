import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.measures.rate import free_at, is_full
from stopline.state.rates import RateLog


def log_of(*instants):
    log = RateLog()
    for at in instants:
        log.append(at)
    return log


@pytest.mark.parametrize(
    ("instants", "count", "full"),
    [
        pytest.param((), 1, False, id="nothing yet"),
        pytest.param((95, 100), 3, False, id="room for one"),
        pytest.param((95, 99, 100), 3, True, id="full"),
        pytest.param((90, 99, 100), 3, False, id="exactly one window ago"),
        pytest.param((91, 99, 100), 3, True, id="just inside"),
        pytest.param((), 0, True, id="none allowed"),
        pytest.param((), -2, True, id="less than none"),
    ],
)
def test_is_full(instants, count, full):
    assert is_full(log_of(*instants), count, 10, 100) is full


def test_free_at():
    assert free_at(log_of(95, 99, 100), 3, 10) == 105
    assert free_at(log_of(95), 3, 10) is None
    assert free_at(log_of(95), 0, 10) is None


@given(st.lists(st.integers(0, 100)), st.integers(1, 5), st.integers(1, 30))
def test_no_window_ever_holds_more_than_the_limit(attempts, count, window):
    log, accepted = RateLog(), []
    for at in sorted(attempts):
        if not is_full(log, count, window, at):
            log.append(at)
            accepted.append(at)
    assert all(sum(end - window < at <= end for at in accepted) <= count for end in range(101))
