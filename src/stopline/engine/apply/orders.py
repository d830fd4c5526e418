"""Events of an order's life. The state of an order moves by the one table in model/order.py."""

from stopline.engine.apply.reservation import position_of, rehold
from stopline.engine.held.watch import watch
from stopline.engine.tables import Appliers
from stopline.measures.exposure import is_reducing_buy, is_reducing_sell
from stopline.messages import events as e
from stopline.model.numbers import Nanos, Qty
from stopline.model.order import LIVE, TRANSITIONS, Hold, OrderRequest, OrderSignal, OrderState, Side
from stopline.state.account import AccountState
from stopline.state.orders import DecidedId, OrderRecord, Pending
from stopline.state.rates import RateLog
from stopline.state.state import State


def signal(account: AccountState, order: OrderRecord, what: OrderSignal, at: Nanos, reason: str = "") -> bool:
    """Move the order by the table; return False where the table has no such transition (a stale signal)."""
    after = TRANSITIONS.get((order.state, what))
    if after is None:
        return False
    was_live = order.is_live
    order.state, order.updated_at = after, at
    if reason:
        order.reason = reason
    cid = order.client_order_id
    if was_live and after not in LIVE:
        account.live.pop(cid, None)
        account.held.pop(cid, None)
        account.ended[cid] = order
        if not order.reducing and order.cum_qty == 0 and not order.external:
            account.unfilled_entries -= 1
    elif not was_live and after in LIVE:
        account.ended.pop(cid, None)
        account.ended_before.pop(cid, None)
        account.live[cid] = order
        account.routed[order.routed_order_id] = cid
        if order.hold is not None:
            account.held[cid] = None
    return True


def keep_found(account: AccountState, order: OrderRecord, at: Nanos) -> None:
    """File an order that something happened to with today's: it is found as long as its fills are."""
    cid = order.client_order_id
    if account.ended_before.pop(cid, None) is not None:
        order.updated_at = at
        account.ended[cid] = order
    account.routed[order.routed_order_id] = cid


def _approved(state: State, event: e.OrderApproved, seq: int, at: Nanos) -> None:
    request = event.request
    account = state.accounts[request.account]
    order = new_order(event, state.epoch, seq, at)
    account.live[request.client_order_id] = order
    account.routed[event.routed_order_id] = request.client_order_id
    remember_id(account, request, "", seq)
    if event.hold is not None:
        account.held[request.client_order_id] = None
        watch(state, account, order)
    if not event.reducing:
        account.unfilled_entries += 1
        account.entry_times.append(at)
        _log_rates(state, account, event, at)
    rehold(state, account, order)


def new_order(event: e.OrderApproved, epoch: int, seq: int, at: Nanos) -> OrderRecord:
    """Return the record of a freshly approved order."""
    request = event.request
    order = OrderRecord(
        request, event.routed_order_id, event.decision_id, seq, OrderState.APPROVED, event.reducing, request.order_qty,
        request.limit_price, request.stop_price, event.reserve_price, event.actor, event.client, at, at,
    )  # fmt: skip
    order.approved_epoch = epoch
    order.asked_qty = request.order_qty
    if event.hold is not None:
        order.state = OrderState.PENDING_RELEASE if event.hold is Hold.RELEASE else OrderState.HELD
        order.hold, order.parent, order.leg, order.is_resting = event.hold, event.parent, event.leg, event.is_resting
    return order


def remember_id(account: AccountState, request: OrderRequest, symbol: str, seq: int) -> None:
    """Keep a decided client_order_id, so that a repeat gets the same answer."""
    account.decided[request.client_order_id] = DecidedId(request, symbol, seq)


