"""Orders and fills as people see them."""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Final

from msgspec import Struct

from stopline.measures.average import average_price
from stopline.messages.events import Event, ExternalFilled, FillVoided, OrderApproved, OrderFilled
from stopline.model.ending import KEEP, partial_fill_word
from stopline.model.numbers import (
    PRICE_ONE,
    Money,
    Price,
    Qty,
    render_money,
    render_percent,
    render_price,
    render_qty,
)
from stopline.model.order import OrderRequest, OrderState
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord
from stopline.state.view import AccountView, StateView
from stopline.views.held import (
    NOT_KEPT,
    ConditionBody,
    Keeping,
    begun,
    condition_body,
    keeping_of,
    kept_fields,
    leg_ids,
    leg_word,
)
from stopline.views.wire import (
    SIDE_WORDS,
    TIF_WORDS,
    TYPE_WORDS,
    DecimalText,
    InstantText,
    instant,
    optional_price,
    seconds,
    symbol_of,
)


class OrderTermsBody(Struct, kw_only=True, omit_defaults=True):
    """What an order asks for. Fields that it does not use are left out."""

    account: str
    client_order_id: str
    instrument_id: str
    symbol: str
    side: str
    order_type: str
    order_qty: DecimalText
    limit_price: DecimalText | None
    stop_price: DecimalText | None
    time_in_force: str
    order_class: str
    expire_at: InstantText | None = None
    extended_hours: bool = False
    reduce_only: bool = False
    strategy: str = ""
    tags: str = ""
    currency: str = ""
    notional: DecimalText | None = None
    trail_amount: DecimalText | None = None
    trail_percent: DecimalText | None = None
    take_profit: DecimalText | None = None
    stop_loss: DecimalText | None = None
    stop_loss_limit: DecimalText | None = None
    oca_group: str = ""
    condition: ConditionBody | None = None
    cancel_after_s: DecimalText | None = None
    """How long it may work, in seconds: then what is left of it is cancelled."""
    on_partial_fill: str = KEEP
    """What becomes of the rest once a part has filled: keep, or cancel_rest."""
    partial_timeout_s: DecimalText | None = None
    """How long cancel_rest waits after the first partial fill, in seconds."""
    legs: tuple[str, ...] = ()
    """The orders that hang on it, each an order of its own."""
    parent: str = ""
    """The order it is a leg of."""
    leg: str = ""
    """What it is to its parent: take_profit or stop_loss."""


class AcceptedBody(OrderTermsBody, kw_only=True, omit_defaults=True):
    """An order as the gate let it go. A repeat of the request gets these same bytes, for ever."""

    state: str
    handling: str
    """`native`: at the broker as asked; `synthetic`: kept by Stopline, all or part, and only while it runs."""
    decision_id: str
    routed_order_id: str
    reducing: bool
    held_for: str = ""
    """What it waits for here: price, condition, parent or release."""
    waits_for: str = ""
    """The same in words."""
    sent_as: str = ""
    """As which type the broker gets it, where that is not the type that was asked for."""
    warnings: tuple[str, ...] = ()
    """What checks said that only warn."""


class OrderBody(OrderTermsBody, kw_only=True, omit_defaults=True):
    """An order as it stands. `order_qty` = `cum_qty` + `leaves_qty` while it lives."""

    state: str
    handling: str
    """`native`: at the broker as asked; `synthetic`: kept by Stopline, all or part, and only while it runs."""
    cum_qty: DecimalText
    leaves_qty: DecimalText
    avg_price: DecimalText | None
    fees: DecimalText
    decision_id: str
    routed_order_id: str
    broker_order_id: str
    reducing: bool
    reason: str
    approved_at: InstantText
    updated_at: InstantText
    actor: str
    external: bool = False
    held_for: str = ""
    """What it waits for here: price, condition, parent or release."""
    waits_for: str = ""
    """The same in words."""
    sent_as: str = ""
    """As which type the broker got it, where that is not the type that was asked for."""
    asked_qty: DecimalText | None = None
    """What it is to cover, where there was room at the broker for `order_qty` only."""


class FillBody(Struct, kw_only=True, omit_defaults=True):
    """One execution. `external`: the order was not ours. `replaces`: the execution that it corrects."""

    account: str
    exec_id: str
    client_order_id: str
    instrument_id: str
    symbol: str
    side: str
    qty: DecimalText
    price: DecimalText
    fee: DecimalText
    executed_at: InstantText
    routed_order_id: str
    external: bool = False
    replaces: str = ""


class VoidedFillBody(Struct):
    """An execution that never was: the broker took `exec_id` back."""

    account: str
    exec_id: str
    by_exec_id: str
    voided: bool = True


def _terms(request: OrderRequest) -> dict[str, Any]:
    """Return an order's fields; those that few orders use only where this one does."""
    terms: dict[str, Any] = {
        "account": request.account,
        "client_order_id": request.client_order_id,
        "instrument_id": request.instrument_id,
        "symbol": symbol_of(request.instrument_id),
        "side": SIDE_WORDS[request.side],
        "order_type": TYPE_WORDS[request.order_type],
        "order_qty": render_qty(request.order_qty),
        "limit_price": optional_price(request.limit_price),
        "stop_price": optional_price(request.stop_price),
        "time_in_force": TIF_WORDS[request.time_in_force],
        "order_class": request.order_class.value,
    }
    rare = _rare_values(request)
    if any(rare):
        for (name, render), value in zip(_RARE, rare, strict=True):
            if value:
                terms[_SHOWN_AS.get(name, name)] = render(value)
        terms["legs"] = leg_ids(request)
    return terms


def _as_it_is(value: Any) -> Any:
    return value


