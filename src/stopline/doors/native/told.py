"""What the stream says of an event, and which states an event makes worth telling anew.

Events (fills, alerts, breakers, lockouts, breaches, obligations) are told from the event itself, at once, every
one. States (orders, positions, accounts) are told as they stand when they are told: a
newer one takes the place of one that still waits.

Source     api.md (WebSocket); reliability.md F36.
"""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from stopline.messages import events as e
from stopline.messages.events import Event
from stopline.model.ids import AccountId, ClientOrderId, InstrumentId
from stopline.model.limits import ScopeKind
from stopline.model.numbers import Nanos
from stopline.state.account import AccountState
from stopline.state.view import StateView
from stopline.views.breaches import breach_ended_message, breached_message
from stopline.views.obligations import closed_message, obligation_message
from stopline.views.orders import fill_body, order_body, voided_body
from stopline.views.positions import position_body
from stopline.views.risk import (
    RestrictionBody,
    alert_message,
    has_open_breaker,
    reset_message,
    restrictions_of,
    tripped_message,
)
from stopline.views.wire import instant, optional_instant


class Told(Struct, frozen=True, gc=False):
    """One message before it has a number. `key` names the state it tells; empty for an event."""

    type: str
    account: AccountId
    data: Any
    key: str = ""


class LockoutMessage(Struct):
    """LOCKOUT: an account, group or firm may do less from now on, or may again."""

    scope: str
    scope_id: str
    key: str
    state: str | None
    reason: str
    actor: str
    since: str
    until: str | None
    active: bool
    keeps_flat: bool


class StateMessage(Struct):
    """STATE: what an account may do now, and why."""

    trading_state: str
    restrictions: list[RestrictionBody]
    circuit_breaker_triggered: bool


class Stale(Struct, gc=False):
    """Which states events have touched since they were last told. Dicts keep the order."""

    orders: dict[tuple[AccountId, ClientOrderId], None] = {}
    positions: dict[tuple[AccountId, InstrumentId], None] = {}
    accounts: dict[AccountId, None] = {}

    def __bool__(self) -> bool:
        return bool(self.orders or self.positions or self.accounts)


_ORDER_EVENTS = (
    e.OrderRouted,
    e.OrderWorking,
    e.OrderRejected,
    e.OrderCanceled,
    e.OrderExpired,
    e.OrderBecameUnknown,
    e.CancelRequested,
    e.CancelRejected,
    e.ReplaceApproved,
    e.OrderReplaced,
    e.ReplaceRejected,
    e.OrderTriggered,
    e.OrderHeld,
    e.StopTrailed,
)


def touch(stale: Stale, event: Event, state: StateView) -> None:
    """Write down which states an event makes worth telling."""
    if isinstance(event, _ORDER_EVENTS):
        stale.orders[event.account, event.client_order_id] = None
    elif isinstance(event, e.OrderApproved | e.ExternalOrderBooked):
        stale.orders[event.request.account, event.request.client_order_id] = None
    elif isinstance(event, e.OrderReleased):
        stale.orders[event.order.request.account, event.order.request.client_order_id] = None
    elif isinstance(event, e.OrderFilled):
        stale.orders[event.fill.account, event.client_order_id] = None
        stale.positions[event.fill.account, event.fill.instrument_id] = None
    elif isinstance(event, e.ExternalFilled):
        stale.positions[event.fill.account, event.fill.instrument_id] = None
    elif isinstance(event, e.FillVoided | e.SessionOpened):
        if isinstance(event, e.FillVoided):
            _touch_order(stale, event, state.accounts[event.account])
        held = state.accounts[event.account].positions
        stale.positions.update(dict.fromkeys((event.account, name) for name in held))
    elif isinstance(event, e.RestrictionPlaced | e.RestrictionLifted):
        stale.accounts.update(dict.fromkeys(_accounts_of(event, state)))
    elif isinstance(event, e.AccountOpened):
        stale.accounts[event.terms.account] = None


