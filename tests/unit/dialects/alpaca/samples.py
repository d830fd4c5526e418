"""The documented responses of Alpaca, where they are kept beside the project."""

import json
from decimal import Decimal
from typing import Any

from tests.market_files import DATA

FILE = DATA / "broker_samples" / "alpaca_responses.json"
MISSED = {
    # taken away by Alpaca in July 2026
    "daytrade_count daytrading_buying_power pattern_day_trader dtbp_check pdt_check",
    # documented nowhere, or for brokers' own customers only
    "commission subtag source usd swap_rate avg_entry_swap_rate last_close_pct_change last_price",
}
PASSED_OVER = frozenset(" ".join(MISSED).split())
"""Fields of the samples that we do not read."""


def load() -> dict[str, Any]:
    """Return them by the name of the test that they come from."""
    loaded: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return loaded


def texts(wire: bytes) -> Any:
    """Return JSON with every number as the text that was sent."""
    return json.loads(wire, parse_float=str, parse_int=str)


def as_number(value: Any) -> Decimal | None:
    """Return a number, or text that is one."""
    try:
        return Decimal(value) if isinstance(value, str) else None
    except ArithmeticError:
        return None
