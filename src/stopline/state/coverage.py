"""How much of a position live orders would close: stops of every kind, and targets.

A stop protects only where it is live: what is not acknowledged, of unknown outcome, or asked
to be cancelled counts as none.

Source     semantics.md sections 6 (008) and 7.
"""

from collections.abc import Iterable
from typing import NamedTuple

from stopline.model.ids import InstrumentId
from stopline.model.numbers import Qty
from stopline.model.order import STOPS, OrderState, OrderType, Side
from stopline.state.orders import OrderRecord

_PROVEN = frozenset({OrderState.WORKING, OrderState.PARTIALLY_FILLED, OrderState.PENDING_REPLACE})


class Coverage(NamedTuple):
    """Unsigned quantities."""

    stop_qty: Qty = 0
    target_qty: Qty = 0


def coverage(orders: Iterable[OrderRecord], instrument_id: InstrumentId, position: Qty) -> Coverage:
    """Return what live orders on the closing side of a position would close."""
    closing = Side.SELL if position > 0 else Side.BUY
    stops = targets = 0
    for order in orders:
        request = order.request
        if request.instrument_id != instrument_id or request.side is not closing or order.state not in _PROVEN:
            continue
        if request.order_type in STOPS:
            stops += order.leaves_qty
        elif request.order_type is OrderType.LIMIT:
            targets += order.leaves_qty
    return Coverage(stops, targets)
