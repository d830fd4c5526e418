"""One order as Alpaca tells it: reports in any order, the same end."""

from itertools import permutations

import pytest

from stopline.brokers.alpaca.kept import Kept
from stopline.dialects.alpaca.orders import Order
from stopline.messages import inputs as i
from stopline.model.numbers import parse_price, parse_qty


def report(status: str, filled: str = "0", at: int = 0, link: str = "a", **more: object) -> Order:
    terms = {"symbol": "AAPL", "side": "buy", "order_type": "limit", "qty": parse_qty("10"), "client_order_id": "sl1-1"}
    return Order(id=link, status=status, filled_qty=parse_qty(filled), updated_at=at, **terms | more)  # type: ignore[arg-type]


def keep(*reports: Order) -> Kept:
    kept = Kept(broker="alpaca", account="A1", routed_order_id="sl1-1", instrument_id="eq:US:AAPL", is_ours=True)
    for each in reports:
        kept.take(each)
    return kept


LIFE = (report("new", at=1), report("partially_filled", "4", 2), report("canceled", "4", 3))
REPLACED = (
    report("new", at=1),
    report("replaced", "4", 2, replaced_by="b"),
    report("new", at=2, link="b", replaces="a", qty=parse_qty("8"), limit_price=parse_price("99")),
)


@pytest.mark.parametrize(
    "reports", list(permutations(LIFE)), ids=lambda reports: "-".join(each.status for each in reports)
)
def test_whatever_comes_last_the_furthest_stands(reports):
    kept = keep(*reports, reports[0])
    assert (kept.current.status, kept.cum_qty, kept.is_open) == ("canceled", parse_qty("4"), False)


@pytest.mark.parametrize("reports", [(LIFE[1], LIFE[0]), (LIFE[0], LIFE[1])])
def test_an_older_report_of_a_working_order_says_nothing(reports):
    assert keep(*reports).current.status == "partially_filled"


@pytest.mark.parametrize("reports", list(permutations(REPLACED)))
def test_a_replacement_is_the_same_order_with_what_is_left(reports):
    kept = keep(*reports)
    assert (kept.current.id, kept.first, kept.is_open) == ("b", "a", True)
    assert (kept.order_qty, kept.cum_qty) == (parse_qty("12"), parse_qty("4"))


def test_a_replacement_that_nobody_has_seen_is_asked_for():
    kept = keep(REPLACED[1])
    assert (kept.unknown_link, kept.is_open) == ("b", True)


def test_an_end_waits_for_its_fills_and_is_said_once():
    kept = keep(*LIFE)
    assert not any(isinstance(each, i.OrderGone) for each in kept.news())
    kept.filled_told = parse_qty("4")
    (gone,) = kept.news()
    assert isinstance(gone, i.OrderGone) and (gone.outcome, gone.cum_qty) == ("canceled", parse_qty("4"))
    assert kept.news() == []


def test_an_order_that_filled_for_less_than_it_began_with_says_what_it_was_changed_to():
    changed = {"qty": parse_qty("7"), "limit_price": parse_price("99"), "replaces": "a"}
    kept = keep(report("new", at=1), report("replaced", at=2, replaced_by="b"))
    kept.take(report("filled", "7", 3, link="b", **changed))
    kept.filled_told = parse_qty("7")
    (amended,) = kept.news()
    assert isinstance(amended, i.OrderAmended) and amended.order_qty == parse_qty("7")
    assert kept.news() == []
    assert [type(each) for each in kept.answer()] == [i.OrderAmended, i.ReplaceRefused]


def test_an_order_that_filled_as_it_was_has_no_change_to_tell():
    kept = keep(report("new", at=1), report("filled", "10", 2))
    kept.filled_told = parse_qty("10")
    assert kept.news() == []
    assert [type(each) for each in kept.answer()] == [i.ReplaceRefused]
