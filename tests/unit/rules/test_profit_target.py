import pytest

from tests.unit.rules.build import account, armed, fires, kinds, money, one, until

TELLS = armed("profit_target", target=money("3000"))
TAKES = armed("profit_target", target=money("3000"), flatten=True)


def made(profit):
    """An account that began with 50,000; transfers have shifted its start already."""
    return account(equity=None if profit is None else money("50000") + money(profit), start_equity=money("50000"))


@pytest.mark.parametrize(
    ("profit", "reached"), [("2999.99999999", False), ("3000", True), ("4000", True), ("-3000", False), (None, False)]
)
def test_fires_at_the_target(profit, reached):
    assert fires(TELLS, made(profit)) is reached


def test_nothing_is_known_of_an_account_without_a_beginning():
    assert not fires(TELLS, account(equity=money("90000")))


def test_tells_people_and_takes_it_off_the_table_where_configured():
    verdict = one(TELLS, made("3100"))
    assert kinds(verdict) == ["warn"]
    assert verdict.reason == "the account has made $3100.00, at or above its target of $3000.00"
    taken = one(TAKES, made("3100"))
    assert kinds(taken) == ["warn", "cancel", "flatten", "lock"]
    assert until(taken) == 0
