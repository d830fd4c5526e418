"""The broker's side of a world: what the world, its faults and its watch need of it, whichever broker it is."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol

from stopline.bootstrap.brokers import Brokers
from stopline.config.settings import Settings
from stopline.model.ids import AccountId, InstrumentId, RoutedOrderId
from stopline.model.instrument import Instrument
from stopline.model.numbers import Money, Nanos, Price, Qty
from stopline.model.order import Side as OrderSide
from stopline.model.quote import Quote
from stopline.ports.clock import EngineClock
from stopline.sim.world.counter import Mood
from stopline.sim.world.ledger import Holding
from stopline.sim.world.says import Ours
from stopline.sim.world.trouble import Trouble
from stopline.sim.world.wire import Wire
from stopline.state.state import State

Expected = Callable[[AccountId], Iterable[RoutedOrderId]]
OpenBrokers = Callable[[Settings, EngineClock, tuple[Instrument, ...], State, Expected], Awaitable[Brokers]]
"""How one process connects."""


class Shown(Protocol):
    """One account as the broker has it."""

    @property
    def orders(self) -> Mapping[RoutedOrderId, Ours]:
        """Orders by the id they were routed with: at least those that work."""

    @property
    def unasked(self) -> Mapping[str, tuple[InstrumentId, Qty, Qty, str]]:
        """By exec id, what moved the position without an order that lived: (instrument, buys, sells, replaced)."""


class Truth(Protocol):
    """What a broker really has, and what people do there beside Stopline."""

    instruments: dict[InstrumentId, Instrument]

    @property
    def books(self) -> Mapping[AccountId, Shown]:
        """All accounts."""

    def quote(self, quote: Quote, at: Nanos) -> None:
        """Let the market move."""

    def qty(self, account: AccountId, instrument_id: InstrumentId) -> Qty:
        """Return how much an account holds."""

    def holding(self, account: AccountId, instrument_id: InstrumentId) -> Holding:
        """Return what an account holds, and what it paid."""

    def cash(self, account: AccountId) -> Money:
        """Return an account's cash."""

    def working(self, account: AccountId) -> list[Ours]:
        """Return its working orders."""

    def trade_outside(
        self, account: AccountId, instrument_id: InstrumentId, side: OrderSide, qty: Qty, price: Price, at: Nanos
    ) -> None:
        """Let somebody trade on the account beside Stopline."""

    def order_outside(
        self, account: AccountId, instrument_id: InstrumentId, side: OrderSide, qty: Qty, price: Price, at: Nanos
    ) -> RoutedOrderId:
        """Let somebody else place an order that rests."""

    def restart(self) -> None:
        """Come back after the daily restart."""

    def settle(self, before: Nanos) -> None:
        """Put what is older than anybody may ask for out of hand."""


class Moody(Protocol):
    """Where a broker misbehaves."""

    mood: Mood


class Side(Protocol):
    """One broker and the wire to it."""

    @property
    def wire(self) -> Wire:
        """The network."""

    @property
    def house(self) -> Truth:
        """What the broker really has."""

    @property
    def counter(self) -> Moody:
        """Where it misbehaves."""

    @property
    def troubles(self) -> frozenset[Trouble]:
        """What can go wrong with it."""

    def brokers(self) -> OpenBrokers:
        """Return how the next process connects."""

    def close(self) -> None:
        """Throw away what still runs there."""
