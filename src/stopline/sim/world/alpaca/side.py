"""Alpaca in a world: the simulator behind a network that fails, and the production adapter in front of it."""

from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import structs

from stopline.bootstrap.brokers import Brokers
from stopline.bootstrap.parts import StartRefused
from stopline.brokers.alpaca.adopt import first_look
from stopline.brokers.alpaca.broker import AlpacaBroker
from stopline.brokers.alpaca.budget import Budget
from stopline.brokers.alpaca.client import AlpacaClient, Keys
from stopline.brokers.alpaca.memory import Memory
from stopline.brokers.alpaca.symbols import Symbols
from stopline.brokers.alpaca.timing import Timing
from stopline.config.settings import Settings
from stopline.model.instrument import Instrument
from stopline.model.numbers import SECOND, Money
from stopline.ports.broker import BrokerError
from stopline.ports.clock import EngineClock
from stopline.runtime.sessions import find_session
from stopline.sim.world.alpaca.judging import RequestJudge
from stopline.sim.world.alpaca.net import HttpWire, WorldTransport
from stopline.sim.world.alpaca.server import KEYS, Server
from stopline.sim.world.alpaca.truth import AlpacaTruth
from stopline.sim.world.chance import Chance
from stopline.sim.world.side import Expected, OpenBrokers
from stopline.sim.world.trouble import ALPACA_TROUBLES
from stopline.state.state import State

if TYPE_CHECKING:
    from stopline.sim.world.world import World

URL: Final = "https://alpaca.simulated"
_BILLION: Final = 10**9


class AlpacaSide:
    """One account, which is the first of the world's."""

    troubles = ALPACA_TROUBLES

    def __init__(self, world: "World", cash: Money) -> None:
        self._world, self._processes = world, 0
        self._account = world.accounts[0]
        self._kept = b""
        """The adapter's file: it survives every process, and is whole at any moment."""
        self.wire = HttpWire(world.timeline, world.chance.stream("wire"), world.reach.note)
        self.wire.account = self._account
        self.wire.server = server = Server(world.timeline, world.instruments, cash, world.on_fault)
        self.house = AlpacaTruth(server, self._account, world.watch, world.instruments)
        self._counter = world.chance.stream("counter")
        self.counter = RequestJudge(self._account, world.watch, server.house, self._falls, world.on_fault)

    def _falls(self, share: int, what: str) -> bool:
        falls = self._counter.per_mille(share)
        if falls:
            self._world.reach.note(what)
        return falls

    def _timing(self, chance: Chance) -> Timing:
        world = self._world
        return Timing(
            now=lambda: world.timeline.now / SECOND,
            wall=lambda: world.wall.now() / SECOND,
            uniform=lambda least, most: least + (most - least) * chance.below(_BILLION) / _BILLION,
        )

    def brokers(self) -> OpenBrokers:
        """Return how the next process connects."""
        self._processes += 1
        timing = self._timing(self._world.chance.stream(f"adapter {self._processes}"))

        async def open_brokers(
            settings: Settings,
            clock: EngineClock,
            instruments: tuple[Instrument, ...],
            state: State,
            expected: Expected,
        ) -> Brokers:
            return await self._open(settings, clock, instruments, expected, timing)

        return open_brokers

    async def _open(
        self,
        settings: Settings,
        clock: EngineClock,
        instruments: tuple[Instrument, ...],
        expected: Expected,
        timing: Timing,
    ) -> Brokers:
        """Do what `bootstrap.brokers` does, on another transport and with the adapter's file on another disk."""
        (terms,) = settings.accounts
        keys, transport = Keys(KEYS.key, KEYS.secret), WorldTransport(self.wire, self.counter)
        if not self._kept:
            client = AlpacaClient(transport, URL, keys, Budget(now=timing.now, wall=timing.wall))
            try:
                looked = await first_look(client, Symbols(instruments), terms.account, clock.at())
            except BrokerError as error:
                raise StartRefused(f"the first look failed: {error}") from None
            self._keep(looked)
        memory = msgspec.json.decode(self._kept, type=Memory)

        def turn_day() -> None:
            if memory.roll(terms, find_session, clock.at()):
                self._keep(memory)

        turn_day()
        broker = AlpacaBroker(
            transport, URL, keys, terms.account, instruments, memory, turn_day=turn_day,
            keep=lambda: self._keep(memory), expected=expected, timing=timing,
        )  # fmt: skip
        opened = structs.replace(terms, opening_cash=memory.opening_cash)
        return Brokers(structs.replace(settings, accounts=(opened,)), None, broker)

    def _keep(self, memory: Memory) -> None:
        self._kept = msgspec.json.encode(memory)

    def close(self) -> None:
        """Throw Alpaca away."""
        self.wire.server.loop.kill()
