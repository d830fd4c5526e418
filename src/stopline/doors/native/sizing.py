"""POST /api/size: how much may I trade?

Source     issue 5 (sizing); api.md (exact numbers on every route).
"""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from stopline.doors.native import fields
from stopline.doors.native.context import ACTOR, client_of
from stopline.doors.native.errors import Problem, Refusal, Wrong, invalid
from stopline.doors.native.fields import Field, Form, read_form
from stopline.doors.native.order_form import NUMBER, ORDER_FORM
from stopline.doors.native.pages import answer, body_of, page
from stopline.doors.native.parse import parse_object
from stopline.doors.native.respond import refused, unavailable
from stopline.doors.native.web import TheDoor, account_state, json, need_account, read_body
from stopline.measures.volatility import Bar, average_true_range
from stopline.messages.replies import Refused
from stopline.ports.desk import DeskUnavailable
from stopline.runtime.sizing import Sized, SizeWish, find_size
from stopline.views.sizing import SizeBody, size_body

router = APIRouter()
MAX_BARS: Final = 1_000
PERIOD: Final = 14
TIMES: Final = 2_000_000
_BAR_FIX: Final = "a list of [high, low, close], the oldest first"


def _bars(value: Any) -> tuple[Bar, ...]:
    """Read bars: [[high, low, close], ...]."""
    if not isinstance(value, list) or not all(isinstance(each, list) and len(each) == 3 for each in value):
        raise Wrong("are not lists of three prices", _BAR_FIX)
    if len(value) > MAX_BARS:
        raise Wrong(f"{len(value)} are too many", f"at most {MAX_BARS} bars")
    bars = tuple(Bar(*(fields.price(price) for price in each)) for each in value)
    for place, bar in enumerate(bars, start=1):
        if not bar.low <= bar.close <= bar.high:
            raise Wrong(f"bar {place} does not close between its low and its high", _BAR_FIX)
    return bars


SIZE_FORM: Final = Form(
    {
        "symbol": ORDER_FORM["symbol"],
        "side": ORDER_FORM["side"],
        "account": ORDER_FORM["account"],
        "price": Field(
            "price",
            fields.price,
            {
                **NUMBER,
                "description": "entry as a LIMIT price; without it, MARKET at the quote",
                "examples": ["175.00"],
            },
        ),
        "percent": Field(
            "percent",
            fields.percent,
            {**NUMBER, "description": "fixed fraction: percent of equity to hold", "examples": ["5"]},
        ),
        "risk": Field(
            "risk",
            fields.positive_money,
            {**NUMBER, "description": "money that may be lost down to the stop", "examples": ["250.00"]},
        ),
        "risk_percent": Field(
            "risk_percent",
            fields.percent,
            {**NUMBER, "description": "percent of equity that may be lost down to the stop", "examples": ["0.5"]},
        ),
        "stop_price": Field(
            "stop_price", fields.price, {**NUMBER, "description": "where the stop is", "examples": ["171.50"]}
        ),
        "atr": Field(
            "atr",
            fields.positive_money,
            {**NUMBER, "description": "average true range; the stop is atr_times of it away", "examples": ["2.35"]},
        ),
        "bars": Field(
            "bars",
            _bars,
            {
                "type": "array",
                "maxItems": MAX_BARS,
                "items": {"type": "array", "items": NUMBER, "minItems": 3, "maxItems": 3},
                "description": "bars of [high, low, close], the oldest first, to compute Wilder's ATR from",
            },
        ),
        "atr_period": Field(
            "atr_period",
            fields.positive_count,
            {"type": ["integer", "string"], "description": "period of the ATR of bars", "default": PERIOD},
        ),
        "atr_times": Field(
            "atr_times",
            fields.limit_ratio,
            {**NUMBER, "description": "how many ATR away the stop is", "default": 2, "examples": ["2"]},
        ),
        "strategy": ORDER_FORM["strategy"],
    }
)
EXAMPLE: Final = {"symbol": "AAPL", "side": "BUY", "price": "175.00", "risk_percent": "0.5", "stop_price": "171.50"}
SIZE_EXAMPLE: Final = {
    "account": "paper",
    "symbol": "AAPL",
    "side": "BUY",
    "qty": "5",
    "wanted_qty": "142",
    "lot_size": "1",
    "bound_by": "max_order_notional",
    "reason": "Order size exceeds limit: $1050.00 > $1000.00",
    "amount": "500.00",
    "entry": "175.00",
    "stop_price": "171.50",
    "distance": "3.50",
    "at_risk": "17.50",
    "notional": "875.00",
    "equity": "100000.00",
    "caps": [
        {
            "check": "max_order_notional",
            "passed": False,
            "observed": "24850.00",
            "limit": "1000.00",
            "headroom": "-23850.00",
            "status": "denied",
            "unit": "money",
            "reason": "Order size exceeds limit: $24850.00 > $1000.00",
        }
    ],
}


