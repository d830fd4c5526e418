"""What somebody may have meant by a symbol that nobody lists: a product's contracts, or another way of writing it."""

import re
from collections.abc import Mapping
from typing import Final

from stopline.model.ids import InstrumentId
from stopline.model.instrument import Instrument

_CONTRACT: Final = re.compile(r"(?:[FGHJKMNQUVXZ][0-9]{1,2}|[-_ ]?[0-9]{4}.*)?")
"""What stands behind a root in the ways that contracts are written: Z6, 2026-12, -2026-12."""
_MOST: Final = 4


def unknown_symbol(symbol: str, instruments: Mapping[InstrumentId, Instrument]) -> str:
    """Return the sentence that refuses it, with what is listed instead."""
    meant = _meant(symbol.upper(), instruments)
    text = f"{symbol!r} is not a known instrument: use a listed symbol or a canonical id such as eq:US:AAPL"
    return f"{text}; {', '.join(meant)} {'is' if len(meant) == 1 else 'are'} listed" if meant else text


def _meant(name: str, instruments: Mapping[InstrumentId, Instrument]) -> list[str]:
    found = []
    for instrument in instruments.values():
        root = instrument.product.rpartition(":")[2].upper()
        is_contract = instrument.product != instrument.instrument_id and root and name.startswith(root)
        if name == instrument.symbol.upper() or (is_contract and _CONTRACT.fullmatch(name[len(root) :])):
            found.append(instrument.symbol)
    return sorted(found)[:_MOST]
