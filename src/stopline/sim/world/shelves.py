"""What the broker holds for whom, from its fills alone: it shares no arithmetic with the engine."""

from collections.abc import Callable, Iterable

from msgspec import Struct, field, structs

from stopline.messages import inputs as i
from stopline.messages.inputs import Input
from stopline.model.fill import Fill
from stopline.model.ids import AccountId, InstrumentId, RoutedOrderId
from stopline.model.instrument import Instrument
from stopline.model.numbers import Money, Nanos, Price, Qty
from stopline.model.order import Side
from stopline.sim.world.ledger import NOTHING, Holding, signed, tell
from stopline.sim.world.says import Ours


class Book(Struct):
    """One account at the broker."""

    opening_cash: Money
    fills: list[Fill] = []
    settled: dict[InstrumentId, Holding] = {}
    """What the fills that nobody can take back any more came to."""
    voided: set[str] = set()
    orders: dict[RoutedOrderId, Ours] = {}
    buried: set[RoutedOrderId] = set()
    taken_ids: dict[str, RoutedOrderId] = {}
    """client_order_id of every order taken, for I03."""
    unasked: dict[str, tuple[InstrumentId, Qty, Qty, str]] = field(default_factory=dict)
    """By exec id, what moved the position without an order that still lived: (instrument, buys, sells, replaced)."""
    sums: dict[InstrumentId, Qty] = {}
    """Positions as they are, kept up."""


class Shelves:
    """The books of all accounts."""

    def __init__(
        self,
        name: str,
        cash: dict[AccountId, Money],
        instruments: Iterable[Instrument],
        say: Callable[[AccountId, Input], None],
    ) -> None:
        self.name, self._say = name, say
        self.books = {account: Book(amount) for account, amount in cash.items()}
        self.instruments = {each.instrument_id: each for each in instruments}
        self._execs = 0
        self._ended_at: dict[RoutedOrderId, Nanos] = {}
        self._told: dict[tuple[AccountId, InstrumentId], tuple[tuple[int, int], Holding]] = {}

    def cum_qty(self, account: AccountId, routed: RoutedOrderId) -> Qty:
        """Return what of an order is filled and was not taken back."""
        book = self.books[account]
        return sum(f.qty for f in book.fills if f.routed_order_id == routed and f.exec_id not in book.voided)

    def holding(self, account: AccountId, instrument_id: InstrumentId) -> Holding:
        """Return what an account holds, from its fills."""
        book = self.books[account]
        key, state = (account, instrument_id), (self._execs, len(book.fills))
        known = self._told.get(key)
        if known is not None and known[0] == state:
            return known[1]
        fills = [f for f in book.fills if f.instrument_id == instrument_id and f.exec_id not in book.voided]
        told = tell(fills, self.instruments[instrument_id], book.settled.get(instrument_id, NOTHING))
        self._told[key] = state, told
        return told

    def qty(self, account: AccountId, instrument_id: InstrumentId) -> Qty:
        """Return how much an account holds."""
        return self.books[account].sums.get(instrument_id, 0)

    def _move(self, account: AccountId, instrument_id: InstrumentId, change: Qty) -> None:
        sums = self.books[account].sums
        sums[instrument_id] = sums.get(instrument_id, 0) + change

    def cash(self, account: AccountId) -> Money:
        """Return an account's cash, from its fills."""
        return self.books[account].opening_cash + sum(self.holding(account, name).cash for name in self.instruments)

    def working(self, account: AccountId) -> list[Ours]:
        """Return its working orders."""
        return [order for order in self.books[account].orders.values() if order.is_working]

    def settle(self, before: Nanos) -> None:
        """Put what is older than anybody may ask for out of hand: fills into sums, ended orders away."""
        for book in self.books.values():
            old = [fill for fill in book.fills if fill.executed_at < before]
            if not old:
                continue
            book.fills = [fill for fill in book.fills if fill.executed_at >= before]
            for name, instrument in self.instruments.items():
                stands = [f for f in old if f.instrument_id == name and f.exec_id not in book.voided]
                book.settled[name] = tell(stands, instrument, book.settled.get(name, NOTHING))
            for fill in old:
                book.voided.discard(fill.exec_id)
                book.unasked.pop(fill.exec_id, None)
            kept = {fill.routed_order_id for fill in book.fills}
            for routed in [name for name, each in book.orders.items() if each.outcome and name not in kept]:
                if self._ended_at.get(routed, 0) < before:
                    del book.orders[routed]

    def _void(self, account: AccountId, fill: Fill) -> None:
        self.books[account].voided.add(fill.exec_id)
        self._move(account, fill.instrument_id, -signed(fill))

    def _note_unasked(self, account: AccountId, exec_id: str, fill: Fill) -> None:
        """Note that the position may have moved by as much either way without an order."""
        self.books[account].unasked[exec_id] = (fill.instrument_id, fill.qty, fill.qty, fill.exec_id)

    def _fill(
        self,
        account: AccountId,
        routed: RoutedOrderId,
        instrument_id: InstrumentId,
        side: Side,
        qty: Qty,
        price: Price,
        at: Nanos,
        *,
        is_unasked: bool = False,
    ) -> None:
        self._execs += 1
        fee = 35 * 10**4 * (qty // 10**9)
        fill = Fill(account, f"X{self._execs}", instrument_id, side, qty, price, fee, at, routed)
        book = self.books[account]
        book.fills.append(fill)
        self._move(account, instrument_id, signed(fill))
        if is_unasked:
            book.unasked[fill.exec_id] = (
                instrument_id,
                qty if side is Side.BUY else 0,
                qty if side is Side.SELL else 0,
                "",
            )
        self._say(account, i.FillReported(broker=self.name, fill=fill))

    def bust(self, account: AccountId, fill: Fill, at: Nanos) -> None:
        """Take an execution back."""
        self._void(account, fill)
        self._execs += 1
        taken = structs.replace(fill, exec_id=f"X{self._execs}b", qty=0, fee=0, replaces=fill.exec_id, executed_at=at)
        self._note_unasked(account, taken.exec_id, fill)
        self.books[account].fills.append(taken)
        self._say(account, i.FillReported(broker=self.name, fill=taken))

    def correct(self, account: AccountId, fill: Fill, qty: Qty, price: Price, at: Nanos) -> None:
        """Put another execution, of no more, in the place of one."""
        self._void(account, fill)
        self._execs += 1
        right = structs.replace(
            fill, exec_id=f"X{self._execs}c", qty=qty, price=price, replaces=fill.exec_id, executed_at=at
        )
        self._note_unasked(account, right.exec_id, fill)
        self._move(account, right.instrument_id, signed(right))
        self.books[account].fills.append(right)
        self._say(account, i.FillReported(broker=self.name, fill=right))
