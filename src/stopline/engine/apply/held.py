"""Events of orders that Stopline holds: triggered, released to the broker, held again, a stop that trails."""

from stopline.engine.apply.orders import find_order, signal
from stopline.engine.apply.reservation import rehold
from stopline.engine.held.watch import watch
from stopline.engine.tables import Appliers
from stopline.messages import events as e
from stopline.model.numbers import Nanos
from stopline.model.order import OrderSignal
from stopline.state.state import State


def _triggered(state: State, event: e.OrderTriggered, seq: int, at: Nanos) -> None:
    account, order = find_order(state, event.account, event.client_order_id)
    signal(account, order, OrderSignal.TRIGGER, at, event.reason)
    if event.price is not None:
        # It goes as another order than the one that was refused.
        order.refused_at = 0
    watch(state, account, order)


def _released(state: State, event: e.OrderReleased, seq: int, at: Nanos) -> None:
    """From now on the broker may have it, under a new id and counted from what had filled before."""
    approved = event.order
    sent = approved.request
    account, order = find_order(state, sent.account, sent.client_order_id)
    if not signal(account, order, OrderSignal.RELEASE, at):
        return
    order.routed_order_id, order.decision_id = approved.routed_order_id, approved.decision_id
    account.routed[approved.routed_order_id] = order.client_order_id
    order.base_qty, order.order_qty = order.cum_qty, order.cum_qty + sent.order_qty
    order.asked_qty = max(order.asked_qty, order.order_qty)
    order.sent_type, order.broker_order_id = sent.order_type, ""
    order.reserve_price, order.approved_epoch = approved.reserve_price, state.epoch
    watch(state, account, order)
    rehold(state, account, order)


def _held(state: State, event: e.OrderHeld, seq: int, at: Nanos) -> None:
    account, order = find_order(state, event.account, event.client_order_id)
    never_arrived = order.is_at_broker and not order.broker_order_id and not order.is_recalled
    if not signal(account, order, OrderSignal.HOLD, at, event.reason):
        return
    if never_arrived:
        order.refused_at = at
    order.hold, order.is_resting, order.is_recalled = event.hold, event.is_resting, False
    order.order_qty, order.sent_type, order.pending = order.asked_qty, None, None
    account.held[order.client_order_id] = None
    watch(state, account, order)
    rehold(state, account, order)


def _trailed(state: State, event: e.StopTrailed, seq: int, at: Nanos) -> None:
    account, order = find_order(state, event.account, event.client_order_id)
    order.stop_price = event.stop_price
    rehold(state, account, order)


APPLY_HELD: Appliers = {
    e.OrderTriggered: _triggered,
    e.OrderReleased: _released,
    e.OrderHeld: _held,
    e.StopTrailed: _trailed,
}
