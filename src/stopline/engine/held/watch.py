"""Which held orders wait for whose price: volatile, made again when the engine goes live."""

from stopline.model.ids import InstrumentId
from stopline.model.order import Hold, OrderState
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord
from stopline.state.state import State


def watched_by(order: OrderRecord) -> InstrumentId:
    """Return the instrument whose price an order waits for; nothing if it waits for none."""
    if order.state is not OrderState.HELD:
        return ""
    if order.hold is Hold.PRICE:
        return order.request.instrument_id
    condition = order.request.condition
    if order.hold is Hold.CONDITION and condition is not None and condition.price is not None:
        return condition.instrument_id
    return ""


def watch(state: State, account: AccountState, order: OrderRecord) -> None:
    """Watch the price that an order waits for, and no other."""
    if not state.is_live:
        return
    name, cid = account.terms.account, order.client_order_id
    wanted = watched_by(order)
    condition = order.request.condition
    for instrument_id in {order.request.instrument_id, condition.instrument_id if condition is not None else ""}:
        waiting = state.market.waiting.get(instrument_id, {}).get(name)
        if instrument_id == wanted:
            state.market.waiting.setdefault(instrument_id, {}).setdefault(name, {})[cid] = None
        elif waiting is not None:
            waiting.pop(cid, None)


def watch_all(state: State) -> None:
    """After recovery: watch for every held order."""
    for account in state.accounts.values():
        for cid in account.held:
            watch(state, account, account.live[cid])
