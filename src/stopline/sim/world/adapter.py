"""The broker's port in a simulated process, over the wire: connects, asks, hears, and asks again.

It promises what the port promises and no more. It does not put reports in order, nor does it
remember anything over its own death. A picture that newer reports have overtaken is asked for
again; one that the broker made up is believed, as any adapter would.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from stopline.messages import inputs as i
from stopline.messages.events import OrderApproved, ReplaceApproved
from stopline.messages.inputs import Input
from stopline.model.capabilities import Capabilities
from stopline.model.ids import AccountId, RoutedOrderId
from stopline.model.order import OrderClass
from stopline.ports.broker import BrokerRejected, BrokerUnreachable, Inbox, SendOutcomeUnknown
from stopline.sim.world.chance import Chance
from stopline.sim.world.counter import Counter
from stopline.sim.world.loop import VirtualLoop
from stopline.sim.world.side import Expected
from stopline.sim.world.wire import Session, Wire
from stopline.venue.entry import ORDER_TYPES, TIMES_IN_FORCE

CAPABILITIES: Final = Capabilities(ORDER_TYPES, TIMES_IN_FORCE, (OrderClass.SIMPLE,), extended_hours=True)
LONGEST_PAUSE_S: Final = 30.0
TRIES: Final = 3
"""How often a picture is asked for again because newer reports have come."""


class WireBroker:
    """One process's connection to the broker."""

    capabilities = CAPABILITIES
    at_once = 8

    def __init__(self, name: str, wire: Wire, counter: Counter, chance: Chance, expected: Expected) -> None:
        self.name = name
        self._wire, self._counter, self._chance, self._expected = wire, counter, chance, expected
        self._inbox: Inbox = lambda message: None
        self._session: Session | None = None
        self._heard: dict[AccountId, int] = {}
        self._pictured: set[AccountId] = set()
        """Accounts of which this session has brought a whole picture."""
        self._task: asyncio.Task[None] | None = None

    async def start(self, inbox: Inbox) -> None:
        """Begin to connect; what follows says so."""
        self._inbox = inbox
        self._task = asyncio.get_running_loop().create_task(self._live())

    async def _live(self) -> None:
        pause_s = 1.0
        while True:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, VirtualLoop)
            session = Session(loop, self._hear)
            if self._wire.connect(session):
                self._session, pause_s = session, 1.0
                self._pictured.clear()
                self._inbox(i.BrokerConnected(broker=self.name, capabilities=self.capabilities))
                await session.lost.wait()
                self._inbox(i.BrokerDisconnected(broker=self.name, reason="simulated: the line was cut"))
            await asyncio.sleep(pause_s + self._chance.below(1000) / 1000)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    def _hear(self, account: AccountId, number: int, message: Input) -> None:
        self._heard[account] = max(number, self._heard.get(account, 0))
        self._inbox(message)

    async def _ask(self, question: Callable[[], Any], *, is_costly: bool = True) -> Any:
        if self._session is None:
            raise BrokerUnreachable("simulated: not connected yet")
        return await self._wire.request(self._session, question, is_costly=is_costly)

    # --- the port --------------------------------------------------------------------------------------

    async def place(self, order: OrderApproved) -> None:
        """Send an order."""
        self._counter.send(lambda judge: judge.on_place(order))
        code, reason = await self._ask(lambda: self._counter.place(order))
        if code:
            raise BrokerRejected(reason)

    async def cancel(self, account: AccountId, routed_order_id: RoutedOrderId) -> None:
        """Ask to cancel."""
        self._counter.send(lambda judge: judge.on_cancel(account, routed_order_id))
        await self._ask(lambda: self._counter.cancel(account, routed_order_id))

    async def replace(self, routed_order_id: RoutedOrderId, change: ReplaceApproved) -> None:
        """Ask to change."""
        self._counter.send(lambda judge: judge.on_replace(routed_order_id, change))
        try:
            await self._ask(lambda: self._counter.replace(routed_order_id, change))
        except (SendOutcomeUnknown, asyncio.CancelledError):
            self._counter.send(lambda judge: judge.on_unanswered(change.account, routed_order_id))
            raise

    async def query(self, account: AccountId, routed_order_id: RoutedOrderId) -> None:
        """Ask what became of an order."""
        for report in await self._ask(lambda: self._counter.query(account, routed_order_id)):
            self._inbox(report)

    async def reconcile(self, account: AccountId) -> None:
        """Ask for the whole account."""
        session = self._session
        for _ in range(TRIES):
            expected, is_first = list(self._expected(account)), account not in self._pictured
            number, told = await self._ask(
                lambda: self._counter.picture(account, expected, is_first=is_first)  # noqa: B023  (awaited here)
            )
            if number >= self._heard.get(account, 0):
                break
        if session is self._session:
            self._pictured.add(account)
        for report in told:
            self._inbox(report)

    async def close(self) -> None:
        """Hang up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._session = None

    async def settle(self) -> None:
        """Return at once: nobody knows what is on its way."""

    @property
    def is_settled(self) -> bool:
        """Return True."""
        return True
