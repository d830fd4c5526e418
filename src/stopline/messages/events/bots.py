"""Bots that promised to say that they live."""

from typing import TypeAlias

from stopline.messages.events.base import BaseEvent
from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos


class BotWatched(BaseEvent, frozen=True, gc=False):
    """Somebody promised to say that he lives: a strategy, or all who trade through one door (`client`)."""

    account: AccountId
    bot: str
    timeout: Nanos
    actor: str


class BotSilent(BaseEvent, frozen=True, gc=False):
    """He did not: his working entries are cancelled, his stops stay."""

    account: AccountId
    bot: str
    silent_for: Nanos


class BotHeard(BaseEvent, frozen=True, gc=False):
    """He is back, or takes his leave (`is_leaving`)."""

    account: AccountId
    bot: str
    is_leaving: bool = False


BotEvent: TypeAlias = BotWatched | BotSilent | BotHeard
