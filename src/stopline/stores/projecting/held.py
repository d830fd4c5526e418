"""Orders that Stopline holds: triggered, released to the broker, held again, a stop that trails.

The rows move as the engine's state does in engine/apply/held.py.
"""

from stopline.messages import events as e
from stopline.model.numbers import render_price, render_qty
from stopline.model.order import OrderRequest, OrderSignal
from stopline.stores.projecting import figures
from stopline.stores.projecting.keeping import put_order
from stopline.stores.projecting.moment import Moment
from stopline.stores.projecting.orders import note, order_row, settle_leaves, signal
from stopline.stores.projecting.shelf import Shelf


def project_triggered(shelf: Shelf, event: e.OrderTriggered, now: Moment) -> None:
    """What it waited for has come."""
    row = order_row(shelf, event.account, event.client_order_id)
    signal(row, OrderSignal.TRIGGER, now, event.reason)
    put_order(shelf, row)
    note(shelf, row, event, now, event.reason)


def project_released(shelf: Shelf, event: e.OrderReleased, now: Moment) -> None:
    """It goes to the broker, under a new id, in the shape and for the quantity that the broker gets."""
    approved, sent = event.order, event.order.request
    row = order_row(shelf, sent.account, sent.client_order_id)
    if signal(row, OrderSignal.RELEASE, now):
        row["routed_order_id"], row["decision_id"] = approved.routed_order_id, approved.decision_id
        order_qty = figures.qty(row, "cum_qty") + sent.order_qty
        figures.set_qty(row, "order_qty", order_qty)
        figures.set_qty(row, "wanted_qty", max(figures.qty(row, "wanted_qty"), order_qty))
        row["sent_type"], row["broker_order_id"] = sent.order_type.value, ""
        settle_leaves(row)
    put_order(shelf, row)
    note(shelf, row, event, now, _sent_words(sent), approved.actor)


def _sent_words(sent: OrderRequest) -> str:
    words = f"{render_qty(sent.order_qty)} as {sent.order_type.value} for {sent.time_in_force.value}"
    for name, price in (("limit", sent.limit_price), ("stop", sent.stop_price)):
        words += "" if price is None else f", {name} {render_price(price)}"
    return words


def project_held(shelf: Shelf, event: e.OrderHeld, now: Moment) -> None:
    """Stopline keeps it, or keeps it again."""
    row = order_row(shelf, event.account, event.client_order_id)
    if signal(row, OrderSignal.HOLD, now, event.reason):
        row["hold"], row["is_resting"], row["is_recalled"] = event.hold.value, int(event.is_resting), 0
        figures.set_qty(row, "order_qty", figures.qty(row, "wanted_qty"))
        row["sent_type"], row["pending_qty"] = None, None
        settle_leaves(row)
    put_order(shelf, row)
    note(shelf, row, event, now, event.reason)


def project_trailed(shelf: Shelf, event: e.StopTrailed, now: Moment) -> None:
    """Its stop followed the market."""
    row = order_row(shelf, event.account, event.client_order_id)
    row["stop_price"] = render_price(event.stop_price)
    put_order(shelf, row)
    note(shelf, row, event, now, f"stop {row['stop_price']}")