def _touch_order(stale: Stale, event: e.FillVoided, account: AccountState) -> None:
    """Write down the order whose fill was taken back: it has filled less, and may live again."""
    booked = account.fill(event.exec_id)
    if booked is not None and booked.client_order_id:
        stale.orders[event.account, booked.client_order_id] = None


def _accounts_of(event: e.RestrictionPlaced | e.RestrictionLifted, state: StateView) -> list[AccountId]:
    if event.scope is ScopeKind.ACCOUNT:
        return [event.scope_id]
    accounts = state.accounts.items()
    return [name for name, each in accounts if getattr(each.terms, event.scope, "") == event.scope_id]


def events_told(event: Event, at: Nanos, state: StateView) -> Iterator[Told]:
    """Return what is said of the event itself."""
    if isinstance(event, e.OrderFilled | e.ExternalFilled):
        yield Told("FILL", event.fill.account, fill_body(event))
    elif isinstance(event, e.FillVoided):
        yield Told("FILL", event.account, voided_body(event))
    elif isinstance(event, e.AlertRaised):
        yield Told("RISK_ALERT", event.account, alert_message(event))
    elif isinstance(event, e.BreakerTripped):
        yield Told("CIRCUIT_BREAKER", event.account, tripped_message(event))
    elif isinstance(event, e.BreakerReset):
        breaker = state.breakers[event.breaker_id]
        yield Told("CIRCUIT_BREAKER", event.account, reset_message(breaker, event.reason))
    elif isinstance(event, e.RestrictionPlaced | e.RestrictionLifted):
        account = event.scope_id if event.scope is ScopeKind.ACCOUNT else ""
        yield Told("LOCKOUT", account, _lockout(event, at))
    elif isinstance(event, e.RuleBreached):
        yield Told("RULE", event.account, breached_message(event))
    elif isinstance(event, e.BreachEnded):
        yield Told("RULE", event.account, breach_ended_message(event))
    elif isinstance(event, e.ObligationOpened | e.ObligationChanged):
        yield Told("OBLIGATION", event.account, obligation_message(event.account, event.obligation, at))
    elif isinstance(event, e.ObligationClosed):
        yield Told("OBLIGATION", event.account, closed_message(event, at))


def _lockout(event: e.RestrictionPlaced | e.RestrictionLifted, at: Nanos) -> LockoutMessage:
    placed = event if isinstance(event, e.RestrictionPlaced) else None
    return LockoutMessage(
        event.scope.value,
        event.scope_id,
        event.key,
        None if placed is None else placed.state.value,
        event.reason,
        event.actor,
        instant(at),
        None if placed is None else optional_instant(placed.until),
        placed is not None,
        placed is not None and placed.keeps_flat,
    )


def states_told(stale: Stale, state: StateView) -> list[Told]:
    """Return the touched states as they stand. An order tells its position too: it is reserved there."""
    told = []
    for account_id, client_order_id in stale.orders:
        account = state.accounts[account_id]
        order = account.order(client_order_id)
        if order is not None:
            key = f"ORDER {account_id} {client_order_id}"
            told.append(Told("ORDER", account_id, order_body(order, state), key))
            stale.positions[account_id, order.request.instrument_id] = None
    for account_id, instrument_id in stale.positions:
        account = state.accounts[account_id]
        position = account.positions.get(instrument_id)
        if position is not None:
            key = f"POSITION {account_id} {instrument_id}"
            told.append(Told("POSITION", account_id, position_body(account, position, state), key))
    for account_id in stale.accounts:
        told.append(Told("STATE", account_id, state_message(state.accounts[account_id], state), "STATE " + account_id))
    return told


def state_message(account: AccountState, state: StateView) -> StateMessage:
    """Return what an account may do now."""
    name = account.terms.account
    return StateMessage(account.trading_state.value, restrictions_of(account, state), has_open_breaker(name, state))
