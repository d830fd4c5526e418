"""The shipped tables, as they are in the package."""

from functools import lru_cache
from importlib import resources

import msgspec
from msgspec import Struct

_PLACE = "tables"


class Listed(Struct, frozen=True):
    """A market in the index."""

    title: str
    patterns: tuple[str, ...]
    """Canonical ids and products that trade there."""
    also: tuple[str, ...] = ()
    """Other names of the market."""


class Table(Struct, frozen=True):
    """One market: usual weeks by the date from which they hold, and the days that differ, each with its name."""

    market: str
    title: str
    version: str
    zone: str
    first: str
    last: str
    weeks: dict[str, tuple[str, ...]]
    days: dict[str, tuple[str, str]]
    made_from: dict[str, str] = {}


def _read(name: str) -> bytes:
    return resources.files("stopline.runtime.calendars").joinpath(_PLACE, f"{name}.json").read_bytes()


@lru_cache(maxsize=1)
def read_index() -> dict[str, Listed]:
    """Return the markets that have a table, in order."""
    return msgspec.json.decode(_read("index"), type=dict[str, Listed])


@lru_cache(maxsize=32)
def read_table(market: str) -> Table:
    """Return the table of a market in the index."""
    return msgspec.json.decode(_read(market), type=Table)
