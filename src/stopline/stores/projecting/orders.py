"""Orders and their history. The state moves by the one table in model/order.py, as in engine/apply."""

from stopline.measures.average import average_price
from stopline.messages import events as e
from stopline.model.ending import partial_fill_word
from stopline.model.fill import Fill
from stopline.model.ids import AccountId, ClientOrderId
from stopline.model.numbers import (
    Money,
    Multiplier,
    Price,
    Qty,
    render_money,
    render_percent,
    render_price,
    render_qty,
)
from stopline.model.order import LIVE, STOPLINE_HOLDS, TRANSITIONS, Hold, OrderRequest, OrderSignal, OrderState
from stopline.stores.projecting import figures
from stopline.stores.projecting.keeping import UNKEPT, begin_keeping, put_order
from stopline.stores.projecting.moment import Moment
from stopline.stores.projecting.shelf import Shelf
from stopline.stores.projecting.tables import Row
from stopline.views.wire import SIDE_WORDS, TIF_WORDS, TYPE_WORDS, optional_instant, seconds, symbol_of

DENIED = "denied"
"""The state of an order that the gate refused: it never lived, so it is not in the table of states."""


def project_approved(shelf: Shelf, event: e.OrderApproved, now: Moment) -> None:
    """A new order."""
    row = _new_row(event.request, now)
    row["routed_order_id"] = event.routed_order_id
    row["decision_id"] = event.decision_id
    begin_keeping(row, event)
    row["reducing"] = int(event.reducing)
    row["approved_at"] = now.time
    row["actor"], row["client"] = event.actor, event.client
    put_order(shelf, row)
    warnings = "; ".join(finding.reason for finding in event.findings)
    note(shelf, row, event, now, actor=event.actor, reason=warnings)


def project_denied(shelf: Shelf, event: e.OrderDenied, now: Moment) -> None:
    """An order that the gate refused."""
    row = _new_row(event.request, now)
    row["symbol"] = event.symbol or row["symbol"]
    row["state"], row["leaves_qty"] = DENIED, "0"
    row["decision_id"] = event.decision_id
    row["denied_by"], row["reason"] = event.check, event.message
    row["actor"], row["client"] = event.actor, event.client
    put_order(shelf, row)
    note(shelf, row, event, now, actor=event.actor, reason=f"{event.check}: {event.message}")


def project_external(shelf: Shelf, event: e.ExternalOrderBooked, now: Moment) -> None:
    """A live order that we did not send."""
    row = _new_row(event.request, now)
    row["routed_order_id"] = event.routed_order_id
    figures.set_qty(row, "cum_qty", event.cum_qty)
    row["approved_at"] = now.time
    row["external"] = 1
    row["wanted_qty"] = "0"
    row["actor"] = event.broker
    signal(row, OrderSignal.ACCEPT, now)
    put_order(shelf, row)
    note(shelf, row, event, now, actor=event.broker, reason="not sent by us")


def project_routed(shelf: Shelf, event: e.OrderRouted, now: Moment) -> None:
    """It was handed to the broker's connection."""
    _move(shelf, event, now, OrderSignal.SEND)


def project_working(shelf: Shelf, event: e.OrderWorking, now: Moment) -> None:
    """The broker acknowledged it."""
    row = order_row(shelf, event.account, event.client_order_id)
    row["broker_order_id"] = event.broker_order_id or row["broker_order_id"]
    _move(shelf, event, now, OrderSignal.ACCEPT)


def project_rejected(shelf: Shelf, event: e.OrderRejected, now: Moment) -> None:
    """The broker rejected it."""
    _end(shelf, event, now, OrderSignal.REJECT, event.reason)


def project_canceled(shelf: Shelf, event: e.OrderCanceled, now: Moment) -> None:
    """It is dead by cancel."""
    _end(shelf, event, now, OrderSignal.CANCEL, event.reason)


def project_expired(shelf: Shelf, event: e.OrderExpired, now: Moment) -> None:
    """It is dead by expiry."""
    _end(shelf, event, now, OrderSignal.EXPIRE, event.reason)


def project_unknown(shelf: Shelf, event: e.OrderBecameUnknown, now: Moment) -> None:
    """Nothing proves what became of it."""
    _move(shelf, event, now, OrderSignal.LOSE_TRACK, event.reason)


def project_cancel_requested(shelf: Shelf, event: e.CancelRequested, now: Moment) -> None:
    """A cancel goes to the broker; for good, or Stopline keeps the order then."""
    row = order_row(shelf, event.account, event.client_order_id)
    row["is_recalled"] = int(event.is_recall)
    if event.is_recall and row["hold"] is None:
        row["hold"], row["is_resting"] = Hold.PRICE.value, 1
    _move(shelf, event, now, OrderSignal.REQUEST_CANCEL, event.cause, event.actor)


