"""Deny an order that is not an order: nothing could judge it, or the broker would not take it.

Measures   the order against its instrument's terms (tick, lot, sizes, sign of the price), against
           itself (prices that its type needs, expiry, legs, how it ends) and against what the broker takes.
Boundary   exactly min_qty and max_qty pass; an expiry must lie after now.
Exits      bound, for a malformed exit would be rejected anyway. But an exit of the whole position
           is held by no lot, minimum or maximum, and no exit by an option or a missing rate.
No data    an unknown instrument is denied. While the broker has not said what it takes, that part
           is left to `connection`.
Source     semantics.md sections 5 (1), 1 (numbers) and 12 (2**63); reliability.md F39, F40 and I22.

It says only one thing at a time: the first that is wrong. It does not look at the market:
an absurd price is `price_collar`'s.
"""

from enum import IntEnum
from typing import ClassVar, Final, Self

from stopline.checks.base import Armament, Candidate, Check
from stopline.model.capabilities import Capabilities
from stopline.model.ending import unfit_end
from stopline.model.instants import render_instant
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.legs import misfit
from stopline.model.numbers import MAX_SCALED, RATIO_ONE, Price, render_money, render_price, render_qty
from stopline.model.order import OrderClass, OrderRequest, OrderType, TimeInForce
from stopline.model.routing import can_route, can_time
from stopline.model.unknown_symbol import unknown_symbol
from stopline.model.verdict import Unit
from stopline.state.view import AccountView


class Defect(IntEnum):
    """What is wrong with an order; 0 is nothing."""

    UNKNOWN_INSTRUMENT = 1
    OPTION = 2
    NO_RATE = 3
    WRONG_CURRENCY = 4
    NO_QTY = 5
    NO_SIZE_IN_MONEY = 6
    OFF_LOT = 7
    BELOW_MIN_QTY = 8
    ABOVE_MAX_QTY = 9
    NO_LIMIT_PRICE = 10
    NEEDLESS_LIMIT_PRICE = 11
    NO_STOP_PRICE = 12
    NEEDLESS_STOP_PRICE = 13
    NO_TRAIL = 14
    NEEDLESS_TRAIL = 15
    OFF_TICK = 16
    PRICE_NOT_POSITIVE = 17
    LEGS_WITHOUT_CLASS = 18
    TOO_LARGE = 19
    NO_EXPIRY = 20
    NEEDLESS_EXPIRY = 21
    EXPIRY_PAST = 22
    EXTENDED_HOURS_TERMS = 23
    NOT_REDUCING = 24
    BROKER_ORDER_TYPE = 25
    BROKER_TIME_IN_FORCE = 26
    LEGS_UNFIT = 27
    BROKER_EXTENDED_HOURS = 28
    CONDITION_EMPTY = 29
    OCO_OPENS = 30
    LEGS_OF_EXIT = 31
    END_UNFIT = 32
    PARTIAL_OF_EXIT = 33


_LIMIT: Final = OrderType.LIMIT
_STOP: Final = OrderType.STOP
_STOP_LIMIT: Final = OrderType.STOP_LIMIT
_TRAILING: Final = OrderType.TRAILING_STOP
_GTD: Final = TimeInForce.GTD
_SIMPLE: Final = OrderClass.SIMPLE
_OPTION: Final = AssetClass.OPTION
_EXTENDED_TIMES: Final = (TimeInForce.DAY, TimeInForce.GTC)


