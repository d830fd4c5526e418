import pytest

from tests.unit.rules.build import AAPL, CL_MAY, ES_DEC, MES_DEC, MSFT, account, armed, closes, fires, held, one, qty

RULE = armed("symbol_block", blocked=("fut:CL*", "eq:US:A*", "MES"))


@pytest.mark.parametrize(
    ("position", "breach"),
    [
        pytest.param(held(CL_MAY, "1"), True, id="by product, with a wildcard"),
        pytest.param(held(CL_MAY, "-1"), True, id="short"),
        pytest.param(held(AAPL, "0.000000001"), True, id="any quantity"),
        pytest.param(held(MES_DEC, "1"), True, id="by the product's name"),
        pytest.param(held(MSFT, "100"), False, id="another equity"),
        pytest.param(held(ES_DEC, "1"), False, id="ES is not MES"),
    ],
)
def test_fires_on_what_a_pattern_names(position, breach):
    assert fires(RULE, account(position)) is breach


def test_closes_that_position():
    verdict = one(RULE, account(held(MSFT, "5"), held(AAPL, "-7")))
    assert closes(verdict) == {AAPL.instrument_id: qty("7")}
    assert verdict.reason == f"7 of {AAPL.instrument_id} are held, which 'eq:US:A*' blocks"
