"""After each change: is every account still in bounds, and what must follow from what happened?

It looks only at accounts that the events or the quote touched. What it says is applied,
then it looks once more; a third wish is a defect (architecture.md promise 9).
"""

from collections.abc import Iterable

from stopline.engine.bands import drop_bands, in_band, set_bands
from stopline.engine.breakers import (
    daily_loss_reached,
    effective_limits,
    expiry_of,
    find_breaker,
    reject_burst_reached,
    trip_events,
)
from stopline.engine.cancels import cancel_entries, may_increase, may_wait, recall, request_cancel
from stopline.engine.decide.system import pnl_mark
from stopline.engine.enforce.intruders import close_intruder
from stopline.engine.enforce.leaving import note_failed_close
from stopline.engine.enforce.protecting import note_rejected
from stopline.engine.enforce.watching import is_stirred, quiet_of, watch_rules
from stopline.engine.held.settle import end_rivals, settle
from stopline.engine.held.triggers import see_order, see_quote
from stopline.engine.held.watch import watched_by
from stopline.engine.quotes import MARK_MAX_AGE
from stopline.engine.retest import retest_working_orders
from stopline.engine.severity import accounts_in, takes_no_entries
from stopline.engine.tables import Deciders
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.messages.events import Event
from stopline.messages.inputs import AccountReconciled, Input, MarkPnl, QuoteReceived
from stopline.model.account import TradingState
from stopline.model.limits import ScopeKind
from stopline.model.numbers import render_money
from stopline.model.order import OrderState, Side
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord

_WORKING = (OrderState.WORKING, OrderState.PARTIALLY_FILLED, OrderState.PENDING_REPLACE)


def monitor(turn: Turn, message: Input, said: Iterable[Event]) -> None:
    """Say what follows from `said` (events just applied) and from the input itself."""
    touched: dict[str, AccountState] = {}
    is_locking = False
    for event in said:
        is_locking = is_locking or type(event) is e.RestrictionPlaced
        follow = _FOLLOW.get(type(event))
        if follow is not None:
            follow(turn, event)
        name = _account_of(event)
        account = turn.state.accounts.get(name) if name else None
        if account is not None:
            touched[name] = account
    if type(message) is QuoteReceived:
        see_quote(turn, message.quote.instrument_id)
        if not turn.is_quote_seen:
            turn.is_quote_seen = True
            _see_mark(turn, message.quote.instrument_id)
    elif type(message) is AccountReconciled and message.account in turn.state.accounts:
        turn.unjudged[message.account] = None
        if not is_locking:
            _ask_again(turn, turn.state.accounts[message.account])
    elif type(message) is MarkPnl:
        # The broker said no a moment ago, and time alone lets an exit go again: it waits for no quote.
        turn.unsettled |= dict.fromkeys(name for name, account in turn.state.accounts.items() if account.held)
    for name, account in touched.items():
        drop_bands(account)
        _watch(turn, account)
        if account.held:
            turn.unsettled[name] = None
        turn.unjudged[name] = None
    if turn.events:
        # Held orders are looked at once the rest has been applied.
        return
    for name in turn.unsettled:
        settle(turn, turn.state.accounts[name])
    turn.unsettled = {}
    if not turn.events:
        watch_rules(turn, message)


def _see_mark(turn: Turn, instrument_id: str) -> None:
    """Look at who holds or works an instrument after a quote of it; rules are asked where it leaves their bounds."""
    quote = turn.state.market.quotes.get(instrument_id)
    mark = None if quote is None else quote.mark
    wake = turn.state.market.wake
    for name in turn.state.market.holders.get(instrument_id, ()):
        account = turn.state.accounts[name]
        due = wake.get(name)
        if in_band(account, instrument_id, mark) and (due is None or due > turn.at):
            continue
        _watch(turn, account)
        if account.held:
            turn.unsettled[name] = None
        if is_stirred(turn, account, instrument_id, mark):
            turn.unjudged[name] = None
        elif not account.held and not turn.events:
            set_bands(account, effective_limits(turn.state, account), quiet_of(turn.state, account))


