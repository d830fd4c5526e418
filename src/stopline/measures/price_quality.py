"""What a quote is good for: is it usable, is it fresh, and which prices it makes.

A usable quote has both sides, is not crossed, and its spread is not wider than a share of
its mid. Locked (bid equals ask) is usable: venues lock for moments all day long.

Source     semantics.md sections 9 (mark) and 12 (prices); incident N5 (stub quotes).
"""

from typing import Final, Protocol

from stopline.model.numbers import RATIO_ONE, SECOND, Nanos, Price, Ratio

LAST_MAX_AGE: Final[Nanos] = 60 * SECOND
"""How long the last trade counts as a price."""


class Quoted(Protocol):
    """The newest quote of an instrument, and its last trade."""

    received_at: Nanos
    valid_until: Nanos
    bid: Price | None
    ask: Price | None
    usable: bool
    last_price: Price | None
    last_at: Nanos


def usable(bid: Price | None, ask: Price | None, max_spread: Ratio | None, may_be_negative: bool) -> bool:
    """Return whether both sides are there, not crossed, priced as the instrument may be, and close enough."""
    if bid is None or ask is None or bid > ask:
        return False
    if bid <= 0 and not may_be_negative:
        return False
    return max_spread is None or spread_is_within(bid, ask, max_spread)


def spread_is_within(bid: Price, ask: Price, max_spread: Ratio) -> bool:
    """Return whether ask - bid <= max_spread * |mid|, exactly."""
    return (ask - bid) * 2 * RATIO_ONE <= max_spread * abs(bid + ask)


def spread_ratio(bid: Price, ask: Price) -> Ratio | None:
    """Return (ask - bid) / |mid|, rounded up; None where a mid of zero makes it meaningless."""
    middle = abs(bid + ask)
    if middle == 0:
        return 0 if ask == bid else None
    return -(-(ask - bid) * 2 * RATIO_ONE // middle)


def is_fresh(received_at: Nanos, valid_until: Nanos, max_age: Nanos | None, at: Nanos) -> bool:
    """Return whether a quote still stands at `at`.

    Where the source says how long it stands (`valid_until`), that decides; else its age does.
    A limit of None asks for no age.
    """
    if valid_until:
        return at <= valid_until
    return max_age is None or at - received_at <= max_age


def mid(bid: Price, ask: Price) -> Price:
    """Return the price half way between, rounded down to the scale."""
    return (bid + ask) // 2


def reference_price(quote: Quoted, max_age: Nanos, at: Nanos) -> Price | None:
    """Return the mid of a usable quote that still stands, else a last trade younger than 60 s, else None."""
    bid, ask = quote.bid, quote.ask
    if quote.usable and bid is not None and ask is not None:
        until = quote.valid_until
        if at <= until if until else at - quote.received_at <= max_age:
            return (bid + ask) // 2
    return quote.last_price if at - quote.last_at <= LAST_MAX_AGE else None


def clip(last: Price, bid: Price, ask: Price) -> Price:
    """Return the last trade, moved into a usable bid and ask."""
    if last < bid:
        return bid
    return ask if last > ask else last
