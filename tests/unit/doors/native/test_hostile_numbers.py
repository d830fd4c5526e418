"""The hostile corpus through every numeric field of every route: 422 and never 500, and nothing reaches the desk."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stopline.doors.native.admin import BASELINE_FORM
from stopline.doors.native.breakers import RESET_FORM
from stopline.doors.native.commitment import APPROVE_FORM
from stopline.doors.native.fields import Form
from stopline.doors.native.heartbeat_form import HEARTBEAT_FORM
from stopline.doors.native.limit_forms import LIMITS_FORM, SYMBOL_LIMIT_FORM
from stopline.doors.native.lockouts import LOCK_FORM
from stopline.doors.native.order_form import ORDER_FORM
from stopline.doors.native.orders import REPLACE_FORM
from stopline.doors.native.positions import CLOSE_FORM
from stopline.doors.native.risk import CHECK_FORM
from stopline.doors.native.sizing import SIZE_FORM
from tests.unit.doors.native.bodies import ask, order, raw

CORPUS = json.loads((Path(__file__).parents[3] / "corpus" / "numbers.json").read_text(encoding="utf-8"))
PLACES = {
    "quantity": 9, "qty": 9, "max_order_qty": 9, "max_position_qty": 9, "quote_min_size": 9,
    "price": 8, "stop_price": 8, "trail_amount": 8, "notional": 8, "take_profit": 8, "stop_loss": 8,
    "max_position_size": 8, "max_order_size": 8, "daily_loss_limit": 8, "max_position": 8, "daily_loss": 8,
    "drawdown_floor": 8, "equity": 8, "max_order_notional": 8,
    "risk": 8, "atr": 8, "atr_times": 6,
    "quote_max_age": 9, "duplicate_window": 9, "breaker_expiry": 9,
    "cancel_after_s": 9, "partial_timeout_s": 9, "timeout_s": 9, "for_s": 9,
    "max_leverage": 6, "gross_exposure": 6, "net_exposure": 6, "concentration": 6, "leverage": 6,
}  # fmt: skip
"""The scale of a field, where the corpus speaks of it; a case of another scale may be a good number there."""

ROUTES: list[tuple[str, str, Form, dict[str, Any]]] = [
    ("POST", "/api/order", ORDER_FORM, order()),
    ("POST", "/api/risk/check", CHECK_FORM, order()),
    ("POST", "/api/size", SIZE_FORM, {"symbol": "AAPL", "side": "BUY"}),
    ("PATCH", "/api/order/T-1", REPLACE_FORM, {}),
    ("POST", "/api/positions/AAPL/close", CLOSE_FORM, {}),
    ("PUT", "/api/risk/limits", LIMITS_FORM, {}),
    ("PUT", "/api/risk/position-limits/AAPL", SYMBOL_LIMIT_FORM, {}),
    ("POST", "/api/risk/circuit-breaker/reset", RESET_FORM, {}),
    ("POST", "/api/risk/proposals/approve", APPROVE_FORM, {}),
    ("POST", "/api/risk/baseline", BASELINE_FORM, {}),
    ("POST", "/api/heartbeat", HEARTBEAT_FORM, {"strategy": "trend"}),
    ("POST", "/api/risk/lockout", LOCK_FORM, {}),
]


def numeric_fields() -> Iterator[tuple[str, str, dict[str, Any], str]]:
    for method, path, form, body in ROUTES:
        for name, field in form.items():
            kinds = field.schema.get("type")
            if isinstance(kinds, list) and {"number", "integer"} & set(kinds) and name not in ("expire_at", "until"):
                yield method, path, body, name


FIELDS = list(numeric_fields())
TEXTS = {case["id"]: (case["text"], case["places"]) for case in CORPUS["refused"] if "text" in case}
TOKENS = [
    *("true", "false", "[]", "{}", "[1]", '{"a": 1}'),
    *("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1E+999999", "9" * 5000, "0." + "0" * 5000 + "1"),
    *("0x10", "1_000", "+1", ".5", "1.", "01", "--1", "１７５", "٣"),
]
OTHER_TOKENS = {"true", "false", "[]", "{}", "[1]", '{"a": 1}'}
"""Tokens that are JSON, and no numbers."""


def test_every_numeric_field_is_here():
    names = {name for *_, name in FIELDS}
    assert {"quantity", "price", "notional", "max_order_size", "max_leverage", "breaker_id", "percent"} <= names
    assert len(FIELDS) > 50


@pytest.mark.parametrize(("method", "path", "body", "name"), FIELDS, ids=[f"{m} {p} {n}" for m, p, _, n in FIELDS])
async def test_hostile_numbers_are_422_in_every_field(app, desk, method, path, body, name):
    for text, places in TEXTS.values():
        asked = len(desk.asked)
        status, says = await ask(app, method, path, raw(body, **{name: json.dumps(text)}))
        if places == PLACES.get(name, places):
            assert status == 422, (text, says)
            assert says["error"] in ("invalid_request", "malformed_json")
            assert len(desk.asked) == asked
        assert status < 500


@pytest.mark.parametrize(("method", "path", "body", "name"), FIELDS, ids=[f"{m} {p} {n}" for m, p, _, n in FIELDS])
async def test_hostile_tokens_are_422_in_every_field(app, desk, method, path, body, name):
    asked = len(desk.asked)
    for token in TOKENS:
        if name in ("take_profit", "stop_loss") and token == "{}":
            continue
        status, says = await ask(app, method, path, raw(body, **{name: token}))
        assert status == 422, (token, says)
        if token in OTHER_TOKENS:
            assert name in [problem["field"] for problem in says["problems"]], (token, says)
        assert says["fix"]
    assert len(desk.asked) == asked


PRICES = [case for case in CORPUS["accepted"] if "text" in case and case["places"] == 8]


@pytest.mark.parametrize("case", PRICES, ids=lambda case: case["id"])
async def test_what_the_parser_takes_the_door_takes_exactly(client, desk, case):
    response = await client.post("/api/order", content=raw(order(), price=json.dumps(case["text"])))
    assert response.status_code in (201, 403), response.text
    assert desk.asked[-1].limit_price == case["scaled"]


@pytest.mark.parametrize("name", ["limit", "since", "cursor"])
async def test_hostile_numbers_in_queries(client, name):
    for text, _ in TEXTS.values():
        response = await client.get("/api/orders", params={name: text})
        assert response.status_code in (200, 422), (text, response.text)
        if name == "limit":
            assert response.status_code == 422, text
