"""Alpaca as a broker: orders out once, reports in by the stream, gaps closed by asking.

Outcome    what a lost answer became of is asked by client_order_id, never sent again under another id.
Absent     an order that Alpaca does not find is dead only once the horizon has passed since it was sent
           (or since this process began, if an earlier one sent it); until then nothing is said.
Stream     `trade_updates`; after every (re)connect, and every minute anyway, the account is asked for.
Exits      cancels and reducing orders use the reserved fifth of the message budget; a reducing order
           carries Alpaca's own `sell_to_close` or `buy_to_close`, so that it cannot open a position.
Source     semantics.md sections 3, 7 and 8; brokers.md section 2; reliability.md F20-F23, F26, F27.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from stopline.brokers.alpaca.answers import absent, not_canceled, not_replaced
from stopline.brokers.alpaca.book import Book
from stopline.brokers.alpaca.budget import Budget
from stopline.brokers.alpaca.burial import Buried
from stopline.brokers.alpaca.client import AlpacaClient, Keys, Refused
from stopline.brokers.alpaca.hearing import reports
from stopline.brokers.alpaca.kept import Kept
from stopline.brokers.alpaca.memory import Memory
from stopline.brokers.alpaca.offer import CAPABILITIES, NAME
from stopline.brokers.alpaca.outbox import Outbox
from stopline.brokers.alpaca.picture import Expected, Reader
from stopline.brokers.alpaca.sending import creation, replacement, sent_before
from stopline.brokers.alpaca.session import Session
from stopline.brokers.alpaca.symbols import Symbols
from stopline.brokers.alpaca.timing import MACHINE, Timing
from stopline.dialects.alpaca.account import Configurations
from stopline.dialects.alpaca.stream import TradeUpdate
from stopline.dialects.alpaca.words import Status
from stopline.messages import inputs as i
from stopline.messages.events import OrderApproved, ReplaceApproved
from stopline.messages.inputs import Input
from stopline.model.ids import AccountId, RoutedOrderId
from stopline.model.instrument import Instrument
from stopline.model.order import Side
from stopline.ports.broker import (
    BrokerRejected,
    BrokerUnreachable,
    Inbox,
    OwnOrderInTheWay,
    SendOutcomeUnknown,
)
from stopline.ports.transport import Transport

HORIZON_S: Final = 30.0
"""After so long an order that Alpaca does not find has not arrived, and will not."""
FIRST_WAIT_S: Final = 10.0
"""How long a start waits for the first picture; after that it is waited for in the background."""
_SIDES: Final = {str(side) for side in Side}
_NOT_UNIQUE: Final = "client_order_id must be unique"
_OWN_ORDER: Final = "wash trade"
"""Alpaca refuses what an open order of the same account could meet, with 403 or 422: the message tells."""


class AlpacaBroker:
    """The port, for one account (a pair of keys is for one). `expected` are the orders that the engine counts on.

    `given_up` are those that it has as dead because Alpaca did not find them in an earlier run.

    `memory` says where the account began; `turn_day` is called before each reading, so that it knows the trading
    day, and `keep` when it has changed.
    """

    capabilities = CAPABILITIES
    at_once = 8

    def __init__(
        self,
        transport: Transport,
        url: str,
        keys: Keys,
        account: AccountId,
        instruments: Iterable[Instrument],
        memory: Memory,
        *,
        turn_day: Callable[[], None] = lambda: None,
        keep: Callable[[], None] = lambda: None,
        expected: Expected = lambda account: (),
        given_up: Iterable[RoutedOrderId] = (),
        name: str = NAME,
        horizon_s: float = HORIZON_S,
        timing: Timing = MACHINE,
    ) -> None:
        self.name = name
        self._transport, self._account = transport, account
        self._symbols = Symbols(instruments)
        self._book = Book(name, account, self._symbols)
        self._client = AlpacaClient(transport, url, keys, Budget(self._needed, timing.now, timing.wall))
        self._reader = Reader(self._client, self._book, self._symbols, name, account, expected, memory)
        self._horizon_s, self._turn_day, self._now_s = horizon_s, turn_day, timing.now
        self._memory, self._keep = memory, keep
        self._outbox: Outbox | None = None
        self._session = Session(transport, url, keys, self._up, self._down, self._hear, self._read, timing.uniform)
        self._reading = asyncio.Lock()
        self._began_s = 0.0
        self._sent_s: dict[RoutedOrderId, float] = {}
        self._placing: dict[RoutedOrderId, asyncio.Lock] = {}
        self._buried = Buried(self._client, lambda: self._outbox is None, given_up)

    # --- the port ------------------------------------------------------------------------------------

    async def start(self, inbox: Inbox) -> None:
        """Connect. Returns with the first picture, or after a few seconds without one; then it is tried for ever."""
        self._outbox, self._began_s = Outbox(inbox), self._now_s()
        self._session.start()
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_WAIT_S):
                await self._session.first.wait()
        await self._outbox.said()

    async def place(self, order: OrderApproved) -> None:
        """Send an order. The same id again is the same order, whatever was lost in between."""
        self._check_open()
        routed = order.routed_order_id
        async with self._placing.setdefault(routed, asyncio.Lock()):
            known = self._book.find(routed)
            if known is not None:
                self._placing.pop(routed, None)
                self._say(known.answer())
                return
            if routed in self._buried:
                raise BrokerRejected("it was asked after before it was sent, and counts as expired")
            create = creation(order, self._account, self._symbols)
            self._sent_s[routed] = self._now_s()
            try:
                sent = await self._client.place(create, is_exit=order.reducing)
            except Refused as refused:
                if _OWN_ORDER in refused.error.message.lower():
                    raise OwnOrderInTheWay(str(refused)) from refused
                if _NOT_UNIQUE not in refused.error.message:
                    raise
                sent = await sent_before(self._client, create)
            self._sent_s.pop(routed, None)
            self._placing.pop(routed, None)
            self._say(self._book.take(sent).news())

    async def cancel(self, account: AccountId, routed_order_id: RoutedOrderId) -> None:
        """Ask for a cancel; the stream brings its end."""
        self._check_open()
        kept = await self._find(account, routed_order_id)
        if kept is None:
            said = self._absent(account, routed_order_id)
            self._say([*said, not_canceled(account, routed_order_id, "Alpaca has no such order")])
            return
        if kept.is_open:
            refused = await self._cancel(kept)
            if refused is None:
                return
            if kept.is_open:
                self._say([not_canceled(account, routed_order_id, str(refused))])
                return
        if kept.current.status == Status.FILLED:
            self._say([*kept.news(), not_canceled(account, routed_order_id, "it has filled")])
        else:
            self._say(kept.answer())

    async def _cancel(self, kept: Kept) -> Refused | None:
        """Cancel an order, also under the id that a replace has just given it; return why it was refused, if it was."""
        while True:
            link = kept.current.id
            try:
                await self._client.cancel(link)
            except Refused as refused:
                await self._look_again(kept)
                if not kept.is_open or kept.current.id == link:
                    return refused
            else:
                return None

    async def replace(self, routed_order_id: RoutedOrderId, change: ReplaceApproved) -> None:
        """Ask for a change. Alpaca makes a new order of it; the stream says when it stands."""
        self._check_open()
        kept = await self._find(change.account, routed_order_id)
        if kept is None or not kept.is_open:
            why = "Alpaca has no such order" if kept is None else f"it is {kept.current.status}"
            self._say([not_replaced(change.account, routed_order_id, why), *(kept.answer() if kept else ())])
        elif change.order_qty <= kept.cum_qty:
            kept.shrinks = True
            await self.cancel(change.account, routed_order_id)
        else:
            await self._replace(kept, change)

    async def query(self, account: AccountId, routed_order_id: RoutedOrderId) -> None:
        """Say what Alpaca knows of an order. One that it does not find is dead only after the horizon."""
        self._check_open()
        is_ours, order = account == self._account, None
        known = self._book.find(routed_order_id) if is_ours else None
        if is_ours:
            order = await self._client.order_by_client_id(routed_order_id)
        if order is None and known is not None:
            # It was there: that it is not found for once proves nothing.
            order = await self._client.order(known.current.id)
        if order is None:
            with suppress(SendOutcomeUnknown):
                self._say([] if known is not None else self._absent(account, routed_order_id))
            return
        kept = await self._reader.enter(order)
        if kept.current.id != order.id:
            await self._look_again(kept)
        if kept.lacks_fills:
            self._say(await self._reader.activities(max((order.created_at or 1) - 1, 0)))
        self._say(kept.answer())

    async def reconcile(self, account: AccountId) -> None:
        """Say the newest executions again, then the whole account."""
        self._check_open()
        if account != self._account:
            raise BrokerUnreachable(f"the keys for Alpaca open {self._account!r}, not {account!r}")
        await self._read()

    async def close(self) -> None:
        """Let go of the connections; orders work on at Alpaca."""
        await self._session.close()
        await self._buried.close()
        outbox, self._outbox = self._outbox, None
        if outbox is not None:
            await outbox.close()
        await self._transport.close()

    async def suspend(self, is_suspended: bool) -> None:
        """Let Alpaca itself refuse every new order, or take that back. Raises BrokerError classes.

        It is the last line: it holds for other clients of the account too, and while we are away.
        Orders that work go on, and so do cancels; a close is refused as well.
        """
        self._check_open()
        if is_suspended:
            # Known before it is told: where the answer gets lost, somebody must still take it back.
            self._note_suspended(is_suspended)
        told = await self._client.configure(Configurations(suspend_trade=is_suspended))
        if told.suspend_trade is not is_suspended:
            raise SendOutcomeUnknown(f"Alpaca: suspend_trade is {told.suspend_trade}, and was to be {is_suspended}")
        self._note_suspended(is_suspended)

    def _note_suspended(self, is_suspended: bool) -> None:
        if self._memory.is_suspended is not is_suspended:
            self._memory.is_suspended = is_suspended
            self._keep()

    @property
    def is_suspended(self) -> bool:
        """Whether we told Alpaca to refuse new orders, or tried to, in this run or an earlier one."""
        return self._memory.is_suspended

    # --- what the rest of the process needs -----------------------------------------------------------

    async def settle(self) -> None:
        """Return once everything that came in has been said."""
        if self._outbox is not None:
            await self._outbox.said()

    @property
    def updates(self) -> int:
        """How many updates the stream has brought."""
        return self._session.updates

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing to say."""
        return self._outbox is None or self._outbox.is_idle

    # --- orders ------------------------------------------------------------------------------------------

    async def _replace(self, kept: Kept, change: ReplaceApproved) -> None:
        asked, link = replacement(kept, change), kept.current.id
        try:
            new = await self._client.replace(link, asked, is_exit=False)
        except Refused as refused:
            await self._look_again(kept)
            why = not_replaced(change.account, kept.routed_order_id, str(refused))
            self._say([why, *(() if kept.is_open else kept.answer())])
            return
        self._book.take(new)
        self._say(kept.news())

    async def _find(self, account: AccountId, routed: RoutedOrderId) -> Kept | None:
        """Return an order of ours, asking Alpaca if we do not know it."""
        if account != self._account:
            return None
        kept = self._book.find(routed)
        if kept is None:
            order = await self._client.order_by_client_id(routed)
            kept = None if order is None else await self._reader.enter(order)
        return kept

    async def _look_again(self, kept: Kept) -> None:
        """Ask for the newest link of an order, and for those that have followed it."""
        found = await self._client.order(kept.current.id)
        if found is not None:
            await self._reader.enter(found)

    def _absent(self, account: AccountId, routed: RoutedOrderId) -> list[Input]:
        """Return that an order never came, if that is certain by now; else raise SendOutcomeUnknown."""
        waited_s = self._now_s() - self._sent_s.get(routed, self._began_s)
        if account == self._account and waited_s < self._horizon_s:
            raise SendOutcomeUnknown(f"Alpaca does not find {routed!r} yet; it may still be on its way")
        self._buried.add(routed)
        return [absent(account, routed)]

    # --- what the stream brings ------------------------------------------------------------------------------

    def _up(self) -> None:
        self._say([i.BrokerConnected(broker=self.name, capabilities=self.capabilities)])

    def _down(self, reason: str) -> None:
        self._say([i.BrokerDisconnected(broker=self.name, reason=reason)])

    def _hear(self, update: TradeUpdate) -> None:
        """Take what the stream says of an order."""
        if update.order.side not in _SIDES:
            self._session.miss()
            return
        kept = self._book.take(update.order)
        self._say(reports(update, kept, self._account, self._book, self._symbols))
        if kept.unknown_link or kept.lacks_fills or update.event in ("trade_bust", "trade_correct"):
            self._session.miss()
        self._cancel_if_dead(kept)

    def _cancel_if_dead(self, kept: Kept) -> None:
        """Cancel an order that came after all, when it was counted as dead already."""
        if kept.routed_order_id in self._buried and kept.is_open:
            self._say([kept.external()])
            self._buried.cancel(kept)

    async def _read(self) -> None:
        async with self._reading:
            self._turn_day()
            self._say(await self._reader.read())
        for routed in self._buried.names():
            # One whose coming the stream did not tell is in the picture.
            kept = self._book.find(routed)
            if kept is not None:
                self._cancel_if_dead(kept)

    # --- inside ----------------------------------------------------------------------------------------------

    def _needed(self) -> int:
        """Return how many messages would cancel all that works and close all that is held."""
        return sum(1 for _ in self._book.working()) + self._reader.positions

    def _check_open(self) -> None:
        if self._outbox is None:
            raise BrokerUnreachable("the connection to Alpaca is closed")

    def _say(self, reports: Iterable[Input]) -> None:
        if self._outbox is not None:
            self._outbox.add(*reports)
