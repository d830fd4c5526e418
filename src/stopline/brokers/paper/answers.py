"""What the paper broker says of an order, whenever it is asked."""

from stopline.brokers.paper.records import PaperOrder
from stopline.messages import inputs as i
from stopline.messages.inputs import Input
from stopline.model.ids import AccountId, RoutedOrderId
from stopline.model.order import OrderState


def answer_of(order: PaperOrder, broker_order_id: str) -> list[Input]:
    """Return where an order is in its life, its fills being told already: its terms, and its end if it has one."""
    if order.state is OrderState.REJECTED:
        return [refused(order)]
    account, order_id, terms = order.terms.owner, order.order_id, order.terms
    said: list[Input] = []
    if order.is_working:
        said.append(i.OrderAccepted(account=account, routed_order_id=order_id, broker_order_id=broker_order_id))
    said.append(
        i.OrderAmended(
            account=account,
            routed_order_id=order_id,
            order_qty=terms.order_qty,
            limit_price=terms.limit_price,
            stop_price=terms.stop_price,
        )
    )
    if order.state in (OrderState.CANCELED, OrderState.EXPIRED):
        said.append(gone(order))
    if order.state is OrderState.FILLED:
        # A replace that never arrived has no answer of its own: nothing is left to replace.
        said.append(not_replaced(account, order_id, "it has filled"))
    return said


def refused(order: PaperOrder) -> Input:
    """Return that an order was rejected, and why."""
    return i.OrderRefused(
        account=order.terms.owner, routed_order_id=order.order_id, reason=order.reason, code=order.code
    )


def gone(order: PaperOrder) -> Input:
    """Return that an order is dead, and how much of it had filled."""
    return i.OrderGone(
        account=order.terms.owner,
        routed_order_id=order.order_id,
        outcome=order.state.value,
        cum_qty=order.terms.cum_qty,
        reason=order.reason,
    )


def absent(account: AccountId, order_id: RoutedOrderId) -> Input:
    """Return that an order never came here, and never will."""
    reason = "absent: it never reached the paper broker"
    return i.OrderGone(account=account, routed_order_id=order_id, outcome="expired", cum_qty=0, reason=reason)


def not_canceled(account: AccountId, order_id: RoutedOrderId, reason: str) -> Input:
    """Return that a cancel did nothing."""
    return i.CancelRefused(account=account, routed_order_id=order_id, reason=reason)


def not_replaced(account: AccountId, order_id: RoutedOrderId, reason: str) -> Input:
    """Return that a replace did nothing."""
    return i.ReplaceRefused(account=account, routed_order_id=order_id, reason=reason)
