"""`${VAR}`: filled into values only, named where it is missing, never shown."""

import pytest

from stopline.config.diff import diff
from stopline.config.hidden import SHOWN_AS
from stopline.config.load import load
from tests.unit.config.files import problem, problems, settings

SECRET = "hunter2"


def data_dir(text: str, **variables: str) -> str:
    return str(settings(f"data_dir: {text}", **variables).data_dir.relative_to("conf"))


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        pytest.param("${HERE}", "there", id="a variable"),
        pytest.param("/a/${HERE}/b-${HERE}", "/a/there/b-there", id="twice, with text around"),
        pytest.param("${HERE:-else}", "there", id="a default that is not needed"),
        pytest.param("${NOT:-else}", "else", id="a default"),
        pytest.param("${EMPTY:-else}", "else", id="a default where it is empty"),
        pytest.param("$${HERE}", "${HERE}", id="escaped"),
        pytest.param("$HERE and $5 {x}", "$HERE and $5 {x}", id="a dollar alone"),
        pytest.param("${NESTED}", "${HERE}", id="what a variable holds is not looked into"),
        pytest.param("'a # ${HERE}'", "a # there", id="in quotes"),
    ],
)
def test_what_comes_out(text, filled):
    variables = {"HERE": "there", "EMPTY": "", "NESTED": "${HERE}"}
    found = settings(f"data_dir: {text}", **variables).data_dir
    assert str(found) in (filled, f"conf/{filled}")


def test_a_missing_variable_is_named_with_its_place():
    said = problem("server:\n  port: ${STOPLINE_PORT}\n")
    assert said == (
        "conf/stopline.yaml:2:9: server.port: the environment variable STOPLINE_PORT is not set; "
        "set it, or write ${STOPLINE_PORT:-default}"
    )


def test_all_missing_variables_are_named_at_once():
    found = problems("data_dir: ${ONE}/${TWO}\nserver: {port: '${THREE}'}\naccounts: [{account: '${FOUR}'}]")
    named = {word for each in found for word in each.message.split() if word.isupper()}
    assert named == {"ONE", "TWO", "THREE", "FOUR"}
    assert any(each.key == "accounts[1].account" for each in found)


@pytest.mark.parametrize("text", ["${}", "${1A}", "${A-B}", "${A", "${A:-}}x${"])
def test_a_broken_reference_is_an_error(text):
    assert "names no variable" in "".join(str(each) for each in problems(f"data_dir: 'x{text}'", A="a"))


def test_a_value_cannot_become_yaml():
    found = settings("data_dir: ${X}\nserver: {port: 81}", X="a\\nserver: {port: 99}")
    assert found.port == 81
    assert "server: {port: 99}" in str(found.data_dir)


@pytest.mark.parametrize(
    "line",
    [
        "server: {port: '${X}'}",
        "limits: {daily_loss: '${X}', concentration: '${X}', order_rate: '${X}', enabled: '${X}', deny: '${X}*'}",
        "limits: {quote_max_age: '1 ${X}', money_classes: ['${X}'], reject_burst: '${X} / 1 s'}",
        "accounts: [{account: '${X} ', currency: '${X}', opening_cash: '${X}', reset_zone: '${X}', broker: '${X}'}]",
        "market: {source: 'synthetic:${X}'}",
        "log: {level: '${X}'}",
    ],
)
def test_what_a_variable_holds_is_never_shown(line):
    found = problems(line, X=SECRET)
    assert found
    assert not [each for each in found if SECRET in str(each)]
    assert all("X" in str(each) for each in found if "does not fit" in each.message)


def test_a_key_is_not_filled():
    assert "${X}" in problem("${X}: 1", X="data_dir")


EVERYWHERE = """
data_dir: ${X}
server: {host: "${X}", port: "${N}"}
market: {source: "${X}"}
fees: {per_share: "${N}"}
limits: {daily_loss: "${N}", deny: ["a", "${X}"]}
symbols: {AAPL: {max_position: "${N}"}}
groups: {desk: {daily_loss: "${N}"}}
instruments: {AAPL: {sector: "${X}"}}
accounts:
  - account: one
    group: desk
    opening_cash: "${N}"
    limits: {leverage: "${N}"}
    symbols: {SPY: {max_position: "${N}"}}
    strategies: {s: {daily_loss: "${N}"}}
    users: {u: {daily_loss: "${N}"}}
"""


def test_what_a_variable_holds_is_in_no_difference():
    found = settings(EVERYWHERE, X=SECRET, N="4711")
    said = [str(change) for change in diff(load(None), found)]
    assert not [each for each in said if SECRET in each or "4711" in each]
    assert {change.key for change in diff(load(None), found) if SHOWN_AS in str(change)} >= {
        "data_dir", "server.host", "server.port", "market.source", "fees.per_share", "instruments.AAPL.sector",
        "accounts.one.limits.daily_loss", "accounts.one.limits.deny", "accounts.one.limits.leverage",
        "accounts.one.symbols.AAPL.max_position", "accounts.one.symbols.SPY.max_position",
        "accounts.one.opening_cash", "group.desk.daily_loss", "strategy.one.s.daily_loss", "user.one.u.daily_loss",
    }  # fmt: skip
    moved = settings(EVERYWHERE, X=SECRET, N="4712")
    assert len(diff(found, moved)) == 10
    assert not [each for each in diff(found, moved) if "471" in str(each)]


def test_what_no_variable_holds_is_shown():
    found = settings("limits: {daily_loss: 4711, leverage: '${N}'}", N="1")
    assert [str(each) for each in diff(load(None), found) if "daily_loss" in each.key] == [
        "accounts.paper.limits.daily_loss: 5000.00 -> 4711.00"
    ]
