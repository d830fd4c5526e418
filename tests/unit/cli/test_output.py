"""Data on stdout, talk on stderr; exact JSON; no colour where nobody wants it; nothing that moves the cursor."""

import os
import re
import subprocess
import sys

import pytest

from stopline.cli import figures, output
from stopline.cli.client import in_commands
from stopline.views import locks
from tests.small import COMMAND

ORDER = {
    "client_order_id": "A1", "state": "denied", "side": "BUY", "order_qty": "12345.5", "cum_qty": "0",
    "symbol": "AAPL",
    "order_type": "LIMIT", "limit_price": "175.00", "stop_price": None, "avg_price": None,
    "reason": "too \x1b[31mbig\n",
    "updated_at": "2026-11-20T14:30:00.123456789Z",
}  # fmt: skip
FILL = {
    "executed_at": "2026-11-20T14:30:00.000000000Z", "client_order_id": "", "side": "SELL", "qty": "1", "symbol": "X",
    "price": "0.00000001", "fee": "0.05", "exec_id": "P-1", "voided": 1,
}  # fmt: skip
ALERT = {
    "time": "2026-11-20T14:30:00.000000000Z", "severity": "CRITICAL", "alert_type": "KILL", "symbol": "",
    "message": "!",
}  # fmt: skip
BREAKER = {
    "breaker_id": 1, "account": "paper", "trigger_type": "DAILY_LOSS", "trigger_value": "-5100.00",
    "threshold": "-5000.00", "reason": "r", "actor": "engine", "active": False,
    "tripped_at": "2026-11-20T15:02:11.000000000Z", "expires_at": None,
    "reset_at": "2026-11-20T16:00:00.000000000Z", "reset_by": "ann",
}  # fmt: skip
HEADROOM = {
    "check": "leverage", "scope": "account", "status": "armed", "unit": "ratio", "used": "0.50", "limit": "2.00",
    "left": "1.50", "used_pct": "25.0", "defect": None,
}  # fmt: skip
LISTS = {
    "orders": ("GET /api/orders", {"orders": [ORDER], "next_cursor": "5"}, "orders", "12,345.5"),
    "fills": ("GET /api/executions", {"executions": [FILL], "next_cursor": None}, "executions", "P-1 (taken back)"),
    "positions": ("GET /api/positions", None, "positions", "174.98"),
    "alerts": ("GET /api/risk/alerts", {"alerts": [ALERT], "next_cursor": None}, "alerts", "CRITICAL"),
    "breakers": ("GET /api/risk/circuit-breakers", {"circuit_breakers": [BREAKER]}, "circuit_breakers", "by ann"),
    "headroom": ("GET /api/headroom", {"account": "paper", "headroom": [HEADROOM]}, "headroom", "leverage"),
}


@pytest.mark.parametrize(("path", "body", "key", "shown"), LISTS.values(), ids=LISTS.keys())
def test_lists(path, body, key, shown, ask, stand, request):
    if body is not None:
        stand.answers[path] = (200, body)
    command = request.node.callspec.id
    done = ask(command)
    assert done.code == 0
    assert shown in done.out
    assert "\x1b" not in done.out
    as_json = ask(command, "--json")
    assert as_json.json["version"] == 1
    assert as_json.json["kind"] == command
    assert as_json.json[key] == stand.answers[path][1][key]
    assert as_json.err == ""


@pytest.mark.parametrize(("path", "body", "key", "shown"), LISTS.values(), ids=LISTS.keys())
def test_empty_lists_say_so_on_stderr(path, body, key, shown, ask, stand, request):
    stand.answers[path] = (200, {key: []})
    done = ask(request.node.callspec.id)
    assert done.code == 0
    assert done.out == ""
    assert done.err.strip()


def test_filters_are_passed_on(ask, stand):
    stand.answers["GET /api/orders"] = (200, {"orders": [], "next_cursor": None})
    ask("orders", "--status", "live", "--symbol", "BRK B", "--limit", "5", "--account", "paper")
    assert "GET /api/orders?account=paper&status=live&symbol=BRK+B&limit=5" in [asked for asked, _ in stand.asked]


def test_what_others_wrote_cannot_move_the_cursor(ask, stand):
    stand.answers["GET /api/orders"] = (200, {"orders": [ORDER], "next_cursor": None})
    assert "too ?[31mbig?" in ask("orders").out


