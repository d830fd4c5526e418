"""What the exchange charges: so much per share, so much per contract, nothing unless told."""

from msgspec import Struct

from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import QTY_ONE, Money, Qty, div_half_even


class FeeSchedule(Struct, frozen=True, gc=False):
    """Money per unit, by class. Currencies and crypto are free."""

    per_share: Money = 0
    per_contract: Money = 0

    def fee(self, instrument: Instrument, qty: Qty) -> Money:
        """Return the fee of one execution, rounded half-even once."""
        if instrument.asset_class is AssetClass.EQUITY:
            rate = self.per_share
        elif instrument.asset_class in (AssetClass.FUTURE, AssetClass.OPTION):
            rate = self.per_contract
        else:
            rate = 0
        return div_half_even(qty * rate, QTY_ONE) if rate else 0


FREE = FeeSchedule()
