"""A broker: takes approved orders, reports back through the loop's inbox, never in line.

Every report (acknowledgement, fill, cancel, account) is an input handed to `inbox`; the
methods here return nothing but the proof that the message left, or raise.
"""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from stopline.messages.events import OrderApproved, ReplaceApproved
from stopline.messages.inputs import Input
from stopline.model.capabilities import Capabilities
from stopline.model.ids import AccountId, RoutedOrderId

Inbox: TypeAlias = Callable[[Input], None]


class BrokerError(Exception):
    """Base. The text is safe to show and to log."""


class BrokerRejected(BrokerError):
    """The broker said no: proof that the order does not live."""


class OwnOrderInTheWay(BrokerRejected):
    """The broker said no to an order that would meet one of the account's own: it takes it once that one is gone."""


class BrokerUnreachable(BrokerError):
    """The message certainly did not leave this machine."""


class SendOutcomeUnknown(BrokerError):
    """The message may have arrived: timeout, disconnect, 5xx. Never a rejection."""


class RateLimited(BrokerError):
    """The broker's message budget is spent; the message was not taken."""


class Broker(Protocol):
    """One connection to one broker, for one or more accounts."""

    name: str
    capabilities: Capabilities
    at_once: int
    """How many messages may be under way to it at a time."""

    async def start(self, inbox: Inbox) -> None:
        """Connect; then say BrokerConnected and, per account, fills missed and AccountReconciled."""

    async def place(self, order: OrderApproved) -> None:
        """Send. Same routed_order_id twice must not make two orders. Raises BrokerError classes."""

    async def cancel(self, account: AccountId, routed_order_id: RoutedOrderId) -> None:
        """Ask to cancel; the answer arrives as OrderGone or CancelRefused.

        Of an order that certainly never came, both: OrderGone expired is the proof, and comes first.
        """

    async def replace(self, routed_order_id: RoutedOrderId, change: ReplaceApproved) -> None:
        """Ask to change; the answer arrives as OrderAmended or ReplaceRefused."""

    async def query(self, account: AccountId, routed_order_id: RoutedOrderId) -> None:
        """Ask what became of an order; the answer arrives as reports.

        Absent is OrderGone expired. Of an order that has filled, its fills and ReplaceRefused: a replace
        that was lost on its way has no other answer.
        """

    async def reconcile(self, account: AccountId) -> None:
        """Ask for the whole account; the answer arrives as AccountReconciled, after any missed fills."""

    async def close(self) -> None:
        """Let go of the connection; working orders stay at the broker."""
