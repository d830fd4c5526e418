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


class OrderState(StrEnum):
    """Where an order is in its life."""

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
    REOPEN = "reopen"
    """A bust gave back quantity to an order that had been filled."""


_S, _G = OrderState, OrderSignal

LIVE = frozenset(
    {
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
"""States in which an order may still fill: its leaves are reserved."""

TERMINAL = frozenset(_S) - LIVE


def _table() -> dict[tuple[OrderState, OrderSignal], OrderState]:
    table: dict[tuple[OrderState, OrderSignal], OrderState] = {}
    for state in LIVE - {_S.PENDING_RELEASE}:
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
    table[_S.PENDING_RELEASE, _G.SEND] = _S.SENT
    table[_S.PENDING_RELEASE, _G.CANCEL] = _S.CANCELED
    table[_S.PENDING_RELEASE, _G.REJECT] = _S.REJECTED
    table[_S.PENDING_RELEASE, _G.EXPIRE] = _S.EXPIRED
    for state in (_S.CANCELED, _S.EXPIRED, _S.REJECTED):
        # A late fill is always booked (semantics.md section 8).
        table[state, _G.PARTIAL_FILL] = state
        table[state, _G.FILL] = _S.FILLED
    table[_S.FILLED, _G.REOPEN] = _S.UNKNOWN
    return table


TRANSITIONS = _table()
"""(state, signal) -> next state. What is absent is not a transition: the signal is stale and says nothing."""
