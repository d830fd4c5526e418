"""Positions as people see them: what is held, what it is worth, and where working orders could take it."""

from msgspec import Struct

from stopline.measures.average import average_price
from stopline.model.instrument import Instrument
from stopline.model.numbers import PRICE_ONE, Money, Qty, render_money, render_qty
from stopline.state.market import PositionValue
from stopline.state.positions import Position
from stopline.state.view import AccountView, StateView
from stopline.views.wire import (
    DecimalText,
    InstantText,
    optional_instant,
    optional_money,
    optional_price,
    symbol_of,
)


class PositionBody(Struct):
    """One instrument of one account. Null is unknown: an unpriced position is never worth zero.

    `highest` and `lowest` are what it becomes if every working buy, or every working sell,
    fills; limits test the larger of both. `effective_position` is document 001's figure,
    shown and never decided by.
    """

    account: str
    instrument_id: str
    symbol: str
    side: str
    qty: DecimalText
    avg_entry_price: DecimalText | None
    mark_price: DecimalText | None
    mark_at: InstantText | None
    market_value: DecimalText | None
    unrealized_pnl: DecimalText | None
    open_pnl: DecimalText | None
    realized_pnl: DecimalText
    realized_pnl_entry: DecimalText
    fees: DecimalText
    working_buys: DecimalText
    working_sells: DecimalText
    highest: DecimalText
    lowest: DecimalText
    effective_position: DecimalText
    worst_money: DecimalText | None
    unpriced: bool


_UNVALUED = PositionValue(is_unpriced=True)


def position_body(account: AccountView, position: Position, state: StateView) -> PositionBody:
    """Return one position."""
    instrument_id = position.instrument_id
    value = account.valuation.by_instrument.get(instrument_id, _UNVALUED)
    quote = state.market.quotes.get(instrument_id)
    unpriced = position.qty != 0 and value.mark is None
    return PositionBody(
        account=account.terms.account,
        instrument_id=instrument_id,
        symbol=symbol_of(instrument_id),
        side=side_of(position.qty),
        qty=render_qty(position.qty),
        avg_entry_price=optional_price(entry_price(position, state.instruments.get(instrument_id))),
        mark_price=optional_price(value.mark),
        mark_at=None if quote is None or value.mark is None else optional_instant(quote.mark_at),
        market_value=_unless(unpriced, value.value),
        unrealized_pnl=_unless(unpriced, value.unrealized),
        open_pnl=_unless(unpriced, value.open_pnl),
        realized_pnl=render_money(position.realized_session),
        realized_pnl_entry=render_money(position.realized_entry),
        fees=render_money(position.fees),
        working_buys=render_qty(position.working_buys),
        working_sells=render_qty(position.working_sells),
        highest=render_qty(position.highest),
        lowest=render_qty(position.lowest),
        effective_position=render_qty(position.qty + position.working_buys - position.working_sells),
        worst_money=_unless(value.is_unpriced, value.worst_money),
        unpriced=unpriced,
    )


def side_of(qty: Qty) -> str:
    """Return long, short or flat."""
    if qty == 0:
        return "flat"
    return "long" if qty > 0 else "short"


def entry_price(position: Position, instrument: Instrument | None) -> int | None:
    """Return what a unit cost at entry, rounded for the eye only."""
    multiplier = PRICE_ONE if instrument is None else instrument.multiplier
    return average_price(position.cost, position.qty, multiplier)


def positions_of(account: AccountView, state: StateView) -> list[PositionBody]:
    """Return what the account holds or works, by symbol."""
    shown = [
        position_body(account, position, state)
        for position in account.positions.values()
        if position.qty or position.working_buys or position.working_sells
    ]
    return sorted(shown, key=lambda body: body.instrument_id)


def unpriced_symbols(account: AccountView) -> list[str]:
    """Return the instruments that hold the account's figures back, by symbol."""
    values = account.valuation.by_instrument
    return sorted(symbol_of(name) for name, value in values.items() if value.is_unpriced)


def _unless(unknown: bool, value: Money) -> str | None:
    return None if unknown else optional_money(value)
