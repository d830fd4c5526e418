"""`/v2/orders`: in through the gate, and what the engine knows of them."""

import asyncio
from typing import Final

from stopline.dialects.alpaca.create import CreateOrder, parse_create
from stopline.dialects.alpaca.errors import ApiError, Refused
from stopline.dialects.alpaca.orders import Order, render_order, render_orders
from stopline.dialects.alpaca.query import flag, parse_orders_query
from stopline.dialects.alpaca.refusals import not_cancelable, not_found, unprocessable
from stopline.dialects.alpaca.replace import parse_replace
from stopline.dialects.alpaca.results import CancelResult, render_cancel_results
from stopline.dialects.alpaca.serving.wire import Answer, Request
from stopline.doors.alpaca.asked import to_replace, to_submit
from stopline.doors.alpaca.denials import denied, refused, unavailable
from stopline.doors.alpaca.figures import is_spoken_of
from stopline.doors.alpaca.ids import order_uuid
from stopline.doors.alpaca.listing import select
from stopline.doors.alpaca.room import Room, Routes, instrument_of
from stopline.doors.alpaca.show import show_approved, show_order, status_of
from stopline.messages.events import OrderApproved, OrderDenied, ReplaceApproved, ReplaceDenied
from stopline.messages.inputs import CancelOrder, ReplaceOrder
from stopline.messages.replies import Decided, Repeated, Reply
from stopline.messages.replies import Refused as EngineRefused
from stopline.model.ids import ClientOrderId
from stopline.model.numbers import Nanos
from stopline.model.order import OrderState
from stopline.ports.desk import DeskUnavailable
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord
from stopline.state.view import StateView


async def submit(room: Room, request: Request) -> Answer:
    """Ask the gate for an order."""
    asked = parse_create(request.body)
    room.peek(lambda account, state, at: _must_be_spoken_of(asked, state))
    order = to_submit(asked, room.bot)
    return Answer(200, render_order(decided(room, await room.ask(order), order.client_order_id)))


def _must_be_spoken_of(asked: CreateOrder, state: StateView) -> None:
    instrument = instrument_of(state, asked.symbol)
    if instrument is not None and not is_spoken_of(instrument):
        raise Refused(unprocessable(f"{asked.symbol}: this door trades shares; use the native API"))


def decided(room: Room, reply: Reply, client_order_id: ClientOrderId) -> Order:
    """Return the order that a decision let go, from its record; raises Refused for a denial."""
    if isinstance(reply, Repeated):
        return _recorded(room, reply.seq, client_order_id)
    if isinstance(reply, Decided) and isinstance(reply.decision, OrderDenied):
        raise Refused(denied(reply.decision))
    assert isinstance(reply, Decided) and isinstance(reply.decision, OrderApproved)
    seq = int(reply.decision.decision_id.partition("-")[2])
    return _recorded(room, seq, reply.decision.request.client_order_id)


def _recorded(room: Room, seq: int, client_order_id: ClientOrderId) -> Order:
    """Return the answer that an order got, or gets; the same for ever."""
    account = room.bot.account
    try:
        at, events = room.desk.recorded(seq)
    except KeyError:
        raise DeskUnavailable("store_unavailable", f"record {seq} cannot be read") from None
    for event in events:
        if isinstance(event, OrderDenied):
            asked = event.request
            if (asked.account, asked.client_order_id) == (account, client_order_id):
                raise Refused(denied(event))
    return show_approved(account, client_order_id, at, events)


async def find_all(room: Room, request: Request) -> Answer:
    """Return the orders of a query."""
    query = parse_orders_query(request.query)

    def view(account: AccountState, state: StateView, at: Nanos) -> list[Order]:
        return [show_order(each, account, state, with_legs=query.nested) for each in select(account, query)]

    return Answer(200, render_orders(await room.see(view)))


async def find(room: Room, request: Request) -> Answer:
    """Return one order."""
    nested = flag(request.query, "nested")

    def view(account: AccountState, state: StateView, at: Nanos) -> Order:
        return show_order(room.order(account, request.parts["id"]), account, state, with_legs=nested)

    return Answer(200, render_order(await room.see(view)))


