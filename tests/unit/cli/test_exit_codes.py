"""0 ok, 1 refused by risk, 2 usage, 3 not reachable, 4 locked, 5 degraded: the same everywhere. No tracebacks."""

import re

import pytest

from stopline.cli import app as app_module
from stopline.cli.outcome import Exit
from tests.unit.cli.conftest import ACCOUNT, HEALTH

DENIED = {
    "error": "risk_denied", "check": "max_order_notional", "message": "Order size exceeds limit: $17500.00 > $1000.00",
    "observed": "17500.00", "limit": "1000.00", "headroom": "-16500.00", "max_passing_qty": "5",
    "retry_with_new_id": True, "decision_id": "1-5", "account": "paper", "client_order_id": "x", "symbol": "AAPL",
    "checks": [
        {"check": "max_order_notional", "passed": False, "observed": "17500.00", "limit": "1000.00",
         "headroom": "-16500.00", "status": "denied", "unit": "money", "reason": "Order size exceeds limit"},
        {"check": "concentration", "passed": True, "observed": "0.175", "limit": "0.25", "headroom": "0.075",
         "status": "passed", "unit": "ratio", "reason": "within"},
    ],
}  # fmt: skip
VERDICT = {**DENIED, "approved": False, "reducing": False, "evidence": {}}
LOCKED = {**DENIED, "check": "trading_state", "message": "the account is reducing"}
EVERY = [
    ["status"], ["orders"], ["fills"], ["positions"], ["headroom"], ["alerts"], ["breakers"],
    ["check", "buy", "1", "AAPL"], ["order", "buy", "1", "AAPL"], ["cancel", "x"],
    ["flatten", "--yes", "--reason", "r"],
    ["kill", "--yes", "--reason", "r"], ["release", "--yes", "--reason", "r"], ["breaker", "reset", "1"],
    ["breaker", "trip", "--yes", "--reason", "r"], ["limits", "show"], ["limits", "set", "daily_loss=5"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", EVERY, ids=lambda each: " ".join(each[:2]))
def test_nobody_there_is_3(arguments, run):
    done = run(*arguments, "--url", "http://127.0.0.1:1")
    assert done.code == Exit.UNREACHABLE
    assert done.out == ""
    assert "nothing answers at http://127.0.0.1:1 (Connection refused)" in done.err
    assert "stopline run" in done.err


@pytest.mark.parametrize("arguments", EVERY, ids=lambda each: " ".join(each[:2]))
def test_somebody_else_there_is_3(arguments, ask, stand):
    for name in list(stand.answers):
        del stand.answers[name]
    stand.answers |= {f"{asked}": (200, b"<html>hello</html>") for asked in _everything()}
    done = ask(*arguments)
    assert done.code == Exit.UNREACHABLE
    assert "not as a Stopline does" in done.err


def _everything():
    paths = """/health /api/account /api/orders /api/executions /api/positions /api/headroom /api/risk/alerts
        /api/risk/circuit-breakers /api/risk/check /api/order /api/order/x /api/risk/limits""".split()
    return [f"{method} {path}" for method in ("GET", "POST", "PUT", "DELETE") for path in paths]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (404, {"error": "unknown_account", "message": "there is no account 'x'", "fix": "accounts here: paper"}, 2),
        (422, {"error": "invalid_request", "message": "symbol: is empty", "fix": "a name"}, 2),
        (409, {"error": "order_not_working", "message": "it is filled", "fix": ""}, 1),
        (403, {"error": "not_allowed", "message": "not while locked", "fix": "later"}, 1),
        (503, {"error": "store_unavailable", "message": "the store fails", "fix": "send it again later"}, 5),
        (500, {}, 5),
    ],
)
def test_a_refusal_says_why_and_what_would_be_right(status, body, code, ask, stand):
    stand.answers["DELETE /api/order/x"] = (status, body)
    done = ask("cancel", "x")
    assert done.code == code
    assert done.out == ""
    assert body.get("message", f"the answer was {status}") in done.err
    assert body.get("fix", "") in done.err


