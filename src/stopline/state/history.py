"""What must be remembered of an account for its rules, beyond positions, orders and the day.

Only `engine/history.py` changes it, from events. Nothing in it comes from a mark that
two usable quotes did not confirm.

Source     semantics.md sections 6 and 9; architecture.md promise 3.
"""

from typing import Final

from msgspec import Struct, field

from stopline.model.ids import InstrumentId
from stopline.model.numbers import Money, Nanos, Price, Qty
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
    """One account's."""

    open_trips: dict[InstrumentId, OpenTrip] = {}
    trips: list[Trip] = []
    """The newest `KEPT_TRIPS`, oldest first."""
    trips_made: int = 0
    increases: list[Increase] = []
    """What all positions are made of, oldest first."""
    session_since: Nanos = 0
    """When the trading day opened."""
    error_times: RateLog = field(default_factory=RateLog)
    """When an order got an error: rejected, of unknown outcome, cancel or replace refused."""
