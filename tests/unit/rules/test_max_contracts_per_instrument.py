import pytest

from tests.unit.rules.build import AAPL, ES_DEC, ES_MAR, MES_DEC, account, armed, closes, fires, held, one, qty

RULE = armed("max_contracts_per_instrument", limit=qty("2"))


@pytest.mark.parametrize(
    ("positions", "breach"),
    [
        pytest.param((held(ES_DEC, "2"),), False, id="at the limit"),
        pytest.param((held(ES_DEC, "1"), held(ES_MAR, "-1")), False, id="both expiries, at the limit"),
        pytest.param((held(ES_DEC, "2"), held(MES_DEC, "2")), False, id="MES is another product"),
        pytest.param((held(ES_DEC, "-3"),), True, id="short, above"),
        pytest.param((held(ES_DEC, "2"), held(ES_MAR, "1")), True, id="both expiries, above"),
        pytest.param((held(AAPL, "2.5"),), True, id="equities by instrument"),
    ],
)
def test_fires_above_the_limit(positions, breach):
    assert fires(RULE, account(*positions)) is breach


def test_closes_the_excess_of_the_product_latest_increase_first():
    verdict = one(RULE, account(held(ES_DEC, "2"), held(ES_MAR, "1"), held(MES_DEC, "2")))
    assert closes(verdict) == {ES_MAR.instrument_id: qty("1")}
    assert (verdict.key, verdict.observed, verdict.limit) == ("fut:ES", qty("3"), qty("2"))
    assert verdict.reason == "3 of fut:ES are held, and 2 may be"


def test_a_product_of_its_own_goes_before_the_limit_for_all():
    rule = armed("max_contracts_per_instrument", limit=qty("2"), products={"fut:ES": qty("5"), "AAPL": qty("10")})
    assert not fires(rule, account(held(ES_DEC, "4"), held(ES_MAR, "1"), held(AAPL, "10")))
    assert one(rule, account(held(AAPL, "10.5"))).key == AAPL.instrument_id
    assert fires(rule, account(held(MES_DEC, "3")))


def test_what_has_no_limit_is_not_measured():
    rule = armed("max_contracts_per_instrument", products={"fut:ES": qty("1")})
    assert list(rule.readings(account(held(MES_DEC, "300")))) == []
