"""Orders and fills as people see them."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

from msgspec import Struct

from stopline.measures.average import average_price
from stopline.messages.events import ExternalFilled, FillVoided, OrderApproved, OrderFilled
from stopline.model.numbers import (
    PRICE_ONE,
    render_money,
    render_percent,
    render_price,
    render_qty,
)
from stopline.model.order import OrderRequest, OrderState
from stopline.state.orders import OrderRecord
from stopline.state.view import AccountView, StateView
from stopline.views.wire import (
    SIDE_WORDS,
    TIF_WORDS,
    TYPE_WORDS,
    DecimalText,
    InstantText,
    instant,
    optional_price,
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


class AcceptedBody(OrderTermsBody, kw_only=True, omit_defaults=True):
    """An order as the gate let it go. A repeat of the request gets these same bytes, for ever."""

    state: str
    decision_id: str
    routed_order_id: str
    reducing: bool
    warnings: tuple[str, ...] = ()
    """What checks said that only warn."""


class OrderBody(OrderTermsBody, kw_only=True, omit_defaults=True):
    """An order as it stands. `order_qty` = `cum_qty` + `leaves_qty` while it lives."""

    state: str
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
                terms[name] = render(value)
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
)
_rare_values: Final = attrgetter(*(name for name, _ in _RARE))


def accepted(event: OrderApproved) -> AcceptedBody:
    """Return an approval as the caller hears it: a function of the event alone."""
    return AcceptedBody(
        **_terms(event.request),
        state=OrderState.APPROVED.value,
        decision_id=event.decision_id,
        routed_order_id=event.routed_order_id,
        reducing=event.reducing,
        warnings=tuple(finding.reason for finding in event.findings),
    )


def order_body(record: OrderRecord, state: StateView) -> OrderBody:
    """Return an order as it stands: its terms now, which a replace may have changed."""
    request = record.request
    terms = _terms(request)
    terms["order_qty"] = render_qty(record.order_qty)
    terms["limit_price"] = optional_price(record.limit_price)
    terms["stop_price"] = optional_price(record.stop_price)
    instrument = state.instruments.get(request.instrument_id)
    multiplier = PRICE_ONE if instrument is None else instrument.multiplier
    return OrderBody(
        **terms,
        state=record.state.value,
        cum_qty=render_qty(record.cum_qty),
        leaves_qty=render_qty(record.leaves_qty),
        avg_price=optional_price(average_price(record.filled_money, record.cum_qty, multiplier)),
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