async def by_client_order_id(room: Room, request: Request) -> Answer:
    """Return the order with a client_order_id."""
    name, nested = request.query.get("client_order_id", ""), flag(request.query, "nested")

    def view(account: AccountState, state: StateView, at: Nanos) -> Order:
        order = account.order(name)
        if order is None:
            raise Refused(not_found(f"order not found for {name[:128]}"))
        return show_order(order, account, state, with_legs=nested)

    return Answer(200, render_order(await room.see(view)))


async def replace(room: Room, request: Request) -> Answer:
    """Ask the gate for a change. The order keeps its id: the answer is the order on the terms it will have."""
    change = parse_replace(request.body)
    found = room.peek(lambda account, state, at: room.order(account, request.parts["id"]))
    reply = await _changing(room, found, to_replace(change, found, room.bot))
    assert isinstance(reply, Decided)
    if isinstance(reply.decision, ReplaceDenied):
        raise Refused(denied(reply.decision))
    assert isinstance(reply.decision, ReplaceApproved)
    terms = reply.decision

    def view(account: AccountState, state: StateView, at: Nanos) -> Order:
        return show_order(room.order(account, request.parts["id"]), account, state, with_legs=False)

    shown = render_order(await room.see(view))
    wanted = Order(id="", status="", qty=terms.order_qty, limit_price=terms.limit_price, stop_price=terms.stop_price)
    changed = render_order(wanted)
    return Answer(200, shown | {name: changed[name] for name in ("qty", "limit_price", "stop_price")})


async def cancel(room: Room, request: Request) -> Answer:
    """Ask for a cancel."""
    found = room.peek(lambda account, state, at: room.order(account, request.parts["id"]))
    await _changing(room, found, _cancel(room, found))
    return Answer(204)


def _cancel(room: Room, order: OrderRecord) -> CancelOrder:
    return CancelOrder(account=room.bot.account, client_order_id=order.client_order_id, actor=room.bot.name)


async def _changing(room: Room, order: OrderRecord, asked: CancelOrder | ReplaceOrder) -> Reply:
    """Return the reply to a cancel or a replace; raises Refused, in Alpaca's words where it comes too late."""
    reply = await room.desk.ask(asked)
    if isinstance(reply, EngineRefused):
        is_late = reply.code == "order_not_working"
        raise Refused(not_cancelable(status_of(order.state, order.parent)) if is_late else refused(reply))
    return reply


async def cancel_all(room: Room, request: Request) -> Answer:
    """Ask for a cancel of every order that lives."""
    orders = room.peek(lambda account, state, at: list(account.live.values()))
    results = await asyncio.gather(*(_cancel_one(room, order) for order in orders))
    return Answer(207, render_cancel_results(tuple(results)))


async def _cancel_one(room: Room, order: OrderRecord) -> CancelResult:
    order_id = order_uuid(room.bot.account, order.client_order_id)
    try:
        await _changing(room, order, _cancel(room, order))
    except Refused as fault:
        is_gone = order.state is OrderState.CANCELED  # a leg goes with its entry
        return CancelResult(order_id, 200) if is_gone else _not_canceled(order_id, fault.error)
    except DeskUnavailable as fault:
        return _not_canceled(order_id, unavailable(fault))
    return CancelResult(order_id, 200)


def _not_canceled(order_id: str, error: ApiError) -> CancelResult:
    return CancelResult(order_id, error.status, error)


ROUTES: Final[Routes] = {
    ("POST", "/v2/orders"): submit,
    ("GET", "/v2/orders"): find_all,
    ("DELETE", "/v2/orders"): cancel_all,
    ("GET", "/v2/orders:by_client_order_id"): by_client_order_id,
    ("GET", "/v2/orders/{id}"): find,
    ("PATCH", "/v2/orders/{id}"): replace,
    ("DELETE", "/v2/orders/{id}"): cancel,
}
