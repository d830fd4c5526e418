"""The markets: their zones, usual hours by era, what trades there, and which sources know them.

Hours are `opens closes` in the market's zone, several stretches apart by a comma; `-`
before the opening means the evening before. `24:00` is midnight at the day's end. A week
is Monday to Sunday; a day with no text is closed. A trading day has the name of the day
on which it ends, as exchanges name it.

Usual hours are ours and not the libraries': these lack the maintenance hour, the 16:15 CT
close until 2015-09-18, or the hours before 2012. Where each is from stands beside it.
"""

from dataclasses import dataclass, field
from datetime import date

CHICAGO, NEW_YORK, SYDNEY = "America/Chicago", "America/New_York", "Australia/Sydney"


def week(weekday: str, monday: str | None = None, weekend: str = "") -> tuple[str, ...]:
    """Return seven days: Monday may differ (it opens on a Sunday)."""
    return (weekday if monday is None else monday, *[weekday] * 4, weekend, weekend)


@dataclass(frozen=True, eq=False)
class Market:
    """One market. The first source is believed, the others object."""

    name: str
    title: str
    zone: str
    patterns: tuple[str, ...]
    """Canonical ids and products that trade there, in the patterns of the limits."""
    weeks: dict[date, tuple[str, ...]]
    """Usual hours from each date on."""
    sources: tuple[str, ...]
    lean: str = ""
    also: tuple[str, ...] = field(default=())
    """Other names that people have for it."""
    night_off_after_holiday: str = ""
    """When it opens on the day after a closed Tuesday, Wednesday or Thursday: there is no night session before."""

    @property
    def begins(self) -> date:
        """Return the first day."""
        return min(self.weeks)

    def week_of(self, day: date) -> tuple[str, ...]:
        """Return the usual week that `day` lies in."""
        return self.weeks[max(since for since in self.weeks if since <= day)]


_START = date(2000, 1, 1)
_SEP_2015 = date(2015, 9, 21)

MARKETS = (
    Market(
        "us_equities", "US equities (NYSE, Nasdaq)", NEW_YORK, ("eq:US:*",),
        {_START: week("09:30 16:00")},
        ("xc:XNYS", "pmc:NYSE"), "Equity-usa-[*]", ("XNYS", "NYSE", "NASDAQ"),
    ),
    Market(
        "asx", "Australian equities (ASX), continuous trading", SYDNEY, ("eq:AU:*",),
        {_START: week("10:00 16:00")},
        ("xc:XASX", "pmc:ASX"), "", ("XASX",),
    ),
    Market(
        "cme_equity", "CME and CBOT equity index futures", CHICAGO,
        tuple(f"fut:{root}" for root in "ES MES NQ MNQ YM MYM RTY M2K NKD".split()),
        {
            # CME's hours until 2012: 15:30 to 15:15, shut 16:30-17:00, from 17:00 on Sundays. Before 2006 the
            # evening began at 17:30.
            _START: week("-15:30 -16:30, -17:00 15:15", monday="-17:00 15:15"),
            # CME, 2012-11-19: to 16:15, with a halt 15:15-15:30 (the real ES minutes of 2013 show both).
            date(2012, 11, 19): week("-17:00 15:15, 15:30 16:15"),
            # CME, 2015-09-21: closes at 16:00.
            _SEP_2015: week("-17:00 15:15, 15:30 16:00"),
            # CME, 2021-06-28: no halt any more.
            date(2021, 6, 28): week("-17:00 16:00"),
        },
        ("pmc:CME Globex Equity", "pmc:CME_Equity", "xc:CMES"), "Future-cme-ES", ("CME", "CMES"),
    ),
    Market(
        "cme_energy_metals", "NYMEX energy and COMEX metals futures", CHICAGO,
        tuple(f"fut:{root}" for root in "CL MCL NG GC MGC SI SIL HG".split()),
        {_START: week("-17:00 16:15"), _SEP_2015: week("-17:00 16:00")},
        ("pmc:CMEGlobex_EnergyAndMetals",), "Future-nymex-CL", ("NYMEX", "COMEX"),
    ),
    Market(
        "cme_rates", "CBOT Treasury futures", CHICAGO,
        tuple(f"fut:{root}" for root in "ZB ZN ZF ZT".split()),
        {_START: week("-17:00 16:00")},
        ("pmc:CME Globex Fixed Income", "pmc:CME_Bond"), "Future-cbot-ZN", ("CBOT",),
    ),
    Market(
        "cme_fx", "CME currency futures", CHICAGO,
        tuple(f"fut:{root}" for root in "6E 6J 6B 6A".split()),
        {_START: week("-17:00 16:00")},
        ("pmc:CMEGlobex_FX", "xc:CMES"),
    ),
    Market(
        "cme_crypto", "CME cryptocurrency futures", CHICAGO, ("fut:BTC", "fut:MBT"),
        {
            date(2017, 12, 18): week("-17:00 16:00"),
            # CME, 2026-05-29 16:00 CT: around the clock. Its two hours of maintenance in a weekend move, and
            # are not in here.
            date(2026, 5, 29): ("", "", "", "", "-17:00 24:00", "00:00 24:00", "00:00 24:00"),
            date(2026, 6, 1): week("00:00 24:00", weekend="00:00 24:00"),
        },
        ("pmc:CME Globex Crypto",),
    ),
    Market(
        "cbot_grains", "CBOT grains and oilseeds futures", CHICAGO,
        tuple(f"fut:{root}" for root in "ZC ZS ZW".split()),
        {_START: week("-19:00 07:45, 08:30 13:20")},
        ("pmc:CME_Agriculture",), night_off_after_holiday="08:30",
    ),
    Market(
        "cfe", "Cboe volatility futures, regular hours only", CHICAGO, ("fut:VX",),
        {_START: week("08:30 15:15")},
        ("xc:XCBF", "pmc:CFE"),
    ),
    Market(
        "forex", "Spot forex, Sunday to Friday 17:00 New York", NEW_YORK, ("fx:*",),
        {_START: week("-17:00 17:00")},
        ("pmc:FX",), "Forex-oanda-[*]", ("FX",),
    ),
)  # fmt: skip
