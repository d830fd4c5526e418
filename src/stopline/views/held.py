"""What people read of an order that Stopline keeps: who looks after it, and what it waits for, in words.

The words are made of plain fields, so that the order as it stands and its row in the tables
say the same.

Source     semantics.md sections 3 and 8; docs/order-types.md.
"""

from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct

from stopline.messages.events import Event, OrderApproved, OrderCanceled, OrderReleased
from stopline.model.ending import has_own_end
from stopline.model.ids import ClientOrderId
from stopline.model.legs import leg_requests
from stopline.model.numbers import render_price
from stopline.model.order import (
    STOPLINE_HOLDS,
    STOPS,
    Condition,
    Hold,
    Leg,
    OrderClass,
    OrderRequest,
    OrderState,
    OrderType,
    Relation,
    Side,
    TimeInForce,
)
from stopline.views.wire import DecimalText, InstantText, instant, symbol_of

NATIVE: Final = "native"
"""The broker has it as it was asked for: it works there whether Stopline runs or not."""
SYNTHETIC: Final = "synthetic"
"""Stopline keeps it, or part of it: that part works only while Stopline runs."""

_RELATIONS: Final = {Relation.AT_OR_ABOVE: "at or above", Relation.AT_OR_BELOW: "at or below"}


class ConditionBody(Struct, frozen=True, omit_defaults=True):
    """What must happen before an order goes: a mark reaches `price` (such as `>= 105.00`), or `after` has come."""

    symbol: str = ""
    price: str = ""
    after: InstantText | None = None


class Keeping(Struct, frozen=True, gc=False):
    """How far an order is in Stopline's hands. Prices are the text that people read."""

    symbol: str
    side: Side
    order_type: OrderType
    time_in_force: TimeInForce
    order_class: OrderClass
    oca_group: str
    condition: ConditionBody | None
    state: OrderState
    hold: Hold | None
    limit_price: DecimalText | None
    stop_price: DecimalText | None
    parent: ClientOrderId = ""
    sent_type: OrderType | None = None
    is_resting: bool = False
    is_recalled: bool = False
    has_own_end: bool = False
    """It ends by a term that no broker is told of."""


class KeptFields(Struct, frozen=True, gc=False):
    """The fields of an order that say how it is kept."""

    handling: str = NATIVE
    held_for: str = ""
    waits_for: str = ""
    sent_as: str = ""


NOT_KEPT: Final = KeptFields()
"""Of an order that went to the broker at once."""


def kept_fields(keeping: Keeping) -> KeptFields:
    """Return what is said of an order's keeping; little of one that went to the broker at once."""
    if keeping.hold is None:
        return NOT_KEPT
    is_kept = keeping.state in STOPLINE_HOLDS
    kind, sent = keeping.order_type, keeping.sent_type
    return KeptFields(
        SYNTHETIC if is_kept or _is_translated(keeping) else NATIVE,
        keeping.hold.value if is_kept else "",
        _words(keeping),
        "" if sent is None or sent is kind else sent.value.upper(),
    )


def _is_translated(keeping: Keeping) -> bool:
    """Return whether part of what was asked for is not at the broker: its type, its legs, its group, its end."""
    was_sent = keeping.sent_type is not None or keeping.is_recalled
    return (
        not was_sent
        or keeping.sent_type not in (None, keeping.order_type)
        or keeping.order_class is not OrderClass.SIMPLE
        or bool(keeping.oca_group)
        or keeping.time_in_force is TimeInForce.GTD
        or keeping.has_own_end
    )


def _words(keeping: Keeping) -> str:
    if keeping.state is OrderState.PENDING_CANCEL and keeping.is_recalled:
        return "the broker to let go of it: then Stopline keeps it"
    if keeping.state is OrderState.PENDING_RELEASE:
        return "its turn: it goes as soon as no other order of the account is in its way"
    if keeping.state is not OrderState.HELD:
        return ""
    if keeping.hold is Hold.PARENT:
        return f"the first fill of {keeping.parent}"
    if keeping.hold is Hold.CONDITION and keeping.condition is not None:
        return _condition_words(keeping.condition)
    return _price_words(keeping)


def _condition_words(condition: ConditionBody) -> str:
    if not condition.price:
        return f"the instant {condition.after}"
    relation, _, price = condition.price.partition(" ")
    what = f"{condition.symbol} {_RELATIONS[Relation(relation)]} {price}"
    return what if condition.after is None else f"{what}, from {condition.after} on"


def _price_words(keeping: Keeping) -> str:
    is_stop = keeping.order_type in STOPS
    price = keeping.stop_price if is_stop else keeping.limit_price
    if price is None:
        return f"a usable price of {keeping.symbol}"
    is_above = (keeping.side is Side.BUY) == is_stop
    words = f"{keeping.symbol} {_RELATIONS[Relation.AT_OR_ABOVE if is_above else Relation.AT_OR_BELOW]} {price}"
    if keeping.order_type is OrderType.TRAILING_STOP:
        words += ", which follows the market"
    return f"{words}, or room at the broker to rest there" if keeping.is_resting else words


def keeping_of(
    request: OrderRequest,
    state: OrderState,
    hold: Hold | None,
    limit_price: DecimalText | None,
    stop_price: DecimalText | None,
    parent: ClientOrderId = "",
    **kept: Any,
) -> Keeping:
    """Return how far an order is in Stopline's hands; `kept` are the other fields of Keeping."""
    return Keeping(
        symbol_of(request.instrument_id), request.side, request.order_type, request.time_in_force, request.order_class,
        request.oca_group, condition_body(request.condition), state, hold, limit_price, stop_price, parent,
        has_own_end=has_own_end(request), **kept,
    )  # fmt: skip


def condition_body(condition: Condition | None) -> ConditionBody | None:
    """Return a condition in the words of the order form."""
    if condition is None:
        return None
    has_price = condition.price is not None
    return ConditionBody(
        symbol_of(condition.instrument_id) if has_price else "",
        f"{condition.relation.value} {render_price(condition.price)}" if condition.price is not None else "",
        None if condition.after is None else instant(condition.after),
    )


def leg_ids(request: OrderRequest) -> tuple[ClientOrderId, ...]:
    """Return the ids of the orders that hang on an approved order."""
    if request.order_class is OrderClass.SIMPLE:
        return ()
    return tuple(leg.client_order_id for _, leg in leg_requests(request))


def leg_word(leg: Leg | None) -> str:
    """Return what a child order is, nothing for an order of its own."""
    return "" if leg is None else leg.value


def first_state(event: OrderApproved) -> OrderState:
    """Return the state in which an approval begins."""
    if event.hold is None:
        return OrderState.APPROVED
    return OrderState.PENDING_RELEASE if event.hold is Hold.RELEASE else OrderState.HELD


def begun(event: OrderApproved, events: Iterable[Event]) -> tuple[OrderState, OrderApproved | None]:
    """Return where a new order stands at the end of its record, and what the broker gets if it went in it."""
    state, sent, name = first_state(event), None, (event.request.account, event.request.client_order_id)
    for each in events:
        if isinstance(each, OrderReleased):
            if (each.order.request.account, each.order.request.client_order_id) == name:
                state, sent = OrderState.APPROVED, each.order
        elif isinstance(each, OrderCanceled) and (each.account, each.client_order_id) == name:
            state = OrderState.CANCELED
    return state, sent
