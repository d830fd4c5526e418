"""What a broker can do. What is absent is denied at the gate by `order_well_formed`."""

from msgspec import Struct

from stopline.model.order import OrderClass, OrderType, TimeInForce


class Capabilities(Struct, frozen=True, gc=False, array_like=True):
    """Order types, times in force and classes that the broker takes."""

    order_types: tuple[OrderType, ...]
    times_in_force: tuple[TimeInForce, ...]
    order_classes: tuple[OrderClass, ...]
    extended_hours: bool = False
    notional_orders: bool = False
    native_close: bool = False
    refuses_self_match: bool = False
    """It takes no order that an open one of the same account on the other side could meet, at whatever distance."""