def _log_rates(state: State, account: AccountState, event: e.OrderApproved, at: Nanos) -> None:
    limits, terms = account.limits.any_of, account.terms
    for key in (f"group:{terms.group}", f"firm:{terms.firm}") if terms.group or terms.firm else ():
        scope = state.scopes.get(key)
        if scope is not None:
            limits = f"{limits} {scope.limits.any_of}"
    if not limits:
        return
    request = event.request
    for wanted, key in (
        ("user", f"user:{event.actor}"),
        ("client", f"client:{event.client}"),
        ("strategy", f"strategy:{request.strategy}"),
        ("symbol", f"symbol:{request.instrument_id}"),
    ):
        if wanted in limits:
            log = account.client_times.get(key)
            if log is None:
                log = account.client_times[key] = RateLog()
            log.append(at)


def _denied(state: State, event: e.OrderDenied, seq: int, at: Nanos) -> None:
    account = state.accounts[event.request.account]
    remember_id(account, event.request, event.symbol, seq)


def _routed(state: State, event: e.OrderRouted, seq: int, at: Nanos) -> None:
    account, order = find_order(state, event.account, event.client_order_id)
    signal(account, order, OrderSignal.SEND, at)


def _working(state: State, event: e.OrderWorking, seq: int, at: Nanos) -> None:
    account, order = find_order(state, event.account, event.client_order_id)
    order.broker_order_id = event.broker_order_id or order.broker_order_id
    signal(account, order, OrderSignal.ACCEPT, at)


def _rejected(state: State, event: e.OrderRejected, seq: int, at: Nanos) -> None:
    account, order = find_order(state, event.account, event.client_order_id)
    account.reject_times.append(at)
    _end(state, account, order, OrderSignal.REJECT, at, event.reason)


def _canceled(state: State, event: e.OrderCanceled, seq: int, at: Nanos) -> None:
    account, order = find_order(state, event.account, event.client_order_id)
    _end(state, account, order, OrderSignal.CANCEL, at, event.reason)


def _expired(state: State, event: e.OrderExpired, seq: int, at: Nanos) -> None:
    account, order = find_order(state, event.account, event.client_order_id)
    _end(state, account, order, OrderSignal.EXPIRE, at, event.reason)


def _end(state: State, account: AccountState, order: OrderRecord, what: OrderSignal, at: Nanos, reason: str) -> None:
    order.pending = None
    signal(account, order, what, at, reason)
    rehold(state, account, order)
    if order.hold is not None:
        watch(state, account, order)


def _unknown(state: State, event: e.OrderBecameUnknown, seq: int, at: Nanos) -> None:
    account, order = find_order(state, event.account, event.client_order_id)
    signal(account, order, OrderSignal.LOSE_TRACK, at, event.reason)


def _cancel_requested(state: State, event: e.CancelRequested, seq: int, at: Nanos) -> None:
    account, order = find_order(state, event.account, event.client_order_id)
    order.is_recalled = event.is_recall
    if not event.is_recall:
        order.cancel_cause = event.cause
    else:
        account.held[order.client_order_id] = None
        if order.hold is None:
            order.hold, order.is_resting = Hold.PRICE, True
    signal(account, order, OrderSignal.REQUEST_CANCEL, at, event.cause)


def _cancel_rejected(state: State, event: e.CancelRejected, seq: int, at: Nanos) -> None:
    account, order = find_order(state, event.account, event.client_order_id)
    signal(account, order, OrderSignal.REJECT_CANCEL, at, event.reason)
    order.is_recalled, order.cancel_cause, order.refused_at = False, "", at


def _replace_approved(state: State, event: e.ReplaceApproved, seq: int, at: Nanos) -> None:
    account, order = find_order(state, event.account, event.client_order_id)
    becomes_entry = order.reducing and order.is_at_broker and not _still_reduces(account, order, event.order_qty)
    order.pending = Pending(
        event.order_qty, event.limit_price, event.stop_price, event.reserve_price, becomes_entry, state.epoch
    )
    if becomes_entry:
        order.reducing = False
        account.unfilled_entries += order.cum_qty == 0
    signal(account, order, OrderSignal.REQUEST_REPLACE, at)
    rehold(state, account, order)


