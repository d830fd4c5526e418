"""Brokers, about their session and an account as a whole."""

from typing import TypeAlias

from stopline.messages.inputs.base import BaseInput
from stopline.model.capabilities import Capabilities
from stopline.model.ids import AccountId, InstrumentId, RoutedOrderId
from stopline.model.numbers import Money, Qty


class BrokerConnected(BaseInput, frozen=True, gc=False):
    """The session to a broker is up; nothing is proven until AccountReconciled."""

    broker: str
    capabilities: Capabilities


class BrokerDisconnected(BaseInput, frozen=True, gc=False):
    """The session to a broker is down: no position of its accounts is proven."""

    broker: str
    reason: str = ""


class AccountReconciled(BaseInput, frozen=True, gc=False):
    """The broker's own picture of one account, complete as of now, fills up to here already reported.

    `positions` are (instrument_id, signed qty, entry cost money); `working` are the
    routed_order_ids that the broker has live. A difference keeps the account
    `cancel_only` and is named; what agrees is proven.
    """

    broker: str
    account: AccountId
    cash: Money
    positions: tuple[tuple[InstrumentId, Qty, Money], ...]
    working: tuple[RoutedOrderId, ...]


class AccountReported(BaseInput, frozen=True, gc=False):
    """Cash (and margin in use, if the broker says) after the last fill that it reported."""

    broker: str
    account: AccountId
    cash: Money


class CashTransferred(BaseInput, frozen=True, gc=False):
    """Money paid in (positive) or out: shifts the baseline, is no P&L."""

    broker: str
    account: AccountId
    transfer_id: str
    amount: Money


BrokerInput: TypeAlias = BrokerConnected | BrokerDisconnected | AccountReconciled | AccountReported | CashTransferred
