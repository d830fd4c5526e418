"""What brokers report of single orders: acknowledgements, rejections, fills, ends, unknown outcomes.

Reports may come twice, late and out of order. A signal that the transition table does
not know says nothing; a fill is booked once, whenever it comes (reliability.md F22).
"""

from stopline.engine.held.ending import end_again, end_if_over, see_partial_fill
from stopline.engine.severity import takes_no_entries
from stopline.engine.tables import Deciders
from stopline.engine.turn import Turn
from stopline.measures.exposure import notional
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.model.fill import Fill
from stopline.model.ids import EXTERNAL_ID, ClientOrderId, InstrumentId
from stopline.model.instrument import Instrument
from stopline.model.numbers import MAX_SCALED, Price, Qty, render_money, render_qty
from stopline.model.order import STOPS, TRANSITIONS, Hold, OrderRequest, OrderSignal, OrderState, OrderType, Side
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord, Pending
from stopline.state.positions import Position

_FLAT = Position("")


def _find(turn: Turn, account_id: str, routed_order_id: str) -> tuple[AccountState, OrderRecord] | None:
    account = turn.state.accounts.get(account_id)
    order = None if account is None else account.order_routed(routed_order_id)
    if account is None or order is None:
        text = f"the broker speaks of order {routed_order_id!r} of {account_id!r}, which nobody here knows"
        turn.alert(account_id, "UNKNOWN_ORDER_REPORT", "WARNING", text)
        return None
    if order.routed_order_id != routed_order_id or not (order.is_at_broker or not order.is_live):
        # It speaks of what was at the broker before Stopline took the order back: that is over.
        return None
    return account, order


def _may(order: OrderRecord, signal: OrderSignal) -> bool:
    """Return whether the signal would change anything."""
    after = TRANSITIONS.get((order.state, signal))
    return after is not None and after is not order.state


def _sent(turn: Turn, message: i.OrderSent) -> None:
    found = _find(turn, message.account, message.routed_order_id)
    if found is not None and _may(found[1], OrderSignal.SEND):
        turn.say(e.OrderRouted(message.account, found[1].client_order_id))


def _accepted(turn: Turn, message: i.OrderAccepted) -> None:
    found = _find(turn, message.account, message.routed_order_id)
    if found is None:
        return
    account, order = found
    is_news = bool(message.broker_order_id) and message.broker_order_id != order.broker_order_id
    if _may(order, OrderSignal.ACCEPT) or (is_news and order.is_live):
        turn.say(e.OrderWorking(message.account, order.client_order_id, message.broker_order_id))
        end_if_over(turn, account, order)


def _refused(turn: Turn, message: i.OrderRefused) -> None:
    found = _find(turn, message.account, message.routed_order_id)
    if found is None or not _may(found[1], OrderSignal.REJECT):
        return
    order = found[1]
    if _was_to_rest(order):
        text = f"{order.client_order_id}: the broker would not take it ({message.reason}); Stopline keeps it instead"
        turn.say(e.OrderHeld(message.account, order.client_order_id, Hold.PRICE, f"rejected: {message.reason}"))
        turn.alert(message.account, "STOP_KEPT_HERE", "ERROR", text, _symbol(turn, order))
        return
    turn.say(e.OrderRejected(message.account, order.client_order_id, message.reason, message.code))
    text, severity = f"{order.client_order_id}: rejected by the broker: {message.reason}", "WARNING"
    if order.reducing and order.request.order_type in STOPS:
        text, severity = f"{text}; it is no protection any more", "CRITICAL"
    turn.alert(message.account, "ORDER_REJECTED_BY_BROKER", severity, text, _symbol(turn, order))
    _tell_if_not_closed(turn, found[0], order, f"rejected by the broker: {message.reason}")


