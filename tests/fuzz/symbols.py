"""Symbols and the patterns that name them."""

import re

from stopline.brokers.alpaca.symbols import Symbols
from stopline.model.patterns import defect, glob, names
from stopline.venue.equities import equity
from tests.fuzz.target import Target


def try_one(raw: bytes) -> None:
    """Take the first line for a pattern, the second for a symbol."""
    pattern, _, symbol = raw.decode("utf-8", "replace").partition("\n")
    instrument = equity(symbol)
    parts = re.escape(pattern).replace(r"\*", "(?s:.*)").replace(r"\?", "(?s:.)")
    if pattern.count("*") < 4 and len(symbol) < 64:
        assert glob(pattern, symbol) == (re.fullmatch(parts, symbol) is not None), raw
    named = names(pattern, instrument)
    if defect(pattern):
        assert isinstance(defect(pattern), str)
    elif named and ":" not in pattern and pattern != "*" and "&" not in pattern:
        # A name is no prefix: it is the symbol, all of it, or what stands last in the product.
        assert pattern in (symbol, f"eq:US:{symbol}".rpartition(":")[2]), raw
    known = Symbols(())
    found = known.instrument_id(symbol, "us_equity")
    assert known.symbol(found) == symbol
    assert known.instrument_id(symbol, "us_equity") == found


SYMBOLS = (
    Target(
        "symbol",
        try_one,
        ("stopline.model.patterns", "stopline.brokers.alpaca.symbols"),
        (b"ES*\nES", b"eq:US:*\nBRK.B", b"fut:ES*&ES\nES", b"*\nAAPL", b"cr:???USD\nBTC"),
    ),
)