def _account_of(event: Event) -> str:
    fill = getattr(event, "fill", None)
    if fill is not None:
        return str(fill.account)
    request = getattr(event, "request", None)
    return str(request.account if request is not None else getattr(event, "account", ""))


def _watch(turn: Turn, account: AccountState) -> None:
    """Trip the breakers whose cause is there."""
    loss = daily_loss_reached(turn.state, account)
    name = account.terms.account
    if loss is not None and not _is_open(turn, name, "DAILY_LOSS"):
        total, limit = loss
        reason = f"day P&L {render_money(total)} is at or below the limit of {render_money(limit)}"
        mark = pnl_mark(turn, account)
        if mark is not None:
            turn.say(mark)
        trip_events(turn, account, "DAILY_LOSS", total, limit, reason, "engine", expiry_of(account, turn.at))
    burst = reject_burst_reached(turn.state, account, turn.at)
    if burst is not None and not _is_open(turn, name, "REJECT_BURST"):
        reason = f"the broker rejected {burst[0]} orders in a row of the window, the limit is {burst[1]}"
        trip_events(turn, account, "REJECT_BURST", *burst, reason, "engine", expiry_of(account, turn.at))


def _is_open(turn: Turn, account: str, trigger_type: str) -> bool:
    if find_breaker(turn.state, account, trigger_type) is not None:
        return True
    return any(
        isinstance(event, e.BreakerTripped) and event.account == account and event.trigger_type == trigger_type
        for event in turn.events
    )


def _on_lifted(turn: Turn, event: e.RestrictionPlaced | e.RestrictionLifted) -> None:
    """Whether an account is to stay flat is another question now."""
    for account in accounts_in(turn.state, event.scope, event.scope_id):
        drop_bands(account)


def _on_restriction(turn: Turn, event: e.RestrictionPlaced) -> None:
    """Entering `reducing` or `halted` cancels every order that could increase exposure; protection stays."""
    _on_lifted(turn, event)
    if event.state in (TradingState.REDUCING, TradingState.HALTED):
        for account in accounts_in(turn.state, event.scope, event.scope_id):
            cancel_entries(turn, account, event.key)


def _ask_again(turn: Turn, account: AccountState) -> None:
    """At every reconciliation: what must not work, and works because its cancel was refused or lost, goes."""
    if takes_no_entries(turn.state, account):
        for order in account.live.values():
            if order.state in _WORKING and may_increase(account, order):
                request_cancel(turn, order, str(account.trading_state), "engine")
    for instrument_id in account.positions:
        _trim_exits(turn, account, instrument_id)


def _on_working(turn: Turn, event: e.OrderWorking) -> None:
    """An entry that was in flight or lost when the account was locked comes up: it must not stay."""
    account = turn.state.accounts[event.account]
    _cancel_if_locked(turn, account, account.live.get(event.client_order_id))


def _on_external(turn: Turn, event: e.ExternalOrderBooked) -> None:
    """Nor must an entry that somebody places at the broker meanwhile."""
    account = turn.state.accounts[event.request.account]
    _cancel_if_locked(turn, account, account.live.get(event.request.client_order_id))


def _cancel_if_locked(turn: Turn, account: AccountState, order: OrderRecord | None) -> None:
    if order is not None and takes_no_entries(turn.state, account) and may_increase(account, order):
        request_cancel(turn, order, str(account.trading_state), "engine")


def _on_fill(turn: Turn, event: e.OrderFilled | e.ExternalFilled) -> None:
    """When |position| falls, exits beyond it are cancelled, newest first: no orphan stop opens a position."""
    account = turn.state.accounts[event.fill.account]
    _trim_exits(turn, account, event.fill.instrument_id)
    close_intruder(turn, account, event)
    order = account.order(event.client_order_id) if isinstance(event, e.OrderFilled) else None
    if order is not None:
        end_rivals(turn, account, order)


