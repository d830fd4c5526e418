"""Positions, the account and assets of the engine as Alpaca shows them. What nobody knows is null, never zero."""

from typing import Final

from stopline.dialects.alpaca.account import ACCOUNT, Account
from stopline.dialects.alpaca.assets import Asset
from stopline.dialects.alpaca.exact_json import Json
from stopline.dialects.alpaca.positions import Position
from stopline.doors.alpaca.ids import account_uuid, asset_uuid
from stopline.doors.alpaca.show import US_EQUITY
from stopline.measures.margin import maintenance_margin
from stopline.model.account import TradingState
from stopline.model.instrument import AssetClass, Instrument, InstrumentStatus
from stopline.model.numbers import QTY_ONE, RATIO_ONE, Money, Ratio, div_half_even
from stopline.state.account import AccountState
from stopline.state.market import PositionValue
from stopline.state.positions import Position as Held
from stopline.state.view import StateView
from stopline.views.positions import entry_price

_UNVALUED: Final = PositionValue(is_unmarked=True)
_OF_EQUITY: Final = (
    "equity portfolio_value buying_power regt_buying_power non_marginable_buying_power initial_margin "
    "maintenance_margin long_market_value short_market_value"
).split()
_TRADED: Final = (InstrumentStatus.OPEN, InstrumentStatus.OFF_HOURS, InstrumentStatus.CLOSED)


def is_spoken_of(instrument: Instrument | None) -> bool:
    """Return whether Alpaca's language has a word for it here: futures and forex are no assets of Alpaca's."""
    return instrument is not None and instrument.asset_class is AssetClass.EQUITY


def show_positions(account: AccountState, state: StateView) -> list[Position]:
    """Return what is held, by symbol."""
    held = sorted((each for each in account.positions.values() if each.qty), key=lambda each: each.instrument_id)
    listed = [(each, state.instruments.get(each.instrument_id)) for each in held]
    return [show_position(account, each, found) for each, found in listed if found is not None and is_spoken_of(found)]


def show_position(account: AccountState, held: Held, instrument: Instrument) -> Position:
    """Return what is held of one instrument; the day's figures count from the session's open."""
    value = account.valuation.by_instrument.get(held.instrument_id, _UNVALUED)
    is_priced = value.mark is not None
    working = held.working_sells if held.qty > 0 else held.working_buys
    free = max(abs(held.qty) - working, 0)
    return Position(
        symbol=instrument.symbol,
        qty=held.qty,
        side="long" if held.qty > 0 else "short",
        asset_id=asset_uuid(held.instrument_id),
        asset_class=US_EQUITY,
        asset_marginable=account.terms.margin_account,
        avg_entry_price=entry_price(held, instrument),
        cost_basis=held.cost,
        market_value=value.value if is_priced else None,
        unrealized_pl=value.open_pnl if is_priced else None,
        unrealized_plpc=_share(value.open_pnl, abs(held.cost)) if is_priced else None,
        unrealized_intraday_pl=value.unrealized if is_priced else None,
        unrealized_intraday_plpc=_share(value.unrealized, abs(held.session_cost)) if is_priced else None,
        current_price=value.mark,
        lastday_price=held.session_mark,
        change_today=_change(value.mark, held.session_mark),
        qty_available=free if held.qty > 0 else -free,
    )


def _change(mark: int | None, before: int | None) -> Ratio | None:
    return None if mark is None or before is None else _share(mark - before, before)


def _share(part: int, whole: int) -> Ratio:
    return div_half_even(part * RATIO_ONE, whole) if whole > 0 else 0


def show_account(account: AccountState, state: StateView) -> dict[str, Json]:
    """Return the account; with a position that nobody can price, its money is null."""
    terms, equity = account.terms, account.equity()
    values = [value.value for value in account.valuation.by_instrument.values() if value.is_open]
    free = None if equity is None or account.valuation.unmargined else max(equity - account.valuation.margin, 0)
    power = _power(account, free)
    known = Account(
        id=account_uuid(terms.account),
        account_number=terms.account,
        status="ACTIVE",
        currency=terms.currency,
        cash=account.cash,
        equity=equity or 0,
        portfolio_value=equity,
        buying_power=power,
        regt_buying_power=power,
        non_marginable_buying_power=free,
        options_buying_power=0,
        last_equity=account.day.baseline,
        long_market_value=sum(value for value in values if value > 0),
        short_market_value=sum(value for value in values if value < 0),
        initial_margin=account.valuation.margin,
        maintenance_margin=_maintenance(account, state),
        multiplier=str(RATIO_ONE // terms.initial_margin) if terms.margin_account and terms.initial_margin else "1",
        shorting_enabled=terms.margin_account and account.limits.own().short_sale is not False,
        trading_blocked=account.trading_state is not TradingState.ACTIVE,
        account_blocked=account.trading_state is TradingState.HALTED,
        trade_suspended_by_user=account.trading_state is TradingState.HALTED,
        options_approved_level=0,
        options_trading_level=0,
    )
    shown = ACCOUNT.render(known)
    return shown if equity is not None else shown | dict.fromkeys(_OF_EQUITY)


def _power(account: AccountState, free: Money | None) -> Money | None:
    """Return what free money can buy on the account's own margin."""
    terms = account.terms
    if free is None or not (terms.margin_account and terms.initial_margin):
        return free
    return free * RATIO_ONE // terms.initial_margin


def _maintenance(account: AccountState, state: StateView) -> Money | None:
    """Return what must be kept for all positions; None while one of them has no margin that is known."""
    total = 0
    for held in account.positions.values():
        if held.qty:
            instrument = state.instruments.get(held.instrument_id)
            value = account.valuation.by_instrument.get(held.instrument_id, _UNVALUED)
            if instrument is None:
                return None
            kept = maintenance_margin(account.terms, instrument, held.qty, value.value)
            if kept is None:
                return None
            total += kept
    return total


def show_asset(instrument: Instrument, account: AccountState) -> Asset:
    """Return what can be traded of an instrument; where it is listed is not known here."""
    is_shortable = account.terms.margin_account and instrument.shortable is not False
    return Asset(
        id=asset_uuid(instrument.instrument_id),
        symbol=instrument.symbol,
        asset_class=US_EQUITY,
        name=instrument.symbol,
        tradable=instrument.status in _TRADED,
        marginable=account.terms.margin_account,
        shortable=is_shortable,
        easy_to_borrow=is_shortable,
        fractionable=instrument.lot_size < QTY_ONE,
        price_increment=instrument.tick_size,
        min_trade_increment=instrument.lot_size,
    )
