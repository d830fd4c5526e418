"""What the engine has of the paper broker's book already."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from stopline.model.ids import AccountId, RoutedOrderId


class Told(Struct, frozen=True):
    """What the engine has of this book: a start tells it the rest (a day may have hundreds of thousands of fills)."""

    has_fill: Callable[[AccountId, str], bool]
    is_over: Callable[[AccountId, RoutedOrderId], bool]
    """Whether nothing that is said of an order changes it any more."""


NOTHING: Final = Told(lambda account, exec_id: False, lambda account, routed_order_id: False)
