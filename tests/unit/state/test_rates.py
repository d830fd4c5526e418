import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stopline.model.numbers import SECOND
from stopline.state.rates import LONGEST_WINDOW, RateLog


def log_of(*instants):
    log = RateLog()
    for at in instants:
        log.append(at)
    return log


def test_an_empty_log():
    log = RateLog()
    assert (log.count, log.nth_newest(1), log.count_since(-1)) == (0, None, 0)


@pytest.mark.parametrize(("n", "instant"), [(1, 30), (2, 20), (3, 10), (4, None), (0, None), (-1, None)])
def test_nth_newest(n, instant):
    assert log_of(10, 20, 30).nth_newest(n) == instant


@pytest.mark.parametrize(("since", "count"), [(9, 4), (10, 3), (20, 1), (30, 0), (-(10**9), 4)])
def test_count_since_is_strict(since, count):
    assert log_of(10, 20, 20, 30).count_since(since) == count


def test_the_ring_turns_instead_of_growing():
    log = RateLog()
    for number in range(10_000):
        log.append(number * LONGEST_WINDOW)
    assert len(log.ring) == 16 * 8


def test_the_ring_grows_while_its_oldest_still_counts():
    log = log_of(*range(1_000))
    assert log.count == 1_000
    assert log.oldest() == 0
    assert [log.nth_newest(n) for n in (1, 500, 1_000)] == [999, 500, 0]


def test_growing_a_ring_that_has_turned_keeps_its_order():
    log = log_of(*(number * LONGEST_WINDOW // 8 for number in range(20)))
    start = 20 * LONGEST_WINDOW // 8
    for number in range(40):
        log.append(start + number)
    assert [log.nth_newest(n) for n in range(1, 41)] == [start + 39 - n for n in range(40)]


def test_two_logs_share_nothing():
    one, other = RateLog(), RateLog()
    one.append(1)
    assert other.count == 0


def test_a_log_survives_a_snapshot():
    log = log_of(*range(40))
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(log), type=RateLog)
    again.append(40)
    assert again.nth_newest(1) == 40
    assert again.nth_newest(41) == 0


steps = st.lists(st.one_of(st.just(0), st.integers(0, SECOND), st.integers(0, LONGEST_WINDOW * 2)), max_size=120)


@settings(max_examples=200)
@given(steps, st.integers(0, LONGEST_WINDOW))
def test_agrees_with_a_plain_list_within_the_longest_window(gaps, window):
    log, naive, at, most = RateLog(), [], 0, 0
    for gap in gaps:
        at += gap
        log.append(at)
        naive.append(at)
        inside = [instant for instant in naive if instant > at - LONGEST_WINDOW]
        assert log.count_since(at - window) == sum(instant > at - window for instant in naive)
        assert [log.nth_newest(n) for n in range(1, len(inside) + 1)] == inside[::-1]
        most = max(most, len(inside))
        assert len(log.ring) <= max(16, 4 * most) * 8