def _on_end(turn: Turn, event: e.OrderRejected | e.OrderCanceled | e.OrderExpired) -> None:
    """What an obligation sent ended without doing what it was sent for."""
    account = turn.state.accounts[event.account]
    if account.obligations:
        note_failed_close(turn, account, event.client_order_id, event.reason)
        note_rejected(turn, account, event.client_order_id, event.reason)


def _on_void(turn: Turn, event: e.FillVoided) -> None:
    account = turn.state.accounts[event.account]
    booked = account.fills.get(event.exec_id) or account.fills_before[event.exec_id]
    _trim_exits(turn, account, booked.fill.instrument_id)


def _trim_exits(turn: Turn, account: AccountState, instrument_id: str) -> None:
    position = account.positions[instrument_id]
    for side, excess in (
        (Side.SELL, position.exit_sells - max(position.qty, 0)),
        (Side.BUY, position.exit_buys - max(-position.qty, 0)),
    ):
        if excess <= 0:
            continue
        is_closed = position.qty <= 0 if side is Side.SELL else position.qty >= 0
        exits = [order for order in account.live.values() if _is_exit(order, instrument_id, side)]
        left = excess - sum(o.exit_qty for o in exits if o.state is OrderState.PENDING_CANCEL)
        # What can be kept here for later goes before what is closing the position right now.
        for order in sorted(exits, key=lambda one: (not may_wait(one), -one.seq)):
            if left <= 0:
                break
            if order.state is OrderState.PENDING_CANCEL:
                continue
            if is_closed or not recall(turn, order, "position_shrank"):
                request_cancel(turn, order, "position_shrank", "engine")
            left -= order.exit_qty


def _is_exit(order: OrderRecord, instrument_id: str, side: Side) -> bool:
    request = order.request
    return order.reducing and order.is_at_broker and request.instrument_id == instrument_id and request.side is side


def _on_approved(turn: Turn, event: e.OrderApproved) -> None:
    """An order that was approved in a record which also locked the account must not stay."""
    account = turn.state.accounts[event.request.account]
    order = account.live.get(event.request.client_order_id)
    if event.hold is not None and order is not None:
        _look_at_once(turn, account, order)
    if order is not None and not order.reducing and takes_no_entries(turn.state, account):
        request_cancel(turn, order, str(account.trading_state), "engine")


def _on_held(turn: Turn, event: e.OrderHeld) -> None:
    account = turn.state.accounts[event.account]
    order = account.live.get(event.client_order_id)
    if order is not None:
        _look_at_once(turn, account, order)


def _look_at_once(turn: Turn, account: AccountState, order: OrderRecord) -> None:
    """What an order waits for may be there already: the quote that stands is asked, if it is good."""
    watched = watched_by(order)
    quote = turn.state.market.quotes.get(watched) if watched else None
    if quote is not None and quote.usable and turn.at - quote.received_at <= MARK_MAX_AGE:
        see_order(turn, account, order, quote)


def _on_limits(turn: Turn, event: e.LimitsChanged | e.SymbolLimitChanged) -> None:
    """Tightening re-tests working orders, the newest cancelled first."""
    wider = isinstance(event, e.LimitsChanged) and event.scope in (ScopeKind.FIRM, ScopeKind.GROUP)
    names = list(turn.state.accounts) if wider else [event.account]
    for name in names:
        for order in retest_working_orders(turn.state, turn.state.accounts[name], turn.at):
            request_cancel(turn, order, "limits_tightened", "engine")
    if wider:
        for account in turn.state.accounts.values():
            _watch(turn, account)


_FOLLOW: Deciders = {
    e.RestrictionPlaced: _on_restriction,
    e.RestrictionLifted: _on_lifted,
    e.OrderFilled: _on_fill,
    e.ExternalFilled: _on_fill,
    e.FillVoided: _on_void,
    e.OrderRejected: _on_end,
    e.OrderCanceled: _on_end,
    e.OrderExpired: _on_end,
    e.OrderApproved: _on_approved,
    e.OrderWorking: _on_working,
    e.OrderHeld: _on_held,
    e.ExternalOrderBooked: _on_external,
    e.LimitsChanged: _on_limits,
    e.SymbolLimitChanged: _on_limits,
}
