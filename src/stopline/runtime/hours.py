"""Tells the engine when markets open and close, as the status of the instruments that trade there.

It speaks while some limit asks for it (`session_hours`): nobody else acts on it, and a
recording of fifteen years has fifteen thousand openings and closings. What somebody set by
hand (halted, closed, limit-locked) stays. Where a calendar ends, the market counts as shut,
and the log says so: an unknown is no permission.

Source     semantics.md sections 1 (instrument status) and 5 (19); architecture.md promise 8; reliability.md F38.
"""

import logging
from collections.abc import Callable

from msgspec.structs import replace

from stopline.messages import inputs as i
from stopline.messages.events import AccountOpened, Event, InstrumentListed, LimitsChanged
from stopline.model.ids import InstrumentId
from stopline.model.instrument import Instrument, InstrumentStatus
from stopline.model.numbers import Nanos
from stopline.runtime.calendars import CalendarBook, OutOfRange
from stopline.state.state import State

NEVER: Nanos = 2**63 - 1
_CONCERNED: frozenset[type] = frozenset({LimitsChanged, InstrumentListed, AccountOpened})
_OURS = frozenset({InstrumentStatus.OPEN, InstrumentStatus.OFF_HOURS})
log = logging.getLogger(__name__)


class MarketHours:
    """The hours of every listed instrument's market."""

    def __init__(
        self,
        tell: Callable[[i.Input], None],
        state: Callable[[], State],
        at: Callable[[], Nanos],
        book: CalendarBook,
    ) -> None:
        self._tell, self._state, self._at = tell, state, at
        self.book = book
        self._due: Nanos = 0
        self._market_of: dict[InstrumentId, str | None] = {}
        self._ended: set[str] = set()
        self._wanted: bool | None = None

    def hear(self, seq: int, at: Nanos, events: tuple[Event, ...]) -> None:
        """Look again where limits or instruments changed."""
        if any(type(event) in _CONCERNED for event in events):
            self.look_again()

    def look_again(self) -> None:
        """Compare every instrument with its market's hours, as after a rebuild of the state."""
        self._due, self._wanted = 0, None

    def next_due(self) -> Nanos:
        """Return the instant of the next opening or closing that somebody waits for."""
        return max(self._due, self._at()) if self._is_wanted() else NEVER

    def feed_due(self, at: Nanos) -> None:
        """Tell the status of each instrument whose market opened or closed by `at`."""
        if at < self._due or not self._is_wanted():
            return
        self._due = NEVER
        for instrument in tuple(self._state().instruments.values()):
            market = self.market_of(instrument)
            if market is None or instrument.status not in _OURS:
                continue
            status = InstrumentStatus.OPEN if self._is_open(market, at) else InstrumentStatus.OFF_HOURS
            if status is not instrument.status:
                self._tell(i.ListInstrument(instrument=replace(instrument, status=status)))

    def market_of(self, instrument: Instrument) -> str | None:
        """Return the market that an instrument trades on; None where no calendar knows it."""
        name = instrument.instrument_id
        if name not in self._market_of:
            self._market_of[name] = self.book.market_of(instrument)
        return self._market_of[name]

    def next_open(self, instrument: Instrument, at: Nanos) -> Nanos | None:
        """Return when an instrument's market opens next after `at`; None where that is not known."""
        market = self.market_of(instrument)
        return None if market is None else self._or_none(self.book.calendar(market).next_open, at)

    def next_close(self, instrument: Instrument, at: Nanos) -> Nanos | None:
        """Return when an instrument's market closes next after `at`; None where that is not known, or never."""
        market = self.market_of(instrument)
        return None if market is None else self._or_none(self.book.calendar(market).next_close, at)

    @staticmethod
    def _or_none(find: Callable[[Nanos], Nanos | None], at: Nanos) -> Nanos | None:
        try:
            return find(at)
        except OutOfRange:
            return None

    def _is_open(self, market: str, at: Nanos) -> bool:
        """Return whether a market trades, and wait for its next change."""
        calendar = self.book.calendar(market)
        try:
            is_open = calendar.is_open(at)
            if (change := calendar.next_change(at)) is not None:
                self._due = min(self._due, change)
        except OutOfRange as error:
            if market not in self._ended:
                self._ended.add(market)
                log.error("%s: its market counts as shut", error)
            return False
        return is_open

    def _is_wanted(self) -> bool:
        """Return whether any limit asks for hours."""
        if self._wanted is None:
            state = self._state()
            books = [account.limits for account in state.accounts.values()]
            books += [scope.limits for scope in state.scopes.values()]
            self._wanted = any(limits.session_hours for book in books for limits in book.scopes.values())
        return self._wanted
