"""A broker's session, and whether its picture of an account is ours."""

from typing import TypeAlias

from stopline.messages.events.base import BaseEvent
from stopline.model.capabilities import Capabilities
from stopline.model.ids import AccountId


class BrokerStatusChanged(BaseEvent, frozen=True, gc=False):
    """A broker's session came up or went down."""

    broker: str
    connected: bool
    reason: str
    capabilities: Capabilities | None = None


class AccountProven(BaseEvent, frozen=True, gc=False):
    """Our book of the account equals the broker's."""

    broker: str
    account: AccountId


class MismatchFound(BaseEvent, frozen=True, gc=False):
    """Our book differs from the broker's; `differences` names each in a sentence."""

    broker: str
    account: AccountId
    differences: tuple[str, ...]


BrokerEvent: TypeAlias = BrokerStatusChanged | AccountProven | MismatchFound