_RARE: Final[tuple[tuple[str, Callable[[Any], Any]], ...]] = (
    ("expire_at", instant),
    ("extended_hours", _as_it_is),
    ("reduce_only", _as_it_is),
    ("strategy", _as_it_is),
    ("tags", _as_it_is),
    ("currency", _as_it_is),
    ("notional", render_money),
    ("trail_amount", render_price),
    ("trail_percent", render_percent),
    ("take_profit", render_price),
    ("stop_loss", render_price),
    ("stop_loss_limit", render_price),
    ("oca_group", _as_it_is),
    ("condition", condition_body),
    ("cancel_after", seconds),
    ("cancels_rest", partial_fill_word),
    ("partial_timeout", seconds),
)
_SHOWN_AS: Final = {
    "cancel_after": "cancel_after_s",
    "cancels_rest": "on_partial_fill",
    "partial_timeout": "partial_timeout_s",
}
_rare_values: Final = attrgetter(*(name for name, _ in _RARE))


def accepted(event: OrderApproved, events: Iterable[Event] = ()) -> AcceptedBody:
    """Return an approval as the caller hears it: a function of its record alone.

    `events` are those of the record: an order that Stopline keeps may have gone in it.
    """
    terms, request = _terms(event.request), event.request
    kept, state, routed = NOT_KEPT, OrderState.APPROVED, event.routed_order_id
    if event.hold is not None:
        state, sent = begun(event, events)
        routed = routed if sent is None else sent.routed_order_id
        limit, stop = terms["limit_price"], terms["stop_price"]
        sent_type = None if sent is None else sent.request.order_type
        kept = kept_fields(
            keeping_of(
                request, state, event.hold, limit, stop, event.parent, is_resting=event.is_resting, sent_type=sent_type
            )
        )
        terms["parent"], terms["leg"] = event.parent, leg_word(event.leg)
    return AcceptedBody(
        **terms,
        state=state.value,
        handling=kept.handling,
        decision_id=event.decision_id,
        routed_order_id=routed,
        reducing=event.reducing,
        held_for=kept.held_for,
        waits_for=kept.waits_for,
        sent_as=kept.sent_as,
        warnings=tuple(finding.reason for finding in event.findings),
    )


def order_body(record: OrderRecord, state: StateView) -> OrderBody:
    """Return an order as it stands: its terms now, which a replace may have changed."""
    request = record.request
    terms = _terms(request)
    terms["order_qty"] = render_qty(record.order_qty)
    terms["limit_price"] = optional_price(record.limit_price)
    terms["stop_price"] = optional_price(record.stop_price)
    kept = NOT_KEPT if record.hold is None else kept_fields(_keeping(record))
    if record.parent:
        terms["parent"], terms["leg"] = record.parent, leg_word(record.leg)
    is_cut = record.hold is not None and record.asked_qty != record.order_qty
    average = average_of(record, state.accounts[request.account], state, record.filled_money, record.cum_qty)
    return OrderBody(
        **terms,
        state=record.state.value,
        handling=kept.handling,
        cum_qty=render_qty(record.cum_qty),
        leaves_qty=render_qty(record.leaves_qty),
        avg_price=optional_price(average),
        fees=render_money(record.fees),
        decision_id=record.decision_id,
        routed_order_id=record.routed_order_id,
        broker_order_id=record.broker_order_id,
        reducing=record.reducing,
        reason=record.reason,
        approved_at=instant(record.approved_at),
        updated_at=instant(record.updated_at),
        actor=record.actor,
        external=record.external,
        held_for=kept.held_for,
        waits_for=kept.waits_for,
        sent_as=kept.sent_as,
        asked_qty=render_qty(record.asked_qty) if is_cut else None,
    )


def average_of(order: OrderRecord, account: AccountState, state: StateView, money: Money, qty: Qty) -> Price | None:
    """Return what so much of an order was filled at; None while a part of that filled before anybody here saw it."""
    if order.external:
        fills = (*account.fills.values(), *account.fills_before.values())
        mine = (each.fill.qty for each in fills if each.client_order_id == order.client_order_id and not each.voided)
        if sum(mine) < order.cum_qty:
            return None
    instrument = state.instruments.get(order.request.instrument_id)
    return average_price(money, qty, PRICE_ONE if instrument is None else instrument.multiplier)


def _keeping(record: OrderRecord) -> Keeping:
    return keeping_of(
        record.request,
        record.state,
        record.hold,
        optional_price(record.limit_price),
        optional_price(record.stop_price),
        record.parent,
        sent_type=record.sent_type,
        is_resting=record.is_resting,
        is_recalled=record.is_recalled,
    )


def working_orders(account: AccountView, state: StateView) -> list[OrderBody]:
    """Return the account's live orders, newest first."""
    records = sorted(account.live.values(), key=lambda record: record.seq, reverse=True)
    return [order_body(record, state) for record in records]


def fill_body(event: OrderFilled | ExternalFilled) -> FillBody:
    """Return an execution."""
    fill = event.fill
    client_order_id = "" if isinstance(event, ExternalFilled) else event.client_order_id
    return FillBody(
        account=fill.account,
        exec_id=fill.exec_id,
        client_order_id=client_order_id,
        instrument_id=fill.instrument_id,
        symbol=symbol_of(fill.instrument_id),
        side=SIDE_WORDS[fill.side],
        qty=render_qty(fill.qty),
        price=render_price(fill.price),
        fee=render_money(fill.fee),
        executed_at=instant(fill.executed_at),
        routed_order_id=fill.routed_order_id,
        external=isinstance(event, ExternalFilled),
        replaces=fill.replaces,
    )


def voided_body(event: FillVoided) -> VoidedFillBody:
    """Return an execution that the broker took back."""
    return VoidedFillBody(event.account, event.exec_id, event.by_exec_id)
