"""Orders of every type and class at the terminal: the body that the options come to, the list, the history."""

import pytest

from stopline.cli.orders import event_words
from tests.unit.cli.conftest import Stand

HELD = {
    "account": "paper", "client_order_id": "b", "state": "working", "handling": "synthetic", "side": "BUY",
    "order_qty": "5", "cum_qty": "0", "symbol": "AAPL", "order_type": "LIMIT", "limit_price": "175.00",
    "stop_price": None, "avg_price": None, "reason": "", "updated_at": "2026-11-20T14:30:00.000000000Z", "parent": "",
    "waits_for": "",
}  # fmt: skip
CHANGE = {
    "time": "2026-11-20T14:30:00.000000000Z", "event": "OrderReleased", "state": "approved", "order_qty": "5",
    "cum_qty": "0", "limit_price": None, "stop_price": "170.00", "routed_order_id": "sl1-57", "reason": "5 as stop",
    "actor": "local", "seq": 57,
}  # fmt: skip


def leg(kind: str, **changes: object) -> dict[str, object]:
    return HELD | {"client_order_id": f"b/{kind}", "parent": "b", "state": "held", "leg": kind} | changes


@pytest.mark.parametrize(
    ("words", "body"),
    [
        ("buy 5 AAPL", {"order_type": "MARKET", "quantity": "5"}),
        ("sell 5 AAPL --stop 170", {"order_type": "STOP", "stop_price": "170", "side": "SELL"}),
        ("sell 5 AAPL --stop 170 --limit 169", {"order_type": "STOP_LIMIT", "price": "169", "side": "SELL"}),
        ("sell 5 AAPL --trail 1.5", {"order_type": "TRAILING_STOP", "trail_amount": "1.5", "side": "SELL"}),
        ("sell 5 AAPL --trail-percent 2", {"order_type": "TRAILING_STOP", "trail_percent": "2", "side": "SELL"}),
        (
            "buy 5 AAPL --limit 175 --take-profit 182 --stop-loss 171",
            {"order_class": "bracket", "take_profit": "182", "stop_loss": "171"},
        ),
        ("buy 5 AAPL --stop-loss 171", {"order_class": "oto", "stop_loss": "171"}),
        (
            "buy 5 AAPL --stop-loss 171 --stop-loss-limit 170",
            {"order_class": "oto", "stop_loss": {"stop_price": "171", "limit_price": "170"}},
        ),
        ("sell 5 AAPL --limit 182 --stop-loss 171 --class OCO", {"order_class": "oco", "side": "SELL"}),
        ("buy 5 AAPL --oca-group dip", {"oca_group": "dip"}),
        ("buy AAPL --notional 500", {"notional": "500", "symbol": "AAPL"}),
        ("buy 5 AAPL --expire-at 2026-11-20T21:00:00Z", {"time_in_force": "GTD", "expire_at": "2026-11-20T21:00:00Z"}),
        ("buy 5 AAPL --limit 175 --cancel-after 30s", {"cancel_after_s": "30"}),
        ("buy 5 AAPL --limit 175 --cancel-after 1.5min", {"cancel_after_s": "90"}),
        (
            "buy 5 AAPL --on-partial-fill CANCEL_REST --partial-timeout 250ms",
            {"on_partial_fill": "cancel_rest", "partial_timeout_s": "0.25"},
        ),
        ("buy 5 AAPL --after 2026-11-20T15:00:00Z", {"condition": {"after": "2026-11-20T15:00:00Z"}}),
    ],
)
def test_the_options_come_to_this_body(ask, stand, words, body):
    stand.answers["POST /api/order"] = (201, {"client_order_id": "?", "state": "approved"})
    assert ask("order", *words.split()).code == 0
    sent = stand.body_of("POST /api/order")
    assert {name: sent.get(name) for name in body} == body
    assert ("quantity" in sent) == ("notional" not in body)
    stand.answers["POST /api/risk/check"] = (403, {"error": "x", "message": "y", "fix": ""})
    ask("check", *words.split())
    checked = stand.body_of("POST /api/risk/check")
    assert checked == {name: value for name, value in sent.items() if name != "client_order_id"}


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("MSFT >= 400", {"symbol": "MSFT", "price": ">= 400"}),
        ("MSFT>=400", {"symbol": "MSFT", "price": ">= 400"}),
        ("<= 170.50", {"price": "<= 170.50"}),
        (" fut:ES:2026-12 <= 4000 ", {"symbol": "fut:ES:2026-12", "price": "<= 4000"}),
    ],
)
def test_a_condition_as_people_write_it(ask, stand, said, read):
    stand.answers["POST /api/order"] = (201, {"client_order_id": "?", "state": "held"})
    assert ask("order", "buy", "1", "AAPL", "--limit", "175", "--when", said).code == 0
    assert stand.body_of("POST /api/order")["condition"] == read


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["5"], "say how much of what"),
        (["5", "AAPL", "--notional", "500"], "not both"),
        (["5", "AAPL", "--trail", "1", "--trail-percent", "1"], "a trailing stop takes"),
        (["5", "AAPL", "--trail", "1", "--limit", "1"], "a trailing stop takes"),
        (["5", "AAPL", "--stop-loss-limit", "1"], "give both"),
        (["5", "AAPL", "--when", "MSFT = 400"], "is no condition"),
        (["5", "AAPL", "--when", "400"], "is no condition"),
        (["5", "AAPL", "--cancel-after", "30"], "--cancel-after: '30' is no duration"),
        (["5", "AAPL", "--partial-timeout", "soon"], "write 30s, 5min or 1h"),
    ],
)
def test_what_does_not_go_together_is_usage(ask, stand: Stand, options, says):
    done = ask("order", "buy", *options)
    assert done.code == 2
    assert says in done.err
    assert not stand.was_asked("POST /api/order")


