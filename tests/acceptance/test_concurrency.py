"""Two hundred clients at once over real HTTP, each with an order that passes alone: together they stay in bounds.

What is worst case is worked out here from the journaled events, record by record: the position,
and all that works, leaves and all. Fills, cancels and partial fills come in between as they like.

Source     issue 2 (must be shown, 4); reliability.md I03, I05, I08, F41.
"""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from stopline.bootstrap import System
from stopline.config.load import load
from stopline.config.settings import Market
from stopline.doors.native.app import create_app
from stopline.doors.native.serve import open_door
from stopline.messages import events as e
from stopline.model.limits import RateWindow, SymbolLimit
from stopline.model.numbers import QTY_ONE, SECOND, Nanos, parse_money
from stopline.model.order import Side
from tests.acceptance.evidence import Evidence
from tests.acceptance.wire import Answer, CrowdLine

CLIENTS = 200


class Watch:
    """Works out the worst case of each instrument again after every record."""

    def __init__(self, limits: dict[str, int]) -> None:
        self._limits = limits
        self._leaves: dict[str, tuple[str, Side, int]] = {}
        self.position: Counter[str] = Counter()
        self.worst: Counter[str] = Counter()
        """The highest worst case that was ever reached."""
        self.events: Counter[str] = Counter()
        self.breaches: list[str] = []

    def hear(self, seq: int, at: Nanos, events: tuple[e.Event, ...]) -> None:
        for event in events:
            self.events[type(event).__name__] += 1
            self._note(event)
        for instrument_id, limit in self._limits.items():
            worst = self._worst_of(instrument_id)
            self.worst[instrument_id] = max(self.worst[instrument_id], worst)
            if worst > limit:
                self.breaches.append(f"record {seq}: {instrument_id} could come to {worst / QTY_ONE}")

    def _note(self, event: e.Event) -> None:
        if isinstance(event, e.OrderApproved):
            request = event.request
            self._leaves[request.client_order_id] = (request.instrument_id, request.side, request.order_qty)
        elif isinstance(event, e.OrderFilled):
            fill = event.fill
            self.position[fill.instrument_id] += fill.qty if fill.side is Side.BUY else -fill.qty
            instrument_id, side, left = self._leaves[event.client_order_id]
            self._leaves[event.client_order_id] = (instrument_id, side, left - fill.qty)
        elif isinstance(event, e.OrderCanceled | e.OrderExpired | e.OrderRejected):
            del self._leaves[event.client_order_id]

    def _worst_of(self, instrument_id: str) -> int:
        held, buys, sells = self.position[instrument_id], 0, 0
        for name, side, left in self._leaves.values():
            if name == instrument_id:
                buys += left if side is Side.BUY else 0
                sells += left if side is Side.SELL else 0
        return max(abs(held + buys), abs(held - sells))


@asynccontextmanager
async def house(data_dir: Path, **limits: SymbolLimit) -> AsyncIterator[tuple[System, int]]:
    """A whole system behind its door, with limits of symbols and hardly any others."""
    settings = load()
    own = structs.replace(
        settings.limits["paper"],
        order_rate=(RateWindow(100_000, SECOND),),
        self_match=False,
        max_order_notional=None,
        max_position=None,
        concentration=None,
        leverage=None,
        buying_power=False,
    )
    settings = structs.replace(
        settings,
        data_dir=data_dir,
        market=Market(source="synthetic:7", seed=7),
        limits={"paper": own},
        symbol_limits={"paper": settings.symbol_limits["paper"] | limits},
    )
    async with System(settings) as system:
        serving = await open_door(create_app(system.desk), "127.0.0.1", 0)
        try:
            await system.ready()
            yield system, serving.port
        finally:
            await serving.close()


