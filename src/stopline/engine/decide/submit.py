"""New orders from people and bots: submit, and check without sending.

What the broker takes as it is goes there at once. All else is held: a type or a class that
it does not know, a condition, an exit that other exits of the account stand in the way of.

Source     semantics.md sections 2, 3, 5, 8 and 12 (ids).
"""

from msgspec import structs

from stopline.engine.decide.blocked import exits_in_the_way, refuse_blocked
from stopline.engine.decide.self_match import avoid_self_match
from stopline.engine.gate import Ticket, approve_leg, check_only, decide_order
from stopline.engine.held.ending import CONDITION, EXPIRY, begin, timer_id
from stopline.engine.held.holding import Holding, hold_for
from stopline.engine.prices import qty_for_money
from stopline.engine.tables import Deciders
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages.replies import Decided, Repeated
from stopline.model.ids import MAX_CLIENT_ORDER_ID, OWN_ID_PREFIXES, OWN_ID_SUFFIXES
from stopline.model.legs import leg_requests
from stopline.model.numbers import SECOND, Nanos
from stopline.model.order import Hold, OrderClass, OrderRequest
from stopline.state.account import AccountState
from stopline.state.orders import DecidedId
from stopline.state.state import State


def request_of(state: State, message: i.SubmitOrder) -> OrderRequest:
    """Return what was asked, resolved to instruments (an empty id if nobody knows the symbol)."""
    instrument_id, condition = state.symbols.get(message.symbol, ""), message.condition
    if condition is not None and condition.price is not None:
        watched = state.symbols.get(condition.instrument_id, condition.instrument_id) or instrument_id
        condition = structs.replace(condition, instrument_id=watched)
    return OrderRequest(
        message.account, message.client_order_id, instrument_id, message.side, message.order_qty, message.order_type,
        message.limit_price, message.stop_price, message.time_in_force, message.expire_at, message.extended_hours,
        message.reduce_only, message.strategy, message.tags, message.currency, message.order_class, message.notional,
        message.trail_amount, message.trail_percent, message.take_profit, message.stop_loss, message.stop_loss_limit,
        message.oca_group, condition=condition, cancel_after=message.cancel_after, cancels_rest=message.cancels_rest,
        partial_timeout=message.partial_timeout,
    )  # fmt: skip


def _submit(turn: Turn, message: i.SubmitOrder) -> None:
    account = turn.account(message.account)
    if account is None or not id_is_usable(turn, message.client_order_id):
        return
    request = request_of(turn.state, message)
    known = known_id(account, message.client_order_id)
    if known is not None:
        _repeat(turn, known, request, message.symbol)
        return
    if request.condition is not None and not _resolve_condition(turn, request):
        return
    request = _sized(turn, account, request)
    in_the_way = exits_in_the_way(account, request)
    holding = hold_for(turn.state, account, request, turn.at, is_behind_exits=bool(in_the_way))
    if in_the_way and holding is None:
        refuse_blocked(turn, account, in_the_way)
        return
    ticket = _ticket(turn, account, message, request, holding)
    decision = decide_order(turn.state, ticket)
    if isinstance(decision, e.OrderApproved) and decision.reducing and decision.hold is None:
        avoid_self_match(turn, account, request)
    turn.say(decision)
    turn.reply = Decided(decision, turn.seq)
    if isinstance(decision, e.OrderApproved):
        _say_what_hangs_on_it(turn, decision)
    else:
        text = f"{message.side.upper()} {message.symbol}: {decision.message}"
        turn.alert(message.account, "ORDER_REJECTED", "WARNING", text, message.symbol)


def _say_what_hangs_on_it(turn: Turn, approved: e.OrderApproved) -> None:
    """Say the legs of an approved order, and the timers that it needs here."""
    request = approved.request
    hold = Hold.PRICE if request.order_class is OrderClass.OCO else Hold.PARENT
    for leg, leg_request in leg_requests(request):
        turn.say(approve_leg(approved, leg_request, leg, hold, turn.take_index()))
    if approved.hold is None:
        return
    if request.expire_at is not None:
        turn.say(e.TimerSet(timer_id(EXPIRY, request), request.expire_at, request.account))
    condition = request.condition
    if condition is None:
        begin(turn, request)
    elif condition.after is not None:
        turn.say(e.TimerSet(timer_id(CONDITION, request), condition.after, request.account))


