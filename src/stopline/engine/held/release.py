"""A held order goes to the broker: judged by the gate once more, under a new id, in the shape the broker takes.

Source     semantics.md sections 3 and 8; architecture.md promise 1 (one gate).
"""

from msgspec import structs

from stopline.engine.assemble import capabilities_of
from stopline.engine.cancels import request_cancel
from stopline.engine.decide.self_match import avoid_self_match
from stopline.engine.gate import Ticket, Verdict, decide_release
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.model.capabilities import Capabilities
from stopline.model.numbers import Qty
from stopline.model.order import Hold, OrderRequest, OrderState
from stopline.model.routing import TRIGGERED_AS, is_native, simple, standing_time, time_sent
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord


def as_sent(order: OrderRecord, offer: Capabilities | None, qty: Qty) -> OrderRequest:
    """Return what the broker gets: a triggered stop is a market or a limit order, a leg stands as long as may be."""
    kind = order.request.order_type
    is_triggered = order.state is OrderState.PENDING_RELEASE and order.hold is Hold.PRICE
    if is_triggered or not is_native(kind, offer):
        kind = TRIGGERED_AS.get(kind, kind)
    time = standing_time(offer) if order.leg is not None else time_sent(order.request.time_in_force, offer)
    terms = structs.replace(
        order.request, order_qty=qty, limit_price=order.limit_price, stop_price=order.stop_price, reduce_only=False
    )
    return simple(terms, kind, time)


def release(turn: Turn, account: AccountState, order: OrderRecord, qty: Qty) -> bool:
    """Let `qty` of a held order go, if the gate agrees. An exit that may not go now waits on; an entry ends."""
    request = as_sent(order, capabilities_of(turn.state, account.terms), qty)
    instrument = turn.state.instruments[request.instrument_id]
    ticket = Ticket(
        account, request, instrument.symbol, instrument, turn.at, turn.seq, order.actor, order.client,
        index=turn.take_index(), releases=order,
    )  # fmt: skip
    approved = decide_release(turn.state, ticket)
    if not isinstance(approved, Verdict):
        if order.reducing and not approved.reducing:
            # What looked like room is none to the gate: an exit goes as an exit, or not at all.
            return False
        if approved.reducing and request.stop_price is None:
            avoid_self_match(turn, account, request)
        turn.say(e.OrderReleased(approved))
        return True
    if not order.reducing:
        text = f"{order.client_order_id}: not sent, {approved.check} stands against it: {approved.message}"
        request_cancel(turn, order, f"denied when it was to go: {approved.check}: {approved.message}", "gate")
        turn.alert(account.terms.account, "ORDER_NOT_RELEASED", "WARNING", text, instrument.symbol)
    return False
