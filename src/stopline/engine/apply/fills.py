"""Fills: they move the position, the cash and the order; a bust takes one back and rebooks the rest.

Source     semantics.md sections 8, 9 and 12; reliability.md I02, I10 and F24.
"""

from stopline.engine.apply.orders import keep_found, signal
from stopline.engine.apply.reservation import position_of, rehold, scope_position
from stopline.engine.assemble import scope_keys
from stopline.engine.held.watch import watch
from stopline.engine.tables import Appliers
from stopline.engine.valuation import touch
from stopline.measures.pnl import Holding, book_fill, money_of, rebase
from stopline.messages import events as e
from stopline.model.account import LotMethod
from stopline.model.fill import Fill
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import Money, Nanos
from stopline.model.order import STOPLINE_HOLDS, OrderSignal, Side
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord
from stopline.state.positions import Basis, BookedFill, Position
from stopline.state.state import State


def _filled(state: State, event: e.OrderFilled, seq: int, at: Nanos) -> None:
    fill = event.fill
    account = state.accounts[fill.account]
    order = account.order(event.client_order_id)
    if order is None:
        raise LookupError(f"fill {fill.exec_id!r} names order {event.client_order_id!r}, which the state does not know")
    instrument = state.instruments[fill.instrument_id]
    _book(
        state,
        account,
        instrument,
        fill,
        event.client_order_id,
        scope_keys(account.terms, order.request.strategy, order.actor),
    )
    _fill_order(account, order, instrument, fill, at)
    rehold(state, account, order)
    if order.hold is not None:
        watch(state, account, order)


def _external(state: State, event: e.ExternalFilled, seq: int, at: Nanos) -> None:
    account = state.accounts[event.fill.account]
    instrument = state.instruments[event.fill.instrument_id]
    keys = scope_keys(account.terms, "", "")
    _book(state, account, instrument, event.fill, "", keys)
    touch(state, account, instrument, keys)


def _book(
    state: State,
    account: AccountState,
    instrument: Instrument,
    fill: Fill,
    client_order_id: str,
    keys: tuple[str, ...],
) -> None:
    position = position_of(account, instrument.instrument_id)
    cash = _book_into(position, account, instrument, fill)
    account.cash += cash
    account.fills[fill.exec_id] = BookedFill(fill, client_order_id, cash)
    signed = fill.qty if fill.side is Side.BUY else -fill.qty
    for key in keys:
        scope_position(state, key, instrument).qty += signed


def _book_into(position: Position, account: AccountState, instrument: Instrument, fill: Fill) -> Money:
    """Book a fill into a position and return what it does to the cash."""
    signed = fill.qty if fill.side is Side.BUY else -fill.qty
    money = money_of(fill.qty, fill.price, instrument.multiplier)
    held = Holding(position.qty, position.cost, position.session_cost, position.lots)
    booked = book_fill(held, signed, money, fifo=account.terms.lot_method is LotMethod.FIFO)
    position.qty, position.cost, position.session_cost, position.lots = booked.holding
    position.realized_entry += booked.realized_entry
    position.realized_session += booked.realized_session
    position.fees += fill.fee
    if instrument.asset_class is AssetClass.FUTURE:
        return booked.realized_entry - fill.fee
    return (-money if signed > 0 else money) - fill.fee


def _fill_order(account: AccountState, order: OrderRecord, instrument: Instrument, fill: Fill, at: Nanos) -> None:
    if order.cum_qty == 0 and not order.reducing and not order.external:
        if not fill.replaces:
            # A corrected fill is the trade that it was.
            account.trade_times.append(at)
            account.day.trades += 1
        if order.is_live:
            account.unfilled_entries -= 1
    if _is_of_before(order, fill):
        # Late, of what was at the broker before: what is there now is as large as it was.
        order.order_qty += fill.qty
        order.base_qty += fill.qty
    order.cum_qty += fill.qty
    order.filled_money += money_of(fill.qty, fill.price, instrument.multiplier)
    order.fees += fill.fee
    wanted = order.order_qty if order.pending is None else max(order.order_qty, order.pending.order_qty)
    if account.positions[instrument.instrument_id].qty:
        # Sent for less than it was asked for, it covers the rest next; of a position that is gone there is no rest.
        wanted = max(wanted, order.asked_qty)
    done = order.cum_qty >= wanted
    if done:
        order.pending = None
        # What was asked for beyond what was sent is over with it, also should a correction open it again.
        order.asked_qty = order.order_qty
    signal(account, order, OrderSignal.FILL if done else OrderSignal.PARTIAL_FILL, at)
    keep_found(account, order, at)


