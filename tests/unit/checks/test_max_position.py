import pytest

from stopline.checks.max_position import MaxPosition
from stopline.model.instrument import AssetClass
from stopline.model.limits import ScopeKind, SymbolLimit
from stopline.model.verdict import Unit
from stopline.state.account import ScopeState
from tests.unit.checks.build import (
    AAPL,
    BTC,
    ES_DEC,
    ES_MAR,
    MES_DEC,
    TSLA,
    account,
    arm,
    armed,
    buy,
    denies,
    held,
    holding,
    judge,
    money,
    qty,
    sell,
    worth,
)

CEILING = armed(MaxPosition, max_position=money("10000"))
OWN = SymbolLimit(max_position=money("3000"))


@pytest.mark.parametrize(
    ("order", "denied"),
    [
        pytest.param(buy("1", limit="175", worst_money_after="9999.99999999"), False, id="below"),
        pytest.param(buy("1", limit="175", worst_money_after="10000"), False, id="at the limit"),
        pytest.param(buy("1", limit="175", worst_money_after="10000.00000001"), True, id="one over"),
        pytest.param(buy("1", worst_money_after=None), True, id="no data"),
        pytest.param(sell("40", limit="250"), False, id="short, at the limit"),
        pytest.param(sell("41", limit="250"), True, id="short, one over"),
        pytest.param(
            buy("1", limit="200", position=held(AAPL, "50", working_sells="50", sell_money="10000")),
            True,
            id="a resting sell makes no room for a buy",
        ),
    ],
)
def test_denies_above_the_ceiling(order, denied):
    assert denies(CEILING, order) is denied


def test_exits_are_exempt():
    assert not MaxPosition.binds_exits


def test_the_message_of_a_symbol_limit_names_the_symbol():
    check = armed(MaxPosition, TSLA, symbol=OWN, max_position=money("10000"))
    finding = judge(check, buy("100", TSLA, "250"))
    assert finding.reason == "TSLA worst-case position $25000.00 exceeds limit $3000.00"
    assert (finding.observed, finding.limit) == (money("25000"), money("3000"))


@pytest.mark.parametrize(
    ("own", "ceiling", "binds", "word"),
    [
        pytest.param("3000", "10000", "3000", "exceeds limit", id="symbol"),
        pytest.param("30000", "10000", "10000", "exceeds the ceiling of all symbols", id="ceiling"),
        pytest.param("3000", None, "3000", "exceeds limit", id="symbol alone"),
        pytest.param("10000", "10000", "10000", "exceeds limit", id="equal"),
    ],
)
def test_both_limits_hold(own, ceiling, binds, word):
    check = armed(
        MaxPosition,
        TSLA,
        symbol=SymbolLimit(max_position=money(own)),
        max_position=None if ceiling is None else money(ceiling),
    )
    finding = judge(check, buy("1000", TSLA, "250"))
    assert finding.limit == money(binds)
    assert word in finding.reason


@pytest.mark.parametrize(
    ("instrument", "symbol", "classes", "is_armed"),
    [
        pytest.param(BTC, None, None, True, id="the ceiling, for crypto"),
        pytest.param(ES_DEC, None, None, False, id="the ceiling is not for futures"),
        pytest.param(ES_DEC, OWN, None, True, id="a product's own limit is"),
        pytest.param(ES_DEC, None, (AssetClass.FUTURE,), True, id="the ceiling, if so said"),
    ],
)
def test_speaks_of_the_money_classes(instrument, symbol, classes, is_armed):
    limits = {} if classes is None else {"money_classes": classes}
    check = arm(MaxPosition, instrument, symbol=symbol, max_position=money("10000"), **limits)
    assert (check is not None) is is_armed


QTY = armed(MaxPosition, max_position_qty=qty("100"))


@pytest.mark.parametrize(
    ("order", "denied"),
    [
        pytest.param(buy("100", limit="175"), False, id="at the limit"),
        pytest.param(buy("101", limit="175"), True, id="one over"),
        pytest.param(buy("100"), False, id="no price needed"),
        pytest.param(buy("1", position=held(AAPL, "100", working_sells="100")), True, id="netting"),
        pytest.param(sell("150", position=held(AAPL, "50")), False, id="from long to short, at the limit"),
        pytest.param(sell("151", position=held(AAPL, "50")), True, id="from long to short, one over"),
    ],
)
def test_denies_above_a_quantity(order, denied):
    assert denies(QTY, order) is denied


