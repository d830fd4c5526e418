"""The legs of an order: which its class has, where their prices lie, and what orders they are.

Source     semantics.md section 2 (legs); FIX 4.4 (20 OrderClass of the dialects, 583 ClOrdLinkID).
"""

from msgspec import structs

from stopline.model.ids import leg_id
from stopline.model.numbers import Price
from stopline.model.order import Leg, OrderClass, OrderRequest, OrderType, Side, TimeInForce

_OTHER_SIDE = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}


def misfit(request: OrderRequest) -> str:
    """Return what is wrong with an order's legs as a sentence, nothing where they fit its class."""
    return _wrong_legs(request) or _wrong_side(request)


def _wrong_legs(request: OrderRequest) -> str:
    has_target, has_stop = request.take_profit is not None, request.stop_loss is not None
    if request.stop_loss_limit is not None and not has_stop:
        return "a stop_loss_limit needs a stop_loss"
    match request.order_class:
        case OrderClass.BRACKET if not (has_target and has_stop):
            return "a bracket needs a take_profit and a stop_loss; with one of them it is an oto"
        case OrderClass.OTO if has_target == has_stop:
            return "an oto needs either a take_profit or a stop_loss; with both it is a bracket"
        case OrderClass.OCO if request.order_type is not OrderType.LIMIT or has_target or not has_stop:
            return "an oco is a limit order, its target, with a stop_loss and no take_profit"
    return ""


def _wrong_side(request: OrderRequest) -> str:
    """Every leg leaves the position: the target where it has gained, the stop where it has lost."""
    is_oco = request.order_class is OrderClass.OCO
    gains_up = (request.side is Side.SELL) == is_oco
    sign = 1 if gains_up else -1
    target = request.limit_price if is_oco else request.take_profit
    entry = None if is_oco else _entry(request)
    stop, stop_limit = request.stop_loss, request.stop_loss_limit
    where = ("above", "below") if gains_up else ("below", "above")
    if target is not None and stop is not None and (target - stop) * sign <= 0:
        return f"the target must lie {where[0]} the stop_loss"
    if target is not None and entry is not None and (target - entry) * sign <= 0:
        return f"the take_profit must lie {where[0]} the price of the entry"
    if stop is not None and entry is not None and (entry - stop) * sign <= 0:
        return f"the stop_loss must lie {where[1]} the price of the entry"
    if stop is not None and stop_limit is not None and (stop - stop_limit) * sign < 0:
        return f"the stop_loss_limit must not lie {where[0]} the stop_loss: it would not fill once that is reached"
    return ""


def _entry(request: OrderRequest) -> Price | None:
    return request.limit_price if request.limit_price is not None else request.stop_price


def leg_requests(request: OrderRequest) -> list[tuple[Leg, OrderRequest]]:
    """Return the orders that hang on an order: its own legs, or the stop beside the target of an OCO."""
    found: list[tuple[Leg, OrderRequest]] = []
    if request.take_profit is not None:
        found.append((Leg.TAKE_PROFIT, _leg(request, Leg.TAKE_PROFIT, OrderType.LIMIT)))
    if request.stop_loss is not None:
        kind = OrderType.STOP if request.stop_loss_limit is None else OrderType.STOP_LIMIT
        found.append((Leg.STOP_LOSS, _leg(request, Leg.STOP_LOSS, kind)))
    return found


def _leg(request: OrderRequest, leg: Leg, kind: OrderType) -> OrderRequest:
    is_stop = leg is Leg.STOP_LOSS
    return structs.replace(
        request,
        client_order_id=leg_id(request.client_order_id, leg),
        side=request.side if request.order_class is OrderClass.OCO else _OTHER_SIDE[request.side],
        order_type=kind,
        limit_price=request.stop_loss_limit if is_stop else request.take_profit,
        stop_price=request.stop_loss if is_stop else None,
        # It stands as long as its position: only the position's end, or its sibling's, ends it.
        time_in_force=TimeInForce.GTC,
        expire_at=None,
        extended_hours=False,
        reduce_only=True,
        order_class=OrderClass.SIMPLE,
        notional=None,
        trail_amount=None,
        trail_percent=None,
        take_profit=None,
        stop_loss=None,
        stop_loss_limit=None,
        oca_group="",
        condition=None,
        cancel_after=None,
        cancels_rest=False,
        partial_timeout=None,
    )
