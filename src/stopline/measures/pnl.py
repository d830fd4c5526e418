"""Booking fills: cost, realized P&L and lots, in exact ints that add up.

Cost is signed like the quantity. A fill's money is rounded half-even once; cost released
by a close is cost * closed // held, and the last close takes the rest, so that nothing
is ever lost between incremental booking and a recomputation from scratch.

Source     semantics.md sections 9 and 12 (rounding).
"""

from struct import Struct as Packing
from typing import Final, NamedTuple

from stopline.measures.exposure import VALUE_SCALE
from stopline.model.numbers import Money, Multiplier, Price, Qty, div_half_even

_LOT: Final = Packing("<qqq")
LOT_BYTES: Final = _LOT.size


class Holding(NamedTuple):
    """A position's quantity and its two costs: at entry, and on the session's basis."""

    qty: Qty
    cost: Money
    session_cost: Money
    lots: bytes


class Booked(NamedTuple):
    """What a fill made of a holding, and what it realized on each basis (fees not included)."""

    holding: Holding
    realized_entry: Money
    realized_session: Money


FLAT: Final = Holding(0, 0, 0, b"")


def money_of(qty: Qty, price: Price, multiplier: Multiplier) -> Money:
    """Return qty * price * multiplier (signed), half-even."""
    return div_half_even(qty * price * multiplier, VALUE_SCALE)


def book_fill(held: Holding, signed_qty: Qty, money: Money, *, fifo: bool) -> Booked:
    """Book a fill of `signed_qty` (buys positive) worth `money` = |qty| * price * multiplier.

    What was held by average cost when an account turns to FIFO is one lot, its oldest.
    """
    sign = 1 if signed_qty > 0 else -1
    if fifo and held.qty and not held.lots:
        held = held._replace(lots=_LOT.pack(held.qty, held.cost, held.session_cost))
    if held.qty * sign >= 0:
        return Booked(_increase(held, signed_qty, sign * money, fifo=fifo), 0, 0)
    closed = min(abs(signed_qty), abs(held.qty))
    closing_money = money if closed == abs(signed_qty) else money * closed // abs(signed_qty)
    kept, cost, session_cost = _release(held, closed, fifo=fifo)
    proceeds = -sign * closing_money
    rest = signed_qty - sign * closed
    if rest:
        kept = _increase(FLAT, rest, sign * (money - closing_money), fifo=fifo)
    return Booked(kept, proceeds - cost, proceeds - session_cost)


def _increase(held: Holding, signed_qty: Qty, signed_money: Money, *, fifo: bool) -> Holding:
    lots = held.lots + _LOT.pack(signed_qty, signed_money, signed_money) if fifo else b""
    return Holding(held.qty + signed_qty, held.cost + signed_money, held.session_cost + signed_money, lots)


def _release(held: Holding, closed: Qty, *, fifo: bool) -> tuple[Holding, Money, Money]:
    """Return what is left after closing `closed` units, and the two costs that were released."""
    size = abs(held.qty)
    if closed == size:
        return FLAT, held.cost, held.session_cost
    lots = b""
    if fifo:
        lots, cost, session_cost = _release_lots(held.lots, closed)
    else:
        cost, session_cost = held.cost * closed // size, held.session_cost * closed // size
    left = held.qty - closed if held.qty > 0 else held.qty + closed
    return Holding(left, held.cost - cost, held.session_cost - session_cost, lots), cost, session_cost


def _release_lots(lots: bytes, closed: Qty) -> tuple[bytes, Money, Money]:
    """Take `closed` units from the oldest lots on."""
    total_cost = total_session = offset = 0
    while closed:
        qty, cost, session = _LOT.unpack_from(lots, offset)
        size = abs(qty)
        if size > closed:
            part_cost, part_session = cost * closed // size, session * closed // size
            left = qty - closed if qty > 0 else qty + closed
            head = _LOT.pack(left, cost - part_cost, session - part_session)
            return head + lots[offset + LOT_BYTES :], total_cost + part_cost, total_session + part_session
        total_cost, total_session = total_cost + cost, total_session + session
        closed -= size
        offset += LOT_BYTES
    return lots[offset:], total_cost, total_session


def rebase(held: Holding, mark: Price, multiplier: Multiplier) -> Holding:
    """Return the holding with its session cost at the session-open mark; the last lot takes the rounding."""
    value = money_of(held.qty, mark, multiplier)
    lots, assigned = b"", 0
    for offset in range(0, len(held.lots), LOT_BYTES):
        qty, cost, _ = _LOT.unpack_from(held.lots, offset)
        is_last = offset + LOT_BYTES == len(held.lots)
        session = value - assigned if is_last else money_of(qty, mark, multiplier)
        assigned += session
        lots += _LOT.pack(qty, cost, session)
    return Holding(held.qty, held.cost, value, lots)


def lots_of(lots: bytes) -> list[tuple[Qty, Money, Money]]:
    """Return packed lots as (qty, cost, session_cost), oldest first."""
    return [_LOT.unpack_from(lots, offset) for offset in range(0, len(lots), LOT_BYTES)]