def _gone(turn: Turn, message: i.OrderGone) -> None:
    found = _find(turn, message.account, message.routed_order_id)
    if found is None:
        return
    account, order = found
    expired = message.outcome == "expired"
    if not _may(order, OrderSignal.EXPIRE if expired else OrderSignal.CANCEL):
        return
    if message.cum_qty + order.base_qty > order.cum_qty:
        # The broker counts fills that have not reached us: until they do, nothing is proven.
        missing = render_qty(message.cum_qty + order.base_qty - order.cum_qty)
        reason = f"{message.outcome} by the broker with {missing} filled that no report has brought yet"
        if order.state is not OrderState.UNKNOWN:
            turn.say(e.OrderBecameUnknown(message.account, order.client_order_id, reason))
            turn.alert(
                message.account,
                "FILLS_MISSING",
                "ERROR",
                f"{order.client_order_id}: {reason}",
                _symbol(turn, order),
            )
        return
    if _comes_back(order, expired):
        _take_back(turn, order, message.reason or "called back")
        return
    if expired:
        turn.say(e.OrderExpired(message.account, order.client_order_id, message.reason))
    else:
        # Whoever asks why it is gone wants to know who had it cancelled; that the broker did so he knows.
        turn.say(e.OrderCanceled(message.account, order.client_order_id, order.cancel_cause or message.reason))
    _tell_if_not_closed(turn, account, order, f"{message.outcome}: {message.reason or 'no reason given'}")


def _tell_if_not_closed(turn: Turn, account: AccountState, order: OrderRecord, why: str) -> None:
    """A close that ended before it had closed leaves a position open: where nothing is owed, nobody tries again."""
    if not order.request.closes_position or order.cancel_cause or account.obligations:
        return
    if account.positions[order.request.instrument_id].qty:
        symbol = _symbol(turn, order)
        text = f"{symbol} is not being closed any more: {order.client_order_id} is {why}"
        turn.alert(account.terms.account, "NOT_CLOSED", "CRITICAL", text, symbol)


def _was_to_rest(order: OrderRecord) -> bool:
    """Whether an exit that Stopline looks after was to rest at the broker as what it is: a stop, mostly."""
    return (
        order.hold is not None
        and order.reducing
        and order.is_resting
        and order.sent_type is order.request.order_type
        and order.sent_type is not OrderType.LIMIT
        and not order.cancel_cause
    )


def _comes_back(order: OrderRecord, expired: bool) -> bool:
    """Whether an order that is gone from the broker is kept here: it was called back, or never arrived as an exit."""
    if order.hold is None or not order.reducing or order.cancel_cause:
        return False
    never_arrived = expired and not order.broker_order_id and order.sent_type is not None
    return never_arrived or (order.is_recalled and not expired)


def _take_back(turn: Turn, order: OrderRecord, reason: str) -> None:
    """Keep an order again. One that had been triggered still is: it goes again as soon as it may."""
    account, cid = order.request.account, order.client_order_id
    hold, is_resting = order.hold or Hold.PRICE, order.is_resting
    if order.is_recalled or hold is Hold.CONDITION:
        # Its turn, or its condition, has come before: it does not wait for that again.
        is_resting = is_resting or (order.is_recalled and hold is not Hold.PRICE)
        hold = Hold.PRICE
    turn.say(e.OrderHeld(account, cid, hold, reason, is_resting))
    is_triggered = order.sent_type is not None and order.sent_type is not order.request.order_type
    if not order.is_recalled and (is_triggered or not order.is_resting):
        turn.say(e.OrderTriggered(account, cid, "it was triggered before"))


def _outcome_unknown(turn: Turn, message: i.OutcomeUnknown) -> None:
    found = _find(turn, message.account, message.routed_order_id)
    if found is None or not _may(found[1], OrderSignal.LOSE_TRACK):
        return
    order = found[1]
    turn.say(e.OrderBecameUnknown(message.account, order.client_order_id, message.reason))
    text = f"{order.client_order_id}: outcome unknown ({message.reason}); its exposure stays reserved until proven"
    turn.alert(message.account, "ORDER_UNKNOWN", "ERROR", text, _symbol(turn, order))


def _cancel_refused(turn: Turn, message: i.CancelRefused) -> None:
    found = _find(turn, message.account, message.routed_order_id)
    if found is None or not _may(found[1], OrderSignal.REJECT_CANCEL):
        return
    account, order = found
    turn.say(e.CancelRejected(message.account, order.client_order_id, message.reason))
    end_again(turn, order)
    if not order.reducing and takes_no_entries(turn.state, account):
        text = (
            f"{order.client_order_id} works on while the account is {account.trading_state}: the broker would not "
            f"cancel it ({message.reason}); it is asked again at every reconciliation"
        )
        turn.alert(message.account, "CANCEL_REFUSED", "CRITICAL", text, _symbol(turn, order))


