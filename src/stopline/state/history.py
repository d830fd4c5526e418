"""What must be remembered of an account for its rules, beyond positions, orders and the day.

Only `engine/history.py` changes it, from events; `Recent` is seen, not said. Nothing in either
comes from a mark that two usable quotes did not confirm.

Source     semantics.md sections 6 and 9; architecture.md promise 3.
"""

from typing import Final

from msgspec import Struct, field

from stopline.measures.window import Sample
from stopline.model.ids import InstrumentId
from stopline.model.numbers import Money, Nanos, Price, Qty
from stopline.model.order import Side
from stopline.model.quiet import Quiet
from stopline.model.week import Week
from stopline.state.rates import RateLog

KEPT_TRIPS: Final = 1_000
"""How many closed trades are kept: more than rules ask about."""


class Trip(Struct, frozen=True, gc=False, array_like=True):
    """One trade, flat to flat in one instrument. `realized_pnl` is net of all its fees."""

    number: int
    instrument_id: InstrumentId
    opened_at: Nanos
    closed_at: Nanos
    realized_pnl: Money


class Increase(Struct, frozen=True, gc=False, array_like=True):
    """A part of a position, as it was added. `qty` is unsigned."""

    instrument_id: InstrumentId
    qty: Qty


class OpenTrip(Struct, gc=False, array_like=True):
    """A trade that is still open."""

    opened_at: Nanos
    realized_pnl: Money = 0
    """So far, net of fees."""
    best_mark: Price | None = None
    """Furthest in the position's favour since it was opened."""
    unprotected_since: Nanos | None = None
    """Since when stops have not covered all of it; None while they do."""


class History(Struct, gc=False, array_like=True):
    """One account's. Equities and peaks are net of all transfers since its beginning."""

    open_trips: dict[InstrumentId, OpenTrip] = {}
    trips: list[Trip] = []
    """The newest `KEPT_TRIPS`, oldest first."""
    trips_made: int = 0
    increases: list[Increase] = []
    """What all positions are made of, oldest first."""
    realized_seen: dict[InstrumentId, Money] = {}
    """How much of a position's realized P&L of today is in its trades already."""
    session_since: Nanos = 0
    """When the trading day opened."""
    trade_times: RateLog = field(default_factory=RateLog)
    """When entries got their first fill, those that we did not send included."""
    session_trades: int = 0
    newest_entry: tuple[InstrumentId, Side, Nanos] | None = None
    """Of an entry that we did not send: its fills of one instant are one trade."""
    error_times: RateLog = field(default_factory=RateLog)
    """When an order got an error: rejected, of unknown outcome, cancel or replace refused."""
    transfers: Money = 0
    start_equity: Money | None = None
    day_equity: Money | None = None
    """At the open of the day."""
    best_day: Money = 0
    """The largest profit of a day that is over, from open to open."""
    peak_close: Money | None = None
    peak_equity: Money | None = None
    peak_pnl: Money = 0
    """Today's, 0 at its open."""
    week: Week | None = None
    week_since: Nanos = 0
    """When the week opened, as it was said."""
    week_baseline: Money | None = None
    marked: list[Sample] = []
    """Today's P&L as it was written down in the last hour, oldest first; kept while a rule asks for it."""


class Recent(Struct, gc=False):
    """Volatile: the last hour as it was seen, oldest first."""

    pnl_marks: list[Sample] = []
    prices: dict[InstrumentId, list[Sample]] = {}
    quiet: Quiet | None = None
    """Within what bounds quotes alone change nothing that the rules say; None: ask them."""