class OrderWellFormed(Check, frozen=True, gc=False):
    """Observes the number of the first defect found, 0 for none.

    `OrderWellFormed()` with nothing said is enough to explain an unknown instrument.
    """

    limit: int = 0
    currency: str = ""
    capabilities: Capabilities | None = None
    plain_times: tuple[TimeInForce, ...] = ()
    """For which a plain limit order may stand here; empty where there can be no plain one."""

    name: ClassVar[str] = "order_well_formed"
    unit: ClassVar[Unit] = Unit.STATE
    binds_exits: ClassVar[bool] = True

    @classmethod
    def arm(cls, armament: Armament) -> Self:
        """Armed always."""
        currency, offer = armament.terms.currency, armament.capabilities
        return cls(0, currency, offer, _plain_times(armament.instrument, currency, offer))

    def observe(self, order: Candidate, account: AccountView) -> int:
        """Return the first defect, or 0."""
        instrument = order.instrument
        if instrument is None:
            return Defect.UNKNOWN_INSTRUMENT
        request = order.request
        if request.time_in_force in self.plain_times and _is_plain(order, request, instrument):
            return 0
        return self.first_defect(order, request, instrument)

    def first_defect(self, order: Candidate, request: OrderRequest, instrument: Instrument) -> int:
        """Return the first defect, or 0, looking at everything."""
        return (
            self._kind_defect(order, request, instrument)
            or _qty_defect(order, request, instrument)
            or _terms_defect(request)
            or _price_defect(request, instrument)
            or _class_defect(order, request)
            or _time_defect(order, request)
            or _end_defect(order, request)
            or self._broker_defect(request)
        )

    def _kind_defect(self, order: Candidate, request: OrderRequest, instrument: Instrument) -> int:
        if instrument.asset_class is _OPTION and not order.is_reducing:
            return Defect.OPTION
        if instrument.currency != self.currency and not order.is_reducing:
            return Defect.NO_RATE
        if request.currency and request.currency != instrument.currency:
            return Defect.WRONG_CURRENCY
        if request.reduce_only and not order.is_reducing:
            return Defect.NOT_REDUCING
        return 0

    def _broker_defect(self, request: OrderRequest) -> int:
        offer = self.capabilities
        if offer is None:
            return 0
        if not can_route(request.order_type, offer):
            return Defect.BROKER_ORDER_TYPE
        if not can_time(request.time_in_force, offer):
            return Defect.BROKER_TIME_IN_FORCE
        if request.extended_hours and not offer.extended_hours:
            return Defect.BROKER_EXTENDED_HOURS
        return 0

    def reason(self, observed: int | None, order: Candidate) -> str:
        """Return what is wrong, and what would be right."""
        if not observed:
            return "the order is well formed"
        defect = Defect(observed)
        if defect is Defect.OFF_TICK:
            return _off_tick_reason(order)
        if defect is Defect.LEGS_UNFIT:
            return misfit(order.request)
        if defect is Defect.END_UNFIT:
            return unfit_end(order.request)
        if defect is Defect.UNKNOWN_INSTRUMENT:
            return unknown_symbol(order.symbol or order.request.instrument_id, order.instruments)
        return _TEXTS[defect].format_map(self._facts(order))

    def _facts(self, order: Candidate) -> dict[str, object]:
        """Return what the sentences speak of."""
        request, instrument, offer = order.request, order.instrument, self.capabilities
        facts: dict[str, object] = {
            "symbol": order.symbol or request.instrument_id,
            "qty": render_qty(order.order_qty),
            "type": request.order_type,
            "time": request.time_in_force,
            "kind": request.order_class,
            "at": render_instant(order.at),
            "expiry": "" if request.expire_at is None else render_instant(request.expire_at),
            "account_currency": self.currency,
            "order_currency": request.currency,
        }
        if instrument is not None:
            lot = instrument.lot_size
            below = request.order_qty // lot * lot
            facts |= {
                "currency": instrument.currency,
                "asked": render_qty(request.order_qty),
                "lot": render_qty(lot),
                "below": render_qty(below) if below else "none",
                "above": render_qty(below + lot),
                "min_qty": render_qty(instrument.min_qty),
                "max_qty": render_qty(instrument.max_qty or 0),
                "largest": render_money(MAX_SCALED),
            }
        if offer is not None:
            facts |= {
                "types": ", ".join(offer.order_types),
                "times": ", ".join(offer.times_in_force),
            }
        return facts


def _plain_times(instrument: Instrument, currency: str, offer: Capabilities | None) -> tuple[TimeInForce, ...]:
    """Return for how long a plain limit order may stand; nothing if every order needs the long look."""
    if instrument.asset_class is _OPTION or instrument.currency != currency:
        return ()
    if offer is None:
        return tuple(time for time in TimeInForce if time is not _GTD)
    if _LIMIT not in offer.order_types:
        return ()
    return tuple(time for time in offer.times_in_force if time is not _GTD)


def _is_plain(order: Candidate, request: OrderRequest, instrument: Instrument) -> bool:
    """Return whether it is a limit order with nothing special about it: the short look, for most orders.

    It may say no to an order without a defect, never yes to one with a defect.
    """
    limit, qty, worth, gross = request.limit_price, request.order_qty, order.order_notional, order.gross_after
    return (
        request.order_type is _LIMIT
        and limit is not None
        and limit > 0
        and limit % instrument.tick_size == 0
        and request.stop_price is None
        and order.order_qty > 0
        and qty % instrument.lot_size == 0
        and qty >= instrument.min_qty
        and (instrument.max_qty is None or qty <= instrument.max_qty)
        and worth is not None
        and worth <= MAX_SCALED
        and gross is not None
        and gross <= MAX_SCALED
        and order.worst_qty_after <= MAX_SCALED
        and request.order_class is _SIMPLE
        and request.take_profit is None
        and request.stop_loss is None
        and request.stop_loss_limit is None
        and request.trail_amount is None
        and request.trail_percent is None
        and request.expire_at is None
        and request.notional is None
        and request.condition is None
        and request.cancel_after is None
        and not request.cancels_rest
        and request.partial_timeout is None
        and not request.reduce_only
        and not request.extended_hours
        and not request.currency
    )


