"""Orders of the engine as Alpaca shows them."""

from typing import Any, Final

from stopline.dialects.alpaca.orders import Order
from stopline.dialects.alpaca.words import Status
from stopline.doors.alpaca.ids import asset_uuid, order_uuid
from stopline.doors.alpaca.times import moment
from stopline.messages.events import Event, OrderApproved
from stopline.model.ids import AccountId, ClientOrderId
from stopline.model.numbers import Nanos
from stopline.model.order import OrderRequest, OrderState
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord
from stopline.state.view import StateView
from stopline.views.held import first_state, leg_ids
from stopline.views.orders import average_of
from stopline.views.wire import symbol_of

US_EQUITY: Final = "us_equity"
_S: Final = OrderState
STATUSES: Final = {
    _S.HELD: Status.ACCEPTED,
    _S.PENDING_RELEASE: Status.ACCEPTED,
    _S.APPROVED: Status.PENDING_NEW,
    _S.SENT: Status.PENDING_NEW,
    _S.WORKING: Status.NEW,
    _S.PARTIALLY_FILLED: Status.PARTIALLY_FILLED,
    _S.PENDING_CANCEL: Status.PENDING_CANCEL,
    _S.PENDING_REPLACE: Status.PENDING_REPLACE,
    _S.UNKNOWN: Status.PENDING_REVIEW,
    _S.FILLED: Status.FILLED,
    _S.CANCELED: Status.CANCELED,
    _S.EXPIRED: Status.EXPIRED,
    _S.REJECTED: Status.REJECTED,
}
"""What each state is called. What Stopline keeps is `accepted`; a leg that it keeps is `held`, as Alpaca's are."""


def status_of(state: OrderState, parent: ClientOrderId) -> Status:
    """Return what a state is called, of an order or of a leg."""
    return Status.HELD if state is OrderState.HELD and parent else STATUSES[state]


def show_order(order: OrderRecord, account: AccountState, state: StateView, *, with_legs: bool) -> Order:
    """Return an order as it stands; with its legs where it has any and they are asked for."""
    request, status = order.request, status_of(order.state, order.parent)
    at, updated = moment(order.approved_at), moment(order.updated_at)
    legs = [account.order(leg) for leg in leg_ids(request)] if with_legs else []
    return Order(
        id=order_uuid(request.account, request.client_order_id),
        status=status,
        client_order_id=request.client_order_id,
        created_at=at,
        updated_at=updated,
        submitted_at=at,
        filled_at=updated if status is Status.FILLED else None,
        expired_at=updated if status is Status.EXPIRED else None,
        canceled_at=updated if status is Status.CANCELED else None,
        failed_at=updated if status is Status.REJECTED else None,
        qty=None if request.notional is not None else order.order_qty,
        filled_qty=order.cum_qty,
        filled_avg_price=average_of(order, account, state, order.filled_money, order.cum_qty),
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        legs=tuple(show_order(leg, account, state, with_legs=False) for leg in legs if leg is not None) or None,
        **_terms(request),
    )


def show_approved(account: AccountId, client_order_id: ClientOrderId, at: Nanos, events: tuple[Event, ...]) -> Order:
    """Return an order as the gate let it go: a function of its record alone, so that a repeat gets the same.

    Raises KeyError where the record does not hold its approval.
    """
    found = [event for event in events if isinstance(event, OrderApproved) and event.request.account == account]
    order = next((each for each in found if each.request.client_order_id == client_order_id), None)
    if order is None:
        raise KeyError(client_order_id)
    legs = [_approved(each, at, None) for each in found if each.parent == client_order_id]
    return _approved(order, at, tuple(legs) or None)


def _approved(event: OrderApproved, at: Nanos, legs: tuple[Order, ...] | None) -> Order:
    request = event.request
    state = OrderState.APPROVED if event.hold is None else first_state(event)
    return Order(
        id=order_uuid(request.account, request.client_order_id),
        status=status_of(state, event.parent),
        client_order_id=request.client_order_id,
        created_at=moment(at),
        updated_at=moment(at),
        submitted_at=moment(at),
        qty=None if request.notional is not None else request.order_qty,
        limit_price=request.limit_price,
        stop_price=request.stop_price,
        legs=legs,
        **_terms(request),
    )


def _terms(request: OrderRequest) -> dict[str, Any]:
    """Return what no event changes of an order."""
    return {
        "expires_at": None if request.expire_at is None else moment(request.expire_at),
        "asset_id": asset_uuid(request.instrument_id),
        "symbol": symbol_of(request.instrument_id),
        "asset_class": US_EQUITY,
        "notional": request.notional,
        "order_class": request.order_class,
        "order_type": request.order_type,
        "side": request.side,
        "time_in_force": request.time_in_force,
        "extended_hours": request.extended_hours,
        "trail_percent": request.trail_percent,
        "trail_price": request.trail_amount,
    }
