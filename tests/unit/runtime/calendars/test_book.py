"""Which market an instrument trades on, and what people call markets."""

import pytest

from stopline.model.instrument import Instrument
from stopline.runtime.calendars import CalendarBook, UnknownMarket
from stopline.runtime.calendars.table import read_index
from stopline.venue.futures import FUTURES
from stopline.venue.instruments import find_instrument, seeded_equities
from tests.unit.runtime.calendars.times import at

NOW = at("2026-11-21T12:00Z")
BOOK = CalendarBook()


def instrument(name: str) -> Instrument:
    found = find_instrument(name, NOW)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "market"),
    [
        ("ES", "cme_equity"), ("MES", "cme_equity"), ("CL", "cme_energy_metals"), ("GC", "cme_energy_metals"),
        ("ZN", "cme_rates"), ("6E", "cme_fx"), ("BTC", "cme_crypto"), ("ZC", "cbot_grains"), ("VX", "cfe"),
        ("AAPL", "us_equities"), ("eq:US:ES", "us_equities"), ("fut:ES:2027-03", "cme_equity"),
    ],
)  # fmt: skip
def test_market_of_an_instrument(name: str, market: str):
    assert BOOK.market_of(instrument(name)) == market


def test_every_instrument_that_ships_has_one_market():
    for found in (*seeded_equities(), *(instrument(root) for root in FUTURES)):
        assert BOOK.market_of(found) is not None, found.instrument_id


@pytest.mark.parametrize(
    ("called", "market"),
    [("NYSE", "us_equities"), ("xnys", "us_equities"), ("CME_FX", "cme_fx"), ("ASX", "asx"), ("fx", "forex")],
)
def test_names_of_markets(called: str, market: str):
    assert BOOK.find_market(called) == market


def test_no_name_stands_for_two_markets():
    names = [each.casefold() for market, listed in read_index().items() for each in {market, *listed.also}]
    assert len(names) == len({*names})


def test_an_unknown_market():
    assert BOOK.find_market("ES") is None
    with pytest.raises(UnknownMarket, match="do you mean us_equities"):
        BOOK.calendar("us_equity")
