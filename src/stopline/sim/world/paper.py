"""The production paper broker in the world: its own book, in a real file of SQLite, which outlives every process.

There is no network to it: what goes wrong is that a process ends at any event, between its book
and the journal, and then begins again with both. Its book is judged as it is in the process that lives.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs

from stopline.bootstrap.brokers import Brokers, open_brokers
from stopline.brokers.paper import PaperBroker
from stopline.brokers.paper.house import House
from stopline.brokers.paper.records import PaperOrder
from stopline.config.settings import Settings
from stopline.model.ids import AccountId, InstrumentId, RoutedOrderId
from stopline.model.instrument import Instrument
from stopline.model.numbers import Money, Nanos, Price, Qty
from stopline.model.order import Side
from stopline.model.quote import Quote
from stopline.ports.clock import EngineClock
from stopline.sim.world.counter import Mood
from stopline.sim.world.ledger import Holding
from stopline.sim.world.says import Ours
from stopline.sim.world.side import Expected, OpenBrokers
from stopline.sim.world.trouble import PAPER_TROUBLES
from stopline.sim.world.wire import Wire
from stopline.state.state import State

if TYPE_CHECKING:
    from stopline.sim.world.world import World


class NobodyThere:
    """What misbehaves: nothing does."""

    def __init__(self) -> None:
        self.mood = Mood()


class Page(NamedTuple):
    """One account as the watch reads it. Nobody trades on it beside Stopline."""

    orders: Mapping[RoutedOrderId, Ours]
    unasked: Mapping[str, tuple[InstrumentId, Qty, Qty, str]]


class PaperTruth:
    """The book of the paper broker of the process that lives."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.instruments = {each.instrument_id: each for each in world.instruments}
        self.broker: PaperBroker | None = None

    @property
    def _house(self) -> House:
        house = None if self.broker is None else self.broker._house
        assert house is not None, "the paper broker is looked at while it is closed"
        return house

    @property
    def books(self) -> Mapping[AccountId, Page]:
        """All accounts."""
        return {name: Page({o.terms.order_id: o for o in self.working(name)}, {}) for name in self._world.accounts}

    def _show(self, order: PaperOrder) -> Ours:
        decided = self._world.watch.approved[order.order_id]
        return Ours(order.terms, order.number, decided.request.client_order_id, decided.reducing)

    def quote(self, quote: Quote, at: Nanos) -> None:
        """Do nothing: it hears quotes from the process."""

    def qty(self, account: AccountId, instrument_id: InstrumentId) -> Qty:
        """Return how much is held."""
        return self._house.ledger.book(account, instrument_id).holding.qty

    def holding(self, account: AccountId, instrument_id: InstrumentId) -> Holding:
        """Return what is held, and what it cost."""
        held = self._house.ledger.book(account, instrument_id).holding
        return Holding(held.qty, held.cost, 0)

    def cash(self, account: AccountId) -> Money:
        """Return the cash."""
        return self._house.ledger.accounts[account].cash

    def working(self, account: AccountId) -> list[Ours]:
        """Return the working orders."""
        orders = self._house.orders.values()
        return [self._show(each) for each in orders if each.is_working and each.terms.owner == account]

    def trade_outside(
        self, account: AccountId, instrument_id: InstrumentId, side: Side, qty: Qty, price: Price, at: Nanos
    ) -> None:
        """Refuse: it has no other door."""
        raise LookupError("nobody trades with the paper broker beside Stopline")

    def order_outside(
        self, account: AccountId, instrument_id: InstrumentId, side: Side, qty: Qty, price: Price, at: Nanos
    ) -> RoutedOrderId:
        """Refuse: it has no other door."""
        raise LookupError("nobody trades with the paper broker beside Stopline")

    def restart(self) -> None:
        """Do nothing: it starts with its process."""

    def settle(self, before: Nanos) -> None:
        """Keep everything."""


class PaperSide:
    """The paper broker, and the folder of its file."""

    troubles = PAPER_TROUBLES

    def __init__(self, world: "World", cash: Money) -> None:
        self._folder = TemporaryDirectory(prefix="stopline-simulated-")
        self.wire = Wire(world.timeline, world.chance.stream("wire"), world.reach.note)
        self.house = PaperTruth(world)
        self.counter = NobodyThere()

    def brokers(self) -> OpenBrokers:
        """Return how the next process opens it: as production does."""
        self.close_file()

        async def open_paper(
            settings: Settings,
            clock: EngineClock,
            instruments: tuple[Instrument, ...],
            state: State,
            expected: Expected,
        ) -> Brokers:
            here = structs.replace(settings, data_dir=Path(self._folder.name))
            brokers = await open_brokers(here, clock, instruments, state, expected)
            self.house.broker = brokers.paper
            return brokers

        return open_paper

    def close_file(self) -> None:
        """Let go of the file, as the system does for a process that has ended."""
        broker, self.house.broker = self.house.broker, None
        if broker is not None and broker._file is not None:
            broker._file.close()
            broker._file = None

    def close(self) -> None:
        """Throw the file away."""
        self.close_file()
        self._folder.cleanup()
