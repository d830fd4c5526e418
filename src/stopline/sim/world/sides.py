"""The brokers a world may have: one of its own, with every vice, the paper broker, or Alpaca behind its adapter."""

from typing import TYPE_CHECKING

from stopline.bootstrap.brokers import Brokers
from stopline.config.settings import Settings
from stopline.model.instrument import Instrument
from stopline.model.numbers import Money
from stopline.ports.clock import EngineClock
from stopline.sim.world.adapter import WireBroker
from stopline.sim.world.counter import Counter
from stopline.sim.world.house import House
from stopline.sim.world.side import Expected, OpenBrokers, Side
from stopline.sim.world.system import WorldBrokers
from stopline.sim.world.terms import ALPACA, BROKER, PAPER
from stopline.sim.world.trouble import ALPACA_TROUBLES, PAPER_TROUBLES, Trouble
from stopline.sim.world.wire import Wire
from stopline.state.state import State

if TYPE_CHECKING:
    from stopline.sim.world.world import World


def open_side(world: "World", cash: Money) -> Side:
    """Return the broker that a world's scale names."""
    if world.scale.broker == ALPACA:
        from stopline.sim.world.alpaca.side import AlpacaSide

        return AlpacaSide(world, cash)
    if world.scale.broker == PAPER:
        from stopline.sim.world.paper import PaperSide

        return PaperSide(world, cash)
    return OwnSide(world, cash)


def troubles_of(broker: str) -> frozenset[Trouble]:
    """Return what can go wrong with a broker."""
    return {ALPACA: ALPACA_TROUBLES, PAPER: PAPER_TROUBLES}.get(broker, OwnSide.troubles)


class OwnSide:
    """The simulation's own broker, and its own adapter."""

    troubles = frozenset(Trouble)

    def __init__(self, world: "World", cash: Money) -> None:
        timeline, chance, note = world.timeline, world.chance, world.reach.note
        self._chance, self._adapters = chance, 0
        self.wire = wire = Wire(timeline, chance.stream("wire"), note)
        accounts = dict.fromkeys(world.accounts, cash)
        self.house = House(BROKER, accounts, world.instruments, world.day_end, wire.report)
        self.counter = Counter(
            timeline, chance.stream("counter"), self.house, world.watch, note,
            lambda account: wire.numbers.get(account, 0), world.since, world.on_fault,
        )  # fmt: skip

    def brokers(self) -> OpenBrokers:
        """Return how the next process connects: with chance of its own."""
        self._adapters += 1
        chance = self._chance.stream(f"adapter {self._adapters}")

        async def open_brokers(
            settings: Settings,
            clock: EngineClock,
            instruments: tuple[Instrument, ...],
            state: State,
            expected: Expected,
        ) -> Brokers:
            return WorldBrokers(settings, WireBroker(BROKER, self.wire, self.counter, chance, expected))

        return open_brokers

    def close(self) -> None:
        """Nothing runs there by itself."""
