"""Stop trading where nothing runs any more: the production system without doors, for as long as that takes.

It is `System` but for four things. The kill is in the journal before a broker is spoken to.
Accounts, instruments and limits are those of the journal: whatever became of the settings'
file must neither change a limit now nor keep anybody from stopping. A market that cannot be
opened is left out. And it ends by itself.

Source     ux.md (kill works when the web server is down); reliability.md F34, F43, I23.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from stopline.bootstrap.parts import StartRefused, open_market
from stopline.bootstrap.process import open_control
from stopline.bootstrap.system import System
from stopline.config.settings import Settings
from stopline.messages import inputs as i
from stopline.messages.replies import Done, Refused
from stopline.model.limits import ScopeKind
from stopline.ports.clock import EngineClock
from stopline.ports.feed import Feed
from stopline.ports.journal import Journal
from stopline.runtime.boot_clock import system_boot_clock
from stopline.runtime.clocks import RecordedClock, TimeRunsBackwards
from stopline.runtime.way_out import WayOut
from stopline.state.account import AccountState
from stopline.state.state import State
from stopline.state.view import StateView
from stopline.venue.readers.form import RecordingError
from stopline.venue.silent import SilentFeed
from stopline.views.standing import StandingBody, accounts_in, standing_of

ACTOR: Final = "local"
ROUND_S: Final = 2.0
"""How long it is waited for a broker before its whole picture is asked for again."""
Say = Callable[[str], None]


class Order(Struct, frozen=True, kw_only=True):
    """What is to be done: a kill (`is_kill`), or a flatten of the account or of one `symbol`."""

    account: str
    is_kill: bool
    scope: ScopeKind = ScopeKind.ACCOUNT
    keep_positions: bool = False
    symbol: str = ""
    reason: str = ""


class Ended(Struct, frozen=True):
    """How it ended: whether all that was wanted is proven, the record that latched the kill, and how accounts stand."""

    is_done: bool
    killed_at_seq: int | None
    accounts: list[StandingBody]


class EmergencySystem(System):
    """A system whose journal says `first` before it speaks to a broker."""

    def __init__(self, settings: Settings, order: Order, say: Say) -> None:
        super().__init__(settings)
        self._order, self._say = order, say
        self.killed_at_seq: int | None = None

    def _check(self) -> None:
        """Ask nothing of the settings: what they say of accounts is not used."""

    def _settle_settings(self, journal: Journal, state: State) -> tuple[Settings, str]:
        """Return what the journal says, under the configuration of the last start: no limit is changed."""
        if self._order.account not in state.accounts:
            known = ", ".join(sorted(state.accounts)) or "none"
            raise StartRefused(f"there is no account {self._order.account!r} in this journal; it knows {known}")
        if self._order.symbol and self._order.symbol not in state.symbols:
            raise StartRefused(f"there is no instrument {self._order.symbol!r} in this journal")
        settings = replace(
            self.settings,
            accounts=tuple(account.terms for account in state.accounts.values()),
            instruments=tuple(state.instruments.values()),
            limits={},
            symbol_limits={},
            scoped_limits=(),
            overrides=(),
            file=None,
        )
        return settings, journal.head().config_version

    def _open_market(self, journal: Journal, state: State) -> tuple[EngineClock, Feed]:
        try:
            return open_market(self.settings, journal, state)
        except (TimeRunsBackwards, RecordingError, OSError) as error:
            self._say(f"there will be no quotes, the market cannot be opened: {error}")
            clock = RecordedClock(state.clock or "wall", state.at, 1, system_boot_clock(), state.at)
            return clock, SilentFeed(str(error))

    async def _before_broker(self) -> None:
        """Latch the kill. What it closes is closed once our book agrees with the broker's."""
        order = self._order
        if not order.is_kill:
            return
        reply = await self.loop.ask(
            i.Kill(account=order.account, scope=order.scope, keep_positions=True, reason=order.reason, actor=ACTOR)
        )
        if isinstance(reply, Refused):
            raise StartRefused(reply.message + (f"; {reply.fix}" if reply.fix else ""))
        self.killed_at_seq = self.loop.durable_seq
        self._say(f"the kill is in the journal, on disk (record {self.killed_at_seq}): it holds whatever happens now")
        canceling = dict(reply.detail).get("canceling") if isinstance(reply, Done) else ""
        if canceling:
            self._say(f"canceling {canceling}")


async def stop_trading(settings: Settings, order: Order, say: Say, wait_s: float) -> Ended:
    """Do it, and return once the broker has confirmed it, or `wait_s` later. Raises StartRefused."""
    say(f"starting Stopline in this process, on {settings.data_dir.resolve()}, without its doors")
    async with EmergencySystem(settings, order, say) as system, open_control(system):
        names = await system.desk.look(lambda state, at: [one.terms.account for one in _meant(state, order)])
        if not names:
            raise StartRefused(f"account {order.account!r} is in no {order.scope}")
        ways = [_way_out(system, name, order, say) for name in names]
        is_done = await _within(_until_confirmed(system, ways), wait_s)
        if is_done:
            say("done: our book and the broker's agree")
        else:
            say(f"not confirmed after {wait_s:g} s; what was asked of the broker stays asked")
        standing = await system.desk.look(lambda state, at: [standing_of(one, state) for one in _meant(state, order)])
        return Ended(is_done, system.killed_at_seq, standing)


def _meant(state: StateView, order: Order) -> list[AccountState]:
    return accounts_in(state, order.account, order.scope)


def _way_out(system: System, account: str, order: Order, say: Say) -> WayOut:
    return WayOut(
        system.desk,
        account,
        say=say,
        actor=ACTOR,
        reason=order.reason,
        symbol=order.symbol,
        keep_positions=order.keep_positions,
    )


async def _until_confirmed(system: System, ways: list[WayOut]) -> None:
    """Go on until all accounts are where they should be, and the broker's book, asked for after that, agrees."""
    is_confirmed = False
    while not is_confirmed:
        is_there = await _within(asyncio.gather(*(way.until_flat() for way in ways)), ROUND_S)
        is_compared = await _within(system.reconcile(), ROUND_S)
        is_confirmed = is_there and is_compared and all([await way.go_on() for way in ways])


async def _within(work: Awaitable[object], limit_s: float) -> bool:
    """Whether it was done in time."""
    try:
        async with asyncio.timeout(limit_s):
            await work
    except TimeoutError:
        return False
    return True
