"""What the broker suite needs of a broker under test: a way to make the market fill its orders, and to kill it.

One bench per broker. The suite (tests/contract/test_broker.py) speaks to this and knows
nothing of the broker behind it.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from stopline.messages import inputs as i
from stopline.messages.events import Evidence, OrderApproved, ReplaceApproved
from stopline.messages.inputs import Input
from stopline.model.account import AccountTerms
from stopline.model.numbers import SECOND, parse_price, parse_qty
from stopline.model.order import OrderRequest, OrderType, Side, TimeInForce
from stopline.ports.broker import Broker
from stopline.venue.equities import equity
from stopline.venue.futures import future

T = TypeVar("T", bound=Input)
NOW = 1_767_718_800 * SECOND
"""2026-01-06T17:00:00Z, a Tuesday: noon in New York."""
ACCOUNT = "A1"
AAPL, ES = equity("AAPL"), future("ES", 2026, 3, NOW)
TERMS = AccountTerms(ACCOUNT, "paper", opening_cash=parse_price("100000"))


class Bench(Protocol):
    """One broker under test. It has one account, A1, with 100,000 USD, and knows AAPL and ES."""

    broker: Broker
    said: list[Input]
    """Everything that it reported, in order, since the last start."""

    async def start(self) -> None:
        """Connect, and return once the first picture was reported."""

    async def fill(self, routed_order_id: str, qty: str, price: str) -> None:
        """Let exactly this much of a working limit order trade at this price (its limit)."""

    async def settle(self) -> None:
        """Return once everything that was asked is answered."""

    async def restart(self) -> None:
        """Our side dies without a word and comes back; the broker's book is what it was."""

    async def stop(self) -> None:
        """Let go."""


def approved(
    routed: str, side: str = "buy", size: str = "10", limit: str | None = "100", **terms: Any
) -> OrderApproved:
    """Return an approval as the gate makes them."""
    stop = terms.pop("stop", None)
    kinds = {(False, False): "market", (True, False): "limit", (False, True): "stop", (True, True): "stop_limit"}
    request = OrderRequest(
        account=terms.pop("account", ACCOUNT),
        client_order_id=f"C-{routed}",
        instrument_id=terms.pop("instrument", AAPL).instrument_id,
        side=Side(side),
        order_qty=parse_qty(size),
        order_type=OrderType(kinds[limit is not None, stop is not None]),
        limit_price=None if limit is None else parse_price(limit),
        stop_price=None if stop is None else parse_price(stop),
        time_in_force=TimeInForce(terms.pop("tif", "day")),
        **terms,
    )
    return OrderApproved(request, f"1-{routed}", routed, False, request.limit_price, Evidence(1), "tester")


def change(
    order: OrderApproved, size: str = "10", limit: str | None = "100", stop: str | None = None
) -> ReplaceApproved:
    """Return an approved replace."""
    return ReplaceApproved(
        order.request.account,
        order.request.client_order_id,
        "1-2",
        parse_qty(size),
        None if limit is None else parse_price(limit),
        None if stop is None else parse_price(stop),
        None,
        Evidence(1),
        "tester",
    )


def of(said: list[Input], kind: type[T]) -> list[T]:
    """Return what was said of one kind."""
    return [each for each in said if isinstance(each, kind)]


def about(said: list[Input], routed: str) -> list[Input]:
    """Return what was said about one order."""
    return [
        each
        for each in said
        if getattr(each, "routed_order_id", None) == routed
        or (isinstance(each, i.FillReported) and each.fill.routed_order_id == routed)
    ]


class HandClock:
    """Engine time that a test moves."""

    name = "wall"
    speed = 1

    def __init__(self, at: int = NOW) -> None:
        self._at = at
        self._moved = asyncio.Event()

    def at(self) -> int:
        return self._at

    def move_to(self, at: int) -> None:
        self._at = max(self._at, at)
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def move(self, seconds: int) -> None:
        self.move_to(self._at + seconds * SECOND)

    async def sleep_until(self, due: int) -> None:
        while self._at < due:
            await self._moved.wait()


MakeBench = Callable[[Any], Bench]
