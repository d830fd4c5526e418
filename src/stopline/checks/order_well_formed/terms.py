"""The prices and the trail that its type needs, and those that it has no use for."""

from typing import Final

from stopline.checks.order_well_formed.defects import Defect
from stopline.model.numbers import RATIO_ONE
from stopline.model.order import OrderRequest, OrderType

_LIMIT: Final = OrderType.LIMIT
_STOP: Final = OrderType.STOP
_STOP_LIMIT: Final = OrderType.STOP_LIMIT
_TRAILING: Final = OrderType.TRAILING_STOP


def terms_defect(request: OrderRequest) -> int:
    """Compare the order's type with the terms that it gives."""
    kind = request.order_type
    if kind is _LIMIT or kind is _STOP_LIMIT:
        if request.limit_price is None:
            return Defect.NO_LIMIT_PRICE
    elif request.limit_price is not None:
        return Defect.NEEDLESS_LIMIT_PRICE
    if kind is _STOP or kind is _STOP_LIMIT:
        if request.stop_price is None:
            return Defect.NO_STOP_PRICE
    elif request.stop_price is not None and kind is not _TRAILING:
        return Defect.NEEDLESS_STOP_PRICE
    if kind is _TRAILING:
        if not _trails(request):
            return Defect.NO_TRAIL
    elif request.trail_amount is not None or request.trail_percent is not None:
        return Defect.NEEDLESS_TRAIL
    return 0


def _trails(request: OrderRequest) -> bool:
    """Return whether exactly one of both says how far, and sensibly."""
    amount, percent = request.trail_amount, request.trail_percent
    if amount is None:
        return percent is not None and 0 < percent < RATIO_ONE
    return percent is None and amount > 0
