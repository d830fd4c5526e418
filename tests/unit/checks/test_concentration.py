import pytest

from stopline.checks.concentration import Concentration, tags_of
from stopline.model.limits import ScopeKind, SymbolLimit
from stopline.model.numbers import MAX_SCALED
from stopline.state.account import ScopeState
from tests.unit.checks.build import (
    AAPL,
    ES_DEC,
    MSFT,
    SPY,
    TSLA,
    account,
    arm,
    armed,
    buy,
    denies,
    equity,
    holding,
    judge,
    ratio,
    worth,
)

CHECK = armed(Concentration, concentration=ratio("0.25"))


@pytest.mark.parametrize(
    ("worst", "equity_", "denied"),
    [
        pytest.param("24999", "100000", False, id="below"),
        pytest.param("25000", "100000", False, id="at the limit"),
        pytest.param("25000.00000001", "100000", True, id="one over"),
        pytest.param(None, "100000", True, id="no data: a price"),
        pytest.param("1", None, True, id="no data: equity"),
        pytest.param("1", "0", True, id="no equity"),
        pytest.param("1", "-5", True, id="negative equity"),
    ],
)
def test_denies_above_the_limit(worst, equity_, denied):
    assert denies(CHECK, buy("1", limit="175", worst_money_after=worst, equity=equity_)) is denied


def test_exits_are_exempt():
    assert not Concentration.binds_exits


def test_reason():
    finding = judge(CHECK, buy("200", limit="175"))
    assert finding.reason == "concentration of AAPL 35.00 % of equity exceeds the limit 25.00 %"


@pytest.mark.parametrize(
    ("instrument", "own", "of_all", "limit"),
    [
        pytest.param(AAPL, "0.15", "0.25", "0.15", id="the symbol's own is smaller"),
        pytest.param(AAPL, "0.35", "0.25", "0.25", id="that of all is smaller"),
        pytest.param(AAPL, "0.15", None, "0.15", id="the symbol's own alone"),
        pytest.param(ES_DEC, "0.15", "0.10", "0.15", id="futures have their own only"),
        pytest.param(ES_DEC, None, "0.10", None, id="futures have no default"),
        pytest.param(AAPL, None, None, None, id="none"),
    ],
)
def test_is_armed_by_the_smaller_limit(instrument, own, of_all, limit):
    symbol = SymbolLimit(concentration=None if own is None else ratio(own))
    check = arm(Concentration, instrument, symbol=symbol, concentration=None if of_all is None else ratio(of_all))
    assert (check and check.limit) == (None if limit is None else ratio(limit))


SECTOR = armed(Concentration, concentration=ratio("0.25"), sector_concentration=ratio("0.40"))


@pytest.mark.parametrize(
    ("view", "denied"),
    [
        pytest.param(account(), False, id="alone"),
        pytest.param(holding(MSFT=worth("30000")), False, id="at the limit"),
        pytest.param(holding(MSFT=worth("30000.01")), True, id="over"),
        pytest.param(holding(MSFT=worth("-30000.01")), True, id="a short counts as much"),
        pytest.param(holding(MSFT=worth("0", worst="30000.01")), True, id="working orders count"),
        pytest.param(holding(TSLA=worth("90000")), False, id="another sector"),
        pytest.param(holding(AAPL=worth("90000")), False, id="itself is in the order's figure"),
        pytest.param(holding(MSFT=worth("1", is_unpriced=True)), True, id="no data"),
        pytest.param(holding(TSLA=worth("1", is_unpriced=True)), False, id="no data of another sector"),
    ],
)
def test_denies_by_sector(view, denied):
    assert denies(SECTOR, buy("1", limit="10000"), view) is denied


def test_the_finding_names_the_sector():
    finding = judge(SECTOR, buy("1", limit="10000"), holding(MSFT=worth("35000")))
    assert finding.reason == "concentration of sector tech 45.00 % of equity exceeds the limit 40.00 %"
    assert (finding.observed, finding.limit) == (ratio("0.45"), ratio("0.40"))


def test_what_has_no_sector_counts_together():
    other = equity("QQQ")
    order = buy("1", SPY, "10000")
    order.instruments[other.instrument_id] = other
    check = armed(Concentration, SPY, sector_concentration=ratio("0.40"))
    view = holding(**{other.instrument_id: worth("35000")})
    assert denies(check, order, view)
    assert "sector unknown" in judge(check, order, view).reason


def test_sector_alone_leaves_the_instrument_free():
    check = armed(Concentration, sector_concentration=ratio("0.40"))
    assert check.limit == MAX_SCALED
    finding = judge(check, buy("1", limit="30000"))
    assert (finding.status, finding.limit) == ("passed", ratio("0.40"))


GROWTH, BETA = equity("G1", tags="growth, us"), equity("G2", tags="growth beta")


@pytest.mark.parametrize(
    ("instrument", "holds", "denied"),
    [
        pytest.param(GROWTH, "39000", False, id="at the limit"),
        pytest.param(GROWTH, "39000.01", True, id="over"),
        pytest.param(equity("G3", tags="us"), "90000", False, id="no tag in common"),
    ],
)
def test_denies_by_tag(instrument, holds, denied):
    check = armed(Concentration, instrument, tag_concentration=ratio("0.40"))
    order = buy("1", instrument, "1000")
    order.instruments[BETA.instrument_id] = BETA
    view = holding(**{BETA.instrument_id: worth(holds)})
    assert denies(check, order, view) is denied


def test_without_tags_a_tag_limit_is_not_armed():
    assert arm(Concentration, TSLA, tag_concentration=1) is None


def test_tags_are_separated_by_commas_or_spaces():
    assert tags_of(equity("X", tags="a, b c,d")) == ["a", "b", "c", "d"]


def test_in_a_wider_scope_that_scopes_ledger_is_enough():
    firm = ScopeState(ScopeKind.FIRM, "F", valuation=holding(MSFT=worth("31000")).valuation)
    assert MSFT.sector == AAPL.sector
    assert denies(SECTOR, buy("1", limit="10000"), firm)
