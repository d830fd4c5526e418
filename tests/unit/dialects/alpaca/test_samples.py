"""Every documented response of Alpaca is parsed, and rendered back to what it was."""

import json
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest

from stopline.dialects.alpaca.account import ACCOUNT, CONFIGURATIONS
from stopline.dialects.alpaca.activities import ACTIVITY
from stopline.dialects.alpaca.assets import ASSET
from stopline.dialects.alpaca.exact_json import decode, encode
from stopline.dialects.alpaca.history import PORTFOLIO_HISTORY
from stopline.dialects.alpaca.instants import read_instant
from stopline.dialects.alpaca.orders import parse_order, parse_orders, render_order, render_orders
from stopline.dialects.alpaca.positions import POSITION
from stopline.dialects.alpaca.results import (
    parse_cancel_results,
    parse_close_results,
    render_cancel_results,
    render_close_results,
)
from tests.market_files import IS_CI
from tests.unit.dialects.alpaca.samples import FILE, PASSED_OVER, as_number, load, texts

pytestmark = pytest.mark.skipif(not FILE.exists() and not IS_CI, reason="the documented responses are not kept here")

Back = Callable[[Any], Any]


def record_back(record: Any) -> Back:
    return lambda body: record.render(record.parse(body))


def list_back(record: Any) -> Back:
    return lambda body: [record.render(each) for each in record.parse_list(body)]


def all_positions_back(body: Any) -> Any:
    """Positions of many accounts: brokers' customers have them, and each is a position like ours."""
    return {
        "as_of": body["as_of"],
        "positions": {account: list_back(POSITION)(held) for account, held in body["positions"].items()},
    }


BACK: dict[str, Back] = {
    "test_get_orders": lambda body: render_orders(parse_orders(body)),
    "test_cancel_orders": lambda body: render_cancel_results(parse_cancel_results(body)),
    "test_cancel_orders_for_account": lambda body: render_cancel_results(parse_cancel_results(body)),
    "test_get_account": record_back(ACCOUNT),
    "test_get_account_configurations": record_back(CONFIGURATIONS),
    "test_get_account_configurations_without_deprecated_pdt_fields": record_back(CONFIGURATIONS),
    "test_get_all_assets": list_back(ASSET),
    "test_get_all_assets_params": list_back(ASSET),
    "test_get_asset": record_back(ASSET),
    "?": list_back(ACTIVITY),
    "test_get_all_accounts_positions": all_positions_back,
    "test_get_all_positions_for_account": list_back(POSITION),
    "test_close_all_positions_for_account": lambda body: render_close_results(parse_close_results(body)),
}


def back_for(name: str) -> Back:
    test = name.rpartition("::")[2]
    if test in BACK:
        return BACK[test]
    if "portfolio_history" in test:
        return record_back(PORTFOLIO_HISTORY)
    if "activities" in name:
        return list_back(ACTIVITY)
    assert "order" in test or "close_position" in test, f"no one reads {name}"
    return lambda body: render_order(parse_order(body))


def differences(was: Any, now: Any, where: str = "") -> list[str]:
    """Return where the rendered body says something else than the sample did."""
    if isinstance(was, dict):
        assert isinstance(now, dict), where
        found = [f"{where}.{key} is gone" for key in was if key not in now and key not in PASSED_OVER]
        return found + [each for key in was if key in now for each in differences(was[key], now[key], f"{where}.{key}")]
    if isinstance(was, list):
        assert isinstance(now, list), where
        assert len(was) == len(now), where
        return [
            each
            for place, (a, b) in enumerate(zip(was, now, strict=True))
            for each in differences(a, b, f"{where}[{place}]")
        ]
    return [] if same(was, now, where) else [f"{where}: {was!r} became {now!r}"]


def same(was: Any, now: Any, where: str) -> bool:
    number, back = as_number(was), as_number(now)
    if number is not None and back is not None:
        places = 6 if any(part in where for part in ("plpc", "pct", "change_today")) else 9 if "qty" in where else 8
        return back == number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN) or back == number
    if isinstance(was, str) and where.endswith(("_at", "_time")):
        return read_instant(was) == read_instant(now)
    if where.endswith(".order_type"):
        return True  # the old name of `type`; the documented list contradicts itself there
    return bool(was == now) or (where.endswith(".hwm") and was == "string" and now is None)


def test_every_sample_is_parsed_and_rendered_back():
    samples = load()
    assert len(samples) == 26
    found = {}
    for name, bodies in samples.items():
        for place, body in enumerate(bodies):
            wire = json.dumps(body).encode()
            rendered = texts(encode(back_for(name)(decode(wire))))
            found[f"{name}[{place}]"] = differences(texts(wire), rendered)
    assert {name: each for name, each in found.items() if each} == {}


def test_a_planted_difference_is_seen():
    order = {"qty": "1", "status": "new", "filled_at": "2021-03-16T18:38:01.942282Z"}
    assert differences(order, order) == []
    assert differences(order, order | {"qty": "1.1"})
    assert differences(order, {"qty": "1"})
    assert differences(order, order | {"filled_at": "2021-03-16T18:38:02Z"})
