import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.measures.open_risk import entry_share, loss_of_holding, stressed

TENTH = 100_000


@pytest.mark.parametrize(
    ("qty", "value", "stops", "stop_money", "stress", "loss"),
    [
        pytest.param(0, 0, 0, 0, None, 0, id="flat"),
        pytest.param(10, 1000, 0, 0, TENTH, 100, id="long, no stop"),
        pytest.param(-10, -1000, 0, 0, TENTH, 100, id="short, no stop"),
        pytest.param(10, 1000, 0, 0, None, None, id="no stop, no stress move"),
        pytest.param(10, 1000, 10, 950, None, 50, id="long, stop below"),
        pytest.param(-10, -1000, 10, 1080, None, 80, id="short, stop above"),
        pytest.param(10, 1000, 10, 1100, None, 0, id="long, stop beyond the mark"),
        pytest.param(-10, -1000, 10, 900, None, 0, id="short, stop beyond the mark"),
        pytest.param(10, 1000, 4, 380, TENTH, 80, id="long, stop for a part"),
        pytest.param(10, 1000, 4, 380, None, None, id="a part without, no stress move"),
        pytest.param(10, 1000, 20, 1900, None, 50, id="more stops than needed: their average"),
        pytest.param(3, 100, 1, 33, TENTH, 8, id="rounded against the trader"),
        pytest.param(3, 100, 1, 100, 10 * TENTH, 67, id="the part without a stop is rounded too"),
    ],
)
def test_loss_of_holding(qty, value, stops, stop_money, stress, loss):
    assert loss_of_holding(qty, value, stops, stop_money, stress) == loss


@given(st.integers(1, 1000), st.integers(0, 10**12), st.integers(0, 1000), st.integers(0, 10**12), st.booleans())
def test_no_holding_loses_less_than_nothing(size, value, stops, stop_money, is_long):
    sign = 1 if is_long else -1
    loss = loss_of_holding(sign * size, sign * value, stops, stop_money if stops else 0, TENTH)
    assert loss is not None
    assert loss >= 0


@pytest.mark.parametrize(("money", "loss"), [(0, 0), (1000, 100), (1, 1), (-1000, 100)])
def test_stressed(money, loss):
    assert stressed(money, TENTH) == loss


@pytest.mark.parametrize(
    ("money", "working", "exits", "share"),
    [(1000, 10, 0, 1000), (1000, 10, 10, 0), (1000, 10, 4, 600), (1000, 3, 1, 667), (0, 0, 0, 0), (9, 1, 2, 0)],
)
def test_entry_share(money, working, exits, share):
    assert entry_share(money, working, exits) == share
