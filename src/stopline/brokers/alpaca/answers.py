"""What there is to say where nothing was done."""

from stopline.messages import inputs as i
from stopline.messages.inputs import Input
from stopline.model.ids import AccountId, RoutedOrderId


def not_canceled(account: AccountId, routed: RoutedOrderId, reason: str) -> Input:
    """Return that a cancel did nothing."""
    return i.CancelRefused(account=account, routed_order_id=routed, reason=reason)


def not_replaced(account: AccountId, routed: RoutedOrderId, reason: str) -> Input:
    """Return that a replace did nothing."""
    return i.ReplaceRefused(account=account, routed_order_id=routed, reason=reason)


def absent(account: AccountId, routed: RoutedOrderId) -> Input:
    """Return that an order never came, and never will."""
    reason = "absent: it never reached Alpaca"
    return i.OrderGone(account=account, routed_order_id=routed, outcome="expired", cum_qty=0, reason=reason)
