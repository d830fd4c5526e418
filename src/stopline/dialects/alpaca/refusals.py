"""The errors that Alpaca's clients know by heart, word for word."""

from stopline.dialects.alpaca.errors import (
    FORBIDDEN,
    INTERNAL,
    INVALID,
    NOT_FOUND,
    RATE,
    UNAUTHORIZED,
    UNPROCESSABLE,
    ApiError,
)
from stopline.dialects.alpaca.exact_json import Malformed
from stopline.model.numbers import Money, Qty, render_money, render_qty


def malformed(fault: Malformed) -> ApiError:
    """Return the error of a body that cannot be read."""
    return ApiError(422, INVALID, str(fault))


def invalid(message: str) -> ApiError:
    """Return the error of a field that is missing or wrong."""
    return ApiError(422, INVALID, message)


def unprocessable(message: str) -> ApiError:
    """Return the error of something that is understood, and not possible now."""
    return ApiError(422, UNPROCESSABLE, message)


def forbidden(message: str) -> ApiError:
    """Return the error of something that is not allowed: never 429 and never 504, which clients repeat."""
    return ApiError(403, FORBIDDEN, message)


def not_found(message: str) -> ApiError:
    """Return the error of something that is not there."""
    return ApiError(404, NOT_FOUND, message)


def wrong_keys() -> ApiError:
    """Return the error of keys that are not known. It has no code."""
    return ApiError(403, None, "forbidden.")


def no_keys() -> ApiError:
    """Return the error of a request without keys."""
    return ApiError(401, UNAUTHORIZED, "request is not authorized")


def too_many() -> ApiError:
    """Return the error of a request beyond the rate limit; it was not carried out."""
    return ApiError(429, RATE, "too many requests.")


def gateway_timeout() -> ApiError:
    """Return the error of a request that may have been carried out."""
    return ApiError(504, INTERNAL, "gateway timeout")


def internal() -> ApiError:
    """Return the error of a fault of ours."""
    return ApiError(500, INTERNAL, "internal server error")


def unavailable() -> ApiError:
    """Return the error of a broker that is down; nothing was carried out."""
    return ApiError(503, INTERNAL, "service unavailable")


def suspended() -> ApiError:
    """Return the error of an order while the owner has suspended trading."""
    return forbidden("new orders are rejected by user request")


def not_unique() -> ApiError:
    """Return the error of a client_order_id that was used before."""
    return invalid("client_order_id must be unique")


def insufficient_buying_power(buying_power: Money, cost_basis: Money) -> ApiError:
    """Return the error of an order that there is no money for."""
    details = {"buying_power": render_money(buying_power), "cost_basis": render_money(cost_basis)}
    return ApiError(403, FORBIDDEN, "insufficient buying power", details)


def insufficient_qty(symbol: str, requested: Qty, available: Qty, existing: Qty) -> ApiError:
    """Return the error of an exit for more than is free: other orders hold the rest."""
    asked, free = render_qty(requested), render_qty(available)
    return ApiError(
        403,
        FORBIDDEN,
        f"insufficient qty available for order (requested: {asked}, available: {free})",
        {
            "symbol": symbol,
            "available": free,
            "existing_qty": render_qty(existing),
            "held_for_orders": render_qty(existing - available),
        },
    )


def wash_trade(existing_order_id: str, existing: str) -> ApiError:
    """Return the error of an order that could trade with another of the same account: a `limit` or `market/stop` one.

    It has been seen with 403 and 40310000 too: who reads it goes by the message.
    """
    details = {"existing_order_id": existing_order_id, "reject_reason": f"opposite side {existing} order exists"}
    return ApiError(422, UNPROCESSABLE, "potential wash trade detected. use complex orders", details)


def not_cancelable(status: str) -> ApiError:
    """Return the error of a cancel or replace that comes too late."""
    return unprocessable(f'order is already in "{status}" state')