def _still_reduces(account: AccountState, order: OrderRecord, order_qty: Qty) -> bool:
    """Return whether an exit stays one with another quantity, while old and new may both fill."""
    if order_qty <= order.order_qty:
        return True
    position, more = position_of(account, order.request.instrument_id), order_qty - order.cum_qty
    if order.request.side is Side.SELL:
        return is_reducing_sell(position.qty, position.live_sells, more)
    return is_reducing_buy(position.qty, position.live_buys, more)


def _replaced(state: State, event: e.OrderReplaced, seq: int, at: Nanos) -> None:
    account, order = find_order(state, event.account, event.client_order_id)
    if order.pending is not None and order.pending.reserve_price is not None:
        order.reserve_price = order.pending.reserve_price
    if order.reserve_price is not None:
        # The broker's terms stand, whatever was asked for: never hold less than they may cost.
        prices = (abs(price) for price in (event.limit_price, event.stop_price) if price is not None)
        order.reserve_price = max((order.reserve_price, *prices))
    order.pending = None
    if event.order_qty != order.order_qty:
        order.asked_qty = event.order_qty
    order.order_qty, order.limit_price, order.stop_price = (
        event.order_qty,
        event.limit_price,
        event.stop_price,
    )
    is_done = order.cum_qty >= order.order_qty
    signal(account, order, OrderSignal.FILL if is_done else OrderSignal.REPLACE, at)
    rehold(state, account, order)


def _replace_rejected(state: State, event: e.ReplaceRejected, seq: int, at: Nanos) -> None:
    account, order = find_order(state, event.account, event.client_order_id)
    if order.pending is not None and order.pending.was_exit:
        order.reducing = True
        account.unfilled_entries -= order.is_live and order.cum_qty == 0
    order.pending = None
    # Refused because it had filled already: the old terms are all there is, and nothing is left of them.
    is_done = order.cum_qty >= order.order_qty
    signal(account, order, OrderSignal.FILL if is_done else OrderSignal.REJECT_REPLACE, at, event.reason)
    rehold(state, account, order)


def _external(state: State, event: e.ExternalOrderBooked, seq: int, at: Nanos) -> None:
    request = event.request
    account = state.accounts[request.account]
    order = OrderRecord(
        request, event.routed_order_id, "", seq, OrderState.APPROVED, False, request.order_qty, request.limit_price,
        request.stop_price, event.reserve_price, event.broker, "", at, at, cum_qty=event.cum_qty, external=True,
    )  # fmt: skip
    order.approved_epoch = state.epoch
    account.live[request.client_order_id] = order
    account.routed[event.routed_order_id] = request.client_order_id
    signal(account, order, OrderSignal.ACCEPT, at)
    rehold(state, account, order)


def _nothing(state: State, event: object, seq: int, at: Nanos) -> None:
    """Evidence only: it changes nothing that the engine remembers."""


def find_order(state: State, account_id: str, client_order_id: str) -> tuple[AccountState, OrderRecord]:
    """Return an account and its order. Raises LookupError for one that the state does not know: a defect."""
    account = state.accounts[account_id]
    order = account.order(client_order_id)
    if order is None:
        raise LookupError(f"event names order {client_order_id!r} of {account_id!r}, which the state does not know")
    return account, order


APPLY_ORDERS: Appliers = {
    e.OrderApproved: _approved,
    e.OrderDenied: _denied,
    e.OrderRouted: _routed,
    e.OrderWorking: _working,
    e.OrderRejected: _rejected,
    e.OrderCanceled: _canceled,
    e.OrderExpired: _expired,
    e.OrderBecameUnknown: _unknown,
    e.CancelRequested: _cancel_requested,
    e.CancelRejected: _cancel_rejected,
    e.ReplaceApproved: _replace_approved,
    e.ReplaceDenied: _nothing,
    e.OrderReplaced: _replaced,
    e.ReplaceRejected: _replace_rejected,
    e.ExternalOrderBooked: _external,
    e.SelfMatchAvoided: _nothing,
}