@router.post(
    "/api/size",
    **page(
        "Size a position",
        "The largest quantity that the wish and every check allow now: a fixed fraction of equity (`percent`), or what "
        "may be lost (`risk`, `risk_percent`) down to a stop (`stop_price`, or so many `atr`, given or computed from "
        "`bars` as Wilder did). Rounded down to the lot; `bound_by` names what binds, `caps` every check that stands "
        "against the wanted quantity. Nothing is sent or reserved. Fees and slippage are not in it.",
        {200: answer("How much", SizeBody, SIZE_EXAMPLE)},
        errors=(404, 413, 503),
        body=body_of(SIZE_FORM, EXAMPLE),
        tag="risk",
    ),
)
async def size(request: Request, door: TheDoor) -> Response:
    """Say how much may be traded."""
    found = read_form(SIZE_FORM, parse_object(await read_body(request.receive)))
    account = need_account(door, found.pop("account", None))
    door.desk.peek(lambda state, at: account_state(state, account))
    wish = _wish(found, account, client_of(request.scope))
    try:
        sized = await find_size(door.desk, wish)
    except DeskUnavailable as fault:
        raise Refusal(unavailable(fault)) from None
    if isinstance(sized, Refused):
        raise Refusal(refused(sized))
    return json(_body(sized))


def _wish(found: dict[str, Any], account: str, client: str) -> SizeWish:
    """Return the wish; raises Refusal with all that does not go together."""
    bars, period = found.pop("bars", None), found.pop("atr_period", PERIOD)
    problems = list(_grammar(found, bars))
    if bars is not None and not problems:
        found["atr"] = average_true_range(bars, period)
        if not found["atr"]:
            text = f"an ATR of {period} needs {period + 1} bars that move, not {len(bars)}"
            problems.append(Problem("bars", text, "send more bars, or a shorter atr_period"))
    if problems:
        raise invalid(problems)
    found.setdefault("atr_times", TIMES)
    return SizeWish(account=account, actor=ACTOR, client=client, **found)


def _grammar(found: Mapping[str, Any], bars: object) -> list[Problem]:
    methods = [key for key in ("percent", "risk", "risk_percent") if key in found]
    stops = [key for key in ("stop_price", "atr") if key in found] + (["bars"] if bars is not None else [])
    problems = []
    if len(methods) != 1:
        said = " and ".join(methods) or "none"
        problems.append(Problem("risk", f"give exactly one of percent, risk and risk_percent, not {said}", "send one"))
    elif methods == ["percent"] and stops:
        problems.append(Problem(stops[0], "a fixed fraction of equity needs no stop", f"leave {stops[0]} out"))
    elif methods != ["percent"] and len(stops) != 1:
        said = " and ".join(stops) or "none"
        text = f"what may be lost needs exactly one of stop_price, atr and bars, not {said}"
        problems.append(Problem("stop_price", text, "send one of them"))
    if found.get("atr_times") == 0:
        problems.append(Problem("atr_times", "must be more than 0", "a number such as 2"))
    return problems


def _body(sized: Sized) -> SizeBody:
    wish = sized.wish
    return size_body(
        account=wish.account, symbol=wish.symbol, side=wish.side, instrument=sized.instrument, qty=sized.qty,
        wanted_qty=sized.wanted_qty, bound_by=sized.bound_by, reason=sized.reason, amount=sized.amount,
        entry=sized.entry, stop_price=sized.stop_price, distance=sized.distance, at_risk=sized.at_risk,
        notional=sized.notional, equity=sized.equity, caps=sized.caps,
    )  # fmt: skip
