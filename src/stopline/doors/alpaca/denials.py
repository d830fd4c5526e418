"""What the gate and the engine refuse, as errors that Alpaca's clients know. Never 429 or 504: those are resent."""

from typing import Final

from stopline.dialects.alpaca.errors import FORBIDDEN, INTERNAL, ApiError
from stopline.dialects.alpaca.refusals import forbidden, not_found, not_unique, unprocessable
from stopline.messages.events import OrderDenied, ReplaceDenied
from stopline.messages.replies import Refused
from stopline.model.numbers import render_qty
from stopline.ports.desk import DeskUnavailable

_FORBIDDEN: Final = ("protective_order_working", "protection_required", "not_allowed", "second_person_required")


def denied(event: OrderDenied | ReplaceDenied) -> ApiError:
    """Return the denial of an order or of a change: the check that decided, and in its words why."""
    details = {"check": event.check, "decision_id": event.decision_id}
    if isinstance(event, OrderDenied) and event.max_passing_qty is not None:
        details["max_passing_qty"] = render_qty(event.max_passing_qty)
    return ApiError(403, FORBIDDEN, event.message, details)


def refused(reply: Refused) -> ApiError:
    """Return why something was not done."""
    message = f"{reply.message}; {reply.fix}" if reply.fix else reply.message
    match reply.code:
        case "client_order_id_conflict":
            return not_unique()
        case "unknown_order":
            return not_found(message)
        case "unknown_instrument" | "no_position":
            return not_found("position does not exist")
        case "store_unavailable":
            return unavailable(DeskUnavailable(reply.code, message))
        case code if code in _FORBIDDEN:
            return forbidden(message)
    return unprocessable(message)


def unavailable(fault: DeskUnavailable) -> ApiError:
    """Return what a bot hears while nothing is decided: it used up no id, so it may be sent again."""
    return ApiError(503, INTERNAL, f"{fault}; send it again later, under the same client_order_id")
