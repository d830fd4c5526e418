import pytest

from stopline.model.rules import ContractTier
from tests.unit.rules.build import AAPL, ES_DEC, MES_DEC, account, armed, closes, fires, held, money, one, qty, ratio

RULE = armed("max_contracts", limit=ratio("1"))


@pytest.mark.parametrize(
    ("positions", "breach"),
    [
        pytest.param((), False, id="flat"),
        pytest.param((held(MES_DEC, "9"),), False, id="nine micros"),
        pytest.param((held(ES_DEC, "1"),), False, id="at the limit"),
        pytest.param((held(ES_DEC, "-1"),), False, id="short, at the limit"),
        pytest.param((held(MES_DEC, "11"),), True, id="eleven micros"),
        pytest.param((held(ES_DEC, "1"), held(MES_DEC, "-1")), True, id="a spread adds up"),
        pytest.param((held(ES_DEC, "-2"),), True, id="short, above"),
        pytest.param((held(AAPL, "500"),), False, id="equities are no contracts"),
    ],
)
def test_fires_above_the_limit(positions, breach):
    assert fires(RULE, account(*positions)) is breach


def test_one_es_and_then_three_mes_close_the_mes():
    verdict = one(RULE, account(held(ES_DEC, "1"), held(MES_DEC, "3")))
    assert closes(verdict) == {MES_DEC.instrument_id: qty("3")}
    assert (verdict.observed, verdict.limit) == (qty("1.3"), qty("1"))
    assert verdict.reason == "1.3 contracts are held, and 1 may be"
    assert verdict.key == ""


def test_three_mes_and_then_one_es_close_the_es():
    """Half a contract too many in a lot of one closes all of it."""
    verdict = one(RULE, account(held(MES_DEC, "3"), held(ES_DEC, "1")))
    assert closes(verdict) == {ES_DEC.instrument_id: qty("1")}


def test_what_is_closed_is_as_much_as_it_takes_and_no_more():
    verdict = one(RULE, account(held(ES_DEC, "-1"), held(ES_DEC, "-4", entry="90")))
    assert closes(verdict) == {ES_DEC.instrument_id: qty("4")}


PLAN = armed(
    "max_contracts",
    limit=ratio("1"),
    tiers=(ContractTier(money("2000"), ratio("5")), ContractTier(money("1500"), ratio("3"))),
)


@pytest.mark.parametrize(
    ("profit", "most"),
    [
        pytest.param(None, "1", id="nobody knows"),
        pytest.param("-500", "1", id="a loss"),
        pytest.param("1499.99", "1", id="just below the first tier"),
        pytest.param("1500", "3", id="at the first tier"),
        pytest.param("2000", "5", id="at the second"),
        pytest.param("90000", "5", id="far beyond"),
    ],
)
def test_a_scaling_plan_allows_more_with_the_profit_at_the_open(profit, most):
    opening = None if profit is None else money(profit)
    assert not fires(PLAN, account(held(ES_DEC, most), opening_profit=opening))
    assert fires(PLAN, account(held(ES_DEC, str(int(most) + 1)), opening_profit=opening))
