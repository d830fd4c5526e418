"""A rig: the real engine and loop over a journal in memory, a clock set by hand, a broker that obeys the test."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from stopline.engine.step import step as engine_step
from stopline.messages import inputs as i
from stopline.messages.events import EngineStarted, Event, OrderApproved, ReplaceApproved
from stopline.messages.upcast import decode_events
from stopline.model.account import AccountTerms
from stopline.model.capabilities import Capabilities
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.limits import Limits
from stopline.model.numbers import PRICE_ONE, QTY_ONE, SECOND, Nanos
from stopline.model.order import OrderClass, OrderType, Side, TimeInForce
from stopline.model.quote import Quote
from stopline.ports.journal import GENESIS, Head, JournalCorrupt, Record, Snapshot, chain_hash
from stopline.runtime.dispatcher import Dispatcher
from stopline.runtime.loop import Loop
from stopline.runtime.recover import recover
from stopline.runtime.sessions import find_session
from stopline.state.state import State

START: Nanos = 1_767_625_200 * SECOND  # 2026-01-05T15:00Z, a Monday
AAPL = "eq:US:AAPL"
PATIENCE_S = 60.0
CAPABILITIES = Capabilities(tuple(OrderType), tuple(TimeInForce), tuple(OrderClass))


async def until(condition: Callable[[], Any], what: str = "it") -> None:
    """Return once it is so; nothing else is asked of how long that takes."""
    ends = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < ends, f"{what} never came"
        await asyncio.sleep(0.001)


class HandClock:
    """An engine clock that a test moves."""

    name = "wall"

    def __init__(self, at: Nanos = START) -> None:
        self.now = at
        self._moved = asyncio.Event()

    def at(self) -> Nanos:
        return self.now

    def move(self, by: Nanos) -> None:
        self.now += by
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep_until(self, due: Nanos) -> None:
        while self.now < due:
            await self._moved.wait()


class MemoryJournal:
    """The port in memory, with a gate that holds commits back and failures on demand."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.batches: list[int] = []
        self.failures: list[Exception] = []
        self.gate: asyncio.Event | None = None
        self.snapshot: Snapshot | None = None
        self.appending = 0
        self.attempts = 0

    def hold(self) -> asyncio.Event:
        self.gate = asyncio.Event()
        return self.gate

    def head(self) -> Head:
        last = self.records[-1] if self.records else None
        epoch = 0
        for record in self.records:
            for event in decode_events(record.body):
                if isinstance(event, EngineStarted):
                    epoch = event.epoch
        return Head(last.seq if last else 0, last.hash if last else GENESIS, epoch, 1, "", "")

    async def append(self, records: Sequence[Record]) -> None:
        assert not self.appending, "append calls never overlap"
        self.appending += 1
        self.attempts += 1
        try:
            await asyncio.sleep(0)
            if self.gate is not None:
                await self.gate.wait()
            if self.failures:
                raise self.failures.pop(0)
            for record in records:
                prev = self.records[-1] if self.records else None
                assert record.seq == (prev.seq if prev else 0) + 1
                assert record.prev_hash == (prev.hash if prev else GENESIS)
                assert record.hash == chain_hash(record.prev_hash, record.seq, record.at, record.body)
                self.records.append(record)
            self.batches.append(len(records))
        finally:
            self.appending -= 1

    def read(self, after_seq: int = 0, until_seq: int | None = None) -> Iterator[Record]:
        for record in list(self.records[after_seq:until_seq]):
            if record.hash != chain_hash(record.prev_hash, record.seq, record.at, record.body):
                raise JournalCorrupt(record.seq, "planted")
            yield record

    def events(self) -> list[Event]:
        return [event for record in self.records for event in decode_events(record.body)]

    def find_decision(self, account: str, client_order_id: str) -> int | None:
        for record in self.records:
            if (account, client_order_id) in record.decided_ids:
                return record.seq
        return None

    def latest_snapshot(self) -> Snapshot | None:
        return self.snapshot

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    async def close(self) -> None:
        return


