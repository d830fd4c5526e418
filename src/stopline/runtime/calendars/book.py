"""All markets: which one an instrument trades on, and its calendar."""

from collections.abc import Mapping
from difflib import get_close_matches

from stopline.config.settings import HoursOverride
from stopline.model.instrument import Instrument
from stopline.model.patterns import names
from stopline.runtime.calendars.market import MarketCalendar
from stopline.runtime.calendars.table import read_index, read_table


class UnknownMarket(LookupError):
    """A name that is no market here; the message says which there are."""


class CalendarBook:
    """Calendars by market, read when they are asked for."""

    def __init__(self, overrides: Mapping[str, Mapping[str, HoursOverride]] | None = None) -> None:
        self._overrides = overrides or {}
        self._calendars: dict[str, MarketCalendar] = {}

    @staticmethod
    def markets() -> dict[str, str]:
        """Return every market's title."""
        return {name: listed.title for name, listed in read_index().items()}

    def market_of(self, instrument: Instrument) -> str | None:
        """Return the market that an instrument trades on; None where no calendar speaks of it."""
        for name, listed in read_index().items():
            if any(names(pattern, instrument) for pattern in listed.patterns):
                return name
        return None

    @staticmethod
    def find_market(name: str) -> str | None:
        """Return the market that a person calls so, in any case: `us_equities`, `NYSE`."""
        wanted = name.casefold()
        for market, listed in read_index().items():
            if wanted in (market.casefold(), *(each.casefold() for each in listed.also)):
                return market
        return None

    def calendar(self, market: str) -> MarketCalendar:
        """Return a market's calendar; raises UnknownMarket."""
        if (known := self._calendars.get(market)) is None:
            if market not in read_index():
                near = get_close_matches(market, read_index(), n=1)
                meant = f"do you mean {near[0]}?" if near else f"known are {', '.join(read_index())}"
                raise UnknownMarket(f"{market!r} is no market here; {meant}")
            known = self._calendars[market] = MarketCalendar(read_table(market), self._overrides.get(market))
        return known
