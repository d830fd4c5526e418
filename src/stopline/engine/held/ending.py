"""Orders that end by a term of their own: an instant (gtd), a time (cancel_after), a partial fill (cancel_rest).

Stopline ends them: what it holds at once, what is at the broker by a cancel; until the
broker confirms that, the rest may still fill. The timers are durable, so a time that is over
while nobody runs is over at the next start. A cancel that the broker refuses is asked for
again. An order of unknown outcome is never taken for dead: the broker is asked about it, and
it is cancelled once it is known to live. What guards a position stays.

Source     semantics.md sections 3, 4 and 8; docs/order-types.md.
"""

from typing import Final

from stopline.engine.cancels import request_cancel
from stopline.engine.decide.blocked import guards_position
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.model.instants import render_duration
from stopline.model.numbers import SECOND, Nanos, Qty
from stopline.model.order import OrderRequest, OrderState
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord

EXPIRY: Final = "expiry"
TIMEOUT: Final = "timeout"
PARTIAL: Final = "partial"
CONDITION: Final = "condition"
"""The instant of a condition has come: nothing ends by it."""
ENDINGS: Final = (EXPIRY, TIMEOUT, PARTIAL)
"""Kinds of timers: what an order that reaches one ends by."""
AGAIN: Final[Nanos] = 10 * SECOND
"""How long after the broker refused a cancel it is asked for again."""


def timer_id(kind: str, request: OrderRequest) -> str:
    """Return the name of a timer of an order."""
    return f"{kind}:{request.account}:{request.client_order_id}"


def begin(turn: Turn, request: OrderRequest) -> None:
    """The order works from now on: say when its time is over."""
    if request.cancel_after is not None:
        turn.say(e.TimerSet(timer_id(TIMEOUT, request), turn.at + request.cancel_after, request.account))


def see_partial_fill(turn: Turn, account: AccountState, order: OrderRecord, filled: Qty) -> None:
    """A fill brought what is filled of an order to `filled`: if that is a part, its rest ends now or soon."""
    request, wanted = order.request, order.order_qty
    if not request.cancels_rest or not order.is_live:
        return
    if order.pending is not None:
        wanted = max(wanted, order.pending.order_qty)
    if not 0 < filled < wanted:
        return
    if request.partial_timeout is None:
        end(turn, account, order, PARTIAL)
    elif not order.cum_qty:
        turn.say(e.TimerSet(timer_id(PARTIAL, request), turn.at + request.partial_timeout, request.account))


def end(turn: Turn, account: AccountState, order: OrderRecord, kind: str, *, is_known_to_live: bool = False) -> None:
    """End what is left of an order, as its own terms say."""
    if not order.is_live:
        return
    name, cid, cause = account.terms.account, order.client_order_id, _cause(order.request, kind)
    if guards_position(account, order):
        text = f"{cid}: {cause}; it stays, because it guards the position while the account is {account.trading_state}"
        turn.alert(name, "PROTECTION_STAYS", "WARNING", text, order.request.instrument_id)
    elif order.state is OrderState.UNKNOWN and not is_known_to_live:
        turn.say(e.OrderBecameUnknown(name, cid, f"{cause}; the broker is asked whether it lives"))
    elif kind == EXPIRY and not order.is_at_broker:
        turn.say(e.OrderExpired(name, cid, cause))
    else:
        request_cancel(turn, order, cause, "engine")


def end_if_over(turn: Turn, account: AccountState, order: OrderRecord) -> None:
    """The broker shows that an order lives of which nobody knew: it ends if its time is over, or its end was wanted."""
    if order.state is not OrderState.UNKNOWN:
        return
    kind = _over_by(turn, order)
    if kind:
        end(turn, account, order, kind, is_known_to_live=True)
    elif order.cancel_cause and not guards_position(account, order):
        request_cancel(turn, order, order.cancel_cause, "engine")


def end_again(turn: Turn, order: OrderRecord) -> None:
    """The broker would not cancel an order: if its own terms wanted that, it is asked for again in a while."""
    kind = _over_by(turn, order)
    if kind:
        turn.say(e.TimerSet(timer_id(kind, order.request), turn.at + AGAIN, order.request.account))


def _over_by(turn: Turn, order: OrderRecord) -> str:
    """Return by which of its terms the time of an order at the broker is over: the timer has come and gone."""
    request, timers = order.request, turn.state.timers
    if order.hold is None:
        return ""
    if request.expire_at is not None and timer_id(EXPIRY, request) not in timers:
        return EXPIRY
    if request.cancel_after is not None and timer_id(TIMEOUT, request) not in timers:
        return TIMEOUT
    is_part = request.cancels_rest and 0 < order.cum_qty < order.order_qty
    return PARTIAL if is_part and timer_id(PARTIAL, request) not in timers else ""


def _cause(request: OrderRequest, kind: str) -> str:
    if kind == EXPIRY:
        return "its time in force (gtd) is over"
    if kind == TIMEOUT:
        return f"its time (cancel_after {render_duration(request.cancel_after or 0)}) is over"
    waited = "" if request.partial_timeout is None else f" {render_duration(request.partial_timeout)} ago"
    return f"it was filled in part{waited}: the rest goes (on_partial_fill cancel_rest)"