def test_the_answer_says_who_looks_after_the_order(ask, stand):
    body = {**HELD, "state": "held", "waits_for": "MSFT at or above 400.00", "legs": ["b/stop_loss"]}
    stand.answers["POST /api/order"] = (201, body)
    out = ask("order", "buy", "5", "AAPL").out
    assert "synthetic" in out
    assert "MSFT at or above 400.00" in out
    assert "b/stop_loss" in out
    stand.answers["POST /api/order"] = (201, {**HELD, "handling": "native"})
    assert "native" not in ask("order", "buy", "5", "AAPL").out


def test_legs_stand_under_their_parent(ask, stand):
    other = HELD | {"client_order_id": "z", "handling": "native"}
    stop, target = leg("stop_loss"), leg("take_profit", waits_for="AAPL at or above 182.00")
    alone = leg("stop_loss", client_order_id="old/stop_loss", parent="old", sent_as="MARKET")
    stand.answers["GET /api/orders"] = (200, {"orders": [other, stop, target, HELD, alone], "next_cursor": None})
    lines = ask("orders").out.splitlines()[1:]
    names = [line.split("Z  ", 1)[1].split("  working")[0].split("  held")[0].rstrip() for line in lines]
    assert names == ["z", "b", "  b/take_profit", "  b/stop_loss", "old/stop_loss"]
    assert "waits for AAPL at or above 182.00" in lines[2]
    assert "LIMIT as MARKET" in lines[4]


def test_the_history_of_one_order(ask, stand):
    body = {**HELD, "waits_for": "AAPL at or above 182.00", "history": [CHANGE | {"event": "OrderHeld"}, CHANGE]}
    stand.answers["GET /api/order/b%2Fstop_loss"] = (200, body)
    done = ask("orders", "--history", "b/stop_loss")
    assert done.code == 0
    assert [line.split("  ")[1].strip() for line in done.out.splitlines()[1:]] == ["held", "released"]
    assert "sl1-57" in done.out
    assert "waits for AAPL at or above 182.00" in done.err
    assert any("history=true" in asked for asked, _ in stand.asked)
    told = ask("orders", "--history", "b/stop_loss", "--json").json
    assert (told["kind"], len(told["history"])) == ("order_history", 2)


def test_the_history_of_an_order_nobody_knows(ask, stand):
    stand.answers["GET /api/order/x"] = (404, {"error": "unknown_order", "message": "no order 'x'", "fix": "look"})
    done = ask("orders", "--history", "x")
    assert done.code == 2
    assert "no order 'x'" in done.err


@pytest.mark.parametrize(
    ("event", "words"),
    [("OrderReleased", "released"), ("CancelRequested", "cancel requested"), ("StopTrailed", "stop trailed")],
)
def test_events_in_words(event, words):
    assert event_words(event) == words


@pytest.mark.parametrize("command", ["order", "check"])
@pytest.mark.parametrize(("words", "right"), [("buy -5 AAPL", "sell 5"), ("SELL -0.5 AAPL --limit 175", "buy 0.5")])
def test_a_quantity_below_zero_is_no_unknown_option(ask, stand, command, words, right):
    done = ask(command, *words.split())
    assert done.code == 2
    assert "must be more than 0: the side, buy or sell, says which way" in done.err
    assert done.err.endswith(f"try: {right}\n")
    assert not stand.asked


def test_a_negative_price_is_a_price(ask, stand):
    """What it is of decides: some futures have traded below zero."""
    stand.answers["POST /api/order"] = (201, HELD)
    assert ask("order", "buy", "5", "CLZ6", "--limit", "-1").code == 0
    assert stand.body_of("POST /api/order")["price"] == "-1"