def project_cancel_rejected(shelf: Shelf, event: e.CancelRejected, now: Moment) -> None:
    """The broker would not cancel."""
    order_row(shelf, event.account, event.client_order_id)["is_recalled"] = 0
    _move(shelf, event, now, OrderSignal.REJECT_CANCEL, event.reason)


def project_replace_approved(shelf: Shelf, event: e.ReplaceApproved, now: Moment) -> None:
    """A change goes to the broker."""
    row = order_row(shelf, event.account, event.client_order_id)
    figures.set_qty(row, "pending_qty", event.order_qty)
    signal(row, OrderSignal.REQUEST_REPLACE, now)
    put_order(shelf, row)
    wanted = f"quantity {render_qty(event.order_qty)}"
    for word, price in (("limit", event.limit_price), ("stop", event.stop_price)):
        wanted += "" if price is None else f", {word} {render_price(price)}"
    note(shelf, row, event, now, actor=event.actor, reason=wanted)


def project_replace_denied(shelf: Shelf, event: e.ReplaceDenied, now: Moment) -> None:
    """The gate refused a change."""
    row = order_row(shelf, event.account, event.client_order_id)
    note(shelf, row, event, now, actor=event.actor, reason=f"{event.check}: {event.message}")


def project_replaced(shelf: Shelf, event: e.OrderReplaced, now: Moment) -> None:
    """The broker carried out a change."""
    row = order_row(shelf, event.account, event.client_order_id)
    row["pending_qty"] = None
    figures.set_qty(row, "order_qty", event.order_qty)
    figures.set_qty(row, "wanted_qty", event.order_qty)
    row["limit_price"], row["stop_price"] = _price(event.limit_price), _price(event.stop_price)
    is_done = figures.qty(row, "cum_qty") >= event.order_qty
    _move(shelf, event, now, OrderSignal.FILL if is_done else OrderSignal.REPLACE)


def project_replace_rejected(shelf: Shelf, event: e.ReplaceRejected, now: Moment) -> None:
    """The broker would not change it."""
    _end(shelf, event, now, OrderSignal.REJECT_REPLACE, event.reason)


def project_self_match(shelf: Shelf, event: e.SelfMatchAvoided, now: Moment) -> None:
    """A resting entry goes so that an exit can trade."""
    row = order_row(shelf, event.account, event.resting)
    note(shelf, row, event, now, reason=f"would have traded with {event.incoming}")


def fill_order(row: Row, fill: Fill, money: Money, multiplier: Multiplier, now: Moment, *, is_open: bool) -> None:
    """Book an execution of an order; `is_open`: it leaves a position."""
    is_late = fill.routed_order_id != row["routed_order_id"] and row["state"] in _AT_BROKER
    if is_late and row["hold"] is not None:
        # Of what was at the broker before: what is there now is as large as it was.
        figures.set_qty(row, "order_qty", figures.qty(row, "order_qty") + fill.qty)
    cum_qty = _add_execution(row, fill.qty, money, fill.fee, multiplier)
    wanted = figures.qty(row, "order_qty")
    if row["pending_qty"] is not None:
        wanted = max(wanted, figures.qty(row, "pending_qty"))
    if is_open:
        # Sent for less than it was asked for, it covers the rest next.
        wanted = max(wanted, figures.qty(row, "wanted_qty"))
    done = cum_qty >= wanted
    if done:
        row["pending_qty"] = None
    signal(row, OrderSignal.FILL if done else OrderSignal.PARTIAL_FILL, now)


def void_fill(row: Row, qty: Qty, money: Money, fee: Money, multiplier: Multiplier, now: Moment, why: str) -> None:
    """Take an execution of an order back."""
    if _add_execution(row, -qty, -money, -fee, multiplier) < figures.qty(row, "order_qty"):
        signal(row, OrderSignal.REOPEN, now, why)
    settle_leaves(row)


def _add_execution(row: Row, qty: Qty, money: Money, fee: Money, multiplier: Multiplier) -> Qty:
    cum_qty = figures.qty(row, "cum_qty") + qty
    filled = figures.money(row, "filled_money") + money
    figures.set_qty(row, "cum_qty", cum_qty)
    figures.set_money(row, "filled_money", filled)
    figures.set_money(row, "fees", figures.money(row, "fees") + fee)
    row["avg_price"] = _price(average_price(filled, cum_qty, multiplier))
    return cum_qty


