"""Which contracts are too many: against a slow search over single lots."""

from hypothesis import given
from hypothesis import strategies as st

from stopline.measures.contracts import Contract, latest_excess
from stopline.model.numbers import QTY_ONE, RATIO_ONE

FULL, MICRO = Contract(RATIO_ONE, QTY_ONE), Contract(RATIO_ONE // 10, QTY_ONE)
KNOWN = {"ES": FULL, "MES": MICRO, "NQ": FULL}
NAMES = st.sampled_from(["ES", "MES", "NQ", "AAPL"])


def naive(increases, excess, contracts):
    """Take back one lot after the other, the newest first, until nothing is too many."""
    lots = [name for name, count in increases for _ in range(count)]
    taken: dict[str, int] = {}
    while excess > 0 and any(name in contracts for name in lots):
        name = next(name for name in reversed(lots) if name in contracts)
        lots.reverse()
        lots.remove(name)
        lots.reverse()
        taken[name] = taken.get(name, 0) + 1
        excess -= contracts[name].weight
    return {name: count * QTY_ONE for name, count in taken.items()}


@given(st.lists(st.tuples(NAMES, st.integers(1, 5)), max_size=6), st.integers(-RATIO_ONE, 12 * RATIO_ONE))
def test_is_what_the_slow_search_takes_back(increases, excess):
    exact = [(name, count * QTY_ONE) for name, count in increases]
    assert latest_excess(exact, excess, KNOWN) == naive(increases, excess, KNOWN)


@given(st.lists(st.tuples(NAMES, st.integers(1, 5 * QTY_ONE)), max_size=6), st.integers(0, 12 * RATIO_ONE))
def test_never_closes_more_than_is_held(increases, excess):
    held: dict[str, int] = {}
    for name, qty in increases:
        held[name] = held.get(name, 0) + qty
    closing = latest_excess(increases, excess, KNOWN)
    assert all(0 < qty <= held[name] for name, qty in closing.items())
    assert "AAPL" not in closing


def test_nothing_too_many_closes_nothing():
    assert latest_excess([("ES", QTY_ONE)], 0, KNOWN) == {}
