"""An account: its terms, its trading day, its profit and loss, its cash."""

from typing import TypeAlias

from stopline.messages.events.base import BaseEvent
from stopline.model.account import AccountTerms
from stopline.model.calendar import Session
from stopline.model.ids import AccountId, InstrumentId
from stopline.model.market_hours import MarketSpan
from stopline.model.numbers import Money, Price
from stopline.model.week import Week


class AccountOpened(BaseEvent, frozen=True, gc=False):
    """An account exists from now on, or has new terms."""

    terms: AccountTerms


class SessionOpened(BaseEvent, frozen=True, gc=False):
    """A trading day began for an account, on this equity. `marks` are (instrument_id, session-open mark).

    `source` is observed, last_marked, stated or opening_cash: where the baseline comes from.
    """

    account: AccountId
    session: Session
    baseline: Money | None
    source: str
    marks: tuple[tuple[InstrumentId, Price], ...]
    week: Week | None = None
    """The trading week that the day is in."""
    hours: tuple[MarketSpan, ...] = ()
    """When the account may trade, around now, where a rule sets it hours."""


class BaselineStated(BaseEvent, frozen=True, gc=False):
    """An admin stated the session's opening equity."""

    account: AccountId
    session_id: str
    equity: Money
    reason: str
    actor: str


class PnlMarked(BaseEvent, frozen=True, gc=False):
    """The day's P&L of an account at this instant. `marks` are the trusted marks it was made with."""

    account: AccountId
    session_id: str
    equity: Money
    realized_pnl: Money
    unrealized_pnl: Money
    total_pnl: Money
    marks: tuple[tuple[InstrumentId, Price], ...]


class CashReported(BaseEvent, frozen=True, gc=False):
    """The broker's cash differs from ours; the broker's stands. The difference is P&L unless a transfer."""

    broker: str
    account: AccountId
    cash: Money
    difference: Money


class CashMoved(BaseEvent, frozen=True, gc=False):
    """A transfer in or out."""

    broker: str
    account: AccountId
    transfer_id: str
    amount: Money


AccountEvent: TypeAlias = AccountOpened | SessionOpened | BaselineStated | PnlMarked | CashReported | CashMoved
