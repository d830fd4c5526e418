"""The whole account as of one moment: fills first, then what works, then cash and positions.

Alpaca has no call for that. Figures, positions, orders and executions are asked for one
after the other, executions last; if one came in meanwhile, the figures may be from before
it and the positions from after, and all of them are asked for again.

Source     reliability.md F20, F28; ports/broker.py (AccountReconciled).
"""

from collections.abc import Callable, Iterable
from typing import Final

from stopline.brokers.alpaca.book import Book
from stopline.brokers.alpaca.client import AlpacaClient
from stopline.brokers.alpaca.kept import Kept
from stopline.brokers.alpaca.memory import Memory
from stopline.brokers.alpaca.symbols import Symbols
from stopline.dialects.alpaca.account import Account
from stopline.dialects.alpaca.activities import FILL, Activity
from stopline.dialects.alpaca.orders import Order
from stopline.dialects.alpaca.positions import Position
from stopline.dialects.alpaca.query import MOST, OrdersQuery
from stopline.messages import inputs as i
from stopline.messages.inputs import Input
from stopline.model.ids import AccountId, InstrumentId, RoutedOrderId
from stopline.model.numbers import SECOND, Money, Nanos, Qty
from stopline.model.order import Side
from stopline.ports.broker import BrokerRejected, SendOutcomeUnknown

TRIES: Final = 4
OVERLAP: Final[Nanos] = 600 * SECOND
"""How far back executions are asked for again: a list of activities may lag behind the stream."""
TRANSFERS: Final = ("CSD", "CSW", "JNLC", "ACATC", "TRANS")
"""Activities that bring or take money without being P&L."""
KINDS: Final = ",".join((FILL, *TRANSFERS))
LONGEST_CHAIN: Final = 50
_SIDES: Final = {str(side) for side in Side}
Expected = Callable[[AccountId], Iterable[RoutedOrderId]]


