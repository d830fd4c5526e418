"""The instruments that Stopline ships, by any of their names."""

import re

from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos
from stopline.venue.equities import START_PRICES, equity
from stopline.venue.futures import find_future

_EQUITY_ID = re.compile(r"eq:US:([A-Z][A-Z0-9.]{0,9})", re.ASCII)


def find_instrument(name: str, at: Nanos) -> Instrument | None:
    """Return what a name stands for at `at`: a canonical id, a seeded symbol, `ESZ6`, or `ES` for the front contract.

    An equity outside the seeded ones is known by its canonical id only.
    """
    if name in START_PRICES:
        return equity(name)
    if (match := _EQUITY_ID.fullmatch(name)) is not None:
        return equity(match[1])
    return find_future(name, at)


def seeded_equities() -> tuple[Instrument, ...]:
    """Return the 25 seeded symbols."""
    return tuple(equity(symbol) for symbol in START_PRICES)