def test_of_two_quantities_the_smaller_holds():
    check = armed(MaxPosition, symbol=SymbolLimit(max_position_qty=qty("5")), max_position_qty=qty("100"))
    assert judge(check, buy("6", limit="1")).limit == qty("5")


BOTH = armed(MaxPosition, max_position=money("10000"), max_position_qty=qty("100"))


@pytest.mark.parametrize(
    ("order", "unit", "denied"),
    [
        pytest.param(buy("50", limit="300"), Unit.MONEY, True, id="too much money"),
        pytest.param(buy("200", limit="1"), Unit.QTY, True, id="too many"),
        pytest.param(buy("200", limit="300"), Unit.QTY, True, id="both"),
        pytest.param(buy("90", limit="1"), Unit.QTY, False, id="nearer to the quantity"),
        pytest.param(buy("10", limit="900"), Unit.MONEY, False, id="nearer to the money"),
        pytest.param(buy("90", worst_money_after=None), Unit.MONEY, True, id="no data"),
        pytest.param(buy("200", worst_money_after=None), Unit.QTY, True, id="no data, and too many"),
    ],
)
def test_the_finding_shows_the_limit_that_is_broken_or_nearer(order, unit, denied):
    finding = judge(BOTH, order)
    assert (finding.unit, finding.status == "denied") == (unit, denied)


ES_2 = armed(MaxPosition, ES_DEC, symbol=SymbolLimit(max_position_qty=qty("2")))


@pytest.mark.parametrize(
    ("order", "view", "denied"),
    [
        pytest.param(buy("2", ES_DEC, "4000"), account(), False, id="two of one expiry"),
        pytest.param(buy("1", ES_DEC, "4000"), holding(held(ES_MAR, "1")), False, id="one and one"),
        pytest.param(buy("2", ES_DEC, "4000"), holding(held(ES_MAR, "1")), True, id="two and one"),
        pytest.param(sell("2", ES_DEC, "4000"), holding(held(ES_MAR, "1")), True, id="spreads add up"),
        pytest.param(buy("2", ES_DEC, "4000"), holding(held(ES_MAR, 0, working_buys="1")), True, id="working"),
        pytest.param(buy("2", ES_DEC, "4000"), holding(held(MES_DEC, "9")), False, id="another product"),
        pytest.param(buy("2", ES_DEC, "4000"), holding(held(AAPL, "9")), False, id="no future at all"),
        pytest.param(
            buy("1", ES_DEC, "4000", position=held(ES_DEC, "1")), holding(held(ES_DEC, "1")), False, id="itself once"
        ),
    ],
)
def test_futures_count_by_product(order, view, denied):
    """ESZ6 and ESH7 count together (semantics.md section 1)."""
    assert denies(ES_2, order, view) is denied


ES_MONEY = armed(MaxPosition, ES_DEC, symbol=SymbolLimit(max_position=money("400000")))


@pytest.mark.parametrize(
    ("view", "denied"),
    [
        pytest.param(account(), False, id="alone"),
        pytest.param(holding(**{"ES2026-12": worth("900000")}), False, id="itself once"),
        pytest.param(holding(ES2026=worth("9")), False, id="an instrument nobody knows"),
        pytest.param(holding(**{"ES2027-03": worth("200000")}), False, id="at the limit"),
        pytest.param(holding(**{"ES2027-03": worth("200000.01")}), True, id="over"),
        pytest.param(holding(**{"ES2027-03": worth("1", is_unpriced=True)}), True, id="no data"),
        pytest.param(holding(**{"MES2026-12": worth("900000")}), False, id="another product"),
    ],
)
def test_money_of_futures_counts_by_product(view, denied):
    assert denies(ES_MONEY, buy("1", ES_DEC, "4000"), view) is denied


def test_money_by_product_without_a_price_is_unknown():
    assert denies(ES_MONEY, buy("1", ES_DEC))


def test_the_worked_example_of_a_limit_of_twelve():
    """Limit 12, long 12: SELL 24 passes the limit, its worst case is 12 (semantics.md section 3)."""
    check = armed(MaxPosition, max_position_qty=qty("12"))
    assert not denies(check, sell("24", position=held(AAPL, "12")))
    assert denies(check, sell("25", position=held(AAPL, "12")))


def test_in_a_wider_scope_that_scopes_ledger_is_enough():
    firm = ScopeState(ScopeKind.FIRM, "F", positions={ES_MAR.instrument_id: held(ES_MAR, "1")})
    assert MaxPosition.scoped
    assert denies(ES_2, buy("2", ES_DEC, "4000"), firm)


def test_is_not_armed_without_a_limit():
    assert arm(MaxPosition) is None