class Reader:
    """Asks for the account, and enters what it learns into the book."""

    def __init__(
        self,
        client: AlpacaClient,
        book: Book,
        symbols: Symbols,
        broker: str,
        account: AccountId,
        expected: Expected,
        memory: Memory,
    ) -> None:
        self._client, self._book, self._symbols = client, book, symbols
        self._broker, self._account, self._expected = broker, account, expected
        self._memory, self._newest = memory, 0
        self._has_begun = False
        self.positions = 0
        """How many there were in the last picture."""

    async def read(self) -> list[Input]:
        """Return what was missed, then the picture. Raises BrokerError classes."""
        if not self._has_begun:
            await self._list("all", self._memory.since)
        said: list[Input] = []
        if not self._has_begun:
            said += [i.FillReported(broker=self._broker, fill=fill) for fill in self._memory.remembered()]
        for _ in range(TRIES):
            before = self._book.executions
            account = await self._client.account()
            if account.id != self._memory.alpaca_account:
                raise BrokerRejected("the keys are those of another account with Alpaca than before")
            positions = await self._client.positions()
            working = await self._list("open")
            said += await self._ended_unseen(working)
            said += await self.activities(max(self._memory.since, self._newest - OVERLAP))
            if self._book.executions == before:
                self._has_begun = True
                self.positions = len(positions)
                return _each_once([*self._symbols.take_listings(), *said, *self._told(account, positions)])
        raise SendOutcomeUnknown("Alpaca: executions came in faster than the account could be read; it is read again")

    def _told(self, account: Account, positions: Iterable[Position]) -> list[Input]:
        """Return the picture, behind the orders that nobody has told of yet.

        What works is what the book says now: it has all that was listed, and also what was
        sent and acknowledged while the account was being read.
        """
        working = list(self._book.working())
        said: list[Input] = []
        for kept in working:
            said += kept.news()
            said.append(kept.external())
        held = tuple(self._held(position) for position in positions)
        picture = i.AccountReconciled(
            broker=self._broker,
            account=self._account,
            cash=account.cash,
            positions=tuple(sorted(each for each in held if each[1])),
            working=tuple(kept.routed_order_id for kept in working),
        )
        return [*said, *self._symbols.take_listings(), picture]

    def _held(self, position: Position) -> tuple[InstrumentId, Qty, Money]:
        is_short = position.side == "short"
        qty, cost = abs(position.qty), abs(position.cost_basis or 0)
        instrument_id = self._symbols.instrument_id(position.symbol, position.asset_class)
        return (instrument_id, -qty, -cost) if is_short else (instrument_id, qty, cost)

    # --- orders ------------------------------------------------------------------------------------

    async def _list(self, status: str, after: Nanos | None = None) -> list[Kept]:
        """Return all orders of a status, oldest first, each once."""
        found: dict[RoutedOrderId, Kept] = {}
        while True:
            query = OrdersQuery(status=status, limit=MOST, after=after, direction="asc")
            page = await self._client.orders(query)
            for order in page:
                kept = await self.enter(order)
                found[kept.routed_order_id] = kept
            last = page[-1].submitted_at if page else None
            if len(page) < MOST or last is None or last == after:
                return [kept for kept in found.values() if status != "open" or kept.is_open]
            after = last

    async def enter(self, order: Order) -> Kept:
        """Enter a report of an order, with the links that it speaks of and nobody knows."""
        if order.side not in _SIDES:
            raise SendOutcomeUnknown(f"Alpaca: order {order.id} has no side that we know ({order.side[:20]!r})")
        older, chain = order, [order]
        while older.replaces is not None and self._book.by_link(older.replaces) is None and len(chain) < LONGEST_CHAIN:
            asked = await self._client.order(older.replaces)
            if asked is None:
                break
            older = asked
            chain.append(older)
        kept = None
        for link in reversed(chain):
            kept = self._book.take(link)
        assert kept is not None
        return await self.follow(kept)

    async def follow(self, kept: Kept) -> Kept:
        """Ask for the newer links of an order until the newest is known."""
        for _ in range(LONGEST_CHAIN):
            if not kept.unknown_link:
                break
            newer = await self._client.order(kept.unknown_link)
            if newer is None:
                break
            self._book.take(newer)
        return kept

    async def _ended_unseen(self, working: list[Kept]) -> list[Input]:
        """Ask after the orders that are counted on, here or by the engine, and that work no more."""
        seen = {kept.routed_order_id for kept in working}
        counted = {*self._expected(self._account), *(kept.routed_order_id for kept in self._book.working())} - seen
        said: list[Input] = []
        for routed in sorted(counted):
            kept = self._book.find(routed)
            if kept is None or kept.is_open:
                # Of an order that was replaced only the newest link tells how it ended: its first one just says so.
                ask = self._client.order_by_client_id(routed) if kept is None else self._client.order(kept.current.id)
                order = await ask
                kept = None if order is None else await self.enter(order)
            if kept is not None and kept.lacks_fills:
                said += await self.activities(_began_at(kept))
            if kept is not None and not kept.is_open:
                said += kept.answer()
        return said

    # --- executions ----------------------------------------------------------------------------------

    async def activities(self, after: Nanos) -> list[Input]:
        """Return the executions and transfers after an instant, also those that were told."""
        said: list[Input] = []
        for activity in await self._client.activities(after, KINDS):
            if activity.id in self._memory.known:
                continue
            said += await self._execution(activity) if activity.is_fill else self._transfer(activity)
        return said

    async def _execution(self, activity: Activity) -> list[Input]:
        link, at = activity.order_id, activity.transaction_time
        if (
            link is None
            or at is None
            or None in (activity.qty, activity.price, activity.cum_qty)
            or at <= self._memory.since
        ):
            return []
        self._newest = max(self._newest, at)
        kept = self._book.by_link(link)
        if kept is None:
            order = await self._client.order(link)
            if order is None:
                raise SendOutcomeUnknown(f"Alpaca: an execution of order {link}, which it does not find")
            kept = await self.enter(order)
        qty, price, cum_qty = activity.qty or 0, activity.price or 0, activity.cum_qty or 0
        news = self._book.execute(kept, link, qty, price, cum_qty, at)
        if news is not None:
            return [*self._symbols.take_listings(), news, *kept.news()]
        return [i.FillReported(broker=self._broker, fill=self._book.fill_of(kept, link, cum_qty))]

    def _transfer(self, activity: Activity) -> list[Input]:
        if not activity.net_amount:
            return []
        return [
            i.CashTransferred(
                broker=self._broker, account=self._account, transfer_id=activity.id, amount=activity.net_amount
            )
        ]


def _began_at(kept: Kept) -> Nanos:
    return max((kept.links[kept.first].created_at or SECOND) - SECOND, 0)


def _each_once(said: list[Input]) -> list[Input]:
    """Return reports without those that come a second time."""
    return list(dict.fromkeys(said))
