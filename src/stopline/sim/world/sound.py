"""What must hold of every state, whatever came before it (reliability.md section 3).

Each figure is worked out again from what it was made of, in another way than the engine's:
reservations from the orders, severity from the restrictions, positions from the fills.
"""

from collections import Counter
from fractions import Fraction
from math import ceil
from typing import Any

import msgspec

from stopline.engine.replay import decode_state, encode_state, go_live
from stopline.model.account import SEVERITY
from stopline.model.instrument import Instrument
from stopline.model.numbers import MAX_SCALED
from stopline.model.order import OrderType, Side
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord
from stopline.state.positions import Position
from stopline.state.state import State

LIVE_NAMES = frozenset(
    "held approved sent working partially_filled pending_cancel pending_replace pending_release unknown".split()
)
HELD_NAMES = frozenset("held pending_release".split())
DEAD_NAMES = frozenset("filled canceled expired rejected".split())
UNIT = Fraction(1, 10**17)
"""qty (1e-9) * price (1e-8) * multiplier (1e-8) in money (1e-8)."""


def assert_sound(state: State) -> None:
    """Look at everything that is cheap to work out again."""
    for account in state.accounts.values():
        assert_orders_are_filed(account)
        assert_reservations(state, account)
        assert_severity(state, account)
    assert_scopes(state)


def worth(qty: int, price: int, instrument: Instrument) -> int:
    """Return |qty * price * multiplier|, rounded against the trader."""
    return ceil(abs(qty * price) * instrument.multiplier * UNIT)


def held_by(order: OrderRecord, instrument: Instrument) -> tuple[int, int, bool]:
    """Return (quantity, money, is unvalued) that an order must hold against the limits."""
    if str(order.state) in DEAD_NAMES:
        return 0, 0, False
    if str(order.state) in HELD_NAMES and order.reducing:
        return 0, 0, False
    leaves = [(max(order.order_qty - order.cum_qty, 0), order.reserve_price)]
    if order.pending is not None:
        leaves.append((max(order.pending.order_qty - order.cum_qty, 0), order.pending.reserve_price))
    amounts = [0 if price is None else worth(size, price, instrument) for size, price in leaves]
    unvalued = any(price is None and size > 0 for size, price in leaves)
    sizes = [size for size, _ in leaves]
    if order.reducing and sizes[-1] <= sizes[0]:
        return max(sizes), max(amounts), unvalued
    return sum(sizes), sum(amounts), unvalued


def assert_orders_are_filed(account: AccountState) -> None:
    """A live order is in `live`, a dead one is not, and nothing is filled twice over (I08, I10)."""
    for order in account.live.values():
        assert str(order.state) in LIVE_NAMES
        assert order.is_at_broker is (str(order.state) not in HELD_NAMES)
        if str(order.state) in HELD_NAMES:
            assert order.client_order_id in account.held, f"{order.client_order_id} is held and nobody looks after it"
    assert set(account.held) <= set(account.live)
    for generation in (account.ended, account.ended_before):
        for order in generation.values():
            assert str(order.state) in DEAD_NAMES, f"{order.client_order_id} is {order.state} and filed as ended"
            assert order.client_order_id not in account.live or account.live[order.client_order_id] is not order
    waiting = [o for o in account.live.values() if not o.reducing and not o.external and o.cum_qty == 0]
    assert account.unfilled_entries == len(waiting)
    filled: Counter[str] = Counter()
    for fills in (account.fills_before, account.fills):
        for booked in fills.values():
            filled[booked.client_order_id] += 0 if booked.voided else booked.fill.qty
    for order in account.live.values():
        assert order.cum_qty >= 0
        if not order.external and order.approved_at >= (account.day.session.opens_at if account.day.session else 0):
            assert order.cum_qty == filled[order.client_order_id]


def assert_reservations(state: State, account: AccountState) -> None:
    """Pending exposure is what the live orders hold, in every sum (I04, I08)."""
    for instrument_id, position in account.positions.items():
        instrument = state.instruments[instrument_id]
        orders = [order for order in account.live.values() if order.request.instrument_id == instrument_id]
        _assert_sums(position, orders, instrument)
        _assert_exits(position, orders, instrument)
        _assert_resting(position, orders)
    for order in account.live.values():
        assert order.request.instrument_id in account.positions, f"{order.client_order_id} is counted nowhere"


def _assert_sums(position: Position, orders: list[OrderRecord], instrument: Instrument) -> None:
    sums = dict.fromkeys(Side, (0, 0))
    waiting = dict.fromkeys(Side, 0)
    unvalued = 0
    for order in orders:
        size, money, is_unvalued = held_by(order, instrument)
        waiting[order.request.side] += 0 if order.is_at_broker else size
        before = sums[order.request.side]
        sums[order.request.side] = (before[0] + size, before[1] + money)
        unvalued += is_unvalued
    assert (position.working_buys, position.buy_money) == sums[Side.BUY]
    assert (position.working_sells, position.sell_money) == sums[Side.SELL]
    assert position.unvalued_orders == unvalued
    assert (position.waiting_buys, position.waiting_sells) == (waiting[Side.BUY], waiting[Side.SELL])


