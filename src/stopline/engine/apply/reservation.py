"""What live orders hold against the limits, kept as running sums in every ledger that counts them.

An order holds its leaves at its reserve price, an entry also while Stopline keeps it: it may
go at any time. A held exit holds nothing: it is judged again before it goes. While a replace
is under way an order holds old and new, because either may fill; a reducing order replaced in
place holds the larger of both. A dead order holds nothing.

Source     semantics.md sections 2 and 3; reliability.md I04, I08 and N12.
"""

from msgspec import Struct

from stopline.engine.assemble import scope_keys
from stopline.engine.valuation import touch
from stopline.measures.exposure import notional
from stopline.model.instrument import Instrument
from stopline.model.limits import ScopeKind
from stopline.model.numbers import Money, Price, Qty
from stopline.model.order import LIVE, STOPLINE_HOLDS, STOPS, OrderType, Side
from stopline.state.account import AccountState, ScopeState
from stopline.state.orders import OrderRecord
from stopline.state.positions import Position
from stopline.state.state import State

_BUY = Side.BUY
_RESTING = (OrderType.LIMIT, OrderType.STOP_LIMIT)


class Held(Struct, frozen=True, gc=False):
    """What an order holds at one moment."""

    qty: Qty = 0
    money: Money = 0
    unvalued: bool = False
    resting: Price | None = None
    exit_qty: Qty = 0
    stop_qty: Qty = 0
    stop_money: Money = 0
    waiting_qty: Qty = 0


_NOTHING = Held()


def held_by(order: OrderRecord, instrument: Instrument) -> Held:
    """Return what the order holds now."""
    if order.state not in LIVE:
        return _NOTHING
    qty = order.order_qty - order.cum_qty
    qty = max(qty, 0)
    if order.state in STOPLINE_HOLDS:
        if order.reducing:
            return _NOTHING
        money, unvalued = _valued(qty, order.reserve_price, instrument)
        return Held(qty, money, unvalued, waiting_qty=qty)
    money, unvalued = _valued(qty, order.reserve_price, instrument)
    pending = order.pending
    if pending is not None:
        new = max(pending.order_qty - order.cum_qty, 0)
        new_money, new_unvalued = _valued(new, pending.reserve_price, instrument)
        in_place = order.reducing and new <= qty
        qty = max(qty, new) if in_place else qty + new
        money = max(money, new_money) if in_place else money + new_money
        unvalued = unvalued or new_unvalued
    kind = order.broker_type
    resting = _keenest(order) if kind in _RESTING else None
    if not order.reducing:
        return Held(qty, money, unvalued, resting)
    if kind not in STOPS or order.stop_price is None:
        return Held(qty, money, unvalued, resting, qty)
    return Held(qty, money, unvalued, resting, qty, qty, notional(qty, order.stop_price, instrument.multiplier))


def _valued(qty: Qty, price: Price | None, instrument: Instrument) -> tuple[Money, bool]:
    if price is None:
        return 0, qty > 0
    return notional(qty, price, instrument.multiplier), False


def _keenest(order: OrderRecord) -> Price | None:
    """Return the limit at which it may trade soonest, counting a replace under way."""
    old, pending = order.limit_price, order.pending
    if pending is None:
        return old
    new = pending.limit_price
    if old is None or new is None:
        return old if new is None else new
    return max(old, new) if order.request.side is Side.BUY else min(old, new)


def rehold(state: State, account: AccountState, order: OrderRecord) -> None:
    """Bring every sum in line with what the order holds now."""
    request = order.request
    instrument = state.instruments[request.instrument_id]
    held = held_by(order, instrument)
    qty, money = held.qty - order.reserved_qty, held.money - order.reserved_money
    unvalued = held.unvalued - order.is_unvalued
    waiting = held.waiting_qty - order.waiting_qty
    is_buy = request.side is _BUY
    position = position_of(account, request.instrument_id)
    _add_working(position, is_buy, qty, money, unvalued)
    if waiting:
        _add_waiting(position, is_buy, waiting)
    if held.exit_qty or order.exit_qty:
        _add_exits(position, order, held, is_buy=is_buy)
    if held.resting != order.resting_price:
        _rest(position, order.resting_price, held.resting, is_buy=is_buy)
    keys = scope_keys(account.terms, request.strategy, order.actor)
    for key in keys:
        shared = scope_position(state, key, instrument)
        _add_working(shared, is_buy, qty, money, unvalued)
        if waiting:
            _add_waiting(shared, is_buy, waiting)
    order.waiting_qty = held.waiting_qty
    order.reserved_qty, order.reserved_money, order.is_unvalued = held.qty, held.money, held.unvalued
    order.exit_qty, order.stop_qty, order.stop_money = held.exit_qty, held.stop_qty, held.stop_money
    order.resting_price = held.resting
    if state.is_live:
        touch(state, account, instrument, keys)


def _add_working(position: Position, is_buy: bool, qty: Qty, money: Money, unvalued: int) -> None:
    if is_buy:
        position.working_buys += qty
        position.buy_money += money
    else:
        position.working_sells += qty
        position.sell_money += money
    position.unvalued_orders += unvalued


def _add_waiting(position: Position, is_buy: bool, qty: Qty) -> None:
    if is_buy:
        position.waiting_buys += qty
    else:
        position.waiting_sells += qty


def _add_exits(position: Position, order: OrderRecord, held: Held, *, is_buy: bool) -> None:
    exits, stops = held.exit_qty - order.exit_qty, held.stop_qty - order.stop_qty
    money = held.stop_money - order.stop_money
    if is_buy:
        position.exit_buys += exits
        position.stop_buys += stops
        position.stop_buy_money += money
    else:
        position.exit_sells += exits
        position.stop_sells += stops
        position.stop_sell_money += money


def _rest(position: Position, old: Price | None, new: Price | None, *, is_buy: bool) -> None:
    """Move one order from price `old` to `new` in the count of resting prices, and keep the best."""
    book = position.resting_buys if is_buy else position.resting_sells
    if old is not None:
        if book[old] == 1:
            del book[old]
        else:
            book[old] -= 1
    if new is not None:
        book[new] = book.get(new, 0) + 1
    best = position.best_resting_buy if is_buy else position.best_resting_sell
    if best is not None and best == old and old not in book:
        best = (max(book) if is_buy else min(book)) if book else None
    if new is not None and (best is None or (new > best if is_buy else new < best)):
        best = new
    if is_buy:
        position.best_resting_buy = best
    else:
        position.best_resting_sell = best


def position_of(ledger: AccountState | ScopeState, instrument_id: str) -> Position:
    """Return the ledger's record of an instrument, made flat if it had none."""
    position = ledger.positions.get(instrument_id)
    if position is None:
        position = ledger.positions[instrument_id] = Position(instrument_id)
    return position


def scope_position(state: State, key: str, instrument: Instrument) -> Position:
    """Return a wider or narrower scope's record of an instrument, made if there was none."""
    return position_of(scope_of(state, key), instrument.instrument_id)


def scope_of(state: State, key: str) -> ScopeState:
    """Return the scope's ledger, made empty if there was none."""
    scope = state.scopes.get(key)
    if scope is None:
        kind, _, scope_id = key.partition(":")
        scope = state.scopes[key] = ScopeState(ScopeKind(kind), scope_id)
    return scope
