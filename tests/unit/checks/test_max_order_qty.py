import pytest

from stopline.checks.max_order_qty import MaxOrderQty
from tests.unit.checks.build import ES_DEC, arm, armed, buy, denies, judge, qty, sell

CHECK = armed(MaxOrderQty, max_order_qty=qty("100"))


@pytest.mark.parametrize(
    ("order", "denied"),
    [
        pytest.param(buy("99", limit="175"), False, id="below"),
        pytest.param(buy("100", limit="175"), False, id="at the limit"),
        pytest.param(buy(qty("100") + 1, limit="175"), True, id="one over"),
        pytest.param(sell("101"), True, id="a sale, without a price"),
        pytest.param(buy("101", ES_DEC), True, id="contracts"),
    ],
)
def test_denies_above_the_limit(order, denied):
    assert denies(CHECK, order) is denied


def test_exits_are_exempt():
    assert not MaxOrderQty.binds_exits


def test_what_has_filled_of_a_replaced_order_does_not_count():
    assert not denies(CHECK, buy("150", limit="175", left="100"))


def test_reason():
    assert judge(CHECK, buy("101")).reason == "order quantity 101 exceeds the limit 100"
    assert judge(CHECK, buy("5")).reason == "order quantity 5 is within the limit 100"


def test_is_not_armed_without_a_limit():
    assert arm(MaxOrderQty) is None