def _qty_defect(order: Candidate, request: OrderRequest, instrument: Instrument) -> int:
    if order.order_qty <= 0:
        return Defect.NO_QTY if request.notional is None else Defect.NO_SIZE_IN_MONEY
    if (order.order_notional or 0) > MAX_SCALED:
        return Defect.TOO_LARGE
    largest = max(order.worst_qty_after, order.gross_after or 0)
    if largest > MAX_SCALED and not order.is_reducing:
        return Defect.TOO_LARGE
    qty, most = request.order_qty, instrument.max_qty
    if request.notional is not None:
        return 0
    if qty % instrument.lot_size == 0 and qty >= instrument.min_qty and (most is None or qty <= most):
        return 0
    if _closes_all(order):
        return 0
    if qty % instrument.lot_size:
        return Defect.OFF_LOT
    return Defect.BELOW_MIN_QTY if qty < instrument.min_qty else Defect.ABOVE_MAX_QTY


def _closes_all(order: Candidate) -> bool:
    """Return whether the order takes the whole position to flat: what is held may be odd."""
    position = order.position
    return order.is_reducing and position is not None and order.order_qty == abs(position.qty)


def _terms_defect(request: OrderRequest) -> int:
    """Compare the order's type with the terms that it gives."""
    kind = request.order_type
    if kind is _LIMIT or kind is _STOP_LIMIT:
        if request.limit_price is None:
            return Defect.NO_LIMIT_PRICE
    elif request.limit_price is not None:
        return Defect.NEEDLESS_LIMIT_PRICE
    if kind is _STOP or kind is _STOP_LIMIT:
        if request.stop_price is None:
            return Defect.NO_STOP_PRICE
    elif request.stop_price is not None and kind is not _TRAILING:
        return Defect.NEEDLESS_STOP_PRICE
    if kind is _TRAILING:
        if not _trails(request):
            return Defect.NO_TRAIL
    elif request.trail_amount is not None or request.trail_percent is not None:
        return Defect.NEEDLESS_TRAIL
    return 0


def _trails(request: OrderRequest) -> bool:
    """Return whether exactly one of both says how far, and sensibly."""
    amount, percent = request.trail_amount, request.trail_percent
    if amount is None:
        return percent is not None and 0 < percent < RATIO_ONE
    return percent is None and amount > 0


def _price_defect(request: OrderRequest, instrument: Instrument) -> int:
    tick = instrument.tick_size
    least = -MAX_SCALED if instrument.price_may_be_negative else 1
    limit, stop = request.limit_price, request.stop_price
    if limit is not None:
        if limit < least:
            return Defect.PRICE_NOT_POSITIVE
        if limit % tick:
            return Defect.OFF_TICK
    if stop is not None:
        if stop < least:
            return Defect.PRICE_NOT_POSITIVE
        if stop % tick:
            return Defect.OFF_TICK
    if request.trail_amount is not None and request.trail_amount % tick:
        return Defect.OFF_TICK
    if request.take_profit is None and request.stop_loss is None and request.stop_loss_limit is None:
        return 0
    if request.order_class is _SIMPLE:
        return Defect.LEGS_WITHOUT_CLASS
    return _leg_defect(request, tick, least)


def _class_defect(order: Candidate, request: OrderRequest) -> int:
    condition = request.condition
    if condition is not None and condition.price is None and condition.after is None:
        return Defect.CONDITION_EMPTY
    if request.order_class is _SIMPLE:
        return 0
    if misfit(request):
        return Defect.LEGS_UNFIT
    if request.order_class is OrderClass.OCO:
        return 0 if order.is_reducing else Defect.OCO_OPENS
    return Defect.LEGS_OF_EXIT if order.is_reducing else 0


def _leg_defect(request: OrderRequest, tick: Price, least: Price) -> int:
    for price in (request.take_profit, request.stop_loss, request.stop_loss_limit):
        if price is None:
            continue
        if price < least:
            return Defect.PRICE_NOT_POSITIVE
        if price % tick:
            return Defect.OFF_TICK
    return 0


def _time_defect(order: Candidate, request: OrderRequest) -> int:
    if request.time_in_force is _GTD:
        if request.expire_at is None:
            return Defect.NO_EXPIRY
        if request.expire_at <= order.at:
            return Defect.EXPIRY_PAST
    elif request.expire_at is not None:
        return Defect.NEEDLESS_EXPIRY
    if request.extended_hours and not (request.order_type is _LIMIT and request.time_in_force in _EXTENDED_TIMES):
        return Defect.EXTENDED_HOURS_TERMS
    return 0


