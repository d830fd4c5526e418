"""Orders: what was asked, and the one table of an order's life.

Source     semantics.md section 8; FIX 4.4 (11 ClOrdID, 38 OrderQty, 14 CumQty, 151 LeavesQty).
"""

from enum import StrEnum

from msgspec import Struct

from stopline.model.ids import AccountId, ClientOrderId, InstrumentId
from stopline.model.numbers import Money, Nanos, Price, Qty, Ratio


class Side(StrEnum):
    """FIX 54."""

    BUY = "buy"
    SELL = "sell"


class OrderType(StrEnum):
    """FIX 40."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TRAILING_STOP = "trailing_stop"


STOPS = frozenset({OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP})
"""What waits for a price against its owner: protection, where it leaves a position."""


class TimeInForce(StrEnum):
    """FIX 59."""

    DAY = "day"
    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"
    GTD = "gtd"
    OPG = "opg"
    CLS = "cls"


class OrderClass(StrEnum):
    """How legs hang together."""

    SIMPLE = "simple"
    BRACKET = "bracket"
    OCO = "oco"
    OTO = "oto"


class Relation(StrEnum):
    """On which side of a price a condition is met; the price itself meets both."""

    AT_OR_ABOVE = ">="
    AT_OR_BELOW = "<="


class Condition(Struct, frozen=True, gc=False, array_like=True):
    """What must happen before an order goes: a mark, of any instrument, reaches a price; or an instant comes.

    With both, the price counts from the instant on.
    """

    instrument_id: InstrumentId = ""
    relation: Relation = Relation.AT_OR_ABOVE
    price: Price | None = None
    after: Nanos | None = None


class Leg(StrEnum):
    """What a child order is to its parent or to its sibling."""

    TAKE_PROFIT = "take_profit"
    STOP_LOSS = "stop_loss"


class Hold(StrEnum):
    """What an order that Stopline keeps waits for."""

    PARENT = "parent"
    """Its parent's first fill."""
    CONDITION = "condition"
    PRICE = "price"
    """Its own price; or room at the broker for a stop that may rest there."""
    RELEASE = "release"
    """Its turn: it would go now, and other orders of the account must leave the broker first."""


class OrderRequest(Struct, frozen=True, gc=False, array_like=True):
    """What a caller asked for, resolved to an instrument. Two requests are the same body iff equal."""

    account: AccountId
    client_order_id: ClientOrderId
    instrument_id: InstrumentId
    side: Side
    order_qty: Qty
    order_type: OrderType
    limit_price: Price | None = None
    stop_price: Price | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    expire_at: Nanos | None = None
    extended_hours: bool = False
    reduce_only: bool = False
    strategy: str = ""
    tags: str = ""
    currency: str = ""
    order_class: OrderClass = OrderClass.SIMPLE
    notional: Money | None = None
    trail_amount: Price | None = None
    trail_percent: Ratio | None = None
    take_profit: Price | None = None
    stop_loss: Price | None = None
    stop_loss_limit: Price | None = None
    oca_group: str = ""
    closes_position: bool = False
    """Built by the engine for `/close` and `/flatten`; no door can set it."""
    condition: Condition | None = None
    cancel_after: Nanos | None = None
    """How long it may work: then what is left of it is cancelled."""
    cancels_rest: bool = False
    """An entry: once it has filled in part, the rest is cancelled."""
    partial_timeout: Nanos | None = None
    """With `cancels_rest`: how long after its first partial fill; None is at once."""


class OrderState(StrEnum):
    """Where an order is in its life."""

    HELD = "held"
    APPROVED = "approved"
    SENT = "sent"
    WORKING = "working"
    PARTIALLY_FILLED = "partially_filled"
    PENDING_CANCEL = "pending_cancel"
    PENDING_REPLACE = "pending_replace"
    PENDING_RELEASE = "pending_release"
    UNKNOWN = "unknown"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"


class OrderSignal(StrEnum):
    """What may happen to an order."""

    SEND = "send"
    ACCEPT = "accept"
    PARTIAL_FILL = "partial_fill"
    FILL = "fill"
    REQUEST_CANCEL = "request_cancel"
    REJECT_CANCEL = "reject_cancel"
    CANCEL = "cancel"
    REQUEST_REPLACE = "request_replace"
    REPLACE = "replace"
    REJECT_REPLACE = "reject_replace"
    REJECT = "reject"
    EXPIRE = "expire"
    LOSE_TRACK = "lose_track"
    HOLD = "hold"
    """Stopline keeps it, or keeps it again: it is not at the broker."""
    TRIGGER = "trigger"
    """What it waited for has come."""
    RELEASE = "release"
    """The gate lets it go to the broker."""
    REOPEN = "reopen"
    """A bust gave back quantity to an order that had been filled."""


