"""What holidays are called, so that a calendar can say why a day is short."""

from datetime import date, timedelta

SINGLE = {
    date(2001, 9, 11): "September 11 attacks",
    date(2001, 9, 12): "September 11 attacks",
    date(2001, 9, 13): "September 11 attacks",
    date(2001, 9, 14): "September 11 attacks",
    date(2002, 9, 11): "September 11, a year after",
    date(2004, 6, 11): "mourning of President Reagan",
    date(2007, 1, 2): "mourning of President Ford",
    date(2012, 10, 29): "Hurricane Sandy",
    date(2012, 10, 30): "Hurricane Sandy",
    date(2018, 12, 5): "mourning of President Bush",
    date(2022, 9, 22): "mourning of Queen Elizabeth II",
    date(2025, 1, 9): "mourning of President Carter",
}


def easter(year: int) -> date:
    """Return Easter Sunday (the Gregorian computus of Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _last_monday(year: int, month: int) -> date:
    end = date(year, month, 31)
    return end - timedelta(days=end.weekday())


def _american(year: int) -> dict[date, str]:
    thanksgiving = _nth(year, 11, 3, 4)
    return {
        _nth(year, 1, 0, 3): "Martin Luther King Day",
        _nth(year, 2, 0, 3): "Presidents' Day",
        easter(year) - timedelta(days=2): "Good Friday",
        _last_monday(year, 5): "Memorial Day",
        date(year, 6, 19): "Juneteenth",
        date(year, 7, 4): "Independence Day",
        _nth(year, 9, 0, 1): "Labor Day",
        thanksgiving: "Thanksgiving",
        thanksgiving + timedelta(days=1): "day after Thanksgiving",
        date(year, 7, 3): "eve of Independence Day",
    }


def _australian(year: int) -> dict[date, str]:
    sunday = easter(year)
    return {
        date(year, 1, 26): "Australia Day",
        sunday - timedelta(days=2): "Good Friday",
        sunday + timedelta(days=1): "Easter Monday",
        date(year, 4, 25): "Anzac Day",
        _nth(year, 6, 0, 2): "King's Birthday" if year > 2022 else "Queen's Birthday",
        date(year, 12, 26): "Boxing Day",
    }


def _common(year: int) -> dict[date, str]:
    return {
        date(year, 1, 1): "New Year's Day",
        date(year, 12, 24): "Christmas Eve",
        date(year, 12, 25): "Christmas",
        date(year, 12, 31): "New Year's Eve",
    }


def name_of(day: date, australian: bool, closed: bool) -> str:
    """Return a day's name; a holiday on a weekend names the weekday on which it is kept, or the eve that is short."""
    if day in SINGLE:
        return SINGLE[day]
    known: dict[date, str] = {}
    for year in (day.year - 1, day.year, day.year + 1):
        known |= _common(year) | (_australian(year) if australian else _american(year))
    if day in known and not (closed and known[day].endswith((" Eve", "eve of Independence Day"))):
        return known[day]
    return _observed(day, known, closed) or known.get(day, "")


def _observed(day: date, known: dict[date, str], closed: bool) -> str:
    """Return the holiday of a weekend next to `day`, that day's own first."""
    for distance in (-1, 1, -2, 2, -3):
        near = day + timedelta(days=distance)
        name = known.get(near, "")
        if name and near.weekday() >= 5 and (not closed or " Eve" not in name) and not name.startswith("eve"):
            return f"{name}, observed"
    after = known.get(day + timedelta(days=1), "")
    return f"day before {after}" if after and not closed else ""
