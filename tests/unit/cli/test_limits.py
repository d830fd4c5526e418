"""Limits in the units of the configuration; loosening is asked for twice."""

import io
import sys

import pytest

from stopline.cli.limit_text import from_json, loosens, read_changes, to_json
from stopline.cli.outcome import Stop
from stopline.model.limits import DEFAULT_LIMITS, Limits, RateWindow
from stopline.model.numbers import PRICE_ONE
from stopline.views.limits import all_limits

NOW = all_limits(DEFAULT_LIMITS)


@pytest.fixture
def limited(stand):
    stand.answers["GET /api/risk/limits"] = (200, NOW)
    stand.answers["PUT /api/risk/limits"] = (200, {"max_order_size": 5})
    symbol = {"max_position": 3000.00, "max_concentration_pct": 25.00}
    stand.answers["GET /api/risk/position-limits/TSLA"] = (200, symbol)
    stand.answers["PUT /api/risk/position-limits/TSLA"] = (200, symbol)
    return stand


@pytest.mark.parametrize("limits", [DEFAULT_LIMITS, Limits()], ids=["default", "nothing armed"])
def test_what_the_api_shows_is_read_back(limits):
    for name, value in all_limits(limits).items():
        assert from_json(name, value) == getattr(limits, name), name


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("daily_loss=2500.50", 2500_50000000),
        ("concentration=20%", 200_000),
        ("leverage=1.5", 1_500_000),
        ("quote_max_age=250 ms", 250_000_000),
        ("order_rate=5 / 1 s, 100 / 1 min", (RateWindow(5, 10**9), RateWindow(100, 60 * 10**9))),
        ("order_rate=none", ()),
        ("reject_burst=3 / 10 s", RateWindow(3, 10**10)),
        ("daily_loss=none", None),
        ("short_sale=none", None),
        ("short_sale=false", False),
        ("enabled=true", True),
        ("deny=TSLA,fut:ES*", ("TSLA", "fut:ES*")),
        ("money_classes=equity", ("equity",)),
        ("max_open_positions=5", 5),
        ("drawdown_floor=-100", -100 * PRICE_ONE),
    ],
)
def test_changes_are_read_and_sent_as_the_api_takes_them(text, value):
    name = text.partition("=")[0]
    assert read_changes([text], symbol=False) == {name: value}
    assert from_json(name, to_json(name, value)) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("daily_los=5", "do you mean daily_loss?"),
        ("daily_loss", "write daily_loss=value"),
        ("daily_loss=", "is not a decimal number"),
        ("daily_loss=-5", "too small"),
        ("concentration=25", "more than the whole"),
        ("enabled=yes", "write true or false"),
        ("deny=ES*", "wildcard"),
        ("order_rate=10", "10 / 1 s"),
    ],
)
def test_what_is_refused(text, said):
    with pytest.raises(Stop) as stopped:
        read_changes([text], symbol=False)
    assert stopped.value.code == 2
    assert said in str(stopped.value)


@pytest.mark.parametrize(
    ("text", "is_loose"),
    [
        ("daily_loss=4999", False),
        ("daily_loss=5001", True),
        ("daily_loss=none", True),
        ("enabled=false", True),
        ("max_order_qty=5", False),
        ("order_rate=5 / 1 s", False),
        ("order_rate=11 / 1 s", True),
        ("allow=AAPL", False),
        ("buying_power=false", True),
        ("stop_required=true", False),
        ("quote_max_age=1 s", False),
    ],
)
def test_which_changes_loosen(text, is_loose):
    assert bool(loosens(NOW, read_changes([text], symbol=False), symbol=False)) is is_loose


def test_tightening_is_sent_at_once(ask, limited):
    done = ask("limits", "set", "daily_loss=2500", "concentration=20%", "quote_max_age=2 s")
    assert done.code == 0
    assert limited.body_of("PUT /api/risk/limits") == {
        "daily_loss": "2500.00", "concentration": "0.20", "quote_max_age": "2",
    }  # fmt: skip
    assert "daily_loss: 5,000.00 -> 2,500.00" in done.err
    assert "concentration: 25.00 % -> 20.00 %" in done.err


def test_loosening_wants_the_account_typed(ask, limited, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    done = ask("limits", "set", "daily_loss=9000")
    assert done.code == 2
    assert "this loosens daily_loss of paper" in done.err
    assert not limited.was_asked("PUT /api/risk/limits")
    done = ask("limits", "set", "daily_loss=9000", "--yes", "--reason", "agreed")
    assert done.code == 0
    assert limited.body_of("PUT /api/risk/limits") == {"daily_loss": "9000.00", "reason": "agreed"}


def test_a_dry_run_changes_nothing(ask, limited):
    done = ask("limits", "set", "daily_loss=none", "--dry-run")
    assert done.code == 0
    assert "daily_loss: 5,000.00 -> none" in done.err
    assert "loosens: daily_loss" in done.err
    assert not limited.was_asked("PUT /api/risk/limits")


def test_a_proposal_is_said_to_wait(ask, limited):
    waits = {"status": "proposed", "proposal_id": 1, "effective_at": None, "message": "it waits for a second person"}
    limited.answers["PUT /api/risk/limits"] = (202, waits)
    done = ask("limits", "set", "daily_loss=9000", "--yes", "--reason", "agreed")
    assert done.code == 0
    assert "it waits for a second person" in done.err


def test_the_limit_of_one_symbol(ask, limited):
    assert ask("limits", "show", "--symbol", "TSLA", "--json").json["limits"] == {
        "max_position": "3000.0", "concentration": "0.25", "max_position_qty": None,
    }  # fmt: skip
    assert ask("limits", "set", "--symbol", "TSLA", "max_position=2000", "concentration=10%").code == 0
    sent = limited.body_of("PUT /api/risk/position-limits/TSLA")
    assert sent == {"max_position": "2000.00", "max_concentration_pct": "10.00"}
    assert ask("limits", "set", "--symbol", "TSLA", "max_position=4000").code == 2
    assert ask("limits", "set", "--symbol", "TSLA", "leverage=2").code == 2


def test_show_is_in_the_units_of_the_configuration(ask, limited):
    out = ask("limits", "show").out
    for line in (
        "daily_loss                   5,000.00",
        "quote_max_age                5 s",
        "drawdown_floor               none",
    ):
        assert line in out
    assert ask("limits", "show", "--json").json["limits"]["order_rate"] == [{"count": 10, "seconds": "1"}]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("daily_loss",), "'daily_loss' says no value\nwrite daily_loss=value, or daily_loss=none to disarm it\n"),
        (("daily_los=5",), "'daily_los=5' is no limit; write name=value\ndo you mean daily_loss?\n"),
        (
            ("--symbol", "TSLA", "daily_loss=5"),
            "daily_loss is no limit of one symbol: leave --symbol out\nthose are: max_",
        ),
    ],
)
def test_a_change_that_is_none_is_told_what_it_lacks(ask, stand, options, said):
    """All three were "no limit; write name=value", the limit itself too."""
    done = ask("limits", "set", *options)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said)
    assert not stand.asked
