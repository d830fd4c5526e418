"""Where the first source is wrong or silent: what is right, and why. Later rulings win over earlier ones."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from tools.calendars.names import easter
from tools.calendars.verdicts import CLOSED, FIRST, LAST, USUAL, Verdict, closes

EQUITY, ENERGY, RATES, FX, CRYPTO, GRAINS = (
    "cme_equity", "cme_energy_metals", "cme_rates", "cme_fx", "cme_crypto", "cbot_grains",
)  # fmt: skip
YEARS = range(FIRST.year, LAST.year + 1)


@dataclass(frozen=True)
class Ruling:
    """What some days of some markets are. `instead_of` limits it to days of which the first source says that."""

    markets: tuple[str, ...]
    days: tuple[date, ...]
    says: Verdict
    why: str
    instead_of: Verdict | None = None

    def applies(self, market: str, day: date, first_source: Verdict) -> bool:
        """Return whether it speaks of this day."""
        fits = self.instead_of is None or self.instead_of == first_source
        return market in self.markets and day in self.days and fits


def _span(first: str, last: str, keep: Callable[[date], bool] = lambda day: True) -> tuple[date, ...]:
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return tuple(day for n in range((end - begin).days + 1) if keep(day := begin + timedelta(days=n)))


def _days(*texts: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(text) for text in texts)


def _good_fridays(*years: int) -> tuple[date, ...]:
    return tuple(easter(year) - timedelta(days=2) for year in years)


def _asx_eves() -> tuple[date, ...]:
    """Return the last weekday before Christmas and of the year."""
    ends = [date(year, 12, day) for year in YEARS for day in (24, 31)]
    return tuple(end - timedelta(days=max(0, end.weekday() - 4)) for end in ends)


_CHRISTMAS_EVES = tuple(date(year, 12, 24) for year in YEARS if date(year, 12, 24).weekday() < 4)
_JOBS = (
    "Good Friday is short only where the jobs report falls on it; in other years Globex is shut (LEAN has no evening"
)
_NOTICE = "notice of the exchange"

RULINGS = (
    Ruling(
        ("us_equities",), _days("2002-09-11"), Verdict(opens="12:00"),
        "it opened at noon; minutes of silence and the outage of 2005-06-01 do not move hours",
    ),
    Ruling(
        ("asx",), _asx_eves(), closes("14:10"),
        "ASX closes at 14:10 on the last day before Christmas and of the year (pandas-market-calendars)", USUAL,
    ),
    Ruling(
        (EQUITY, RATES, FX, CRYPTO), _good_fridays(2024, 2025, 2027), CLOSED,
        f"{_JOBS} session before it either)",
    ),
    Ruling((EQUITY,), _days("2001-09-12", "2001-09-13", "2001-09-14"), CLOSED, "shut with the stock exchanges"),
    Ruling((EQUITY, RATES, FX), _days("2004-06-11"), closes("08:00"), f"{_NOTICE}, 2004-06-09"),
    Ruling((EQUITY,), _days("2006-07-03"), USUAL, f"{_NOTICE}: regular close"),
    Ruling((EQUITY,), _days("2007-01-02"), CLOSED, "shut with the stock exchanges (CNBC, 2007-01-01)"),
    Ruling((RATES, FX), _days("2007-01-02"), closes("12:00"), "closed at 12:00 CT (CNBC, 2007-01-01)"),
    Ruling((EQUITY,), _days("2012-10-29", "2012-10-30"), closes("08:15"), f"{_NOTICE}, 2012-10-29"),
    Ruling((RATES,), _days("2012-10-29"), closes("11:00"), "closed at noon New York (Reuters, 2012-10-29)"),
    Ruling((EQUITY,), _days("2018-12-05"), closes("08:30"), f"{_NOTICE}, 2018-12-02: shut after the night session"),
    Ruling((RATES,), _days("2018-12-05"), CLOSED, f"{_NOTICE}, 2018-12-02"),
    Ruling((EQUITY,), _days("2025-01-09"), closes("08:30"), f"{_NOTICE}, 2024-12-30"),
    Ruling((RATES, GRAINS), _days("2025-01-09"), closes("12:15"), f"{_NOTICE}, 2024-12-30"),
    Ruling((GRAINS,), _days("2004-06-11", "2007-01-02", "2018-12-05"), USUAL, "no notice that Globex grains were shut"),
    Ruling(
        (ENERGY,), _span("2000-01-01", "2009-02-16"), USUAL,
        "NYMEX traded to its usual close then (LEAN; notice for Labor Day 2007)", closes("12:00"),
    ),
    Ruling(
        (ENERGY,), _span("2009-05-25", "2014-02-17"), closes("12:15"),
        "12:15 CT (LEAN; notice for 2013-07-04)", closes("12:00"),
    ),
    Ruling((ENERGY,), _CHRISTMAS_EVES, closes("12:45"), "12:45 CT by LEAN in every year, by the library for 2026"),
    Ruling(
        (ENERGY,), _days("2022-09-05", "2023-09-04", "2024-09-02", "2025-09-01", "2027-09-06"), closes("13:30"),
        "13:30 CT by LEAN, as the library has it for 2026",
    ),
    Ruling(
        (ENERGY,), _days("2025-07-04", "2027-06-18"), closes("12:00"),
        "a holiday on a Friday closes the week at 12:00 CT (LEAN)",
    ),
    Ruling((ENERGY,), _days("2025-11-28"), closes("13:45"), "13:45 CT by LEAN, as both have it for 2026"),
    Ruling((CRYPTO,), _span("2026-05-29", "2027-12-31"), USUAL, "around the clock, holidays too"),
    Ruling(
        ("forex",), tuple(date(year, month, day) for year in YEARS for month, day in ((1, 1), (12, 25))), CLOSED,
        "no exchange rules spot forex; Christmas and New Year's Day are closed at LEAN's broker",
    ),
)  # fmt: skip
