"""Executions, and those that never were."""

from typing import TypeAlias

from stopline.messages.events.base import BaseEvent
from stopline.model.fill import Fill
from stopline.model.ids import AccountId, ClientOrderId
from stopline.model.numbers import Price


class OrderFilled(BaseEvent, frozen=True, gc=False):
    """An execution of an order we know."""

    client_order_id: ClientOrderId
    fill: Fill
    mark: Price | None = None


class ExternalFilled(BaseEvent, frozen=True, gc=False):
    """An execution of an order we did not send."""

    broker: str
    fill: Fill
    mark: Price | None = None


class FillVoided(BaseEvent, frozen=True, gc=False):
    """A bust: the execution `exec_id` never was. A correction is a void followed by the corrected fill."""

    account: AccountId
    exec_id: str
    by_exec_id: str


FillEvent: TypeAlias = OrderFilled | ExternalFilled | FillVoided
