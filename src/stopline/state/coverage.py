"""How much of a position live orders would close: stops of every kind, and targets.

A stop protects only where it is live, at the broker or watched by Stopline: what is not
acknowledged, of unknown outcome, or asked to be cancelled counts as none.

Source     semantics.md sections 6 (008) and 7.
"""

from collections.abc import Iterable
from typing import NamedTuple

from stopline.model.ids import InstrumentId
from stopline.model.numbers import Qty
from stopline.model.order import STOPLINE_HOLDS, STOPS, Hold, OrderState, OrderType, Side
from stopline.state.orders import OrderRecord

_PROVEN = frozenset({OrderState.WORKING, OrderState.PARTIALLY_FILLED, OrderState.PENDING_REPLACE})
_COMING = frozenset({OrderState.APPROVED, OrderState.SENT, OrderState.UNKNOWN})


class Coverage(NamedTuple):
    """Unsigned quantities. What is `coming` was decided and not proven to work yet, or is called back for a while."""

    stop_qty: Qty = 0
    target_qty: Qty = 0
    stops_coming: Qty = 0
    targets_coming: Qty = 0


def coverage(orders: Iterable[OrderRecord], instrument_id: InstrumentId, position: Qty) -> Coverage:
    """Return what live orders on the closing side of a position would close."""
    closing = Side.SELL if position > 0 else Side.BUY
    stops = targets = stops_coming = targets_coming = 0
    for order in orders:
        request = order.request
        if request.instrument_id != instrument_id or request.side is not closing:
            continue
        is_proven = order.state in _PROVEN or _is_kept_here(order)
        if not is_proven and not (order.state in _COMING or order.is_recalled):
            continue
        if request.order_type in STOPS:
            stops, stops_coming = _add(order.leaves_qty, stops, stops_coming, is_proven)
        elif request.order_type is OrderType.LIMIT:
            targets, targets_coming = _add(order.leaves_qty, targets, targets_coming, is_proven)
    return Coverage(stops, targets, stops_coming, targets_coming)


def bare_of(position: Qty, covered: Qty, lot_size: Qty) -> Qty:
    """Return how much of a position is not covered. Less than a lot is none: no order could cover that."""
    bare = abs(position) - covered
    return bare if bare >= lot_size else 0


def whole_lots(qty: Qty, position: Qty, lot_size: Qty) -> Qty:
    """Return as much of a quantity as an exit may be for: whole lots, or all of a position, however odd."""
    return qty if qty == abs(position) else qty // lot_size * lot_size


def _is_kept_here(order: OrderRecord) -> bool:
    """Whether Stopline watches its price, or sends it as soon as there is room."""
    return order.state in STOPLINE_HOLDS and order.hold in (Hold.PRICE, Hold.RELEASE)


def _add(qty: Qty, proven: Qty, coming: Qty, is_proven: bool) -> tuple[Qty, Qty]:
    return (proven + qty, coming) if is_proven else (proven, coming + qty)
