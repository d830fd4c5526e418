"""Measure an order once, for all checks: what it is worth, and where it could take the scope at worst.

Source     semantics.md sections 2 (exposure is an interval), 3 (reducing) and 12 (worst-case money).
"""

from msgspec import structs

from stopline.checks.base import Candidate
from stopline.engine.prices import worst_price
from stopline.measures.exposure import VALUE_SCALE, notional
from stopline.measures.margin import futures_margin, weighted_contracts
from stopline.measures.price_quality import is_fresh
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import RATIO_ONE, Money, Nanos, Qty, Ratio
from stopline.model.order import OrderRequest, Side
from stopline.state.account import AccountState, ScopeState
from stopline.state.market import PositionValue, Valuation
from stopline.state.orders import OrderRecord
from stopline.state.positions import Position
from stopline.state.state import State

_NO_VALUE = PositionValue()
# Members looked up once: on the hot path a lookup through the enum costs as much as a check.
_BUY, _SELL, _FUTURE = Side.BUY, Side.SELL, AssetClass.FUTURE


def candidate_for(
    state: State,
    account: AccountState,
    request: OrderRequest,
    instrument: Instrument,
    at: Nanos,
    *,
    max_age: Nanos | None,
    ratio: Ratio,
    actor: str,
    client: str,
    symbol: str,
    replaces: OrderRecord | None = None,
    behind_exits: bool = False,
    releases: OrderRecord | None = None,
) -> Candidate:
    """Return the order as the account's checks see it."""
    sign = 1 if request.side is _BUY else -1
    qty = request.order_qty if replaces is None else request.order_qty - replaces.cum_qty
    instrument_id, market = instrument.instrument_id, state.market
    position, quote = account.positions.get(instrument_id), market.quotes.get(instrument_id)
    trusted = (
        quote
        if quote is not None and quote.usable and is_fresh(quote.received_at, quote.valid_until, max_age, at)
        else None
    )
    worst = worst_price(request.order_type, sign, request.limit_price, request.stop_price, trusted)
    reserve = order_notional = None
    if worst is not None:
        mark = None if quote is None else quote.mark
        reserve = worst if mark is None or -worst <= mark <= worst else abs(mark)
        order_notional = -(-qty * worst * instrument.multiplier // VALUE_SCALE)
    held = replaces if replaces is not None and not replaces.is_at_broker else None
    order = Candidate(
        request, symbol, instrument, at, actor, client, sign, qty, position, quote, market,
        _leaves(position, sign, qty, request, replaces, held, behind_exits), worst, order_notional, reserve,
    )  # fmt: skip
    _see_account(order, state, account)
    if replaces is not None:
        order.replaces = replaces
    order.is_behind_exits = behind_exits
    _measure(order, account.valuation, instrument, ratio, held, releases)
    return order


def _leaves(
    position: Position | None,
    sign: int,
    qty: Qty,
    request: OrderRequest,
    replaces: OrderRecord | None,
    held: OrderRecord | None,
    behind_exits: bool,
) -> bool:
    """Return whether the order is a way out. `held` is what it replaces, if Stopline holds that."""
    if held is not None and held.reducing:
        # A held exit is judged again before it goes: until then its terms may be anything.
        return True
    if position is None or position.qty == 0:
        return False
    if behind_exits:
        return would_reduce(position, sign, qty, is_close=request.closes_position)
    return is_reducing(position, sign, qty, replaces, request)


def _see_account(order: Candidate, state: State, account: AccountState) -> None:
    """Fill in what the checks read of the account, its broker and the store."""
    broker = state.brokers.get(account.terms.broker)
    if not account.valuation.unmarked:
        equity = order.equity = account.cash + account.valuation.market_value
        baseline = account.day.baseline
        order.total_pnl = None if baseline is None else equity - baseline - account.day.transfers
    order.instruments = state.instruments
    order.broker_connected = broker is not None and broker.connected
    if state.store_failing:
        order.store_failing = state.store_failing


def _measure(
    order: Candidate,
    valuation: Valuation,
    instrument: Instrument,
    ratio: Ratio,
    held: OrderRecord | None,
    releases: OrderRecord | None,
) -> None:
    """Fill in the `*_after` figures of the account: how much more than now the order may come to."""
    qty, reserve = order.order_qty, order.reserve_price
    if releases is not None and not releases.reducing:
        order.is_counted = True
        measure_after(order, valuation, instrument, ratio, 0, 0)
    elif held is not None and not held.reducing:
        # Nothing of it is at the broker: the new terms take the place of the old ones at once.
        added = 0 if reserve is None else notional(qty, reserve, instrument.multiplier) - held.reserved_money
        measure_after(order, valuation, instrument, ratio, qty - held.reserved_qty, added)
    else:
        measure_after(order, valuation, instrument, ratio, qty)


def measure_after(
    order: Candidate,
    valuation: Valuation,
    instrument: Instrument,
    ratio: Ratio,
    qty: Qty,
    added: Money | None = None,
) -> None:
    """Fill in the `*_after` figures of one ledger with `qty` more on the order's side (negative: less).

    `added` is what that is worth, if it is not to be valued at the order's own price.
    """
    before = valuation.by_instrument.get(instrument.instrument_id, _NO_VALUE)
    position = order.position
    highest = lowest = 0
    if position is not None:
        highest, lowest = position.qty + position.working_buys, position.qty - position.working_sells
    is_buy = order.sign > 0
    if is_buy:
        highest += qty
    else:
        lowest -= qty
    order.highest_after, order.lowest_after = highest, lowest
    worst = order.worst_qty_after = highest if highest >= -lowest else -lowest
    order.open_instruments_after = valuation.open_instruments + (not before.is_open)
    order.contracts_after = valuation.contracts
    price = order.reserve_price
    is_future = instrument.asset_class is _FUTURE
    if is_future:
        order.contracts_after += weighted_contracts(worst, instrument.contract_weight) - before.contracts
    if price is None or before.is_unpriced:
        return
    if added is None and price == order.worst_price and qty == order.order_qty:
        added = order.order_notional
    if added is None:
        added = notional(qty, price, instrument.multiplier)
    # Signed value of the holding with all buys, and with all sells: only this order's side moves.
    high, low = before.net_high, before.net_low
    total_high, total_low = valuation.net_high, valuation.net_low
    if is_buy:
        high += added
        total_high += added
    else:
        low -= added
        total_low -= added
    money = high if high >= -low else -low
    if is_future:
        per_contract = instrument.initial_margin
        margin = None if per_contract is None else futures_margin(worst, per_contract)
        if margin is not None and margin > money:
            money = margin
    else:
        margin = -(-money * ratio // RATIO_ONE)
    order.worst_money_after = money
    if valuation.unpriced:
        return
    order.gross_after = valuation.gross_worst - before.worst_money + money
    order.net_high_after, order.net_low_after = total_high, total_low
    if margin is not None and not valuation.unmargined:
        order.margin_after = valuation.margin - before.margin + margin


def is_reducing(
    position: Position | None, sign: int, qty: Qty, replaces: OrderRecord | None, request: OrderRequest
) -> bool:
    """Return whether the order provably reduces the scope's position, whatever else fills."""
    if position is None or position.qty == 0 or qty <= 0:
        return False
    counted = 0
    if replaces is not None and replaces.is_live and (1 if replaces.request.side is Side.BUY else -1) == sign:
        # In place, no larger, stop not further away: only one of both can fill.
        counted = replaces.reserved_qty
        if not in_place(replaces, qty, request):
            counted = 0
    if sign < 0:
        return position.qty > 0 and position.qty - (position.live_sells - counted) - max(qty, counted) >= 0
    return position.qty < 0 and position.qty + (position.live_buys - counted) + max(qty, counted) <= 0


def would_reduce(position: Position, sign: int, qty: Qty, *, is_close: bool) -> bool:
    """Return whether the order reduces once the account's own exits are out of its way; a close, once all is."""
    if sign < 0:
        others = 0 if is_close else position.live_sells - position.exit_sells
        return qty > 0 and position.qty > 0 and position.qty - others - qty >= 0
    others = 0 if is_close else position.live_buys - position.exit_buys
    return qty > 0 and position.qty < 0 and position.qty + others + qty <= 0


def in_place(replaces: OrderRecord, qty: Qty, request: OrderRequest) -> bool:
    """Return whether a replace of a reducing order only shrinks or tightens it."""
    if not replaces.reducing or qty > replaces.order_qty - replaces.cum_qty:
        return False
    old, new = replaces.stop_price, request.stop_price
    if old is None or new is None:
        return old is None and new is None
    return new >= old if request.side is Side.SELL else new <= old


def unknown_instrument(
    state: State,
    account: AccountState,
    request: OrderRequest,
    symbol: str,
    at: Nanos,
    actor: str,
    client: str,
) -> Candidate:
    """Return the candidate of an order in something nobody knows: only its form can be judged."""
    sign = 1 if request.side is Side.BUY else -1
    order = Candidate(request, symbol, None, at, actor, client, sign, request.order_qty)
    order.instruments = state.instruments
    order.equity, order.total_pnl = account.equity(), account.total_pnl()
    order.store_failing = state.store_failing
    return order


def scoped(order: Candidate, scope: ScopeState, instrument: Instrument, ratio: Ratio) -> Candidate:
    """Return the order as a wider or narrower scope's checks see it."""
    position = scope.positions.get(instrument.instrument_id)
    if order.is_behind_exits and position is not None:
        reducing = would_reduce(position, order.sign, order.order_qty, is_close=True)
    else:
        reducing = is_reducing(position, order.sign, order.order_qty, order.replaces, order.request)
    seen = structs.replace(
        order,
        position=position,
        is_reducing=reducing,
        worst_money_after=None,
        gross_after=None,
        net_high_after=None,
        net_low_after=None,
        margin_after=None,
    )
    if order.is_counted:
        measure_after(seen, scope.valuation, instrument, ratio, 0, 0)
    else:
        measure_after(seen, scope.valuation, instrument, ratio, order.order_qty)
    return seen
