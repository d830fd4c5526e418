"""Orders, positions and the account as Alpaca shows them."""

from stopline.dialects.alpaca.account import Account
from stopline.dialects.alpaca.orders import Order
from stopline.dialects.alpaca.positions import Position
from stopline.measures.pnl import money_of
from stopline.model.numbers import PRICE_ONE, QTY_ONE, RATIO_ONE, Money, Price, Qty, Ratio, div_half_even
from stopline.sim.alpaca.assets import Assets
from stopline.sim.alpaca.book import Book, SimOrder
from stopline.sim.alpaca.ids import ACCOUNT, make_id
from stopline.sim.alpaca.money import Purse, free_to_close

ACCOUNT_ID = make_id(ACCOUNT, 1)
ACCOUNT_NUMBER = "PASIM00001"


def show_order(book: Book, assets: Assets, order: SimOrder, *, with_legs: bool) -> Order:
    """Return an order; with its legs where it has any and they are asked for."""
    legs = [show_order(book, assets, book.orders[leg], with_legs=False) for leg in order.legs] if with_legs else []
    return Order(
        id=order.id,
        status=order.status,
        client_order_id=order.client_order_id,
        created_at=order.created_at,
        updated_at=order.updated_at,
        submitted_at=order.created_at,
        filled_at=order.filled_at,
        expired_at=order.expired_at,
        expires_at=order.expires_at or None,
        canceled_at=order.canceled_at,
        failed_at=order.failed_at,
        replaced_at=order.replaced_at,
        replaced_by=order.replaced_by,
        replaces=order.replaces,
        asset_id=assets.id(order.symbol),
        symbol=order.symbol,
        asset_class="us_equity",
        notional=order.notional,
        qty=None if order.notional is not None else order.qty,
        filled_qty=order.filled_qty,
        filled_avg_price=order.filled_avg_price,
        order_class=order.order_class,
        order_type=order.order_type,
        side=order.side,
        position_intent=order.position_intent,
        time_in_force=order.time_in_force,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        extended_hours=order.extended_hours,
        legs=tuple(legs) or None,
        trail_percent=order.trail_percent,
        trail_price=order.trail_price,
        hwm=order.hwm,
    )


def show_position(book: Book, assets: Assets, purse: Purse, symbol: str) -> Position:
    """Return what is held of a symbol; the day's figures count from the last close."""
    held = book.holding(symbol)
    value = purse.value(symbol)
    price = purse.price(symbol)
    lastday = book.lastday.get(symbol, price)
    today = held.cost if lastday is None else money_of(held.qty, lastday, PRICE_ONE)
    free = free_to_close(book, symbol)
    return Position(
        symbol=symbol,
        qty=held.qty,
        side="long" if held.qty > 0 else "short",
        asset_id=assets.id(symbol),
        exchange=assets.exchange(symbol),
        asset_marginable=True,
        avg_entry_price=_average(held.cost, held.qty),
        cost_basis=held.cost,
        market_value=value,
        unrealized_pl=value - held.cost,
        unrealized_plpc=_share(value - held.cost, abs(held.cost)),
        unrealized_intraday_pl=value - today,
        unrealized_intraday_plpc=_share(value - today, abs(today)),
        current_price=price,
        lastday_price=lastday,
        change_today=_share((price or 0) - (lastday or 0), lastday or 0),
        qty_available=free if held.qty > 0 else -free,
    )


def show_account(book: Book, purse: Purse) -> Account:
    """Return the account."""
    multiplier = purse.multiplier
    suspended = bool(book.configurations.suspend_trade)
    equity, power = purse.equity(), purse.buying_power()
    return Account(
        id=ACCOUNT_ID,
        account_number=ACCOUNT_NUMBER,
        status="ACTIVE",
        crypto_status="INACTIVE",
        cash=book.cash,
        equity=equity,
        portfolio_value=equity,
        buying_power=power,
        regt_buying_power=purse.excess_power(min(multiplier, 2)),
        non_marginable_buying_power=purse.excess_power(1),
        options_buying_power=0,
        last_equity=book.last_equity,
        long_market_value=purse.long_value(),
        short_market_value=purse.short_value(),
        initial_margin=purse.initial_margin(),
        maintenance_margin=purse.maintenance_margin(),
        last_maintenance_margin=0,
        sma=0,
        accrued_fees=0,
        pending_transfer_in=0,
        pending_transfer_out=0,
        intraday_adjustments=0,
        multiplier=str(multiplier),
        shorting_enabled=multiplier > 1 and not book.configurations.no_shorting,
        trade_suspended_by_user=suspended,
        created_at=book.began_at,
        options_approved_level=0,
        options_trading_level=0,
    )


def _average(cost: Money, qty: Qty) -> Price:
    return div_half_even(abs(cost) * QTY_ONE, abs(qty))


def _share(part: int, whole: int) -> Ratio:
    return div_half_even(part * RATIO_ONE, whole) if whole > 0 else 0
