"""Events -> effects: what the runtime must do once they are durable. It decides nothing."""

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import structs

from stopline.messages import effects as f
from stopline.messages import events as e
from stopline.messages.effects import Effect
from stopline.messages.events import Event
from stopline.model.obligation import ObligationState
from stopline.state.state import State


def react(state: State, said: Iterable[Event]) -> tuple[Effect, ...]:
    """Return the effects of these events, in their order."""
    effects: list[Effect] = []
    for event in said:
        made = _REACTIONS.get(type(event))
        if made is not None:
            made(state, event, effects)
    return tuple(effects)


def _broker(state: State, account: str) -> str:
    return state.accounts[account].terms.broker


def _place(state: State, event: e.OrderApproved, effects: list[Effect]) -> None:
    if event.hold is None:
        effects.append(f.PlaceOrder(_broker(state, event.request.account), event))


def _release(state: State, event: e.OrderReleased, effects: list[Effect]) -> None:
    effects.append(f.PlaceOrder(_broker(state, event.order.request.account), event.order))


def _cancel(state: State, event: e.CancelRequested, effects: list[Effect]) -> None:
    order = state.accounts[event.account].order(event.client_order_id)
    if order is not None:
        broker = _broker(state, event.account)
        effects.append(f.CancelAtBroker(broker, event.account, order.routed_order_id, order.reducing))


def _replace(state: State, event: e.ReplaceApproved, effects: list[Effect]) -> None:
    order = state.accounts[event.account].order(event.client_order_id)
    if order is not None and order.is_at_broker:
        # The broker counts from where the order was released to it.
        change = structs.replace(event, order_qty=event.order_qty - order.base_qty) if order.base_qty else event
        effects.append(f.ReplaceAtBroker(_broker(state, event.account), order.routed_order_id, change))


def _query(state: State, event: e.OrderBecameUnknown, effects: list[Effect]) -> None:
    order = state.accounts[event.account].order(event.client_order_id)
    if order is not None:
        effects.append(f.QueryOrder(_broker(state, event.account), event.account, order.routed_order_id))


def _mismatch(state: State, event: e.MismatchFound, effects: list[Effect]) -> None:
    """Ask after every order that the broker does not show, then for the whole picture again."""
    broker = _broker(state, event.account)
    for order in state.accounts[event.account].live.values():
        if not order.is_at_broker:
            continue
        effects.append(f.QueryOrder(broker, event.account, order.routed_order_id))
    effects.append(f.Reconcile(broker, event.account))


def _voided(state: State, event: e.FillVoided, effects: list[Effect]) -> None:
    """A bust may have reopened an order: only the broker knows whether it works again."""
    account = state.accounts[event.account]
    booked = account.fill(event.exec_id)
    order = account.order(booked.client_order_id) if booked is not None and booked.client_order_id else None
    if order is not None and order.is_at_broker:
        effects.append(f.QueryOrder(account.terms.broker, event.account, order.routed_order_id))


def _obligation(state: State, event: e.ObligationChanged, effects: list[Effect]) -> None:
    """Done by our book: whether it is by the broker's, only he knows."""
    if event.obligation.state is ObligationState.CONFIRMING:
        effects.append(f.Reconcile(_broker(state, event.account), event.account))


def _notify(state: State, event: e.AlertRaised, effects: list[Effect]) -> None:
    effects.append(f.Notify(event))


_REACTIONS: dict[type, Callable[[State, Any, list[Effect]], None]] = {
    e.OrderApproved: _place,
    e.OrderReleased: _release,
    e.CancelRequested: _cancel,
    e.ReplaceApproved: _replace,
    e.OrderBecameUnknown: _query,
    e.MismatchFound: _mismatch,
    e.FillVoided: _voided,
    e.ObligationChanged: _obligation,
    e.AlertRaised: _notify,
}
