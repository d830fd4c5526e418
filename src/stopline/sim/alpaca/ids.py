"""Ids that look like Alpaca's and can be repeated: a kind and a counter in the form of a UUID."""

from typing import Final
from uuid import UUID

ORDER: Final = 0x0
EXECUTION: Final = 0xE
ASSET: Final = 0xA
ACCOUNT: Final = 0xC
EVENT: Final = 0xF


def make_id(kind: int, number: int) -> str:
    """Return the `number`-th id of a kind."""
    return str(UUID(int=(kind << 124) | (4 << 76) | (8 << 60) | number))


def is_id(text: str) -> bool:
    """Return whether text has the form of an id."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
