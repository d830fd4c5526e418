"""What is told of each defect, and what would be right."""

from typing import Final

from stopline.checks.base import Candidate
from stopline.checks.order_well_formed.defects import Defect
from stopline.model.capabilities import Capabilities
from stopline.model.instants import render_instant
from stopline.model.instrument import Instrument
from stopline.model.numbers import MAX_SCALED, render_money, render_qty
from stopline.model.order import OrderRequest

SENTENCES: Final[dict[Defect, str]] = {
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


def facts(order: Candidate, account_currency: str, offer: Capabilities | None) -> dict[str, object]:
    """Return what the sentences speak of."""
    request, instrument = order.request, order.instrument
    told: dict[str, object] = {
        "symbol": order.symbol or request.instrument_id,
        "qty": render_qty(order.order_qty),
        "type": request.order_type,
        "time": request.time_in_force,
        "kind": request.order_class,
        "at": render_instant(order.at),
        "expiry": "" if request.expire_at is None else render_instant(request.expire_at),
        "account_currency": account_currency,
        "order_currency": request.currency,
    }
    if instrument is not None:
        told |= _of_instrument(request, instrument)
    if offer is not None:
        told |= {"types": ", ".join(offer.order_types), "times": ", ".join(offer.times_in_force)}
    return told


def _of_instrument(request: OrderRequest, instrument: Instrument) -> dict[str, object]:
    lot = instrument.lot_size
    below = request.order_qty // lot * lot
    return {
        "currency": instrument.currency,
        "asked": render_qty(request.order_qty),
        "lot": render_qty(lot),
        "below": render_qty(below) if below else "none",
        "above": render_qty(below + lot),
        "min_qty": render_qty(instrument.min_qty),
        "max_qty": render_qty(instrument.max_qty or 0),
        "largest": render_money(MAX_SCALED),
    }