def _assert_exits(position: Position, orders: list[OrderRecord], instrument: Instrument) -> None:
    exits = dict.fromkeys(Side, 0)
    stops = dict.fromkeys(Side, (0, 0))
    for order in orders:
        if not order.reducing:
            continue
        size, _, _ = held_by(order, instrument)
        side = order.request.side
        exits[side] += size
        is_stop = order.broker_type in (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP)
        if is_stop and order.stop_price is not None:
            before = stops[side]
            stops[side] = (before[0] + size, before[1] + worth(size, order.stop_price, instrument))
    assert (position.exit_buys, position.exit_sells) == (exits[Side.BUY], exits[Side.SELL])
    assert (position.stop_buys, position.stop_buy_money) == stops[Side.BUY]
    assert (position.stop_sells, position.stop_sell_money) == stops[Side.SELL]


def _assert_resting(position: Position, orders: list[OrderRecord]) -> None:
    for side, book, best in (
        (Side.BUY, position.resting_buys, position.best_resting_buy),
        (Side.SELL, position.resting_sells, position.best_resting_sell),
    ):
        keenest = max if side is Side.BUY else min
        prices: list[int] = []
        for order in orders:
            if order.request.side is not side or not order.is_at_broker:
                continue
            if order.broker_type not in (OrderType.LIMIT, OrderType.STOP_LIMIT):
                continue
            terms = [order.limit_price, None if order.pending is None else order.pending.limit_price]
            given = [price for price in terms if price is not None]
            if given:
                prices.append(keenest(given))
        assert book == dict(Counter(prices))
        assert best == (keenest(prices) if prices else None)


def assert_severity(state: State, account: AccountState) -> None:
    """The strictest restriction of the account, its group and its firm is in force."""
    held = list(account.restrictions.values())
    for key in (f"group:{account.terms.group}", f"firm:{account.terms.firm}"):
        if key in state.scopes:
            held += state.scopes[key].restrictions.values()
    assert account.severity == max((SEVERITY[one.state] for one in held), default=0)
    assert SEVERITY[account.trading_state] == account.severity


def assert_scopes(state: State) -> None:
    """A group or firm holds what its accounts hold, a strategy what its orders hold."""
    for key, scope in state.scopes.items():
        kind, _, rest = key.partition(":")
        for instrument_id, position in scope.positions.items():
            instrument, buys, sells, total = state.instruments[instrument_id], 0, 0, 0
            for account in state.accounts.values():
                if kind in ("group", "firm") and getattr(account.terms, kind) != rest:
                    continue
                if kind in ("group", "firm") and instrument_id in account.positions:
                    total += account.positions[instrument_id].qty
                for order in account.live.values():
                    if order.request.instrument_id == instrument_id and _is_in(key, kind, account, order):
                        size, _, _ = held_by(order, instrument)
                        buys += size if order.request.side is Side.BUY else 0
                        sells += size if order.request.side is Side.SELL else 0
            assert (position.working_buys, position.working_sells) == (buys, sells), key
            if kind in ("group", "firm"):
                assert position.qty == total, key


def _is_in(key: str, kind: str, account: AccountState, order: OrderRecord) -> bool:
    if kind in ("group", "firm"):
        return True
    own = order.request.strategy if kind == "strategy" else order.actor
    return key == f"{kind}:{account.terms.account}:{own}"


def assert_bounded(state: State) -> None:
    """Every number is a whole one below 2**63, and nothing is a fraction (I22)."""
    _assert_bounded(msgspec.to_builtins(decode_state(encode_state(state))), "state")


def _assert_bounded(value: Any, path: str) -> None:
    if isinstance(value, dict):
        for name, part in value.items():
            _assert_bounded(part, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            _assert_bounded(part, f"{path}[{index}]")
    elif isinstance(value, int):
        assert abs(value) <= MAX_SCALED, f"{path} is {value}"
    else:
        assert value is None or isinstance(value, str | bytes | bytearray), f"{path} is a {type(value).__name__}"


def assert_valued_from_scratch(state: State) -> None:
    """The running sums of every valuation equal those of a state that was valued all at once."""
    again = decode_state(encode_state(state), state.at)
    go_live(again)
    market = again.market
    market.quotes = state.market.quotes
    go_live_with_quotes(again, market.quotes)
    for name, account in state.accounts.items():
        _assert_same_valuation(account, again.accounts[name], name)
    for key, scope in state.scopes.items():
        _assert_same_valuation(scope, again.scopes[key], key)


def go_live_with_quotes(state: State, quotes: dict[str, Any]) -> None:
    """Value a state at quotes, all at once."""
    from stopline.engine.valuation import revalue_all

    state.market.quotes = quotes
    revalue_all(state)


def _assert_same_valuation(one: Any, other: Any, who: str) -> None:
    for name in one.valuation.__struct_fields__:
        if name != "by_instrument":
            assert getattr(one.valuation, name) == getattr(other.valuation, name), f"{name} of {who}"
