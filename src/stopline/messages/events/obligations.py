"""What is owed to an account, until it is done."""

from typing import TypeAlias

from stopline.messages.events.base import BaseEvent
from stopline.model.ids import AccountId
from stopline.model.obligation import Obligation, ObligationState


class ObligationOpened(BaseEvent, frozen=True, gc=False):
    """Something is owed to the account from now on."""

    account: AccountId
    obligation: Obligation


class ObligationChanged(BaseEvent, frozen=True, gc=False):
    """An obligation came a step further, was tried in vain, or is told to people once more."""

    account: AccountId
    obligation: Obligation


class ObligationClosed(BaseEvent, frozen=True, gc=False):
    """An obligation ended: `done` or `superseded`."""

    account: AccountId
    obligation_id: int
    outcome: ObligationState
    reason: str
    obligation: Obligation | None = None
    """As it stood last."""


ObligationEvent: TypeAlias = ObligationOpened | ObligationChanged | ObligationClosed
