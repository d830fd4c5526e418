"""How many contracts are held, and which of them are too many.

Source     semantics.md section 6 (001, 002): the excess is taken from the latest increase.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stopline.model.ids import InstrumentId
from stopline.model.numbers import QTY_ONE, Money, Qty, Ratio, div_ceil
from stopline.model.rules import MaxContractsTerms


class Contract(NamedTuple):
    """How an instrument counts: `weight` is the share of a full contract (1e-6) of one; `lot` the least that trades."""

    weight: Ratio
    lot: Qty


def contracts_allowed(terms: MaxContractsTerms, opening_profit: Money | None) -> Ratio:
    """Return how many contracts may be held: of the highest tier whose profit was reached, else the plain limit."""
    reached = [tier for tier in terms.tiers if opening_profit is not None and opening_profit >= tier.profit]
    return max(reached, key=lambda tier: tier.profit).limit if reached else terms.limit


def latest_excess(
    increases: Sequence[tuple[InstrumentId, Qty]], excess: Ratio, contracts: Mapping[InstrumentId, Contract]
) -> dict[InstrumentId, Qty]:
    """Return what to close so that `excess` weighted contracts (1e-6) are gone, the latest increase first.

    `increases` are (instrument, unsigned qty), oldest first; those that `contracts` does not
    name are passed by. Quantities are rounded up to the lot, but not beyond what is held.
    """
    held: dict[InstrumentId, Qty] = {}
    for instrument_id, qty in increases:
        held[instrument_id] = held.get(instrument_id, 0) + qty
    closing: dict[InstrumentId, Qty] = {}
    for instrument_id, qty in reversed(increases):
        counted = contracts.get(instrument_id)
        if excess <= 0:
            break
        if counted is None or counted.weight <= 0:
            continue
        before = closing.get(instrument_id, 0)
        wanted = min(qty, div_ceil(excess * QTY_ONE, counted.weight))
        lots = div_ceil(before + wanted, counted.lot) * counted.lot
        closed = min(lots, held[instrument_id])
        closing[instrument_id] = closed
        excess -= (closed - before) * counted.weight // QTY_ONE
    return {instrument_id: qty for instrument_id, qty in closing.items() if qty}
