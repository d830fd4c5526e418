"""The paper broker: orders to the matching exchange, reports back, everything on disk before it is said.

It is a broker like any other: it keeps its own book, answers through the inbox and never in
line, takes one order id once, and is reconciled after a restart. It remembers no quotes:
after a restart nothing trades until they come. Its time is the engine's.

Day        DAY orders end at the account's reset that follows their entry.
Restart    it reports again what the engine still remembers and may have missed: the fills of this
           trading day and of the one before it on which it ran, but for those that the engine has.
Source     architecture.md promise 11; semantics.md sections 8 and 12.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from stopline.brokers.paper.answers import not_canceled, not_replaced
from stopline.brokers.paper.file import PaperFile, rows_of
from stopline.brokers.paper.house import House, TradingDay
from stopline.brokers.paper.outbox import Outbox
from stopline.brokers.paper.records import Changes, PaperOrder
from stopline.brokers.paper.told import NOTHING, Told
from stopline.messages import inputs as i
from stopline.messages.events import OrderApproved, ReplaceApproved
from stopline.messages.inputs import Input
from stopline.model.account import AccountTerms
from stopline.model.capabilities import Capabilities
from stopline.model.ids import AccountId, RoutedOrderId
from stopline.model.instrument import Instrument
from stopline.model.numbers import SECOND, Nanos
from stopline.model.order import OrderClass
from stopline.model.quote import Quote
from stopline.ports.broker import BrokerUnreachable, Inbox
from stopline.ports.clock import EngineClock
from stopline.venue.entry import ORDER_TYPES, TIMES_IN_FORCE
from stopline.venue.fees import FREE, FeeSchedule

T = TypeVar("T")
NAME: Final = "paper"
CAPABILITIES: Final = Capabilities(ORDER_TYPES, TIMES_IN_FORCE, (OrderClass.SIMPLE,), extended_hours=True)
"""What it takes. It trades whenever quotes come, so that extended hours are hours like others."""
RECENT: Final = 500
"""How many fills a reconciliation reports again; a start reports all that may be."""
ALL: Final = 1 << 62


class PaperBroker:
    """The port, over a house, a file and an outbox.

    `trading_day` says in which session an account is at an instant (the runtime owns
    calendars). Hand every quote to `deliver`, after the engine was told of it.
    """

    capabilities = CAPABILITIES
    at_once = 64
    """Orders that arrive together share a commit: each waits for the disk, and none for another."""

    def __init__(
        self,
        path: Path,
        clock: EngineClock,
        trading_day: TradingDay,
        accounts: Iterable[AccountTerms],
        instruments: Iterable[Instrument],
        *,
        fees: FeeSchedule = FREE,
        name: str = NAME,
        told: Told = NOTHING,
    ) -> None:
        self.name, self._told = name, told
        self._path, self._clock, self._trading_day, self._fees = path, clock, trading_day, fees
        self._accounts, self._instruments = tuple(accounts), tuple(instruments)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._file: PaperFile | None = None
        self._house: House | None = None
        self._outbox: Outbox | None = None
        self._sleeper: asyncio.Task[None] | None = None
        self._wakes_at: Nanos = 0
        self._has_told = False

    # --- the port ------------------------------------------------------------------------------

    async def start(self, inbox: Inbox) -> None:
        """Open the book; say that we are here, what was missed, and how each account stands."""
        at = self._clock.at()
        self._file = file = await self._call(lambda: PaperFile(self._path, at))
        self._house = house = House(self.name, self._fees, self._trading_day, await self._call(file.remembered))
        for instrument in self._instruments:
            house.list_instrument(instrument)
        self._outbox = Outbox(inbox, self._take_changes, self._on_trouble)
        self._outbox.add(i.BrokerConnected(broker=self.name, capabilities=self.capabilities))
        for terms in self._accounts:
            house.open_account(terms, at)
            await self._recall(terms.account)
        self._outbox.add(*house.advance(at))
        for terms in self._accounts:
            self._outbox.add(*await self._missed(terms.account))
            orders = [order for order in house.orders.values() if order.terms.owner == terms.account]
            for order in orders:
                self._outbox.add(*house.answer(order))
            self._outbox.add(*house.picture(terms.account))
        self._has_told = True
        await self._outbox.said()
        self._keep_time()

    async def place(self, order: OrderApproved) -> None:
        """Take an order; returns once it is in the book on disk. The same id again is the same order."""
        known = await self._find(order.routed_order_id)
        house = self._open()
        if known is not None:
            await self._say(house.answer(known))
        else:
            at = self._clock.at()
            await self._say([*house.advance(at), *house.place(order, at)])

    async def cancel(self, account: AccountId, routed_order_id: RoutedOrderId) -> None:
        """Cancel; says OrderGone, or CancelRefused, or both of an order that never came."""
        order = await self._find(routed_order_id)
        house, at = self._open(), self._clock.at()
        if order is None or order.terms.owner != account:
            absent = house.bury(account, routed_order_id) if order is None else []
            await self._say([*absent, not_canceled(account, routed_order_id, "the paper broker has no such order")])
        else:
            expired = house.advance(at)
            await self._say([*expired, *house.cancel(order, at)])

    async def replace(self, routed_order_id: RoutedOrderId, change: ReplaceApproved) -> None:
        """Change; says OrderAmended, or ReplaceRefused."""
        order = await self._find(routed_order_id)
        house, at = self._open(), self._clock.at()
        if order is None or order.terms.owner != change.account:
            await self._say([not_replaced(change.account, routed_order_id, "the paper broker has no such order")])
        else:
            expired = house.advance(at)
            await self._say([*expired, *house.replace(order, change, at)])

    async def query(self, account: AccountId, routed_order_id: RoutedOrderId) -> None:
        """Say an order's fills and where it is in its life; an id that never came is expired."""
        order = await self._find(routed_order_id)
        if order is None or order.terms.owner != account:
            await self._say(self._open().bury(account, routed_order_id))
            return
        file = self._opened_file()
        fills = await self._call(lambda: file.fills_of(routed_order_id))
        house = self._open()
        await self._say([*(house.fill(*numbered) for numbered in fills), *house.answer(order)])

    async def reconcile(self, account: AccountId) -> None:
        """Say the newest fills again, then the whole account."""
        house = self._open()
        if account not in house.ledger.accounts:
            raise BrokerUnreachable(f"the paper broker keeps no account {account!r}")
        expired = house.advance(self._clock.at())  # first: a new trading day changes what may be said again
        await self._say([*expired, *await self._recent(account), *house.picture(account)])

    async def close(self) -> None:
        """Write and say what is under way, then let go of the file. Working orders stay in it."""
        if self._sleeper is not None:
            self._sleeper.cancel()
            await asyncio.gather(self._sleeper, return_exceptions=True)
        if self._outbox is not None:
            await self._outbox.close()
        if self._file is not None:
            await self._call(self._file.close)
        self._house = self._file = None
        self._has_told = False
        self._thread.shutdown(wait=False)

    # --- what the market brings ----------------------------------------------------------------

    def deliver(self, quote: Quote) -> None:
        """Match a quote that the engine has been told of. What it does is said once it is on disk."""
        house, outbox = self._house, self._outbox
        if house is None or outbox is None or outbox.lost:
            return
        at = self._clock.at()
        said = [*house.advance(at), *house.quote(quote, at)]
        if said or house.changes:
            outbox.add(*said)
            self._keep_time()

    def list_instrument(self, instrument: Instrument) -> None:
        """Trade an instrument from now on, or on new terms or status."""
        self._instruments = (*self._instruments, instrument)
        if self._house is not None:
            self._house.list_instrument(instrument)

    async def open_account(self, terms: AccountTerms) -> None:
        """Keep one more account, or an account on new terms; says its picture."""
        house = self._open()
        house.open_account(terms, self._clock.at())
        await self._say(house.picture(terms.account))

    async def settle(self) -> None:
        """Return once everything that happened until now is on disk and said."""
        while self._outbox is not None and not self._outbox.is_idle:
            await self._outbox.said()

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing to write or to say."""
        return self._outbox is None or self._outbox.is_idle

    # --- inside --------------------------------------------------------------------------------

    def _open(self) -> House:
        """Return the house; raises BrokerUnreachable while it is closed, its book is lost, or the start is being told.

        A cancel that came in between would be answered before the engine knows that the order had come.
        """
        house = self._inside()
        if not self._has_told:
            raise BrokerUnreachable("the paper broker has not said yet how it stands")
        return house

    def _inside(self) -> House:
        if self._house is None or self._outbox is None:
            raise BrokerUnreachable("the paper broker is not running")
        if self._outbox.lost:
            raise BrokerUnreachable(f"the paper broker has stopped: {self._outbox.lost}")
        return self._house

    def _opened_file(self) -> PaperFile:
        if self._file is None:
            raise BrokerUnreachable("the paper broker is not running")
        return self._file

    async def _find(self, order_id: RoutedOrderId) -> PaperOrder | None:
        """Return an order, from memory or from the file."""
        house = self._open()
        found = house.orders.get(order_id)
        if found is None and house.has_archive:
            file = self._opened_file()
            archived = await self._call(lambda: file.order(order_id))
            # Somebody else may have brought the order while we looked.
            found = house.orders.get(order_id) or archived
        return found

    async def _recall(self, account: AccountId) -> None:
        """Take the ended orders back into memory of which the engine may not know how they ended."""
        house, file = self._inside(), self._opened_file()
        since = house.ledger.accounts[account].since
        ended = await self._call(lambda: file.ended_since(account, since))
        untold = [order_id for order_id in ended if not self._told.is_over(account, order_id)]
        house.recall(await self._call(lambda: file.orders(untold)))

    async def _missed(self, account: AccountId) -> list[Input]:
        """Return the fills that the engine certainly still remembers, and has not."""
        house = self._inside()
        numbers = await self._filled(account, ALL)
        return await self._fills([one for one in numbers if not self._told.has_fill(account, house.exec_id(one))])

    async def _recent(self, account: AccountId) -> list[Input]:
        """Return the newest fills, of those that the engine certainly still remembers."""
        return await self._fills(await self._filled(account, RECENT))

    async def _filled(self, account: AccountId, most: int) -> list[int]:
        since, file = self._inside().ledger.accounts[account].since, self._opened_file()
        return await self._call(lambda: file.filled_since(account, since, most))

    async def _fills(self, numbers: list[int]) -> list[Input]:
        file = self._opened_file()
        fills = await self._call(lambda: file.fills(numbers))
        house = self._inside()
        return [house.fill(*numbered) for numbered in fills]

    async def _say(self, said: Iterable[Input]) -> None:
        """Hand reports to the outbox; returns once they are said. Raises SendOutcomeUnknown."""
        if self._outbox is not None:
            self._outbox.add(*said)
            self._keep_time()
            await self._outbox.said()

    def _take_changes(self) -> Callable[[], Awaitable[None]] | None:
        """Return how to write what has changed, as it is now; None where nothing has."""
        house, file = self._inside(), self._opened_file()
        if not house.changes:
            return None
        rows, house.changes = rows_of(house.changes, house.ledger.accounts), Changes()
        return lambda: self._call(lambda: file.commit(rows))

    async def _call(self, work: Callable[[], T]) -> T:
        """Run something on the file's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _on_trouble(self, reason: str) -> None:
        """Say that the book takes nothing, or that it does again."""
        if self._outbox is not None:
            self._outbox.tell(
                i.BrokerDisconnected(broker=self.name, reason=reason)
                if reason
                else i.BrokerConnected(broker=self.name, capabilities=self.capabilities)
            )

    def _keep_time(self) -> None:
        """See to it that somebody wakes when the next order expires or the next day begins.

        A clock that only quotes move (a recording at speed 0) needs nobody: `deliver` looks at
        the time before each quote, and so it happens at the same quote every time.
        """
        if getattr(self._clock, "speed", 1) == 0:
            return
        due = None if self._house is None else self._house.next_due()
        is_asleep = self._sleeper is not None and not self._sleeper.done()
        if due is None or (is_asleep and self._wakes_at <= due):
            return
        if self._sleeper is not None:
            self._sleeper.cancel()
        now = self._clock.at()
        self._wakes_at = due if due > now else now + SECOND
        self._sleeper = asyncio.get_running_loop().create_task(self._sleep(self._wakes_at))

    async def _sleep(self, due: Nanos) -> None:
        await self._clock.sleep_until(due)
        house, outbox = self._house, self._outbox
        if house is not None and outbox is not None and not outbox.lost:
            outbox.add(*house.advance(self._clock.at()))
        self._sleeper = None
        self._keep_time()