def test_all_problems_of_a_body_are_said(ask, stand):
    problems = [
        {"field": "quantity", "message": "must be more than 0", "fix": ""},
        {"field": "price", "message": "is odd", "fix": ""},
    ]
    stand.answers["POST /api/order"] = (
        422,
        {"message": "quantity: must be more than 0", "fix": "", "problems": problems},
    )
    done = ask("order", "buy", "0", "AAPL")
    assert done.code == 2
    assert "quantity: must be more than 0" in done.err
    assert "price: is odd" in done.err


class TestOrders:
    def test_check_denied_is_1_with_the_whole_table(self, ask, stand):
        stand.answers["POST /api/risk/check"] = (200, VERDICT)
        done = ask("check", "buy", "100", "AAPL", "--limit", "175.00")
        assert done.code == 1
        assert re.search(r"max_order_notional +denied +17,500.00 +1,000.00 +-16,500.00", done.out)
        assert re.search(r"concentration +passed +17.5 % +25.0 % +7.5 %", done.out)
        assert "denied by max_order_notional" in done.err
        assert "5 would pass" in done.err
        sent = stand.body_of("POST /api/risk/check")
        assert sent == {
            "symbol": "AAPL", "side": "BUY", "quantity": "100", "order_type": "LIMIT", "time_in_force": "DAY",
            "price": "175.00",
        }  # fmt: skip

    def test_check_approved_is_0(self, ask, stand):
        stand.answers["POST /api/risk/check"] = (200, {**VERDICT, "approved": True, "check": None, "message": ""})
        done = ask("check", "sell", "1", "AAPL", "--stop", "170", "--limit", "169", "--tif", "gtc", "--reduce-only")
        assert done.code == 0
        assert "approved" in done.err
        sent = stand.body_of("POST /api/risk/check")
        assert (sent["order_type"], sent["stop_price"], sent["reduce_only"]) == ("STOP_LIMIT", "170", True)

    def test_check_of_a_locked_account_is_4(self, ask, stand):
        stand.answers["POST /api/risk/check"] = (200, {**VERDICT, "check": "trading_state"})
        assert ask("check", "buy", "1", "AAPL").code == 4

    def test_check_json(self, ask, stand):
        stand.answers["POST /api/risk/check"] = (200, VERDICT)
        done = ask("check", "buy", "1", "AAPL", "--json")
        assert done.code == 1
        assert (done.json["version"], done.json["kind"], done.json["approved"]) == (1, "check", False)
        assert done.json["checks"][0]["observed"] == "17500.00"

    @pytest.mark.parametrize(("body", "code"), [(DENIED, 1), (LOCKED, 4)])
    def test_order_denied(self, body, code, ask, stand):
        stand.answers["POST /api/order"] = (403, body)
        assert ask("order", "buy", "100", "AAPL", "--limit", "175").code == code
        done = ask("order", "buy", "100", "AAPL", "--limit", "175", "--json")
        assert done.code == code
        assert (done.json["kind"], done.json["accepted"]) == ("order", False)

    def test_order_accepted(self, ask, stand):
        body = {
            "client_order_id": "A1",
            "state": "approved",
            "symbol": "AAPL",
            "side": "BUY",
            "warnings": ["take care"],
        }
        stand.answers["POST /api/order"] = (201, body)
        done = ask("order", "buy", "1", "AAPL", "--limit", "175", "--id", "A1")
        assert done.code == 0
        assert "approved" in done.out
        assert "warning: take care" in done.err
        assert stand.body_of("POST /api/order")["client_order_id"] == "A1"

    def test_an_id_is_made_and_said(self, ask, stand):
        stand.answers["POST /api/order"] = (201, {"client_order_id": "?", "state": "approved"})
        done = ask("order", "buy", "1", "AAPL")
        made = stand.body_of("POST /api/order")["client_order_id"]
        assert f"order {made}" in done.err

    def test_an_id_is_one_part_of_the_path(self, ask, stand):
        stand.answers["DELETE /api/order/a%2Fb%3F"] = (200, {"client_order_id": "a/b?", "state": "pending_cancel"})
        done = ask("cancel", "a/b?", "--account", "paper", "--json")
        assert done.code == 0
        assert done.json["state"] == "pending_cancel"


