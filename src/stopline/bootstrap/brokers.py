"""The brokers that the settings ask for: opened, started together, and let go of together."""

import os
import stat
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import structs

from stopline.bootstrap.parts import ALPACA, PAPER, StartRefused
from stopline.brokers.paper import PaperBroker, Told
from stopline.config.settings import Alpaca, Settings
from stopline.model.account import AccountTerms
from stopline.model.ids import AccountId, RoutedOrderId
from stopline.model.instrument import Instrument
from stopline.model.order import OrderState
from stopline.ports.broker import Broker, BrokerError, Inbox
from stopline.ports.clock import EngineClock
from stopline.ports.feed import Feed
from stopline.runtime.last_line import LastLine
from stopline.runtime.sessions import find_session
from stopline.state.account import AccountState
from stopline.state.state import State
from stopline.venue.fees import FeeSchedule

if TYPE_CHECKING:
    from stopline.brokers.alpaca.broker import AlpacaBroker
    from stopline.brokers.alpaca.client import AlpacaClient, Keys
    from stopline.brokers.alpaca.memory import Memory

KEY, SECRET = "APCA_API_KEY_ID", "APCA_API_SECRET_KEY"
MEMORY: Final = "alpaca.json"
Expected = Callable[[AccountId], Iterable[RoutedOrderId]]


class Brokers:
    """All brokers of one process. `settings` are those that were given, with what only a broker knows."""

    def __init__(self, settings: Settings, paper: PaperBroker | None, alpaca: "AlpacaBroker | None") -> None:
        self.settings, self.paper, self.alpaca = settings, paper, alpaca
        self._all = tuple(each for each in (paper, alpaca) if each is not None)

    @property
    def by_name(self) -> dict[str, Broker]:
        """The brokers, as accounts name them."""
        return {each.name: each for each in self._all}

    def last_line(self, state: Callable[[], State]) -> LastLine | None:
        """Return what lets a broker itself refuse orders, where that is asked for."""
        account = next((terms.account for terms in self.settings.accounts if terms.broker == ALPACA), "")
        if self.alpaca is None or not self.settings.alpaca.suspend_when_halted:
            return None
        return LastLine(self.alpaca, account, state)

    async def start(self, inbox: Inbox) -> None:
        """Start all of them."""
        for each in self._all:
            await each.start(inbox)

    async def close(self) -> None:
        """Let go of all of them."""
        for each in self._all:
            await each.close()

    async def settle(self) -> None:
        """Return once each has said what came in."""
        for each in self._all:
            await each.settle()

    @property
    def is_settled(self) -> bool:
        """Whether none of them has anything to say."""
        return all(each.is_settled for each in self._all)


async def open_brokers(
    settings: Settings, clock: EngineClock, instruments: tuple[Instrument, ...], state: State, expected: Expected
) -> Brokers:
    """Return the brokers of the settings' accounts. Raises StartRefused."""
    _refuse_changed_brokers(settings, state)
    papers = tuple(terms for terms in settings.accounts if terms.broker == PAPER)
    fees = FeeSchedule(settings.fees.per_share, settings.fees.per_contract)
    paper = None
    if papers:
        path = settings.data_dir / "paper.db"
        paper = PaperBroker(path, clock, find_session, papers, instruments, fees=fees, told=_told(state))
    mine = next((terms for terms in settings.accounts if terms.broker == ALPACA), None)
    if mine is None:
        return Brokers(settings, paper, None)
    alpaca, opened = await _open_alpaca(settings, mine, clock, instruments, state, expected)
    accounts = tuple(opened if terms is mine else terms for terms in settings.accounts)
    return Brokers(structs.replace(settings, accounts=accounts), paper, alpaca)


def _told(state: State) -> Told:
    """Return what the engine has of the paper broker's book, as the journal left it."""

    def has_fill(account: AccountId, exec_id: str) -> bool:
        known = state.accounts.get(account)
        return known is not None and known.has_fill(exec_id)

    def is_over(account: AccountId, routed_order_id: RoutedOrderId) -> bool:
        known = state.accounts.get(account)
        return known is not None and known.is_over(routed_order_id)

    return Told(has_fill, is_over)


def _refuse_changed_brokers(settings: Settings, state: State) -> None:
    """Refuse an account that was with another broker before: its positions are there and not here."""
    for terms in settings.accounts:
        known = state.accounts.get(terms.account)
        if known is not None and known.terms.broker != terms.broker:
            raise StartRefused(
                f"account {terms.account!r} was with {known.terms.broker} in {settings.data_dir}, and is to be with "
                f"{terms.broker} now: give it another name, or use another --data-dir"
            )