class ObedientBroker:
    """Writes down what it is asked, and raises what a test planted."""

    name = "paper"
    capabilities = CAPABILITIES
    at_once = 8

    def __init__(self) -> None:
        self.placed: list[OrderApproved] = []
        self.calls: list[tuple[str, str]] = []
        self.plans: dict[str, list[Exception | Callable[[], Awaitable[None]]]] = {}
        self.inbox: Callable[[i.Input], None] = lambda message: None

    async def _obey(self, what: str, subject: str) -> None:
        self.calls.append((what, subject))
        plans = self.plans.get(what)
        if plans:
            plan = plans.pop(0)
            if isinstance(plan, Exception):
                raise plan
            await plan()

    async def start(self, inbox: Callable[[i.Input], None]) -> None:
        self.inbox = inbox

    async def place(self, order: OrderApproved) -> None:
        await self._obey("place", order.routed_order_id)
        self.placed.append(order)

    async def cancel(self, account: str, routed_order_id: str) -> None:
        await self._obey("cancel", routed_order_id)

    async def replace(self, routed_order_id: str, change: ReplaceApproved) -> None:
        await self._obey("replace", routed_order_id)

    async def query(self, account: str, routed_order_id: str) -> None:
        await self._obey("query", routed_order_id)

    async def reconcile(self, account: str) -> None:
        await self._obey("reconcile", account)

    async def close(self) -> None:
        return


def apple() -> Instrument:
    return Instrument(AAPL, "AAPL", "", AssetClass.EQUITY, "USD", PRICE_ONE // 100, QTY_ONE, PRICE_ONE)


def buy(client_order_id: str, qty: int = 1, price: int = 100, **more: Any) -> i.SubmitOrder:
    return i.SubmitOrder(
        account="paper",
        client_order_id=client_order_id,
        symbol="AAPL",
        side=Side.BUY,
        order_qty=qty * QTY_ONE,
        order_type=OrderType.LIMIT,
        limit_price=price * PRICE_ONE,
        **more,
    )


def quote(at: Nanos, bid: int, ask: int, last: int | None = None, instrument_id: str = AAPL) -> Quote:
    return Quote(
        instrument_id, at, bid * PRICE_ONE, ask * PRICE_ONE, QTY_ONE, QTY_ONE,
        None if last is None else last * PRICE_ONE, QTY_ONE,
    )  # fmt: skip


class Rig:
    """Everything wired, and the first inputs of a process."""

    def __init__(self, journal: MemoryJournal | None = None, clock: HandClock | None = None, **loop: Any) -> None:
        self.journal = journal or MemoryJournal()
        self.clock = clock or HandClock()
        self.aborted: list[str] = []
        self.broker = ObedientBroker()
        self.step: Callable[[State, i.Input, Nanos], Any] = engine_step
        self.loop = Loop(
            recover(self.journal),
            self.journal,
            self.clock,
            rebuild=lambda: recover(self.journal),
            abort=self.aborted.append,
            step=self._take_step,
            **loop,
        )
        self.dispatcher = Dispatcher(
            self.loop.tell, lambda: self.loop.state, self.clock.at, send_timeout_s=PATIENCE_S, first_pause_s=0.005
        )
        self.dispatcher.use({"paper": self.broker})
        self.loop.publisher.carry_out = self.dispatcher.carry_out

    def _take_step(self, state: State, message: i.Input, at: Nanos) -> Any:
        """Late bound, so that a test can plant a defect."""
        return self.step(state, message, at)

    @property
    def state(self) -> State:
        return self.loop.state

    async def start(self, limits: Limits | None = None) -> "Rig":
        self.loop.start()
        terms = AccountTerms("paper", "paper", opening_cash=100_000 * PRICE_ONE)
        await self.loop.ask(i.StartEngine(code_version="test", config_version="test"))
        await self.loop.ask(i.OpenAccount(terms=terms))
        await self.loop.ask(i.ListInstrument(instrument=apple()))
        await self.loop.ask(i.SessionScheduled(account="paper", session=find_session(terms, self.clock.at())))
        await self.loop.ask(i.ChangeLimits(account="paper", limits=limits or Limits(), actor="config"))
        self.loop.tell(i.BrokerConnected(broker="paper", capabilities=CAPABILITIES))
        self.loop.tell(
            i.AccountReconciled(broker="paper", account="paper", cash=100_000 * PRICE_ONE, positions=(), working=())
        )
        await self.loop.quiet()
        self.journal.batches.clear()
        return self

    async def settle(self) -> None:
        ends = time.monotonic() + PATIENCE_S
        while True:
            await self.loop.quiet()
            await asyncio.sleep(0)
            if self.loop.is_quiet and self.dispatcher.is_idle:
                return
            assert time.monotonic() < ends, "it does not come to rest"
            await asyncio.sleep(0.001)

    def order(self, client_order_id: str) -> Any:
        return self.state.accounts["paper"].order(client_order_id)

    async def stop(self) -> None:
        await self.dispatcher.close()
        await self.loop.stop()
