"""Which states a run came to: faults, modes, and what happened to orders in which of their states."""

from collections import Counter
from typing import Final

from stopline.messages import events as e
from stopline.messages.events import Event
from stopline.model.numbers import Qty
from stopline.sim.world.crossings import Crossings
from stopline.state.state import State

_HAPPENINGS: Final[dict[type, str]] = {
    e.OrderRouted: "sent",
    e.OrderWorking: "acknowledged",
    e.OrderRejected: "rejected",
    e.OrderCanceled: "canceled",
    e.OrderExpired: "expired",
    e.OrderBecameUnknown: "lost track of",
    e.CancelRequested: "asked to cancel",
    e.CancelRejected: "cancel refused",
    e.ReplaceApproved: "asked to change",
    e.OrderReplaced: "changed",
    e.ReplaceRejected: "change refused",
    e.OrderTriggered: "triggered",
    e.OrderReleased: "released",
    e.OrderHeld: "held",
}


class Reach:
    """Counts of what was reached."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self._crossings = Crossings(self.note)

    def note(self, what: str) -> None:
        """Count something."""
        self.seen[what] += 1

    def unanswered(self, state: State, account: str, routed_order_id: str) -> None:
        """Count that the answer to a change of an order was lost."""
        self.note("change unanswered")
        known = state.accounts.get(account)
        order = None if known is None else known.order_routed(routed_order_id)
        if order is not None:
            self._crossings.unanswered(f"{account} {order.client_order_id}")

    def before(self, state: State, events: tuple[Event, ...]) -> None:
        """Count what a record does to the state in front of it."""
        for event in events:
            kind = type(event)
            if kind in _HAPPENINGS:
                order = event.order.request if isinstance(event, e.OrderReleased) else event
                self._happens(state, order.account, order.client_order_id, _HAPPENINGS[kind])  # type: ignore[union-attr]
            elif isinstance(event, e.OrderFilled):
                self._happens(state, event.fill.account, event.client_order_id, "filled", event.fill.qty)
            elif isinstance(event, e.RestrictionPlaced):
                self.seen[f"mode {event.state}: {event.key.partition(':')[0]}"] += 1
            elif isinstance(event, e.RestrictionLifted):
                self.seen[f"mode lifted: {event.key.partition(':')[0]}"] += 1
            elif isinstance(event, e.OrderDenied):
                self.seen[f"denied {event.check}"] += 1
            else:
                self.seen[f"event {kind.__name__}"] += 1

    def after(self, state: State, events: tuple[Event, ...]) -> None:
        """Count the trading states that a record brought."""
        for event in events:
            if isinstance(event, e.RestrictionPlaced | e.RestrictionLifted) and event.scope_id in state.accounts:
                self.seen[f"trading state {state.accounts[event.scope_id].trading_state}"] += 1

    def _happens(self, state: State, account: str, client_order_id: str, what: str, qty: Qty = 0) -> None:
        known = state.accounts.get(account)
        order = None if known is None else known.order(client_order_id)
        if order is None:
            return
        self.seen[f"order {order.state} {what}"] += 1
        fills_up = what == "filled" and qty >= order.order_qty - order.cum_qty
        self._crossings.happens(f"{account} {client_order_id}", order, what, fills_up=fills_up)
