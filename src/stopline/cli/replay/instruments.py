"""What a symbol of a trade history stands for.

Futures (`fut:ES:2026-12`, `ESZ6`) have their multiplier from the table that Stopline
ships, or from --multiplier; everything else is taken as an equity, whose point is worth
one unit of money unless --multiplier says otherwise.
"""

from collections.abc import Mapping

from msgspec import structs

from stopline.model.instrument import AssetClass, Instrument
from stopline.model.numbers import PRICE_ONE, Multiplier, Nanos
from stopline.venue.futures import FUTURES, find_future


class UnknownMultiplier(ValueError):
    """A future of which nobody knows what a point is worth."""


def instrument_of(symbol: str, at: Nanos, currency: str, multipliers: Mapping[str, Multiplier]) -> Instrument:
    """Return the instrument of a symbol, fit to book any fill that a broker reports; raises UnknownMultiplier."""
    known = None if is_root(symbol) else find_future(symbol, at)
    if known is not None:
        terms = known
    elif symbol.startswith("fut:"):
        if symbol not in multipliers:
            raise UnknownMultiplier(f"{symbol} is a future, and nobody knows what a point of it is worth")
        terms = _terms(symbol, symbol, symbol.rpartition(":")[0], AssetClass.FUTURE)
    else:
        terms = _terms(f"eq:US:{symbol}", symbol, f"eq:US:{symbol}", AssetClass.EQUITY)
    return structs.replace(
        terms,
        symbol=symbol,
        currency=currency,
        tick_size=1,
        lot_size=1,
        multiplier=multipliers.get(symbol, terms.multiplier),
        price_may_be_negative=True,
    )


def is_root(symbol: str) -> bool:
    """Return whether a symbol could be meant as a future, and is taken as an equity (ES is Eversource too)."""
    return symbol in FUTURES


def _terms(instrument_id: str, symbol: str, product: str, asset_class: AssetClass) -> Instrument:
    return Instrument(
        instrument_id=instrument_id,
        symbol=symbol,
        product=product,
        asset_class=asset_class,
        currency="USD",
        tick_size=1,
        lot_size=1,
        multiplier=PRICE_ONE,
    )
