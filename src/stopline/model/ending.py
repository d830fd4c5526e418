"""How an order ends by a term of its own: after a time (`cancel_after`), or once it has filled in part.

Source     semantics.md section 8; docs/order-types.md.
"""

from typing import Final

from stopline.model.numbers import SECOND, Nanos
from stopline.model.order import OrderClass, OrderRequest
from stopline.model.routing import IMMEDIATE

KEEP: Final = "keep"
CANCEL_REST: Final = "cancel_rest"
"""Words for what becomes of an entry once it has filled in part (`on_partial_fill`)."""
LONGEST: Final[Nanos] = 366 * 24 * 3600 * SECOND


def has_own_end(request: OrderRequest) -> bool:
    """Return whether the order ends by a term that Stopline keeps: no broker is told of it."""
    return request.cancel_after is not None or request.cancels_rest


def partial_fill_word(cancels_rest: bool) -> str:
    """Return what becomes of an order that has filled in part."""
    return CANCEL_REST if cancels_rest else KEEP


def unfit_end(request: OrderRequest) -> str:
    """Return what is wrong with these terms as a sentence, nothing where they fit the order."""
    if request.partial_timeout is not None and not request.cancels_rest:
        return "a partial_timeout is how long on_partial_fill cancel_rest waits: it needs that"
    for length in (request.cancel_after, request.partial_timeout):
        if length is not None and not 0 < length <= LONGEST:
            return "cancel_after and partial_timeout must be above 0 and at most a year"
    if not has_own_end(request):
        return ""
    if request.time_in_force in IMMEDIATE:
        return f"nothing of an order for {request.time_in_force} is left to cancel later"
    if request.order_class is OrderClass.OCO:
        return "an oco stands until its position is gone"
    return ""
