"""Orders that belong together: a parent's legs, the two ways out of an OCO, the members of an `oca_group`.

A family fills no more than was decided: a leg covers what its parent has filled, less what
the family has sold again already.
"""

from collections.abc import Iterator

from stopline.model.ids import ClientOrderId, leg_id
from stopline.model.numbers import Qty
from stopline.model.order import Leg, OrderClass
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord


def family_of(order: OrderRecord) -> str:
    """Return the name of an order's family, its own id if it is alone."""
    if order.parent:
        return order.parent
    if order.request.oca_group:
        return f"oca:{order.request.oca_group}"
    return order.client_order_id


def is_rival(order: OrderRecord, other: OrderRecord) -> bool:
    """Return whether both may not be at the broker at once: two ways out, or two of an `oca_group`. Not a parent."""
    return other is not order and family_of(order) == family_of(other) and is_way_out(order) and is_way_out(other)


def is_way_out(order: OrderRecord) -> bool:
    """Return whether an order is one of several of which one is to be: no parent of a bracket is."""
    return bool(order.parent or order.request.oca_group) or order.request.order_class is OrderClass.OCO


def legs_of(account: AccountState, client_order_id: ClientOrderId) -> Iterator[OrderRecord]:
    """Yield the legs of an order, live or ended."""
    for leg in Leg:
        found = account.order(leg_id(client_order_id, leg))
        if found is not None:
            yield found


def to_cover(account: AccountState, order: OrderRecord) -> Qty:
    """Return how much an order should still trade, as its family stands; its position may allow less."""
    own = order.asked_qty - order.cum_qty
    root = account.order(order.parent) if order.parent else order
    if root is None or not is_way_out(order) or order.request.oca_group:
        return own
    filled = sum(leg.cum_qty for leg in legs_of(account, root.client_order_id))
    if root.request.order_class is OrderClass.OCO:
        return order.asked_qty - filled - root.cum_qty
    return min(order.asked_qty, root.cum_qty) - filled
