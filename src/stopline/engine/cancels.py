"""Taking orders back: for good, or only until there is room for them again."""

from typing import Final

from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.model.numbers import SECOND, Nanos
from stopline.model.order import TRANSITIONS, OrderSignal, OrderState, OrderType, Side
from stopline.model.routing import IMMEDIATE
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord

ASK_AGAIN: Final[Nanos] = SECOND
"""After a broker said no (the order is being filled, perhaps), an order is left alone for so long."""


def request_cancel(turn: Turn, order: OrderRecord, cause: str, actor: str) -> None:
    """End an order: at once if Stopline holds it, else by a cancel to the broker unless one is already on its way."""
    account, cid = order.request.account, order.client_order_id
    if not order.is_live or (account, cid) in turn.canceling:
        return
    turn.canceling[account, cid] = None
    if not order.is_at_broker:
        turn.say(e.OrderCanceled(account, cid, cause, actor))
    elif order.state is not OrderState.PENDING_CANCEL or order.is_recalled:
        turn.say(e.CancelRequested(account, cid, cause, actor))


def cancel_entries(turn: Turn, account: AccountState, cause: str) -> None:
    """Ask for the cancel of every live order that could increase exposure; protection stays."""
    for order in account.live.values():
        if may_increase(account, order):
            request_cancel(turn, order, cause, "engine")


def may_increase(account: AccountState, order: OrderRecord) -> bool:
    """Return whether an order must not work while the account only reduces.

    An order that somebody placed at the broker was never judged: it is protection where
    the position covers all that works on its side.
    """
    if order.reducing or not order.external:
        return not order.reducing
    position = account.positions[order.request.instrument_id]
    if order.request.side is Side.SELL:
        return position.lowest < 0
    return position.highest > 0


def may_wait(order: OrderRecord) -> bool:
    """Return whether an order can be kept here for later: it is a way out, and not for now or never."""
    return (
        order.reducing
        and order.broker_type is not OrderType.MARKET
        and order.request.time_in_force not in IMMEDIATE
        and not order.external
    )


def is_left_alone(turn: Turn, order: OrderRecord) -> bool:
    """Return whether the broker said no a moment ago."""
    return bool(order.refused_at) and turn.at - order.refused_at < ASK_AGAIN


def recall(turn: Turn, order: OrderRecord, cause: str) -> bool:
    """Take an exit back from the broker, to keep it here; return whether it is on its way back."""
    if order.state is OrderState.PENDING_CANCEL:
        return True
    if not may_wait(order) or (order.state, OrderSignal.REQUEST_CANCEL) not in TRANSITIONS:
        return False
    if is_left_alone(turn, order):
        return True
    # One whose end was asked for, and of which nobody knows whether it came, does not come back.
    ends = order.cancel_cause
    account, cid = order.request.account, order.client_order_id
    turn.say(e.CancelRequested(account, cid, ends or cause, "engine", is_recall=not ends))
    return True
