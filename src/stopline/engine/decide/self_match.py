"""An exit goes; the account's own resting entries that it would trade with are cancelled before it."""

from stopline.engine.cancels import request_cancel
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.model.order import OrderRequest, Side
from stopline.state.account import AccountState


def avoid_self_match(turn: Turn, account: AccountState, request: OrderRequest) -> None:
    """Say the cancels of the resting entries that an exit would meet."""
    position = account.positions.get(request.instrument_id)
    if position is None:
        return
    sells = request.side is Side.SELL
    best = position.best_resting_buy if sells else position.best_resting_sell
    if best is None:
        return
    limit = request.limit_price
    if limit is not None and (best < limit if sells else best > limit):
        return
    for order in account.live.values():
        price = order.resting_price
        if order.request.instrument_id != request.instrument_id or price is None or order.reducing:
            continue
        if (order.request.side is Side.BUY) is sells and (
            limit is None or (price >= limit if sells else price <= limit)
        ):
            turn.say(e.SelfMatchAvoided(request.account, order.client_order_id, request.client_order_id))
            request_cancel(turn, order, "self_match", "gate")
