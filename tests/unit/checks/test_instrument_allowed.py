import pytest

from stopline.checks.instrument_allowed import InstrumentAllowed
from tests.unit.checks.build import AAPL, BTC, ES_DEC, MES_DEC, arm, armed, buy, denies, equity, judge

EVERSOURCE = equity("ES")


@pytest.mark.parametrize(
    ("instrument", "allow", "deny", "denied"),
    [
        pytest.param(AAPL, (), ("AAPL",), True, id="denied by symbol"),
        pytest.param(AAPL, (), ("eq:US:AAPL",), True, id="denied by id"),
        pytest.param(AAPL, (), ("eq:*",), True, id="denied by a pattern"),
        pytest.param(AAPL, (), ("MSFT",), False, id="another is denied"),
        pytest.param(AAPL, ("AAPL",), (), False, id="allowed by symbol"),
        pytest.param(AAPL, ("MSFT", "eq:US:A*"), (), False, id="allowed by a pattern"),
        pytest.param(AAPL, ("MSFT",), (), True, id="another is allowed"),
        pytest.param(AAPL, ("AAPL",), ("eq:*",), True, id="deny wins"),
        pytest.param(ES_DEC, (), ("fut:ES*",), True, id="a product"),
        pytest.param(ES_DEC, (), ("fut:ES",), True, id="a product by its id"),
        pytest.param(ES_DEC, (), ("ES",), True, id="a product by name"),
        pytest.param(MES_DEC, (), ("ES",), False, id="a micro is not the mini"),
        pytest.param(EVERSOURCE, (), ("fut:ES*",), False, id="Eversource is no future"),
        pytest.param(EVERSOURCE, (), ("ES*",), False, id="a raw prefix names nothing"),
        pytest.param(EVERSOURCE, (), ("ES",), True, id="Eversource by name"),
        pytest.param(BTC, (), ("*",), True, id="everything is denied"),
        pytest.param(BTC, ("*",), (), False, id="everything is allowed"),
        pytest.param(ES_DEC, ("fut:*&ES",), (), False, id="two allow lists, both name it"),
        pytest.param(MES_DEC, ("fut:*&ES",), (), True, id="two allow lists, one does not"),
    ],
)
def test_lists(instrument, allow, deny, denied):
    check = armed(InstrumentAllowed, instrument, allow=allow, deny=deny)
    assert denies(check, buy("1", instrument)) is denied
    assert check.limit == 0


def test_exits_are_exempt():
    assert not InstrumentAllowed.binds_exits


@pytest.mark.parametrize(
    ("allow", "deny", "reason"),
    [
        ((), ("eq:*",), "eq:US:AAPL is denied by the pattern 'eq:*'"),
        (("MSFT", "TSLA"), (), "eq:US:AAPL is not on the allow list (MSFT, TSLA)"),
        (("AAPL",), (), "eq:US:AAPL is allowed by the pattern 'AAPL'"),
        ((), ("MSFT",), "eq:US:AAPL is on no deny list"),
    ],
)
def test_reason(allow, deny, reason):
    assert judge(armed(InstrumentAllowed, allow=allow, deny=deny), buy("1")).reason == reason


def test_is_not_armed_without_a_list():
    assert arm(InstrumentAllowed) is None