def _is_of_before(order: OrderRecord, fill: Fill) -> bool:
    """Whether an execution is of what was at the broker before the order was sent again."""
    was_sent_again = fill.routed_order_id != order.routed_order_id and order.hold is not None
    return was_sent_again and order.state not in STOPLINE_HOLDS


def _voided(state: State, event: e.FillVoided, seq: int, at: Nanos) -> None:
    account = state.accounts[event.account]
    generation = account.fills if event.exec_id in account.fills else account.fills_before
    booked = generation[event.exec_id]
    generation[event.exec_id] = BookedFill(booked.fill, booked.client_order_id, 0, voided=True)
    instrument = state.instruments[booked.fill.instrument_id]
    position = position_of(account, instrument.instrument_id)
    account.cash += _rebook(position, account, instrument) - booked.cash
    order = account.order(booked.client_order_id) if booked.client_order_id else None
    keys = (
        scope_keys(account.terms, order.request.strategy, order.actor) if order else scope_keys(account.terms, "", "")
    )
    signed = booked.fill.qty if booked.fill.side is Side.BUY else -booked.fill.qty
    for key in keys:
        scope_position(state, key, instrument).qty -= signed
    if order is not None:
        if _is_of_before(order, booked.fill):
            order.order_qty -= booked.fill.qty
            order.base_qty -= booked.fill.qty
        order.cum_qty -= booked.fill.qty
        order.filled_money -= money_of(booked.fill.qty, booked.fill.price, instrument.multiplier)
        order.fees -= booked.fill.fee
        if order.cum_qty < order.order_qty:
            signal(account, order, OrderSignal.REOPEN, at, f"fill {event.exec_id} was busted")
        if order.cum_qty == 0 and order.is_live and not order.reducing and not order.external:
            account.unfilled_entries += 1
        rehold(state, account, order)
    touch(state, account, instrument, keys)


def _rebook(position: Position, account: AccountState, instrument: Instrument) -> Money:
    """Book the instrument's fills of two trading days again; return the change of their cash.

    The voided fill's own cash is not in the returned change: the caller takes it off.
    """
    _restore(position, position.previous_basis)
    change = _book_generation(position, account, instrument, account.fills_before)
    if position.session_mark is not None and position.qty:
        held = Holding(position.qty, position.cost, position.session_cost, position.lots)
        held = rebase(held, position.session_mark, instrument.multiplier)
        position.qty, position.cost, position.session_cost, position.lots = held
    position.open_basis = Basis(position.qty, position.cost, position.session_cost, position.lots)
    position.realized_entry = position.realized_session = position.fees = 0
    return change + _book_generation(position, account, instrument, account.fills)


def _restore(position: Position, basis: Basis) -> None:
    position.qty, position.cost = basis.qty, basis.cost
    position.session_cost, position.lots = basis.session_cost, basis.lots


def _book_generation(
    position: Position, account: AccountState, instrument: Instrument, fills: dict[str, BookedFill]
) -> Money:
    change = 0
    for exec_id, booked in fills.items():
        if booked.voided or booked.fill.instrument_id != instrument.instrument_id:
            continue
        cash = _book_into(position, account, instrument, booked.fill)
        if cash != booked.cash:
            change += cash - booked.cash
            fills[exec_id] = BookedFill(booked.fill, booked.client_order_id, cash)
    return change


APPLY_FILLS: Appliers = {
    e.OrderFilled: _filled,
    e.ExternalFilled: _external,
    e.FillVoided: _voided,
}
