"""An exit goes; the account's own resting entries that it would trade with are cancelled before it.

A broker that refuses what could trade with oneself counts stops among those, however far away:
there they are cancelled too, and the dispatcher sends the exit again once they are gone.
"""

from stopline.engine.assemble import capabilities_of
from stopline.engine.cancels import request_cancel
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.model.order import OrderRequest, OrderType, Side
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord


def avoid_self_match(turn: Turn, account: AccountState, request: OrderRequest) -> None:
    """Say the cancels of the working entries that an exit would meet."""
    position = account.positions.get(request.instrument_id)
    if position is None:
        return
    sells = request.side is Side.SELL
    offer = capabilities_of(turn.state, account.terms)
    are_stops_met = offer is not None and offer.refuses_self_match
    if not are_stops_met and (position.best_resting_buy if sells else position.best_resting_sell) is None:
        return
    for order in account.live.values():
        if order.request.instrument_id != request.instrument_id or order.reducing or not order.is_at_broker:
            continue
        if (order.request.side is Side.BUY) is sells and (
            _meets(order, request) or (are_stops_met and order.broker_type is not OrderType.LIMIT)
        ):
            turn.say(e.SelfMatchAvoided(request.account, order.client_order_id, request.client_order_id))
            request_cancel(turn, order, "self_match", "gate")


def _meets(order: OrderRecord, exit_: OrderRequest) -> bool:
    """Return whether a resting entry is within reach of the exit."""
    price, limit = order.resting_price, exit_.limit_price
    if price is None or limit is None:
        return price is not None
    return price >= limit if exit_.side is Side.SELL else price <= limit