def _amended(turn: Turn, message: i.OrderAmended) -> None:
    found = _find(turn, message.account, message.routed_order_id)
    if found is None or (found[1].state, OrderSignal.REPLACE) not in TRANSITIONS:
        return
    order = found[1]
    order_qty = message.order_qty + order.base_qty
    limit_price, stop_price = message.limit_price, message.stop_price
    if order.sent_type is not None and order.sent_type is not order.request.order_type:
        # What was triggered here has lost its stop at the broker, not in our book.
        stop_price = order.stop_price
    now = (order.order_qty, order.limit_price, order.stop_price)
    if now == (order_qty, limit_price, stop_price) and not _answers(turn, order.pending, now):
        return
    turn.say(e.OrderReplaced(message.account, order.client_order_id, order_qty, limit_price, stop_price))
    end_if_over(turn, found[0], order)


def _answers(turn: Turn, pending: Pending | None, now: tuple[Qty, Price | None, Price | None]) -> bool:
    """Return whether a report of the terms as they are answers the replace under way.

    It does if those were asked for, or if an earlier process asked: then the replace never
    arrived. Else it is an echo from before the replace, which may still take effect.
    """
    if pending is None:
        return False
    asked = (pending.order_qty, pending.limit_price, pending.stop_price)
    return asked == now or pending.epoch < turn.state.epoch


def _replace_refused(turn: Turn, message: i.ReplaceRefused) -> None:
    found = _find(turn, message.account, message.routed_order_id)
    if found is not None and found[1].pending is not None:
        turn.say(e.ReplaceRejected(message.account, found[1].client_order_id, message.reason))


def _fill(turn: Turn, message: i.FillReported) -> None:
    fill = message.fill
    account = turn.state.accounts.get(fill.account)
    if account is None or fill.instrument_id not in turn.state.instruments:
        text = f"fill {fill.exec_id!r} of {fill.instrument_id!r} in account {fill.account!r}: neither is known here"
        turn.alert(fill.account, "FILL_NOT_BOOKED", "CRITICAL", text, fill.instrument_id)
        return
    if account.has_fill(fill.exec_id):
        return
    if fill.replaces and (not _void(turn, account, fill.exec_id, fill.replaces) or fill.qty == 0):
        return
    if fill.qty <= 0:
        turn.alert(fill.account, "FILL_NOT_BOOKED", "CRITICAL", f"fill {fill.exec_id!r} has no quantity")
        return
    if not _is_countable(account, fill, turn.state.instruments[fill.instrument_id]):
        text = f"fill {fill.exec_id!r} is too large to be counted: no amount may reach {render_money(MAX_SCALED)}"
        turn.alert(fill.account, "FILL_NOT_BOOKED", "CRITICAL", text, fill.instrument_id)
        return
    order = account.order_routed(fill.routed_order_id) if fill.routed_order_id else None
    mark = _mark(turn, fill.instrument_id)
    if order is None:
        turn.say(e.ExternalFilled(message.broker, fill, mark))
        text = f"fill of {render_qty(fill.qty)} that we did not send, exec id {fill.exec_id}"
        turn.alert(fill.account, "EXTERNAL_FILL", "WARNING", text, fill.instrument_id)
        return
    if order.request.side is not fill.side or order.request.instrument_id != fill.instrument_id:
        text = f"fill {fill.exec_id!r} does not fit order {order.client_order_id!r}; it is booked as external"
        turn.say(e.ExternalFilled(message.broker, fill, mark))
        turn.alert(fill.account, "EXTERNAL_FILL", "CRITICAL", text, fill.instrument_id)
        return
    turn.say(e.OrderFilled(order.client_order_id, fill, mark))
    filled = order.cum_qty - _taken_back(account, fill, order) + fill.qty
    position = account.positions[fill.instrument_id]
    is_open = position.qty + (fill.qty if fill.side is Side.BUY else -fill.qty) != 0
    is_of_now = order.is_at_broker and fill.routed_order_id == order.routed_order_id
    if is_open and is_of_now and filled == order.order_qty < order.asked_qty and order.pending is None:
        # All that it could cover was sent and is filled; what it was asked for beyond that is still to be covered.
        turn.say(e.OrderHeld(fill.account, order.client_order_id, Hold.PRICE, "filled as far as it was sent"))
        if order.cancel_cause:
            turn.say(e.OrderCanceled(fill.account, order.client_order_id, order.cancel_cause, "engine"))
        else:
            turn.say(e.OrderTriggered(fill.account, order.client_order_id, "its price was reached"))
    see_partial_fill(turn, account, order, filled)
    if filled > max(order.order_qty, order.asked_qty) and order.pending is None:
        text = f"{order.client_order_id}: the broker filled more than was ordered"
        turn.alert(fill.account, "OVERFILL", "CRITICAL", text, fill.instrument_id)


