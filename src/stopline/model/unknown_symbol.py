"""What somebody may have meant by a symbol that nobody lists: a contract of a product, another spelling, a slip."""

import re
from collections.abc import Mapping
from typing import Final

from stopline.model.ids import InstrumentId
from stopline.model.instrument import Instrument

_CONTRACT: Final = re.compile(r"(?:[FGHJKMNQUVXZ][0-9]{1,2}|[-_ ]?[0-9]{4}.*)?")
"""What stands behind a root in the ways that contracts are written: Z6, 2026-12, -2026-12."""
_MOST: Final = 4
_LEAST_LETTERS: Final = 3
"""Shorter symbols are one slip from too many others."""


def unknown_symbol(symbol: str, instruments: Mapping[InstrumentId, Instrument]) -> str:
    """Return the sentence that refuses it, with what is listed instead."""
    meant = meant_by(symbol, instruments)
    text = f"{symbol!r} is not a known instrument: use a listed symbol or a canonical id such as eq:US:AAPL"
    return f"{text}; {', '.join(meant)} {'is' if len(meant) == 1 else 'are'} listed" if meant else text


def meant_by(symbol: str, instruments: Mapping[InstrumentId, Instrument]) -> list[str]:
    """Return the listed symbols that a name may stand for."""
    name = symbol.upper()
    found, slips = [], []
    for instrument in instruments.values():
        root = instrument.product.rpartition(":")[2].upper()
        is_contract = instrument.product != instrument.instrument_id and root and name.startswith(root)
        if name == instrument.symbol.upper() or (is_contract and _CONTRACT.fullmatch(name[len(root) :])):
            found.append(instrument.symbol)
        elif len(name) >= _LEAST_LETTERS and is_one_slip(name, instrument.symbol.upper()):
            slips.append(instrument.symbol)
    return sorted(found or slips)[:_MOST]


def is_one_slip(one: str, other: str) -> bool:
    """Whether a letter too many, too few, another, or two the wrong way round make one of the other."""
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[at:], other[at:]
    is_swapped = a[:2] == b[1::-1] and a[2:] == b[2:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or is_swapped
