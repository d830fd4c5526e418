"""Its quantity against the lot, the smallest and largest of the instrument, and what can be counted."""

from stopline.checks.base import Candidate
from stopline.checks.order_well_formed.defects import Defect
from stopline.model.instrument import Instrument
from stopline.model.numbers import MAX_SCALED
from stopline.model.order import OrderRequest


def qty_defect(order: Candidate, request: OrderRequest, instrument: Instrument) -> int:
    """Return what is wrong with the quantity, or 0."""
    if order.order_qty <= 0:
        return Defect.NO_QTY if request.notional is None else Defect.NO_SIZE_IN_MONEY
    if (order.order_notional or 0) > MAX_SCALED:
        return Defect.TOO_LARGE
    largest = max(order.worst_qty_after, order.gross_after or 0)
    if largest > MAX_SCALED and not order.is_reducing:
        return Defect.TOO_LARGE
    qty, most = request.order_qty, instrument.max_qty
    if request.notional is not None:
        return 0
    if qty % instrument.lot_size == 0 and qty >= instrument.min_qty and (most is None or qty <= most):
        return 0
    if _closes_all(order):
        return 0
    if qty % instrument.lot_size:
        return Defect.OFF_LOT
    return Defect.BELOW_MIN_QTY if qty < instrument.min_qty else Defect.ABOVE_MAX_QTY


def _closes_all(order: Candidate) -> bool:
    """Return whether the order takes the whole position to flat: what is held may be odd."""
    position = order.position
    return order.is_reducing and position is not None and order.order_qty == abs(position.qty)
