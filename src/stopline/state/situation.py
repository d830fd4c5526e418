"""An account at one instant, as rules see it: read-only, complete, and nothing to ask anybody for.

The monitor makes one from the state; rules compare it with their limits. Money is in the
account's currency. None is unknown, never zero.
"""

from collections.abc import Mapping

from msgspec import Struct, field

from stopline.measures.rate import Instants
from stopline.measures.window import Sample
from stopline.model.calendar import Session
from stopline.model.ids import AccountId, InstrumentId
from stopline.model.instrument import Instrument
from stopline.model.market_hours import MarketSpan
from stopline.model.numbers import Money, Nanos, Price, Qty
from stopline.model.week import Week
from stopline.state.history import Increase, Trip
from stopline.state.rates import RateLog


class Surroundings(Struct, frozen=True, gc=False):
    """What only the runtime knows: it owns calendars and zones, and where prices come from."""

    week: Week | None = None
    trading_hours: tuple[MarketSpan, ...] = ()
    """When the account may trade, around now; empty: nobody said."""
    expiries: Mapping[InstrumentId, Nanos] = {}
    vouches_for: Nanos | None = None
    """Marks of this very instant are stated (a trade history's closing prices), and need no quote behind them."""


class HeldPosition(Struct, frozen=True, gc=False):
    """One position that is not flat. `qty` and `cost` are signed; `cost` is what it cost at entry.

    What needs a mark is None without one. `is_trusted`: two usable quotes in a row stand
    behind the mark (or whoever stated it vouches for it); nothing is closed on any other.
    """

    instrument: Instrument
    qty: Qty
    cost: Money
    mark: Price | None = None
    is_trusted: bool = False
    value: Money | None = None
    """qty * mark * multiplier, signed."""
    unrealized_pnl: Money | None = None
    """Its change since the session's open."""
    open_pnl: Money | None = None
    """Against what it cost at entry."""
    opened_at: Nanos = 0
    best_mark: Price | None = None
    stop_qty: Qty = 0
    """How much live stops would close: native, bracket and trailing stops alike."""
    target_qty: Qty = 0
    """How much live limit orders on the closing side would close."""
    stops_coming: Qty = 0
    targets_coming: Qty = 0
    """The same of orders that are decided, and not proven to work yet."""
    unprotected_since: Nanos | None = None
    quoted_at: Nanos | None = None
    """When its newest usable quote came."""
    quotes_since: Nanos = 0
    """Since when quotes of it are to come: its market opened then, or Stopline began to listen."""
    is_market_open: bool = True
    expires_at: Nanos | None = None
    """When it stops trading; None if it never does, or if nobody knows."""

    @property
    def sign(self) -> int:
        """+1 long, -1 short."""
        return 1 if self.qty > 0 else -1


class BrokerSeen(Struct, frozen=True, gc=False):
    """The account's broker: is it there, and does its picture agree with ours?"""

    is_connected: bool = True
    is_starting: bool = False
    """Whether Stopline has just started, and has not had the broker's first picture."""
    since: Nanos = 0
    """Since when it is, or is not."""
    reason: str = ""
    auth_failed: bool = False
    is_reconciled: bool = True
    mismatch: str = ""
    """What differs, if something does."""
    mismatch_since: Nanos = 0


class Situation(Struct, frozen=True, gc=False):
    """Everything that rules measure."""

    account: AccountId
    at: Nanos
    session: Session | None = None
    positions: tuple[HeldPosition, ...] = ()
    increases: tuple[Increase, ...] = ()
    """What the positions are made of, oldest first; they add up to them."""
    realized_pnl: Money = 0
    """Today, against entry cost, net of fees."""
    session_trades: int = 0
    """Entry orders that got a fill this session."""
    trade_times: Instants = field(default_factory=RateLog)
    """When entry orders got their first fill."""
    trips: tuple[Trip, ...] = ()
    """Trades that were closed this session, oldest first."""
    equity: Money | None = None
    """None while a position has no trusted mark, as all figures below it."""
    total_pnl: Money | None = None
    """Today's."""
    peak_pnl: Money | None = None
    """The highest `total_pnl` of today, 0 at its open."""
    week_pnl: Money | None = None
    """Since the trading week opened, net of transfers."""
    week_resets_at: Nanos = 0
    start_equity: Money | None = None
    """At the beginning of the account, and the peaks since: transfers shift all three alike."""
    peak_close: Money | None = None
    """The highest equity at the end of a trading day."""
    peak_equity: Money | None = None
    """The highest equity at any instant, open profit included."""
    transfers: Money = 0
    """Since the beginning of the account, net."""
    opening_profit: Money | None = None
    """What the account had made, net of transfers, when the day opened."""
    best_day: Money = 0
    """The largest profit of a day that is over."""
    maintenance_margin: Money | None = None
    """Of all positions; None if nobody knows that of one of them."""
    pnl_marks: tuple[Sample, ...] = ()
    """`total_pnl` of the last hour, oldest first, the present one last."""
    prices: Mapping[InstrumentId, tuple[Sample, ...]] = {}
    """Trusted marks of the last hour of what is held or worked, oldest first, the present one last."""
    reject_times: Instants = field(default_factory=RateLog)
    """When the broker rejected an order."""
    error_times: Instants = field(default_factory=RateLog)
    """When an order was rejected, lost, or could not be cancelled or replaced."""
    broker: BrokerSeen = BrokerSeen()
    trading_hours: tuple[MarketSpan, ...] = ()
    """When the account may trade, around now; empty: nobody said."""
    group: str = ""
    group_pnl: Money | None = None
    """Today's `total_pnl` of all accounts of the group together; None while that of one is unknown."""

    def resets_at(self) -> Nanos:
        """Return when the trading day ends; 0 if nobody knows, which as a lock means until a person lifts it."""
        return 0 if self.session is None else self.session.resets_at
