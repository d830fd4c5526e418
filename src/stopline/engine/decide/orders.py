"""Changes of orders that live: cancel and replace, at the broker or as Stopline holds them."""

from msgspec import structs

from stopline.engine.cancels import request_cancel
from stopline.engine.decide.blocked import TO_THE_MARKET, guards_position, owed_by
from stopline.engine.gate import Ticket, decide_replace
from stopline.engine.tables import Deciders
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages.replies import Decided, Done
from stopline.model.order import TRANSITIONS, OrderRequest, OrderSignal, Side
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord


def find_live(turn: Turn, account_id: str, client_order_id: str) -> tuple[AccountState, OrderRecord] | None:
    """Return a working order, or refuse and say what it is instead."""
    account = turn.account(account_id)
    if account is None:
        return None
    order = account.order(client_order_id)
    if order is None:
        turn.refuse("unknown_order", f"no order {client_order_id!r} in account {account_id!r}")
        return None
    if not order.is_live:
        text = f"order {client_order_id!r} is {order.state}: nothing is left to change"
        turn.refuse("order_not_working", text, "", (client_order_id,))
        return None
    return account, order


def _cancel(turn: Turn, message: i.CancelOrder) -> None:
    found = find_live(turn, message.account, message.client_order_id)
    if found is None:
        return
    account, order = found
    if guards_position(account, order):
        turn.refuse(
            "protection_required",
            f"order {message.client_order_id!r} protects the position, and the account is {account.trading_state}",
            f"tighten it; or {TO_THE_MARKET}",
            (message.client_order_id,),
        )
        return
    owed = owed_by(account, order)
    if owed is not None:
        # Who is being closed out could else keep his position, cancel by cancel.
        text = (
            f"order {message.client_order_id!r} closes what is owed ({owed.kind}, {owed.cause}): it is not taken back"
        )
        turn.refuse(
            "protection_required", text, "GET /api/risk/obligations shows how far it is", (message.client_order_id,)
        )
        return
    request_cancel(turn, order, "requested", message.actor)
    state = "pending_cancel" if order.is_at_broker else "canceled"
    turn.reply = Done((("client_order_id", order.client_order_id), ("state", state)))


def _replace(turn: Turn, message: i.ReplaceOrder) -> None:
    found = find_live(turn, message.account, message.client_order_id)
    if found is None:
        return
    account, order = found
    request = structs.replace(
        order.request,
        order_qty=order.order_qty if message.order_qty is None else message.order_qty,
        limit_price=order.limit_price if message.limit_price is None else message.limit_price,
        stop_price=order.stop_price if message.stop_price is None else message.stop_price,
    )
    if _bars_replace(turn, account, order, request):
        return
    instrument = turn.state.instruments[request.instrument_id]
    ticket = Ticket(
        account, request, instrument.symbol, instrument, turn.at, turn.seq, message.actor, order.client, order
    )
    decision = decide_replace(turn.state, ticket)
    turn.say(decision)
    turn.reply = Decided(decision, turn.seq)
    if isinstance(decision, e.ReplaceApproved) and not order.is_at_broker:
        # Nobody has to be asked: what Stopline holds is changed with the decision.
        turn.say(
            e.OrderReplaced(
                request.account, order.client_order_id, request.order_qty, request.limit_price, request.stop_price
            )
        )


def _bars_replace(turn: Turn, account: AccountState, order: OrderRecord, request: OrderRequest) -> bool:
    """Refuse a change that the order's state, its fills, its parent or the position it protects do not allow."""
    name = order.client_order_id
    wanted = OrderSignal.REQUEST_REPLACE if order.is_at_broker else OrderSignal.REPLACE
    if (order.state, wanted) not in TRANSITIONS or order.pending is not None:
        text = f"order {name!r} is {order.state}: it cannot be replaced now"
        turn.refuse("order_not_working", text, "wait until it is working", (name,))
        return True
    if request.order_qty <= order.cum_qty:
        text = f"order_qty must be more than the {name!r} already filled"
        turn.refuse("bad_request", text, "cancel the order instead", (name,))
        return True
    parent = account.order(order.parent) if order.parent else None
    if parent is not None and request.order_qty > parent.order_qty:
        text = f"a leg covers its parent {order.parent!r}: it cannot be larger than that"
        turn.refuse("bad_request", text, "", (name,))
        return True
    if guards_position(account, order) and _loosens(order, request):
        text = f"order {name!r} protects the position: it can be tightened, not loosened"
        turn.refuse("protection_required", text, f"move the stop closer; or {TO_THE_MARKET}")
        return True
    return False


def _loosens(order: OrderRecord, request: OrderRequest) -> bool:
    if request.order_qty < order.order_qty:
        return True
    old, new = order.stop_price, request.stop_price
    if old is None or new is None:
        return False
    return new < old if request.side is Side.SELL else new > old


DECIDE_ORDERS: Deciders = {
    i.CancelOrder: _cancel,
    i.ReplaceOrder: _replace,
}
