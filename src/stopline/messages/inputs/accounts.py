"""An account: its terms, its trading day, its profit and loss."""

from typing import TypeAlias

from stopline.messages.inputs.base import BaseInput
from stopline.model.account import AccountTerms
from stopline.model.calendar import Session
from stopline.model.ids import AccountId
from stopline.model.market_hours import MarketSpan
from stopline.model.numbers import Money
from stopline.model.week import Week


class OpenAccount(BaseInput, frozen=True, gc=False):
    """An account from the configuration; says nothing when it is known with equal terms."""

    terms: AccountTerms


class SessionScheduled(BaseInput, frozen=True, gc=False):
    """The trading day an account is in (the runtime owns calendars and zones).

    `week` is the trading week around it, `hours` when the account may trade around now,
    where a rule sets it hours.
    """

    account: AccountId
    session: Session
    week: Week | None = None
    hours: tuple[MarketSpan, ...] = ()


class StateBaseline(BaseInput, frozen=True, gc=False):
    """An admin states the session's opening equity that nobody could observe."""

    account: AccountId
    equity: Money
    reason: str = ""
    actor: str = "local"


class MarkPnl(BaseInput, frozen=True, gc=False):
    """Write down every account's P&L (every 5 s), and look for marks that went stale."""


class LookAgain(BaseInput, frozen=True, gc=False):
    """Time alone may have changed what the account's rules say, or an obligation is to be tried again."""

    account: AccountId


AccountInput: TypeAlias = OpenAccount | SessionScheduled | StateBaseline | MarkPnl | LookAgain