@pytest.mark.parametrize(
    ("environment", "is_terminal", "coloured"),
    [({}, True, True), ({}, False, False), ({"NO_COLOR": "1"}, True, False), ({"TERM": "dumb"}, True, False)],
)
def test_colour_only_on_a_terminal_that_wants_it(environment, is_terminal, coloured, monkeypatch, capsys):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal, raising=False)
    output.table(("a", "b"), [("denied", "1"), ("active", "2")], right=("b",))
    assert ("\x1b" in capsys.readouterr().out) is coloured


def test_columns_are_aligned(capsys):
    output.table(("name", "n"), [("a", "1"), ("long name", "1,000")], right=("n",))
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["name           n", "a              1", "long name  1,000"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [("1234567.891", "1,234,567.89"), ("-1234.5", "-1,234.50"), ("0", "0.00"), (None, "-"), ("", "-"), ("x", "-"),
     ("0.005", "0.00"), ("0.015", "0.02"), ("-0.001", "0.00"), ("999", "999.00"), ("1000", "1,000.00")],
)  # fmt: skip
def test_money(value, shown):
    assert figures.money(value) == shown


def test_signs_are_explicit_where_they_matter():
    assert figures.money("5", signed=True) == "+5.00"
    assert figures.money("-5", signed=True) == "-5.00"
    assert figures.money("0", signed=True) == "0.00"


def test_percent_has_one_decimal():
    assert figures.percent("0.17549") == "17.5 %"
    assert figures.percent("12.5") == "1,250.0 %"
    assert figures.percent(None) == "-"


def test_instants_are_to_the_second():
    assert figures.instant("2026-11-20T14:30:00.123456789Z") == "2026-11-20 14:30:00Z"
    assert figures.instant(None) == "-"


def test_numbers_stay_exact():
    assert figures.number("0.00000001") == "0.00000001"
    assert figures.number("-12345.123456789") == "-12,345.123456789"


def test_nothing_scientific_anywhere(ask, stand):
    stand.answers["GET /api/executions"] = (200, {"executions": [FILL], "next_cursor": None})
    assert not re.search(r"\de[+-]?\d", ask("fills").out)


def test_a_rule_is_told_from_the_limit_of_its_name(ask, stand):
    """Both are called max_contracts, and stood below one another with nothing to tell them by."""
    limit = HEADROOM | {"check": "max_contracts", "kind": "limit", "acts_at": None, "projected": None}
    rule = limit | {"kind": "rule", "unit": "qty", "used": "0", "limit": "5", "left": "5", "acts_at": "5"}
    stand.answers["GET /api/headroom"] = (200, {"account": "paper", "headroom": [limit, rule]})
    lines = ask("headroom").out.splitlines()
    assert [line.split("  ")[0] for line in lines[1:]] == ["max_contracts", "max_contracts (rule)"]


def test_what_is_right_is_said_in_commands_and_not_in_routes(ask, stand):
    refusal = {"error": "unknown_order", "message": "no order 'x'", "fix": "look at GET /api/orders"}
    stand.answers["GET /api/order/x"] = (404, refusal)
    assert ask("orders", "--history", "x").err == "no order 'x'\ntry: look at `stopline orders`\n"
    many = {"message": "account: there is not exactly one account here", "fix": "say which one in account"}
    stand.answers["POST /api/order"] = (422, many)
    assert ask("order", "buy", "1", "AAPL").err.endswith("account here\ntry: say which one: --account NAME\n")
    number = {"message": "price: 'NaN' is no number", "fix": "a decimal such as 175.25, as a JSON number or string"}
    stand.answers["POST /api/order"] = (422, number)
    assert ask("order", "buy", "1", "AAPL", "--limit", "NaN").err.endswith("try: a decimal such as 175.25\n")


def test_every_route_that_a_lock_names_has_its_command():
    said = [in_commands(text) for key, text in locks._ENDS.items() if key != "baseline"]
    assert not [text for text in said if "/api/" in text]


def test_a_reader_that_has_gone_is_no_failure(tmp_path):
    """`stopline journal export | head -1` ended with 1, which says that the journal does not hold."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as gone:
        done = subprocess.run([*COMMAND, "calendar", "list"], stdout=gone, stderr=subprocess.PIPE, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")


def test_tls_where_none_is_spoken_is_called_that(run, stand):
    """It was `nothing answers` and the name of a C file."""
    secure = stand.url.replace("http:", "https:")
    done = run("status", "--url", secure)
    assert (done.code, done.err) == (3, f"{secure} does not speak TLS\ntry: --url {stand.url}\n")