@asynccontextmanager
async def crowd(port: int, size: int = CLIENTS) -> AsyncIterator[list[CrowdLine]]:
    """Connections that all stand before anybody asks."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(CrowdLine(port, f"client-{number}")) for number in range(size)]


def order(order_id: str, symbol: str, quantity: int, price: str, **more: Any) -> dict[str, Any]:
    asked = {"client_order_id": order_id, "symbol": symbol, "side": "BUY", "quantity": quantity}
    return asked | {"order_type": "LIMIT", "price": price} | more


async def submit(line: CrowdLine, body: dict[str, Any], decided: tuple[int, ...] = (201, 403)) -> Answer:
    """Return the decision; a disk that is too slow now (503) uses up no id, so that it is asked again."""
    for _ in range(1_200):
        answer = await line.ask("POST", "/api/order", body)
        if answer.status != 503:
            assert answer.status in decided, answer
            return answer
        await asyncio.sleep(0.05)
    raise AssertionError(f"nothing was decided: {answer}")


@pytest.mark.parametrize(
    ("limit", "quantity", "fits"),
    [
        pytest.param(SymbolLimit(max_position_qty=100 * QTY_ONE), 7, 14, id="100 shares, 7 at a time"),
        pytest.param(SymbolLimit(max_position_qty=100 * QTY_ONE), 5, 20, id="100 shares, 5 at a time: exactly full"),
        # Each holds 5 shares at its limit or the mark, whichever is worse: 850 to 893 in the first minute.
        pytest.param(SymbolLimit(max_position=parse_money("10000.00")), 5, 11, id="10,000 dollars"),
    ],
)
async def test_exactly_as_many_pass_as_fit(limit: SymbolLimit, quantity: int, fits: int, tmp_path: Path):
    async with house(tmp_path / "data", AAPL=limit) as (system, port), crowd(port) as lines:
        watch = Watch({"eq:US:AAPL": 100 * QTY_ONE})
        system.loop.subscribe(watch.hear)
        bodies = [order(f"C{number}", "AAPL", quantity, "170.00") for number in range(CLIENTS)]
        answers = await asyncio.gather(*(submit(*each) for each in zip(lines, bodies, strict=True)))
        accepted = [answer for answer in answers if answer.status == 201]
        assert len(accepted) == fits
        assert {answer.json()["check"] for answer in answers if answer.status == 403} == {"max_position"}
        assert watch.breaches == []
        assert watch.worst["eq:US:AAPL"] == fits * quantity * QTY_ONE
        # Each of them would have passed alone: one that goes makes room for exactly one more.
        name = accepted[0].json()["client_order_id"]
        await cancel(lines[0], name)
        again = await asyncio.gather(
            *(submit(line, order(f"D{number}", "AAPL", quantity, "170.00")) for number, line in enumerate(lines))
        )
        assert Counter(answer.status for answer in again) == {201: 1, 403: CLIENTS - 1}
        assert watch.breaches == []
    expect_books_equal(tmp_path / "data")


async def cancel(line: CrowdLine, name: str) -> None:
    """Ask until it is gone."""
    for _ in range(500):
        await line.ask("DELETE", f"/api/order/{name}")
        answer = await line.ask("GET", f"/api/order/{name}")
        if answer.json()["state"] == "canceled":
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{name} is not gone: {answer}")


LIMIT = 40
PRICES = {"AAPL": 175, "MSFT": 380, "KO": 58}


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_fills_and_cancels_come_between(seed: int, tmp_path: Path):
    """Both sides, orders that rest and orders that trade at once, each bot cancelling some of its own."""
    qty = LIMIT * QTY_ONE
    limits = {symbol: SymbolLimit(max_position_qty=qty) for symbol in PRICES}
    watch = Watch({f"eq:US:{symbol}": qty for symbol in PRICES})
    statuses: Counter[int] = Counter()

    async def trade(line: CrowdLine, number: int) -> None:
        draw = random.Random(f"{seed} {number}")
        mine: list[str] = []
        for turn in range(6):
            if draw.random() < 0.5:
                await asyncio.sleep(draw.random() / 20)
            if mine and draw.random() < 0.4:
                gone = await line.ask("DELETE", f"/api/order/{mine.pop(draw.randrange(len(mine)))}")
                assert gone.status in (200, 404, 409, 503), gone
                continue
            symbol, side = draw.choice([*PRICES]), draw.choice(["BUY", "SELL"])
            offset = draw.choice([-4, -2, -1, 1, 2, 4])
            price = f"{Decimal(PRICES[symbol]) * (100 + offset) / 100:.2f}"
            body = order(f"B{number}.{turn}", symbol, draw.choice([1, 2, 2]), price, side=side)
            if draw.random() < 0.2:
                body = {name: value for name, value in body.items() if name != "price"} | {"order_type": "MARKET"}
            answer = await submit(line, body)
            statuses[answer.status] += 1
            if answer.status == 201:
                mine.append(body["client_order_id"])

    async with house(tmp_path / "data", **limits) as (system, port), crowd(port) as lines:
        system.loop.subscribe(watch.hear)
        await asyncio.gather(*(trade(line, number) for number, line in enumerate(lines)))
        await system.loop.quiet()
    assert watch.breaches == []
    assert statuses[201] > 100 and statuses[403] > 100
    assert watch.events["OrderFilled"] > 20 and watch.events["OrderCanceled"] > 20
    for symbol in PRICES:
        assert watch.worst[f"eq:US:{symbol}"] > LIMIT * QTY_ONE * 9 // 10, "the limit was hardly touched"
    evidence = expect_books_equal(tmp_path / "data")
    held = {name: position.qty for name, position in evidence.state.accounts["paper"].positions.items() if position.qty}
    assert held == {name: held for name, held in watch.position.items() if held}


async def test_one_id_sent_fifty_times_at_once_is_one_order(tmp_path: Path):
    async with house(tmp_path / "data") as (_, port), crowd(port, 50) as lines:
        for order_id, symbol, quantity, status in (("SAME", "KO", 5, 201), ("LARGE", "AAPL", 100, 403)):
            body = order(order_id, symbol, quantity, "55.00" if symbol == "KO" else "175.00")
            answers = await asyncio.gather(*(submit(line, body) for line in lines))
            assert {(answer.status, answer.body) for answer in answers} == {(status, answers[0].body)}
        bodies = [order("RACE", "KO", 1 + number % 2, "55.00") for number in range(50)]
        answers = await asyncio.gather(
            *(submit(line, body, (201, 409)) for line, body in zip(lines, bodies, strict=True))
        )
        by_body: dict[int, set[tuple[int, bytes]]] = defaultdict(set)
        for body, answer in zip(bodies, answers, strict=True):
            by_body[body["quantity"]].add((answer.status, answer.body))
        assert sorted({status for status, _ in each} for each in by_body.values()) == [{201}, {409}]
        assert [len(each) for each in by_body.values()] == [1, 1]
    evidence = expect_books_equal(tmp_path / "data")
    assert sorted(evidence.decisions) == ["LARGE", "RACE", "SAME"]
    assert len(evidence.paper_orders) == 2


def expect_books_equal(data_dir: Path) -> Evidence:
    evidence = Evidence(data_dir)
    evidence.read()
    evidence.expect_reconciled()
    return evidence
