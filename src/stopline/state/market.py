"""Quotes and marks: volatile, never journaled, never hashed, unknown after a restart until they arrive."""

from msgspec import Struct

from stopline.model.ids import AccountId, ClientOrderId, InstrumentId
from stopline.model.instrument import Instrument
from stopline.model.numbers import Money, Multiplier, Nanos, Price, Qty


class QuoteRecord(Struct, gc=False):
    """The newest quote of one instrument, with what it is good for.

    `usable` says that both sides are there, not crossed, not a stub. `mark` is the last
    trade (younger than 60 s) clipped to a usable bid and ask, else the mid of a usable
    quote, else None; `mark_at` is when it was made.
    """

    instrument_id: InstrumentId
    received_at: Nanos = 0
    valid_until: Nanos = 0
    bid: Price | None = None
    ask: Price | None = None
    bid_size: Qty = 0
    ask_size: Qty = 0
    usable: bool = False
    usable_streak: int = 0
    last_price: Price | None = None
    last_at: Nanos = 0
    mark: Price | None = None
    mark_at: Nanos = 0


class PositionValue(Struct, gc=False):
    """One instrument of one account, valued at a mark."""

    mark: Price | None = None
    worth_of_mark: Multiplier = 0
    """The instrument's multiplier: what one unit of quantity is worth per unit of price."""
    value: Money = 0
    """qty * mark * multiplier (signed); 0 while unpriced."""
    market_value: Money = 0
    """What it adds to cash in the equity: value, or value - cost for a future."""
    unrealized: Money = 0
    """value - session_cost."""
    open_pnl: Money = 0
    """value - cost."""
    session_basis: Money = 0
    """session_cost, or session_cost - cost for a future."""
    worst_money: Money = 0
    """max(|qty * mark + buys|, |qty * mark - sells|); what is known of it while unpriced."""
    net_high: Money = 0
    net_low: Money = 0
    margin: Money = 0
    """Initial margin of the worst case."""
    contracts: int = 0
    """Worst-case contracts, weighted, scaled 1e-6 (futures only)."""
    is_open: bool = False
    is_unmarked: bool = False
    """Held without a mark: the account's equity is unknown."""
    is_unpriced: bool = False
    """Unmarked, or worked by an order that nothing could value: the worst case is unknown."""
    is_unmargined: bool = False
    """A future whose margin nobody knows."""


class Valuation(Struct, gc=False):
    """An account's running sums over its instruments.

    While `unmarked` is not 0, equity and P&L are unknown; while `unpriced` is not 0, the worst case is.
    """

    by_instrument: dict[InstrumentId, PositionValue] = {}
    market_value: Money = 0
    """What positions add to cash: value for cash classes, value - cost for futures."""
    unrealized: Money = 0
    """Change since the session's open: sum of value - session_cost."""
    open_pnl: Money = 0
    """Sum of value - cost."""
    session_basis: Money = 0
    """Sum of session_cost (cash classes) and session_cost - cost (futures)."""
    gross_worst: Money = 0
    net_high: Money = 0
    net_low: Money = 0
    margin: Money = 0
    contracts: int = 0
    open_instruments: int = 0
    unmarked: int = 0
    unpriced: int = 0
    unmargined: int = 0
    behind: dict[InstrumentId, tuple[Instrument, QuoteRecord]] = {}
    """Whose mark has moved since the sums were made."""


class Market(Struct, gc=False):
    """All quotes, and who holds or works each instrument."""

    quotes: dict[InstrumentId, QuoteRecord] = {}
    holders: dict[InstrumentId, dict[AccountId, None]] = {}
    scope_holders: dict[InstrumentId, dict[str, None]] = {}
    """The same for wider and narrower scopes, by their key in State.scopes."""
    waiting: dict[InstrumentId, dict[AccountId, dict[ClientOrderId, None]]] = {}
    """Held orders that wait for a price, by the instrument whose price it is."""
    wake: dict[AccountId, Nanos] = {}
    """When time alone may change what an account's rules say, or an obligation is to be tried again."""
    started_at: Nanos = 0
    """When the engine began to hear quotes."""
    status_since: dict[InstrumentId, Nanos] = {}
    """Since when an instrument has its status, where that changed since the start: a market that opened, mostly."""
    heard: dict[tuple[AccountId, str], Nanos] = {}
    """When a bot said last that it lives."""