def signal(row: Row, what: OrderSignal, now: Moment, reason: str = "") -> bool:
    """Move an order by the table of states; a stale signal moves nothing, and returns False."""
    after = TRANSITIONS.get((OrderState(str(row["state"])), what)) if row["state"] != DENIED else None
    if after is not None:
        row["state"], row["updated_at"] = after.value, now.time
        row["reason"] = reason or row["reason"]
    settle_leaves(row)
    return after is not None


def settle_leaves(row: Row) -> None:
    """Write down what may still fill."""
    lives = row["state"] in _LIVE
    leaves = figures.qty(row, "order_qty") - figures.qty(row, "cum_qty") if lives else 0
    row["leaves_qty"] = render_qty(leaves) if leaves else "0"


def order_row(shelf: Shelf, account: AccountId, client_order_id: ClientOrderId) -> Row:
    """Return an order's row; raises LookupError for an order that no event made."""
    row = shelf.get("orders", account, client_order_id)
    if row is None:
        raise LookupError(f"an event names order {client_order_id!r} of {account!r}, which no event made")
    return row


def note(shelf: Shelf, row: Row, event: e.Event, now: Moment, reason: str = "", actor: str = "") -> None:
    """Write a line of an order's history."""
    entry: Row = {name: row[name] for name in _NOTED}
    entry |= {"id": now.id, "time": now.time, "event": type(event).__name__, "reason": reason, "actor": actor}
    shelf.put("order_history", entry)


_NOTED = "account client_order_id routed_order_id symbol state order_qty cum_qty limit_price stop_price".split()
_LIVE = frozenset(state.value for state in LIVE)
_AT_BROKER = frozenset(state.value for state in LIVE - STOPLINE_HOLDS)
_OrderEvent = (
    e.OrderRouted
    | e.OrderWorking
    | e.OrderRejected
    | e.OrderCanceled
    | e.OrderExpired
    | e.OrderBecameUnknown
    | e.CancelRequested
    | e.CancelRejected
    | e.OrderReplaced
    | e.ReplaceRejected
)


def _move(shelf: Shelf, event: _OrderEvent, now: Moment, what: OrderSignal, reason: str = "", actor: str = "") -> None:
    row = order_row(shelf, event.account, event.client_order_id)
    signal(row, what, now, reason)
    put_order(shelf, row)
    note(shelf, row, event, now, reason, actor)


def _end(shelf: Shelf, event: _OrderEvent, now: Moment, what: OrderSignal, reason: str) -> None:
    order_row(shelf, event.account, event.client_order_id)["pending_qty"] = None
    _move(shelf, event, now, what, reason)


def _new_row(request: OrderRequest, now: Moment) -> Row:
    order_qty = render_qty(request.order_qty)
    return {
        **UNKEPT,
        "id": now.id,
        "time": now.time,
        "account": request.account,
        "client_order_id": request.client_order_id,
        "routed_order_id": "",
        "broker_order_id": "",
        "decision_id": "",
        "instrument_id": request.instrument_id,
        "symbol": symbol_of(request.instrument_id),
        "side": SIDE_WORDS[request.side],
        "order_type": TYPE_WORDS[request.order_type],
        "state": OrderState.APPROVED.value,
        "order_qty": order_qty,
        "cum_qty": "0",
        "leaves_qty": order_qty,
        "limit_price": _price(request.limit_price),
        "stop_price": _price(request.stop_price),
        "avg_price": None,
        "fees": "0.00",
        "time_in_force": TIF_WORDS[request.time_in_force],
        "expire_at": optional_instant(request.expire_at),
        "extended_hours": int(request.extended_hours),
        "reduce_only": int(request.reduce_only),
        "reducing": 0,
        "external": 0,
        "strategy": request.strategy,
        "tags": request.tags,
        "currency": request.currency,
        "order_class": request.order_class.value,
        "notional": None if request.notional is None else render_money(request.notional),
        "trail_amount": _price(request.trail_amount),
        "trail_percent": None if request.trail_percent is None else render_percent(request.trail_percent),
        "take_profit": _price(request.take_profit),
        "stop_loss": _price(request.stop_loss),
        "stop_loss_limit": _price(request.stop_loss_limit),
        "oca_group": request.oca_group,
        "cancel_after_s": None if request.cancel_after is None else seconds(request.cancel_after),
        "on_partial_fill": partial_fill_word(request.cancels_rest),
        "partial_timeout_s": None if request.partial_timeout is None else seconds(request.partial_timeout),
        "denied_by": "",
        "reason": "",
        "actor": "",
        "client": "",
        "approved_at": None,
        "updated_at": now.time,
        "filled_money": "0.00",
        "pending_qty": None,
        "wanted_qty": order_qty,
    }


def _price(value: Price | None) -> str | None:
    return None if value is None else render_price(value)