def _end_defect(order: Candidate, request: OrderRequest) -> int:
    if unfit_end(request):
        return Defect.END_UNFIT
    return Defect.PARTIAL_OF_EXIT if request.cancels_rest and order.is_reducing else 0


def _off_tick_reason(order: Candidate) -> str:
    """Return which price is off the tick, and its neighbours that are not."""
    request, instrument = order.request, order.instrument
    tick = 1 if instrument is None else instrument.tick_size
    named = ("limit_price", "stop_price", "trail_amount", "take_profit", "stop_loss", "stop_loss_limit")
    for name in named:
        price: Price | None = getattr(request, name)
        if price is not None and price % tick:
            below = price // tick * tick
            return (
                f"{name} {render_price(price)} is not a multiple of the tick {render_price(tick)}: "
                f"{render_price(below)} or {render_price(below + tick)} would be"
            )
    return "every price is a multiple of the tick"


_TEXTS: Final[dict[Defect, str]] = {
    Defect.OPTION: "{symbol} is an option, and new risk in options cannot be judged yet; exits pass",
    Defect.NO_RATE: (
        "{symbol} trades in {currency}, the account is in {account_currency}, and there is no rate "
        "between them: no new risk; exits pass"
    ),
    Defect.WRONG_CURRENCY: "{symbol} trades in {currency}, not in {order_currency}",
    Defect.NO_QTY: "nothing to trade: quantity {qty} must be more than 0",
    Defect.NO_SIZE_IN_MONEY: (
        "the amount does not pay for one lot of {symbol}, or no usable quote says what that costs: give a quantity"
    ),
    Defect.OFF_LOT: "quantity {asked} is not a multiple of the lot {lot}: {below} or {above} would be",
    Defect.BELOW_MIN_QTY: "quantity {asked} is below the smallest of {symbol}, {min_qty}",
    Defect.ABOVE_MAX_QTY: "quantity {asked} is above the largest of {symbol}, {max_qty}: send it in parts",
    Defect.NO_LIMIT_PRICE: "a {type} order needs a limit_price",
    Defect.NEEDLESS_LIMIT_PRICE: "a {type} order takes no limit_price: leave it out, or send a limit order",
    Defect.NO_STOP_PRICE: "a {type} order needs a stop_price",
    Defect.NEEDLESS_STOP_PRICE: "a {type} order takes no stop_price: leave it out, or send a stop order",
    Defect.NO_TRAIL: ("a trailing_stop order needs either a trail_amount above 0 or a trail_percent between 0 and 100"),
    Defect.NEEDLESS_TRAIL: "a {type} order takes no trail_amount or trail_percent: send a trailing_stop order",
    Defect.PRICE_NOT_POSITIVE: "every price of {symbol} must be above 0",
    Defect.LEGS_WITHOUT_CLASS: (
        "take_profit and stop_loss are legs: a simple order has none; send order_class bracket or oto, "
        "or the legs as orders of their own"
    ),
    Defect.TOO_LARGE: "the order is too large to be counted: no amount may reach {largest}",
    Defect.NO_EXPIRY: "time in force gtd needs an expire_at",
    Defect.NEEDLESS_EXPIRY: "time in force {time} takes no expire_at: use gtd",
    Defect.EXPIRY_PAST: "expire_at {expiry} is not after now, {at}",
    Defect.EXTENDED_HOURS_TERMS: (
        "extended_hours takes a limit order for day or gtc only, not a {type} order for {time}"
    ),
    Defect.NOT_REDUCING: "reduce_only demanded, but the order is not provably reducing",
    Defect.BROKER_ORDER_TYPE: "the broker takes no {type} orders; it takes {types}",
    Defect.BROKER_TIME_IN_FORCE: "the broker takes no orders for {time}; it takes {times}",
    Defect.BROKER_EXTENDED_HOURS: "the broker takes no orders for extended hours",
    Defect.CONDITION_EMPTY: "a condition needs a price or an instant",
    Defect.LEGS_OF_EXIT: (
        "a {kind} opens a position and brings its way out; this order closes one: send it simple, or as an oco"
    ),
    Defect.PARTIAL_OF_EXIT: (
        "on_partial_fill says what becomes of an entry; this order closes a position, and what is left of it stays"
    ),
    Defect.OCO_OPENS: (
        "an oco closes a position, and {symbol} has none of that size to close: for entries of which one is to be "
        "filled, give both the same oca_group"
    ),
}