class TestStatus:
    @pytest.mark.parametrize(
        ("account", "health", "code"),
        [
            pytest.param({}, {}, 0, id="all is well"),
            pytest.param({"trading_state": "reducing"}, {}, 4, id="reducing"),
            pytest.param({"trading_state": "halted"}, {"status": "degraded"}, 4, id="halted"),
            pytest.param({"trading_state": "cancel_only"}, {"status": "degraded"}, 5, id="cancel_only"),
            pytest.param({}, {"status": "degraded", "problems": ["no quote for 40 s"]}, 5, id="degraded"),
            pytest.param({}, {"status": "starting", "waiting_for": ["first quotes"]}, 5, id="starting"),
        ],
    )
    def test_code_says_how_it_is(self, account, health, code, ask, stand):
        stand.answers["GET /api/account"] = (200, ACCOUNT | account)
        stand.answers["GET /health"] = (200, HEALTH | health)
        done = ask("status")
        assert done.code == code
        for problem in health.get("problems", []) + health.get("waiting_for", []):
            assert problem in done.err
        assert ask("status", "--json").code == code

    def test_shows_figures_and_that_prices_are_made_up(self, ask, stand):
        done = ask("status")
        assert "synthetic:7 (made-up prices)" in done.out
        assert "100,012.50 USD" in done.out
        assert "+12.50  realized -1.25  unrealized +13.75" in done.out
        assert "PAPER" in done.out

    def test_unknown_is_a_dash_and_never_zero(self, ask, stand):
        stand.answers["GET /api/account"] = (200, ACCOUNT | {"equity": None, "total_pnl": None, "unpriced": ["AAPL"]})
        done = ask("status")
        assert re.search(r"equity +- USD", done.out)
        assert re.search(r"not priced +AAPL", done.out)

    def test_a_restriction_says_why_and_until_when(self, ask, stand):
        lock = {"key": "breaker:1", "state": "reducing", "reason": "day P&L -5100", "actor": "engine",
                "since": "2026-11-20T15:00:00.000000000Z", "until": None, "active": True}  # fmt: skip
        stand.answers["GET /api/account"] = (200, ACCOUNT | {"trading_state": "reducing", "restrictions": [lock]})
        assert "breaker:1: reducing, day P&L -5100, until lifted" in ask("status").out

    def test_an_unknown_account_is_2(self, ask, stand):
        stand.answers["GET /api/account"] = (404, {"message": "there is no account 'x'", "fix": ""})
        assert ask("status", "--account", "x").code == 2

    def test_json_holds_exact_text(self, ask, stand):
        stand.answers["GET /health"] = (200, b'{"status": "ok", "feed_age_s": 0.10000000000000000555}')
        found = ask("status", "--json").json
        assert found["health"]["feed_age_s"] == "0.10000000000000000555"
        assert found["account"]["equity"] == "100012.50"

    def test_watch_wants_a_terminal(self, ask):
        assert ask("status", "--watch").code == 2


class TestWhatNobodyExpects:
    def test_an_unknown_error_is_one_sentence_and_a_log(self, run, monkeypatch):
        monkeypatch.setattr(app_module, "app", _broken)
        done = run("status")
        assert done.code == 1
        assert "Traceback" not in done.err
        assert "ZeroDivisionError" in done.err
        path = re.search(r"details are in (\S+);", done.err)
        assert path
        with open(path[1], encoding="utf-8") as log:
            assert "Traceback" in log.read()

    @pytest.mark.parametrize("url", ["ftp://x", "http://", "http://x:port", "http://x:99999"])
    def test_a_wrong_url_is_2(self, url, run):
        done = run("status", "--url", url)
        assert done.code == 2
        assert "is no address" in done.err

    def test_the_url_comes_from_the_environment_too(self, run, stand, monkeypatch):
        monkeypatch.setenv("STOPLINE_URL", stand.url)
        monkeypatch.setenv("STOPLINE_ACCOUNT", "paper")
        assert run("status").code == 0
        assert ("GET /api/account?account=paper", None) in stand.asked

    def test_an_url_may_leave_out_its_scheme(self, run, stand):
        assert run("status", "--url", stand.url.removeprefix("http://")).code == 0


def _broken(*arguments: object, **named: object) -> None:
    raise ZeroDivisionError("oops")
