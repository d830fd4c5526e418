"""How long it stands: its time in force, its expiry, its hours, and how it ends by a term of its own."""

from typing import Final

from stopline.checks.base import Candidate
from stopline.checks.order_well_formed.defects import Defect
from stopline.model.ending import unfit_end
from stopline.model.order import OrderRequest, OrderType, TimeInForce

_LIMIT: Final = OrderType.LIMIT
_GTD: Final = TimeInForce.GTD
_EXTENDED_TIMES: Final = (TimeInForce.DAY, TimeInForce.GTC)


def time_defect(order: Candidate, request: OrderRequest) -> int:
    """Return what is wrong with how long and when it works, or 0."""
    if request.time_in_force is _GTD:
        if request.expire_at is None:
            return Defect.NO_EXPIRY
        if request.expire_at <= order.at:
            return Defect.EXPIRY_PAST
    elif request.expire_at is not None:
        return Defect.NEEDLESS_EXPIRY
    if request.extended_hours and not (request.order_type is _LIMIT and request.time_in_force in _EXTENDED_TIMES):
        return Defect.EXTENDED_HOURS_TERMS
    return 0


def end_defect(order: Candidate, request: OrderRequest) -> int:
    """Return what is wrong with how it ends by a term of its own, or 0."""
    if unfit_end(request):
        return Defect.END_UNFIT
    return Defect.PARTIAL_OF_EXIT if request.cancels_rest and order.is_reducing else 0
