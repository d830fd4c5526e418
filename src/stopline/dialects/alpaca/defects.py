"""What an order must look like, whoever sends it and whatever is held."""

from typing import Final

from stopline.dialects.alpaca.create import CreateOrder
from stopline.dialects.alpaca.errors import ApiError
from stopline.dialects.alpaca.refusals import invalid, unprocessable
from stopline.model.numbers import PRICE_ONE, QTY_ONE, Price, render_scaled
from stopline.model.order import OrderClass, OrderType, Side, TimeInForce

CENT: Final[Price] = PRICE_ONE // 100
_T, _F, _C = OrderType, TimeInForce, OrderClass
_LIMITED: Final = (_T.LIMIT, _T.STOP_LIMIT)
_STOPPED: Final = (_T.STOP, _T.STOP_LIMIT)
_PLAIN: Final = (_T.MARKET, _T.LIMIT)
_RESTING: Final = (_F.DAY, _F.GTC)


def defect(order: CreateOrder) -> ApiError | None:
    """Return the first thing that is wrong with an order by itself, or None."""
    return _amount(order) or _prices(order) or _time(order) or _class(order)


def _amount(order: CreateOrder) -> ApiError | None:
    if order.qty is None and order.notional is None:
        return invalid("qty or notional is required")
    if order.qty is not None and order.notional is not None:
        return invalid("only one of qty or notional is accepted")
    if order.qty is not None and order.qty <= 0:
        return invalid("qty must be > 0")
    if order.notional is not None and order.notional < PRICE_ONE:
        return invalid("notional must be >= 1.00")
    if order.notional is not None and order.order_type is not _T.MARKET:
        return unprocessable("notional orders must be market orders")
    if is_fractional(order) and order.time_in_force is not _F.DAY:
        return unprocessable("fractional orders must be DAY orders")
    if is_fractional(order) and order.order_class is not _C.SIMPLE:
        return unprocessable("fractional orders must be simple orders")
    return None


def is_fractional(order: CreateOrder) -> bool:
    """Return whether an order is for parts of a share."""
    return order.notional is not None or (order.qty or 0) % QTY_ONE != 0


def _prices(order: CreateOrder) -> ApiError | None:
    kind = order.order_type
    is_oco = order.order_class is _C.OCO  # its limit may stand in take_profit
    if kind is _T.MARKET and (order.limit_price is not None or order.stop_price is not None):
        return invalid("market orders require no stop or limit price")
    if (order.limit_price is not None) is not (kind in _LIMITED) and not is_oco:
        return invalid(f"{kind} orders require {'a' if kind in _LIMITED else 'no'} limit_price")
    if (order.stop_price is not None) is not (kind in _STOPPED):
        return invalid(f"{kind} orders require {'a' if kind in _STOPPED else 'no'} stop_price")
    trails = sum(each is not None for each in (order.trail_price, order.trail_percent))
    if kind is _T.TRAILING_STOP and trails != 1:
        return invalid("trailing stop orders must specify one of trail_price or trail_percent")
    if kind is not _T.TRAILING_STOP and trails:
        return invalid(f"{kind} orders require no trail_price or trail_percent")
    if any(each is not None and each <= 0 for each in (order.trail_price, order.trail_percent)):
        return invalid("trail must be > 0")
    return next((wrong for name, price in _named_prices(order) if (wrong := price_defect(name, price))), None)


def _named_prices(order: CreateOrder) -> tuple[tuple[str, Price | None], ...]:
    return (
        ("limit_price", order.limit_price),
        ("stop_price", order.stop_price),
        ("take_profit.limit_price", order.take_profit),
        ("stop_loss.stop_price", order.stop_loss),
        ("stop_loss.limit_price", order.stop_loss_limit),
    )


def price_defect(name: str, price: Price | None) -> ApiError | None:
    """Return what is wrong with a price: not positive, or finer than a cent (a hundredth of one below a dollar)."""
    if price is None:
        return None
    if price <= 0:
        return invalid(f"{name} must be > 0")
    if price % (CENT if price >= PRICE_ONE else CENT // 100):
        shown = render_scaled(price, 8)
        return unprocessable(f"invalid {name} {shown}. sub-penny increment does not fulfill minimum pricing criteria")
    return None


def _time(order: CreateOrder) -> ApiError | None:
    tif = order.time_in_force
    if order.extended_hours and not (order.order_type is _T.LIMIT and tif in _RESTING):
        return unprocessable("extended hours order must be DAY or GTC limit orders")
    if tif not in _RESTING and order.order_type not in _PLAIN:
        return unprocessable(f"{tif} orders must be market or limit orders")
    return None


def _class(order: CreateOrder) -> ApiError | None:
    kind, profit, loss = order.order_class, order.take_profit, order.stop_loss
    if order.stop_loss_limit is not None and loss is None:
        return invalid(f"{kind} orders require stop_loss.stop_price")
    if kind is _C.SIMPLE:
        return invalid("simple orders require no take_profit or stop_loss") if profit or loss else None
    if kind in (_C.BRACKET, _C.OCO):
        missing = "take_profit.limit_price" if profit is None else "stop_loss.stop_price" if loss is None else ""
        if missing:
            return invalid(f"{kind} orders require {missing}")
    elif (profit is None) is (loss is None):
        return invalid("oto orders require either take_profit or stop_loss")
    if order.time_in_force not in _RESTING:
        return unprocessable(f"{kind} orders must be DAY or GTC orders")
    if order.extended_hours:
        return unprocessable(f"{kind} orders are not for extended hours")
    if kind is _C.OCO and order.order_type is not _T.LIMIT:
        return invalid("oco orders must be limit orders")
    if kind is not _C.OCO and order.order_type is _T.TRAILING_STOP:
        return unprocessable(f"{kind} orders cannot be trailing stops")
    return _legs(order, order.limit_price or order.stop_price)


def _legs(order: CreateOrder, base: Price | None) -> ApiError | None:
    """Return what is wrong with exits: the profit must lie beyond the stop, and the entry between them."""
    is_exit_sell = (order.side is Side.SELL) is (order.order_class is OrderClass.OCO)
    sign = 1 if is_exit_sell else -1
    profit, loss = order.take_profit, order.stop_loss
    side, beyond = ("<=", ">=") if is_exit_sell else (">=", "<=")
    if profit is not None and loss is not None and (profit - loss) * sign <= 0:
        return unprocessable(f"take_profit.limit_price must be {beyond} stop_loss.stop_price + 0.01")
    if base is None or order.order_class is OrderClass.OCO:
        return None
    if profit is not None and (profit - base) * sign < CENT:
        return unprocessable(f"take_profit.limit_price must be {beyond} base_price + 0.01")
    if loss is not None and (base - loss) * sign < CENT:
        return unprocessable(f"stop_loss.stop_price must be {side} base_price - 0.01")
    return None
