"""What hangs on it: its condition, and the legs that its class has."""

from typing import Final

from stopline.checks.base import Candidate
from stopline.checks.order_well_formed.defects import Defect
from stopline.model.legs import misfit
from stopline.model.order import OrderClass, OrderRequest

_SIMPLE: Final = OrderClass.SIMPLE


def class_defect(order: Candidate, request: OrderRequest) -> int:
    """Return what is wrong with its condition or its legs, or 0."""
    condition = request.condition
    if condition is not None and condition.price is None and condition.after is None:
        return Defect.CONDITION_EMPTY
    if request.order_class is _SIMPLE:
        return 0
    if misfit(request):
        return Defect.LEGS_UNFIT
    if request.order_class is OrderClass.OCO:
        return 0 if order.is_reducing else Defect.OCO_OPENS
    return Defect.LEGS_OF_EXIT if order.is_reducing else 0
