"""What the gate says of an order or a change of one, and what it saw."""

from typing import TypeAlias

from msgspec import Struct

from stopline.messages.events.base import BaseEvent
from stopline.model.ids import AccountId, ClientOrderId, RoutedOrderId
from stopline.model.numbers import Money, Price, Qty
from stopline.model.order import Hold, Leg, OrderRequest
from stopline.model.verdict import Finding


class Evidence(Struct, frozen=True, gc=False, array_like=True):
    """What a decision saw: prices, equity, the interval before the order, the limits in force. None is unknown."""

    limits_version: int
    bid: Price | None = None
    ask: Price | None = None
    mark: Price | None = None
    equity: Money | None = None
    position: Qty = 0
    working_buys: Qty = 0
    working_sells: Qty = 0
    day_pnl: Money | None = None


class OrderApproved(BaseEvent, frozen=True, gc=False):
    """The gate let an order go. The broker port takes nothing else.

    `reserve_price` is the worst price (or the mark, if that is worse) at which its leaves
    are held against the limits; None when nothing could value it (an exit).
    """

    request: OrderRequest
    decision_id: str
    routed_order_id: RoutedOrderId
    reducing: bool
    reserve_price: Price | None
    evidence: Evidence
    actor: str
    client: str = ""
    findings: tuple[Finding, ...] = ()
    """Warnings only: a passing check says nothing."""
    hold: Hold | None = None
    """What it waits for here; None goes to the broker at once."""
    parent: ClientOrderId = ""
    leg: Leg | None = None
    is_resting: bool = False
    """While it is held: it goes to rest at the broker whenever there is room for it."""


class OrderDenied(BaseEvent, frozen=True, gc=False):
    """The gate refused an order; `findings` holds every check, the first denial decides."""

    request: OrderRequest
    decision_id: str
    check: str
    message: str
    findings: tuple[Finding, ...]
    max_passing_qty: Qty | None
    evidence: Evidence
    actor: str
    client: str = ""
    symbol: str = ""
    """As the caller wrote it (the instrument may be unknown)."""


class ReplaceApproved(BaseEvent, frozen=True, gc=False):
    """The gate let a change go; old and new both count until the broker proves one dead."""

    account: AccountId
    client_order_id: ClientOrderId
    decision_id: str
    order_qty: Qty
    limit_price: Price | None
    stop_price: Price | None
    reserve_price: Price | None
    evidence: Evidence
    actor: str


class ReplaceDenied(BaseEvent, frozen=True, gc=False):
    """The gate refused a change; the order works on."""

    account: AccountId
    client_order_id: ClientOrderId
    decision_id: str
    check: str
    message: str
    findings: tuple[Finding, ...]
    evidence: Evidence
    actor: str


class SelfMatchAvoided(BaseEvent, frozen=True, gc=False):
    """An exit would have traded with a resting entry of its own account: the entry is cancelled first."""

    account: AccountId
    resting: ClientOrderId
    incoming: ClientOrderId


DecisionEvent: TypeAlias = OrderApproved | OrderDenied | ReplaceApproved | ReplaceDenied | SelfMatchAvoided
