"""Alpaca's words, and what they mean in ours.

Answers keep a word as it came, so that one that Alpaca adds does not stop us; our own
enums are such words too and compare equal. What a client sends must be a word that we know.
"""

from enum import StrEnum
from typing import Final

from stopline.dialects.alpaca.codecs import Codec
from stopline.dialects.alpaca.exact_json import Json, Malformed
from stopline.model.order import OrderClass, OrderState, OrderType, Side, TimeInForce


class Status(StrEnum):
    """Where an order is in its life at Alpaca."""

    NEW = "new"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    DONE_FOR_DAY = "done_for_day"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REPLACED = "replaced"
    PENDING_CANCEL = "pending_cancel"
    PENDING_REPLACE = "pending_replace"
    PENDING_REVIEW = "pending_review"
    ACCEPTED = "accepted"
    PENDING_NEW = "pending_new"
    ACCEPTED_FOR_BIDDING = "accepted_for_bidding"
    STOPPED = "stopped"
    REJECTED = "rejected"
    SUSPENDED = "suspended"
    CALCULATED = "calculated"
    HELD = "held"


class Intent(StrEnum):
    """What an order is meant to do to the position."""

    BUY_TO_OPEN = "buy_to_open"
    BUY_TO_CLOSE = "buy_to_close"
    SELL_TO_OPEN = "sell_to_open"
    SELL_TO_CLOSE = "sell_to_close"


_W = OrderState.WORKING
STATES: Final[dict[str, OrderState]] = {
    Status.NEW: _W,
    Status.PARTIALLY_FILLED: OrderState.PARTIALLY_FILLED,
    Status.FILLED: OrderState.FILLED,
    Status.DONE_FOR_DAY: _W,  # a GTC order goes on tomorrow
    Status.CANCELED: OrderState.CANCELED,
    Status.EXPIRED: OrderState.EXPIRED,
    Status.REPLACED: OrderState.CANCELED,
    Status.PENDING_CANCEL: OrderState.PENDING_CANCEL,
    Status.PENDING_REPLACE: OrderState.PENDING_REPLACE,
    Status.PENDING_REVIEW: _W,
    Status.ACCEPTED: _W,
    Status.PENDING_NEW: _W,
    Status.ACCEPTED_FOR_BIDDING: _W,
    Status.STOPPED: _W,  # guaranteed a price, not yet filled
    Status.REJECTED: OrderState.REJECTED,
    Status.SUSPENDED: _W,
    Status.CALCULATED: _W,
    Status.HELD: _W,
}
ENDED: Final = frozenset({Status.FILLED, Status.CANCELED, Status.EXPIRED, Status.REPLACED, Status.REJECTED})


def state_of(status: str) -> OrderState:
    """Return our state for a status; one that we do not know may mean anything."""
    return STATES.get(status, OrderState.UNKNOWN)


def word(kind: type[StrEnum], *also: str) -> Codec:
    """Return the codec of a word that must be one of an enum's; `also` are words that read as nothing said."""

    def read(value: Json) -> StrEnum | None:
        if value in also:
            return None
        try:
            return kind(value)
        except ValueError:
            raise Malformed(f"must be one of {', '.join(kind)}") from None

    return Codec(read, str)


SIDE: Final = word(Side)
ORDER_TYPE: Final = word(OrderType)
ORDER_CLASS: Final = word(OrderClass, "")
INTENT: Final = word(Intent, "")


class TimesInForce(StrEnum):
    """The times in force that Alpaca takes: ours without `gtd`."""

    DAY = TimeInForce.DAY
    GTC = TimeInForce.GTC
    OPG = TimeInForce.OPG
    CLS = TimeInForce.CLS
    IOC = TimeInForce.IOC
    FOK = TimeInForce.FOK


def _read_time_in_force(value: Json) -> TimeInForce:
    try:
        return TimeInForce(TimesInForce(value))
    except ValueError:
        raise Malformed(f"must be one of {', '.join(TimesInForce)}") from None


TIME_IN_FORCE: Final = Codec(_read_time_in_force, str)