def _resolve_condition(turn: Turn, request: OrderRequest) -> bool:
    """Return whether somebody knows the instrument whose price the order would wait for, or refuse."""
    condition = request.condition
    if condition is None or condition.price is None or condition.instrument_id in turn.state.instruments:
        return True
    turn.refuse(
        "unknown_instrument",
        f"the order would wait for the price of {condition.instrument_id!r}, which nobody here knows",
        "name a listed symbol in the condition",
    )
    return False


def _sized(turn: Turn, account: AccountState, request: OrderRequest) -> OrderRequest:
    """Return an order in money as one in whole lots, where its price is known; any other as it is."""
    instrument = turn.state.instruments.get(request.instrument_id)
    if request.notional is None or request.order_qty or instrument is None:
        return request
    quote = turn.state.market.quotes.get(request.instrument_id)
    max_age: Nanos = account.limits.own().quote_max_age or 5 * SECOND
    return structs.replace(request, order_qty=qty_for_money(request, instrument, quote, max_age, turn.at))


def id_is_usable(turn: Turn, client_order_id: str) -> bool:
    """Return whether a caller may use this id, or refuse."""
    if not 0 < len(client_order_id) <= MAX_CLIENT_ORDER_ID:
        turn.refuse("bad_request", f"client_order_id must have 1 to {MAX_CLIENT_ORDER_ID} characters")
        return False
    if client_order_id.startswith(OWN_ID_PREFIXES):
        text = f"client_order_ids that begin with {' or '.join(OWN_ID_PREFIXES)} are made by Stopline itself"
        turn.refuse("bad_request", text, "use another client_order_id")
        return False
    if client_order_id.endswith(OWN_ID_SUFFIXES):
        text = f"client_order_ids that end with {' or '.join(OWN_ID_SUFFIXES)} are those of an order's legs"
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
    if asks_the_same(known.request, request) and (known.symbol == symbol or not was_unknown):
        turn.reply = Repeated(request.account, request.client_order_id, known.seq)
        return
    turn.refuse(
        "client_order_id_conflict",
        f"client_order_id {request.client_order_id!r} was already used for another order",
        "send a new order under a new client_order_id; repeat the old body to read its decision",
        (request.client_order_id,),
    )


def asks_the_same(decided: OrderRequest, request: OrderRequest) -> bool:
    """Return whether two bodies are one. In money an order has no quantity of its own: the decision gave it one."""
    if request.notional is not None and not request.order_qty:
        request = structs.replace(request, order_qty=decided.order_qty)
    return decided == request


def _ticket(
    turn: Turn, account: AccountState, message: i.SubmitOrder, request: OrderRequest, holding: Holding | None
) -> Ticket:
    instrument = turn.state.instruments.get(request.instrument_id)
    ticket = Ticket(
        account, request, message.symbol, instrument, turn.at, turn.seq, message.actor, message.client,
        index=turn.take_index(),
    )  # fmt: skip
    if holding is None:
        return ticket
    return structs.replace(
        ticket, hold=holding.hold, is_resting=holding.is_resting, behind_exits=holding.is_behind_exits
    )


def _check(turn: Turn, message: i.CheckOrder) -> None:
    asked = message.order
    account = turn.account(asked.account)
    if account is None:
        return
    request = request_of(turn.state, asked)
    if request.condition is not None and not _resolve_condition(turn, request):
        return
    request = _sized(turn, account, request)
    behind = bool(exits_in_the_way(account, request))
    holding = hold_for(turn.state, account, request, turn.at, is_behind_exits=behind)
    turn.reply = check_only(turn.state, _ticket(turn, account, asked, request, holding))


DECIDE_SUBMIT: Deciders = {
    i.SubmitOrder: _submit,
    i.CheckOrder: _check,
}
