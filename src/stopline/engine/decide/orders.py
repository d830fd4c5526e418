"""Orders from people and bots: submit, check, cancel, replace."""

from msgspec import structs

from stopline.engine.decide.blocked import TO_THE_MARKET, exits_in_the_way, guards_position, refuse_blocked
from stopline.engine.gate import Ticket, check_only, decide_order, decide_replace
from stopline.engine.tables import Deciders
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages.replies import Decided, Done, Repeated
from stopline.model.account import SEVERITY, TradingState
from stopline.model.ids import MAX_CLIENT_ORDER_ID, OWN_ID_PREFIXES
from stopline.model.order import TRANSITIONS, OrderRequest, OrderSignal, OrderState, Side
from stopline.state.account import AccountState
from stopline.state.orders import DecidedId, OrderRecord


def request_of(message: i.SubmitOrder, instrument_id: str) -> OrderRequest:
    """Return what was asked, resolved to an instrument (empty if nobody knows the symbol)."""
    return OrderRequest(
        message.account, message.client_order_id, instrument_id, message.side, message.order_qty, message.order_type,
        message.limit_price, message.stop_price, message.time_in_force, message.expire_at, message.extended_hours,
        message.reduce_only, message.strategy, message.tags, message.currency, message.order_class, message.notional,
        message.trail_amount, message.trail_percent, message.take_profit, message.stop_loss, message.stop_loss_limit,
        message.oca_group,
    )  # fmt: skip


def _submit(turn: Turn, message: i.SubmitOrder) -> None:
    account = turn.account(message.account)
    if account is None or not id_is_usable(turn, message.client_order_id):
        return
    instrument_id = turn.state.symbols.get(message.symbol, "")
    request = request_of(message, instrument_id)
    known = known_id(account, message.client_order_id)
    if known is not None:
        _repeat(turn, known, request, message.symbol)
        return
    in_the_way = exits_in_the_way(account, request)
    if in_the_way and account.severity <= SEVERITY[TradingState.REDUCING]:
        refuse_blocked(turn, account, in_the_way)
        return
    decision = decide_order(turn.state, _ticket(turn, account, message, request))
    if isinstance(decision, e.OrderApproved) and decision.reducing:
        avoid_self_match(turn, account, request)
    turn.say(decision)
    turn.reply = Decided(decision)
    if isinstance(decision, e.OrderDenied):
        text = f"{message.side.upper()} {message.symbol}: {decision.message}"
        turn.alert(message.account, "ORDER_REJECTED", "WARNING", text, message.symbol)


def id_is_usable(turn: Turn, client_order_id: str) -> bool:
    """Return whether a caller may use this id, or refuse."""
    if not 0 < len(client_order_id) <= MAX_CLIENT_ORDER_ID:
        turn.refuse("bad_request", f"client_order_id must have 1 to {MAX_CLIENT_ORDER_ID} characters")
        return False
    if client_order_id.startswith(OWN_ID_PREFIXES):
        text = f"client_order_ids that begin with {' or '.join(OWN_ID_PREFIXES)} are made by Stopline itself"
        turn.refuse("bad_request", text, "use another client_order_id")
        return False
    return True


def known_id(account: AccountState, client_order_id: str) -> DecidedId | None:
    """Return the decision under this id, of this trading day or the one before."""
    return account.decided.get(client_order_id) or account.decided_before.get(client_order_id)


def _repeat(turn: Turn, known: DecidedId, request: OrderRequest, symbol: str) -> None:
    """The same body gets the same answer, for ever; another body is a conflict."""
    was_unknown = not known.request.instrument_id
    if was_unknown and known.symbol == symbol:
        # Denied when nobody knew the symbol: it is the same order, though the symbol be listed since.
        request = structs.replace(request, instrument_id="")
    if known.request == request and (known.symbol == symbol or not was_unknown):
        turn.reply = Repeated(request.account, request.client_order_id, known.seq)
        return
    turn.refuse(
        "client_order_id_conflict",
        f"client_order_id {request.client_order_id!r} was already used for another order",
        "send a new order under a new client_order_id; repeat the old body to read its decision",
        (request.client_order_id,),
    )


def _ticket(turn: Turn, account: AccountState, message: i.SubmitOrder, request: OrderRequest) -> Ticket:
    instrument = turn.state.instruments.get(request.instrument_id)
    return Ticket(account, request, message.symbol, instrument, turn.at, turn.seq, message.actor, message.client)


def avoid_self_match(turn: Turn, account: AccountState, request: OrderRequest) -> None:
    """An exit goes; the account's own resting entries that it would trade with are cancelled before it."""
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


def request_cancel(turn: Turn, order: OrderRecord, cause: str, actor: str) -> None:
    """Say that a cancel goes to the broker, unless one is already on its way or the order is dead."""
    if order.state is OrderState.PENDING_CANCEL or (order.state, OrderSignal.REQUEST_CANCEL) not in TRANSITIONS:
        return
    turn.say(e.CancelRequested(order.request.account, order.client_order_id, cause, actor))


def _check(turn: Turn, message: i.CheckOrder) -> None:
    asked = message.order
    account = turn.account(asked.account)
    if account is None:
        return
    request = request_of(asked, turn.state.symbols.get(asked.symbol, ""))
    turn.reply = check_only(turn.state, _ticket(turn, account, asked, request))


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
    request_cancel(turn, order, "requested", message.actor)
    turn.reply = Done((("client_order_id", order.client_order_id), ("state", "pending_cancel")))


def _replace(turn: Turn, message: i.ReplaceOrder) -> None:
    found = find_live(turn, message.account, message.client_order_id)
    if found is None:
        return
    account, order = found
    if (order.state, OrderSignal.REQUEST_REPLACE) not in TRANSITIONS or order.pending is not None:
        text = f"order {message.client_order_id!r} is {order.state}: it cannot be replaced now"
        turn.refuse("order_not_working", text, "wait until it is working", (message.client_order_id,))
        return
    request = structs.replace(
        order.request,
        order_qty=order.order_qty if message.order_qty is None else message.order_qty,
        limit_price=order.limit_price if message.limit_price is None else message.limit_price,
        stop_price=order.stop_price if message.stop_price is None else message.stop_price,
    )
    if request.order_qty <= order.cum_qty:
        text = f"order_qty must be more than the {order.client_order_id!r} already filled"
        turn.refuse("bad_request", text, "cancel the order instead", (message.client_order_id,))
        return
    if guards_position(account, order) and _loosens(order, request):
        text = f"order {message.client_order_id!r} protects the position: it can be tightened, not loosened"
        turn.refuse("protection_required", text, f"move the stop closer; or {TO_THE_MARKET}")
        return
    instrument = turn.state.instruments[request.instrument_id]
    ticket = Ticket(
        account, request, instrument.symbol, instrument, turn.at, turn.seq, message.actor, order.client, order
    )
    decision = decide_replace(turn.state, ticket)
    turn.say(decision)
    turn.reply = Decided(decision)


def _loosens(order: OrderRecord, request: OrderRequest) -> bool:
    if request.order_qty < order.order_qty:
        return True
    old, new = order.stop_price, request.stop_price
    if old is None or new is None:
        return False
    return new < old if request.side is Side.SELL else new > old


DECIDE_ORDERS: Deciders = {
    i.SubmitOrder: _submit,
    i.CheckOrder: _check,
    i.CancelOrder: _cancel,
    i.ReplaceOrder: _replace,
}
