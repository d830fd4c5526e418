import pytest

from stopline.checks.duplicate_order import ID_USED, SAME_ORDER, DuplicateOrder
from stopline.model.numbers import SECOND
from stopline.model.order import OrderState
from tests.unit.checks.build import TSLA, account, arm, armed, buy, decided, denies, exits, judge, record, sell

ORDER = buy("10", limit="175")
USED = decided(buy("1", limit="100"))
FILLED = OrderState.FILLED


def live(*records):
    return account(live={f"L{number}": one for number, one in enumerate(records)})


@pytest.mark.parametrize(
    ("order", "denied"),
    [
        pytest.param(ORDER, False, id="new id"),
        pytest.param(buy("10", limit="175", decided=USED), True, id="used id"),
        pytest.param(exits("10", decided=USED), True, id="used id, exit"),
    ],
)
def test_denies_an_id_that_was_used_for_another_order(order, denied):
    assert denies(armed(DuplicateOrder), order) is denied
    assert DuplicateOrder.binds_exits


@pytest.mark.parametrize(
    ("order", "view", "denied"),
    [
        pytest.param(ORDER, account(), False, id="nothing before"),
        pytest.param(ORDER, live(record(ORDER, "4.9")), True, id="inside the window"),
        pytest.param(ORDER, live(record(ORDER, "5")), False, id="exactly one window ago"),
        pytest.param(ORDER, live(record(ORDER, "60")), False, id="long ago"),
        pytest.param(ORDER, live(record(ORDER, "5", updated_at=ORDER.at)), False, id="one window ago, updated since"),
        pytest.param(ORDER, account(ended={"E": record(ORDER, "1", state=FILLED)}), True, id="filled at once"),
        pytest.param(ORDER, live(record(buy("11", limit="175"), "1")), False, id="other quantity"),
        pytest.param(ORDER, live(record(buy("10", limit="176"), "1")), False, id="other price"),
        pytest.param(ORDER, live(record(sell("10", limit="175"), "1")), False, id="other side"),
        pytest.param(ORDER, live(record(buy("10", TSLA, "175"), "1")), False, id="other instrument"),
        pytest.param(buy("10"), live(record(buy("10"), "1")), True, id="market orders"),
        pytest.param(
            ORDER, live(record(ORDER, "1"), record(buy("1", TSLA, "9"), "0.5")), True, id="behind a newer order"
        ),
        pytest.param(
            ORDER,
            live(record(ORDER, "1"), record(buy("1", TSLA, "9"), "60", updated_at=ORDER.at)),
            True,
            id="behind an old one that came back",
        ),
        pytest.param(exits("10", limit="175"), live(record(sell("10", limit="175"), "1")), False, id="exit"),
    ],
)
def test_denies_the_same_order_within_the_window(order, view, denied):
    assert denies(armed(DuplicateOrder, duplicate_window=5 * SECOND), order, view) is denied


def test_a_replace_does_not_repeat_the_order_it_changes():
    before = record(ORDER, "1")
    after = buy("10", limit="175", replaces=before)
    assert not denies(armed(DuplicateOrder, duplicate_window=5 * SECOND), after, live(before))


def test_without_a_window_only_the_id_is_tested():
    check = armed(DuplicateOrder)
    assert not denies(check, ORDER, live(record(ORDER, "1")))


def test_is_always_armed():
    assert arm(DuplicateOrder) is not None


def test_reasons():
    check = armed(DuplicateOrder, duplicate_window=5 * SECOND)
    used = judge(check, buy("1", limit="1", decided=USED, client_order_id="X7"))
    assert (used.observed, used.reason) == (
        ID_USED,
        "client_order_id 'X7' was already used for another order: send it under a new one",
    )
    again = judge(check, ORDER, live(record(ORDER, "1")))
    assert again.observed == SAME_ORDER
    assert "less than 5 s ago" in again.reason
