"""What is traded: identity, contract terms and trading status."""

from enum import StrEnum

from msgspec import Struct

from stopline.model.ids import InstrumentId
from stopline.model.numbers import Money, Multiplier, Nanos, Price, Qty


class AssetClass(StrEnum):
    """The classes whose arithmetic differs."""

    EQUITY = "equity"
    FUTURE = "future"
    OPTION = "option"
    FOREX = "forex"
    CRYPTO = "crypto"


class InstrumentStatus(StrEnum):
    """Whether the venue trades it now (semantics.md section 1)."""

    OPEN = "open"
    HALTED = "halted"
    LIMIT_LOCKED = "limit_locked"
    CLOSED = "closed"
    OFF_HOURS = "off_hours"
    """Its market is shut by the calendar; a venue that does trade then says nothing else."""


class Instrument(Struct, frozen=True, gc=False):
    """Contract terms. `multiplier` is exact: tick_value == tick_size * multiplier.

    `initial_margin` and `maintenance_margin` are money per contract and set for futures
    only. `contract_weight` is the share of a full contract that one counts for in
    `max_contracts` (scaled 1e-6; a micro is 100_000).
    """

    instrument_id: InstrumentId
    symbol: str
    product: str
    asset_class: AssetClass
    currency: str
    tick_size: Price
    lot_size: Qty
    multiplier: Multiplier
    min_qty: Qty = 0
    max_qty: Qty | None = None
    status: InstrumentStatus = InstrumentStatus.OPEN
    price_may_be_negative: bool = False
    initial_margin: Money | None = None
    maintenance_margin: Money | None = None
    contract_weight: int = 1_000_000
    shortable: bool | None = None
    sector: str = ""
    tags: str = ""
    stress_move: int | None = None
    expires_at: Nanos | None = None
    """When it stops trading; None if it never does, or if nobody knows."""

    @property
    def tick_value(self) -> Money:
        """Money that one tick moves one unit by."""
        return self.tick_size * self.multiplier // 100_000_000
