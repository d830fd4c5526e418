"""An order that Stopline keeps until its time has come."""

from typing import TypeAlias

from stopline.messages.events.base import BaseEvent
from stopline.messages.events.decisions import OrderApproved
from stopline.model.ids import AccountId, ClientOrderId
from stopline.model.numbers import Price
from stopline.model.order import Hold


class OrderTriggered(BaseEvent, frozen=True, gc=False):
    """What a held order waited for has come: its price, its condition, its turn. `price` is what was seen, if any."""

    account: AccountId
    client_order_id: ClientOrderId
    reason: str
    price: Price | None = None


class OrderReleased(BaseEvent, frozen=True, gc=False):
    """The gate lets a held order go: `order` is what the broker gets, simpler than what was asked for."""

    order: OrderApproved


class OrderHeld(BaseEvent, frozen=True, gc=False):
    """Stopline keeps an order, or keeps it again after it came back from the broker."""

    account: AccountId
    client_order_id: ClientOrderId
    hold: Hold
    reason: str
    is_resting: bool = False


class StopTrailed(BaseEvent, frozen=True, gc=False):
    """The stop of a held trailing stop followed the market to a new price; it never moves back."""

    account: AccountId
    client_order_id: ClientOrderId
    stop_price: Price


HeldEvent: TypeAlias = OrderTriggered | OrderReleased | OrderHeld | StopTrailed
