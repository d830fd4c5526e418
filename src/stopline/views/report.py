"""The whole at a glance: every account, what restricts it, what it works and holds; where quotes come from."""

from msgspec import Struct

from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos
from stopline.state.view import StateView
from stopline.views.account import AccountBody, account_body
from stopline.views.orders import OrderBody, working_orders
from stopline.views.positions import PositionBody, positions_of
from stopline.views.risk import BreakerBody, breaker_body
from stopline.views.wire import InstantText, instant


class BrokerBody(Struct):
    """One broker's session."""

    broker: str
    connected: bool
    reason: str


class StatusBody(Struct):
    """Everything that is live, as of journal record `journal_seq`."""

    at: InstantText
    journal_seq: int
    store_failing: str | None
    accounts: list[AccountBody]
    positions: list[PositionBody]
    orders: list[OrderBody]
    breakers: list[BreakerBody]
    brokers: list[BrokerBody]


def status(state: StateView, at: Nanos, only: AccountId | None = None) -> StatusBody:
    """Return all accounts, or one; of the breakers only those that are open."""
    accounts = [account for name, account in sorted(state.accounts.items()) if only in (None, name)]
    names = {account.terms.account for account in accounts}
    breakers = [each for each in state.breakers.values() if each.active and each.account in names]
    return StatusBody(
        at=instant(at),
        journal_seq=state.seq,
        store_failing=state.store_failing or None,
        accounts=[account_body(account, state, at) for account in accounts],
        positions=[body for account in accounts for body in positions_of(account, state)],
        orders=[body for account in accounts for body in working_orders(account, state)],
        breakers=[breaker_body(each) for each in breakers],
        brokers=[BrokerBody(name, each.connected, each.reason) for name, each in state.brokers.items()],
    )