_S, _G = OrderState, OrderSignal

STOPLINE_HOLDS = frozenset({_S.HELD, _S.PENDING_RELEASE})
"""States in which the broker has nothing of an order: it waits here."""

LIVE = frozenset(
    {
        _S.HELD,
        _S.APPROVED,
        _S.SENT,
        _S.WORKING,
        _S.PARTIALLY_FILLED,
        _S.PENDING_CANCEL,
        _S.PENDING_REPLACE,
        _S.PENDING_RELEASE,
        _S.UNKNOWN,
    }
)
"""States in which an order may still fill."""

TERMINAL = frozenset(_S) - LIVE


def _table() -> dict[tuple[OrderState, OrderSignal], OrderState]:
    return {**_at_the_broker(), **_held_here(), **_dead()}


def _at_the_broker() -> dict[tuple[OrderState, OrderSignal], OrderState]:
    table: dict[tuple[OrderState, OrderSignal], OrderState] = {}
    for state in LIVE - STOPLINE_HOLDS:
        table[state, _G.FILL] = _S.FILLED
        table[state, _G.PARTIAL_FILL] = _S.PARTIALLY_FILLED
        table[state, _G.CANCEL] = _S.CANCELED
        table[state, _G.EXPIRE] = _S.EXPIRED
        table[state, _G.REJECT] = _S.REJECTED
        table[state, _G.LOSE_TRACK] = _S.UNKNOWN
        table[state, _G.REQUEST_CANCEL] = _S.PENDING_CANCEL
        table[state, _G.REJECT_CANCEL] = state
        table[state, _G.REJECT_REPLACE] = state
        table[state, _G.REPLACE] = _S.WORKING
        table[state, _G.ACCEPT] = _S.WORKING
        table[state, _G.SEND] = state
        table[state, _G.HOLD] = _S.HELD
    table[_S.APPROVED, _G.SEND] = _S.SENT
    for state in (_S.WORKING, _S.PARTIALLY_FILLED):
        table[state, _G.REQUEST_REPLACE] = _S.PENDING_REPLACE
        table[state, _G.ACCEPT] = state
    for state in (_S.PENDING_CANCEL, _S.PENDING_REPLACE):
        # A fill or a late acknowledgement does not answer the request that is under way.
        table[state, _G.PARTIAL_FILL] = state
        table[state, _G.ACCEPT] = state
    table[_S.PENDING_CANCEL, _G.REPLACE] = _S.PENDING_CANCEL
    table[_S.PENDING_CANCEL, _G.REJECT_CANCEL] = _S.WORKING
    table[_S.PENDING_REPLACE, _G.REJECT_REPLACE] = _S.WORKING
    # A fill proves that the order lived, not that it still does.
    table[_S.UNKNOWN, _G.PARTIAL_FILL] = _S.UNKNOWN
    return table


def _held_here() -> dict[tuple[OrderState, OrderSignal], OrderState]:
    table: dict[tuple[OrderState, OrderSignal], OrderState] = {}
    for state in STOPLINE_HOLDS:
        table[state, _G.TRIGGER] = _S.PENDING_RELEASE
        table[state, _G.RELEASE] = _S.APPROVED
        table[state, _G.HOLD] = _S.HELD
        table[state, _G.REPLACE] = state
        table[state, _G.CANCEL] = _S.CANCELED
        table[state, _G.EXPIRE] = _S.EXPIRED
        table[state, _G.REJECT] = _S.REJECTED
        # A late fill of what was at the broker before.
        table[state, _G.PARTIAL_FILL] = state
        table[state, _G.FILL] = _S.FILLED
    return table


def _dead() -> dict[tuple[OrderState, OrderSignal], OrderState]:
    table: dict[tuple[OrderState, OrderSignal], OrderState] = {}
    for state in (_S.CANCELED, _S.EXPIRED, _S.REJECTED):
        # A late fill is always booked (semantics.md section 8).
        table[state, _G.PARTIAL_FILL] = state
        table[state, _G.FILL] = _S.FILLED
    table[_S.FILLED, _G.REOPEN] = _S.UNKNOWN
    return table


TRANSITIONS = _table()
"""(state, signal) -> next state. What is absent is not a transition: the signal is stale and says nothing."""
