"""Events of the engine as updates of the stream."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct, structs

from stopline.dialects.alpaca.orders import Order
from stopline.dialects.alpaca.stream import TradeUpdate
from stopline.dialects.alpaca.words import Status
from stopline.doors.alpaca.book import Book
from stopline.doors.alpaca.ids import execution_uuid
from stopline.doors.alpaca.show import show_order
from stopline.doors.alpaca.times import moment
from stopline.messages import events as e
from stopline.messages.events import Event
from stopline.model.fill import Fill
from stopline.model.ids import AccountId, ClientOrderId
from stopline.model.numbers import Money, Nanos, Qty
from stopline.state.view import StateView
from stopline.views.orders import average_of

_NAMED: Final[dict[type, tuple[str, Status | None]]] = {
    e.OrderWorking: ("new", Status.NEW),
    e.OrderRejected: ("rejected", Status.REJECTED),
    e.OrderCanceled: ("canceled", Status.CANCELED),
    e.OrderExpired: ("expired", Status.EXPIRED),
    e.CancelRequested: ("pending_cancel", Status.PENDING_CANCEL),
    e.CancelRejected: ("order_cancel_rejected", None),
    e.ReplaceApproved: ("pending_replace", Status.PENDING_REPLACE),
    e.OrderReplaced: ("replaced", None),
    e.ReplaceRejected: ("order_replace_rejected", None),
}
"""What each event is called, and the status it says; None is the order's own."""


class Heard(Struct, frozen=True):
    """One event about one order, with the figures that were true at it."""

    account: AccountId
    client_order_id: ClientOrderId
    event: str
    status: Status | None
    at: Nanos
    cum_qty: Qty
    filled_money: Money
    fill: Fill | None = None
    position_qty: Qty | None = None


def heard_of(event: Event, at: Nanos, book: Book, state: StateView) -> Iterator[Heard]:
    """Return what the stream says of an event that `book` has taken in, if anything."""
    named = _NAMED.get(type(event))
    if named is not None and not (isinstance(event, e.CancelRequested) and event.is_recall):
        account, name = event.account, event.client_order_id  # type: ignore[union-attr]
        yield Heard(account, name, *named, at, *book.filled(account, name))
    elif isinstance(event, e.OrderApproved):
        request = event.request
        word = Status.PENDING_NEW if event.hold is None else Status.HELD if event.parent else Status.ACCEPTED
        yield Heard(request.account, request.client_order_id, word.value, word, at, 0, 0)
    elif isinstance(event, e.ExternalOrderBooked):
        yield Heard(event.request.account, event.request.client_order_id, "new", None, at, event.cum_qty, 0)
    elif isinstance(event, e.OrderFilled):
        fill, name = event.fill, event.client_order_id
        held = book.held(fill.account, fill.instrument_id)
        filled = book.filled(fill.account, name)
        yield Heard(fill.account, name, "fill", None, at, *filled, fill, held)
    elif isinstance(event, e.FillVoided):
        booked = state.accounts[event.account].fill(event.exec_id)
        if booked is not None and booked.client_order_id:
            name = booked.client_order_id
            yield Heard(event.account, name, "trade_bust", None, at, *book.filled(event.account, name))


def update_of(heard: Heard, state: StateView) -> TradeUpdate | None:
    """Return the update of what was heard; None where the engine no longer knows the order."""
    account = state.accounts[heard.account]
    record = account.order(heard.client_order_id)
    if record is None:
        return None
    average = average_of(record, account, state, heard.filled_money, heard.cum_qty)
    order = structs.replace(
        show_order(record, account, state, with_legs=False),
        filled_qty=heard.cum_qty, filled_avg_price=average, updated_at=moment(heard.at),
    )  # fmt: skip
    fill = heard.fill
    if fill is None:
        order = order if heard.status is None else _at_status(order, heard.status, heard.at)
        return TradeUpdate(event=heard.event, order=order, timestamp=moment(heard.at))
    is_all = heard.cum_qty >= record.order_qty
    return TradeUpdate(
        event="fill" if is_all else "partial_fill",
        order=_at_status(order, Status.FILLED if is_all else Status.PARTIALLY_FILLED, heard.at),
        timestamp=moment(heard.at),
        execution_id=execution_uuid(fill.account, fill.exec_id),
        price=fill.price,
        qty=fill.qty,
        position_qty=heard.position_qty,
    )


_STAMPS: Final = {
    Status.FILLED: "filled_at",
    Status.EXPIRED: "expired_at",
    Status.CANCELED: "canceled_at",
    Status.REJECTED: "failed_at",
}


def _at_status(order: Order, status: Status, at: Nanos) -> Order:
    """Return an order as of an event that the engine may have gone beyond."""
    if status is Status.NEW and order.filled_qty:
        status = Status.PARTIALLY_FILLED
    stamps = dict.fromkeys(_STAMPS.values()) | ({_STAMPS[status]: moment(at)} if status in _STAMPS else {})
    return structs.replace(order, status=status, **stamps)