def _taken_back(account: AccountState, fill: Fill, order: OrderRecord) -> Qty:
    """Return what the order loses by the fill that this one corrects (the void is said, not yet applied)."""
    booked = account.fill(fill.replaces)
    if booked is None or booked.voided or booked.client_order_id != order.client_order_id:
        return 0
    return booked.fill.qty


def _is_countable(account: AccountState, fill: Fill, instrument: Instrument) -> bool:
    """Return whether every sum that the fill goes into stays below 2**63."""
    money = notional(fill.qty, fill.price, instrument.multiplier) + abs(fill.fee)
    position = account.positions.get(fill.instrument_id, _FLAT)
    sums = (position.cost, position.session_cost, position.realized_entry, position.realized_session, account.cash)
    return abs(position.qty) + fill.qty <= MAX_SCALED and max(abs(one) for one in sums) + money <= MAX_SCALED


def _void(turn: Turn, account: AccountState, exec_id: str, replaced: str) -> bool:
    """Take a fill back; return False if nobody knows it (a correction of it would add, not replace)."""
    booked = account.fill(replaced)
    account_id = account.terms.account
    if booked is None:
        text = f"the broker busts fill {replaced!r}, which is not among the fills of the last two trading days"
        turn.alert(account_id, "BUST_UNKNOWN", "CRITICAL", text)
        return False
    if not booked.voided:
        turn.say(e.FillVoided(account_id, replaced, exec_id))
        turn.alert(account_id, "FILL_BUSTED", "ERROR", f"the broker took fill {replaced} back")
    return True


def _external_order(turn: Turn, message: i.ExternalOrderSeen) -> None:
    account = turn.state.accounts.get(message.account)
    if account is None or account.order_routed(message.routed_order_id) is not None:
        return
    request = OrderRequest(
        account=message.account,
        client_order_id=_external_id(account, message.routed_order_id),
        instrument_id=message.instrument_id,
        side=message.side,
        order_qty=message.order_qty,
        order_type=message.order_type,
        limit_price=message.limit_price,
        stop_price=message.stop_price,
    )
    prices = [price for price in (message.limit_price, message.stop_price) if price is not None]
    mark = _mark(turn, message.instrument_id)
    prices += [] if mark is None else [mark]
    worst = max((abs(price) for price in prices), default=None)
    if message.instrument_id not in turn.state.instruments:
        text = f"a working order in {message.instrument_id!r}, which nobody here knows"
        turn.alert(message.account, "EXTERNAL_ORDER", "CRITICAL", text, message.instrument_id)
        return
    turn.say(e.ExternalOrderBooked(message.broker, request, message.routed_order_id, message.cum_qty, worst))
    text = f"an order that we did not send works at the broker: {message.side} {render_qty(message.order_qty)}"
    turn.alert(message.account, "EXTERNAL_ORDER", "WARNING", text, message.instrument_id)


def _external_id(account: AccountState, routed_order_id: str) -> ClientOrderId:
    name = f"{EXTERNAL_ID}{routed_order_id}"
    return name if account.order(name) is None else f"{name}-{len(account.live)}"


def _mark(turn: Turn, instrument_id: InstrumentId) -> Price | None:
    quote = turn.state.market.quotes.get(instrument_id)
    return None if quote is None else quote.mark


def _symbol(turn: Turn, order: OrderRecord) -> str:
    return turn.state.instruments[order.request.instrument_id].symbol


DECIDE_REPORTS: Deciders = {
    i.OrderSent: _sent,
    i.OrderAccepted: _accepted,
    i.OrderRefused: _refused,
    i.OrderGone: _gone,
    i.OutcomeUnknown: _outcome_unknown,
    i.CancelRefused: _cancel_refused,
    i.OrderAmended: _amended,
    i.ReplaceRefused: _replace_refused,
    i.FillReported: _fill,
    i.ExternalOrderSeen: _external_order,
}
