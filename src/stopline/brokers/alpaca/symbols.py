"""Alpaca's symbols and our instruments. What it trades and we do not list gets its id by its class."""

from collections.abc import Iterable
from typing import Final

from msgspec import structs

from stopline.messages.inputs import Input, ListInstrument
from stopline.model.ids import InstrumentId
from stopline.model.instrument import AssetClass, Instrument
from stopline.venue.equities import equity

US_EQUITY: Final = "us_equity"
_CRYPTO: Final = "crypto"


class Symbols:
    """Both ways. `listings` are the shares that somebody trades here and nobody listed: said once."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self._symbols: dict[InstrumentId, str] = {}
        self._ids: dict[str, InstrumentId] = {}
        self.listings: list[Input] = []
        for instrument in instruments:
            self.add(instrument)

    def add(self, instrument: Instrument) -> None:
        """Know an instrument by its symbol, if it is of a kind that Alpaca trades."""
        if instrument.asset_class is AssetClass.EQUITY:
            self._symbols[instrument.instrument_id] = instrument.symbol
            self._ids[instrument.symbol] = instrument.instrument_id

    def symbol(self, instrument_id: InstrumentId) -> str | None:
        """Return how Alpaca calls an instrument; None where it does not trade it."""
        return self._symbols.get(instrument_id)

    def instrument_id(self, symbol: str, asset_class: str) -> InstrumentId:
        """Return the instrument of a symbol."""
        known = self._ids.get(symbol)
        if known is not None:
            return known
        if asset_class not in ("", US_EQUITY):
            kind = "cr" if asset_class == _CRYPTO else "opt"
            return f"{kind}:{symbol.replace('/', '')}"
        instrument = structs.replace(equity(symbol), shortable=None)  # nobody has asked whether it can be borrowed
        self.add(instrument)
        self.listings.append(ListInstrument(instrument=instrument))
        return instrument.instrument_id

    def take_listings(self) -> list[Input]:
        """Return what is to be listed before anything is said of it."""
        listings, self.listings = self.listings, []
        return listings
