"""Value one instrument of one ledger at a mark, and carry the change into its running sums.

A position without a mark counts as unpriced; the sums are unknown until it has one. Volatile.

Source     semantics.md sections 2 (exposure is an interval) and 9 (mark, unrealized P&L).
"""

from typing import Final

from stopline.measures.exposure import VALUE_SCALE, position_value_at_worst, worst_money, worst_qty
from stopline.measures.margin import cash_class_margin, futures_margin, weighted_contracts
from stopline.measures.pnl import money_of
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import MAX_SCALED, Price, Ratio
from stopline.state.market import PositionValue, Valuation
from stopline.state.positions import Position

UNCOUNTABLE: Final = MAX_SCALED // 16 * VALUE_SCALE
"""A mark that makes a position worth more than this cannot be true, and counts as none: sums stay below 2**63."""


def revalue(valuation: Valuation, position: Position, instrument: Instrument, mark: Price | None, ratio: Ratio) -> None:
    """Bring the sums up to date with a position, its orders and its mark."""
    value = valuation.by_instrument.get(instrument.instrument_id)
    if value is None:
        value = valuation.by_instrument[instrument.instrument_id] = PositionValue()
    _take_out(valuation, value)
    _measure(value, position, instrument, mark, ratio)
    _put_in(valuation, value)


def _measure(
    value: PositionValue, position: Position, instrument: Instrument, mark: Price | None, ratio: Ratio
) -> None:
    qty = position.qty
    if mark is not None and abs(qty * mark) * instrument.multiplier > UNCOUNTABLE:
        mark = None
    is_future = instrument.asset_class is AssetClass.FUTURE
    value.is_open = qty != 0 or position.working_buys != 0 or position.working_sells != 0
    value.is_unmarked = qty != 0 and mark is None
    value.is_unpriced = value.is_unmarked or position.unvalued_orders > 0
    value.mark, value.worth_of_mark = mark, instrument.multiplier
    value.value = at_worst = 0
    if qty and mark is not None:
        value.value = money_of(qty, mark, instrument.multiplier)
        at_worst = position_value_at_worst(qty, mark, instrument.multiplier)
    basis = position.session_cost
    value.session_basis = basis - position.cost if is_future else basis
    value.market_value = (value.value - position.cost if is_future else value.value) if mark is not None else 0
    value.unrealized = value.value - basis if qty and mark is not None else 0
    value.open_pnl = value.value - position.cost if qty and mark is not None else 0
    value.net_high = at_worst + position.buy_money
    value.net_low = at_worst - position.sell_money
    money = worst_money(at_worst, position.buy_money, position.sell_money)
    value.contracts = 0
    if is_future:
        worst = worst_qty(qty + position.working_buys, qty - position.working_sells)
        value.contracts = weighted_contracts(worst, instrument.contract_weight)
        per_contract = instrument.initial_margin
        value.is_unmargined = per_contract is None and worst != 0
        value.margin = 0 if per_contract is None else futures_margin(worst, per_contract)
        value.worst_money = money if money >= value.margin else value.margin
    else:
        value.worst_money = money
        value.margin = cash_class_margin(money, ratio)


def _take_out(valuation: Valuation, value: PositionValue) -> None:
    valuation.market_value -= value.market_value
    valuation.unrealized -= value.unrealized
    valuation.open_pnl -= value.open_pnl
    valuation.session_basis -= value.session_basis
    valuation.gross_worst -= value.worst_money
    valuation.net_high -= value.net_high
    valuation.net_low -= value.net_low
    valuation.margin -= value.margin
    valuation.contracts -= value.contracts
    valuation.open_instruments -= value.is_open
    valuation.unmarked -= value.is_unmarked
    valuation.unpriced -= value.is_unpriced
    valuation.unmargined -= value.is_unmargined


def _put_in(valuation: Valuation, value: PositionValue) -> None:
    valuation.market_value += value.market_value
    valuation.unrealized += value.unrealized
    valuation.open_pnl += value.open_pnl
    valuation.session_basis += value.session_basis
    valuation.gross_worst += value.worst_money
    valuation.net_high += value.net_high
    valuation.net_low += value.net_low
    valuation.margin += value.margin
    valuation.contracts += value.contracts
    valuation.open_instruments += value.is_open
    valuation.unmarked += value.is_unmarked
    valuation.unpriced += value.is_unpriced
    valuation.unmargined += value.is_unmargined
