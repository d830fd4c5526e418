"""Where the floor is: against a walk along the equity."""

from hypothesis import given
from hypothesis import strategies as st

from stopline.measures.drawdown import drawdown_floor

MONEY = st.integers(-1_000, 1_000)


def naive(path, loss_limit, lock_level):
    """Raise a floor along a path, step by step, and stop it at its lock level."""
    floor = path[0] - loss_limit
    for equity in path:
        wanted = equity - loss_limit
        if wanted > floor:
            floor = wanted if lock_level is None or wanted <= lock_level else max(floor, lock_level)
    return floor


@given(st.lists(MONEY, min_size=1, max_size=20), st.integers(1, 500), st.none() | MONEY)
def test_is_where_the_walk_leaves_it(path, loss_limit, lock_level):
    assert drawdown_floor(path[0], max(path), loss_limit, lock_level) == naive(path, loss_limit, lock_level)


@given(st.lists(MONEY, min_size=2, max_size=20), st.integers(1, 500), st.none() | MONEY)
def test_never_falls(path, loss_limit, lock_level):
    floors = [drawdown_floor(path[0], max(path[:n]), loss_limit, lock_level) for n in range(1, len(path) + 1)]
    assert floors == sorted(floors)