async def _open_alpaca(
    settings: Settings,
    terms: AccountTerms,
    clock: EngineClock,
    instruments: tuple[Instrument, ...],
    state: State,
    expected: Expected,
) -> "tuple[AlpacaBroker, AccountTerms]":
    """Return the broker, and the terms with the cash that the account begins with."""
    from stopline.brokers.alpaca.broker import AlpacaBroker
    from stopline.brokers.alpaca.memory import save_memory
    from stopline.runtime.transport import AiohttpTransport

    keys, path = read_keys(settings.alpaca), settings.data_dir / MEMORY
    url = _address(settings.alpaca)
    memory = _recall(path, settings, terms, state)
    if memory is None:
        memory = await _look_first(settings.alpaca, terms, clock, instruments)
        save_memory(path, memory)

    def keep() -> None:
        save_memory(path, memory)

    def turn_day() -> None:
        if memory.roll(terms, find_session, clock.at()):
            keep()

    turn_day()
    account, transport = terms.account, AiohttpTransport()
    broker = AlpacaBroker(
        transport, url, keys, account, instruments, memory, turn_day=turn_day, keep=keep, expected=expected,
        given_up=given_up(state.accounts.get(account)),
    )  # fmt: skip
    return broker, structs.replace(terms, opening_cash=memory.opening_cash)


def _recall(path: Path, settings: Settings, terms: AccountTerms, state: State) -> "Memory | None":
    """Return what is remembered of the account, None if it was never looked at. Raises StartRefused."""
    from stopline.brokers.alpaca.memory import MemoryUnusable, load_memory

    try:
        memory = load_memory(path, terms.account)
    except MemoryUnusable as error:
        raise StartRefused(str(error)) from None
    if memory is None and terms.account in state.accounts:
        raise StartRefused(
            f"{path} is missing, and account {terms.account!r} has traded in {settings.data_dir} before: restore "
            "it from a backup, or begin again with another --data-dir"
        )
    return memory


def given_up(account: AccountState | None) -> list[RoutedOrderId]:
    """Return the orders of the last trading days that ended because their broker never showed them."""
    ended = () if account is None else (*account.ended_before.values(), *account.ended.values())
    return [
        order.routed_order_id
        for order in ended
        if order.state is OrderState.EXPIRED and not (order.broker_order_id or order.cum_qty or order.external)
    ]


async def _look_first(
    alpaca: Alpaca, terms: AccountTerms, clock: EngineClock, instruments: tuple[Instrument, ...]
) -> "Memory":
    from stopline.brokers.alpaca.adopt import first_look
    from stopline.brokers.alpaca.symbols import Symbols

    async with open_client(alpaca) as client:
        try:
            return await first_look(client, Symbols(instruments), terms.account, clock.at())
        except BrokerError as error:
            raise StartRefused(
                f"account {terms.account!r} cannot be looked at for the first time ({error}): "
                "what it holds must be known before anything is decided"
            ) from None


@asynccontextmanager
async def open_client(alpaca: Alpaca) -> "AsyncIterator[AlpacaClient]":
    """Let somebody ask Alpaca for a while. Raises StartRefused where there are no keys."""
    from stopline.brokers.alpaca.budget import Budget
    from stopline.brokers.alpaca.client import AlpacaClient
    from stopline.runtime.transport import AiohttpTransport

    keys, transport = read_keys(alpaca), AiohttpTransport()
    try:
        yield AlpacaClient(transport, _address(alpaca), keys, Budget())
    finally:
        await transport.close()


def open_feed(alpaca: Alpaca, shares: list[Instrument]) -> Feed:
    """Return Alpaca's quotes of as many shares as one may listen to. Raises StartRefused where there are no keys."""
    from stopline.brokers.alpaca.feed import DATA_URL, MOST, STREAM_URL, AlpacaFeed
    from stopline.runtime.transport import AiohttpTransport

    keys, simulated = read_keys(alpaca), alpaca.environment if alpaca.is_simulated else ""
    return AlpacaFeed(AiohttpTransport(), simulated or DATA_URL, simulated or STREAM_URL, keys, shares[:MOST])


def _address(alpaca: Alpaca) -> str:
    from stopline.brokers.alpaca.offer import LIVE_URL, PAPER_URL

    return {"paper": PAPER_URL, "live": LIVE_URL}.get(alpaca.environment, alpaca.environment)


def read_keys(alpaca: Alpaca, variables: Mapping[str, str] | None = None) -> "Keys":
    """Return the keys of a file, or of the environment. Raises StartRefused, which never shows what it read."""
    from stopline.brokers.alpaca.client import Keys

    source = "the environment"
    found = os.environ if variables is None else variables
    if alpaca.keys_file is not None:
        source, found = str(alpaca.keys_file), _read_keys_file(alpaca.keys_file)
    missing = [name for name in (KEY, SECRET) if not found.get(name)]
    if missing:
        raise StartRefused(
            f"no keys for Alpaca: {' and '.join(missing)} not set in {source}. Set {KEY} and {SECRET}, or name a file "
            "that holds both as alpaca.keys_file (docs/brokers/alpaca.md)"
        )
    if any(not found[name].isascii() or not found[name].isprintable() for name in (KEY, SECRET)):
        raise StartRefused(f"the keys for Alpaca in {source} hold characters that no key has")
    return Keys(found[KEY].strip(), found[SECRET].strip())


def _read_keys_file(path: Path) -> dict[str, str]:
    """Return `NAME=value` lines of a file that nobody else can read."""
    try:
        if sys.platform != "win32" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise StartRefused(f"{path} holds keys, and others can read it: chmod 600 {path}")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise StartRefused(f"{path}, which is to hold the keys for Alpaca, cannot be read: {reason}") from None
    lines = (line.strip().removeprefix("export ").partition("=") for line in text.splitlines())
    return {name.strip(): value.strip().strip("'\"") for name, mark, value in lines if mark}
