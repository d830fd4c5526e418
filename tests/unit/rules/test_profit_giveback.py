import pytest

from tests.unit.rules.build import RESETS, account, armed, fires, kinds, money, one, ratio, until

AMOUNT = armed("profit_giveback", arm_at=money("1000"), amount=money("400"))
SHARE = armed("profit_giveback", arm_at=money("1000"), share=ratio("0.30"))
BOTH = armed("profit_giveback", arm_at=money("1000"), amount=money("400"), share=ratio("0.30"))


def at(total, peak):
    return account(total_pnl=None if total is None else money(total), peak_pnl=money(peak))


@pytest.mark.parametrize(
    ("rule", "total", "peak", "breach"),
    [
        pytest.param(AMOUNT, "0", "999.99", False, id="never armed"),
        pytest.param(AMOUNT, "600.01", "1000", False, id="amount: just less"),
        pytest.param(AMOUNT, "600", "1000", True, id="amount: exactly"),
        pytest.param(AMOUNT, "-100", "1000", True, id="amount: all of it"),
        pytest.param(SHARE, "1400.01", "2000", False, id="share: just less"),
        pytest.param(SHARE, "1400", "2000", True, id="share: exactly"),
        pytest.param(BOTH, "1600", "2000", True, id="both: the amount is less"),
        pytest.param(BOTH, "700", "1000", True, id="both: the share is less"),
        pytest.param(BOTH, "700.01", "1000", False, id="both: neither"),
        pytest.param(AMOUNT, None, "1000", False, id="unknown"),
    ],
)
def test_fires_when_so_much_is_given_back(rule, total, peak, breach):
    assert fires(rule, at(total, peak)) is breach


def test_says_nothing_without_a_peak():
    assert not fires(AMOUNT, account(total_pnl=money("-5000")))


def test_keeps_the_rest():
    verdict = one(AMOUNT, at("590", "1000"))
    assert kinds(verdict) == ["cancel", "flatten", "lock"]
    assert until(verdict) == RESETS
    assert verdict.reason == "$410.00 of the day's highest profit of $1000.00 is given back, $400.00 may be"


def test_is_never_quiet_about_what_is_unknown():
    assert AMOUNT.quiet(at(None, "1000")) is None
    assert AMOUNT.quiet(account(total_pnl=money("5"))) is None
