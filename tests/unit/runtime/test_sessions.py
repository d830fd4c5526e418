"""Trading days across every change of the clocks, against a calculation that shares nothing with ours."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.model.account import AccountTerms
from stopline.model.numbers import SECOND
from stopline.runtime.sessions import find_session
from stopline.runtime.zones import TZDATA_VERSION, UnknownZone, load_zone

ZONES = ["America/New_York", "America/Chicago", "Australia/Sydney", "Europe/London", "Asia/Kolkata", "UTC"]
RESETS = ["17:00", "00:00", "02:30", "01:30", "23:30"]
HOUR, HALF_HOUR = timedelta(hours=1), timedelta(minutes=30)


def terms(zone: str = "America/New_York", reset: str = "17:00") -> AccountTerms:
    return AccountTerms("a", "paper", reset_zone=zone, reset_time=reset)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * SECOND


def resets_by_scanning(zone: str, reset: str, day: date) -> int:
    """The instant of a local time on a day: walk through UTC until the wall shows it, or jumps over it."""
    ends_on = day + timedelta(days=1) if reset == "00:00" else day
    wanted = f"{ends_on.isoformat()}T{reset}"
    moment = datetime(ends_on.year, ends_on.month, ends_on.day, tzinfo=UTC) - 15 * HOUR
    while True:
        shown = wall(moment, zone)
        if shown == wanted:
            return int(moment.timestamp()) * SECOND
        if shown < wanted < wall(moment + HALF_HOUR, zone):
            hours, minutes = (int(b) - int(a) for a, b in zip(shown[11:].split(":"), reset.split(":"), strict=True))
            return int((moment + timedelta(hours=hours, minutes=minutes)).timestamp()) * SECOND
        moment += HALF_HOUR


def wall(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).isoformat()[:16]


CHANGES = [
    date(2026, 3, 8),
    date(2026, 11, 1),
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2026, 4, 5),
    date(2026, 10, 4),
]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("reset", RESETS)
def test_every_day_around_a_change_of_the_clocks(zone: str, reset: str):
    for change in CHANGES:
        for offset in range(-1, 2):
            day = change + timedelta(days=offset)
            while day.weekday() > 4:
                day += timedelta(days=1)
            before = day - timedelta(days=1)
            while before.weekday() > 4:
                before -= timedelta(days=1)
            opens, resets = resets_by_scanning(zone, reset, before), resets_by_scanning(zone, reset, day)
            for moment in (opens, (opens + resets) // 2, resets - 1):
                session = find_session(terms(zone, reset), moment)
                assert (session.session_id, session.opens_at, session.resets_at) == (day.isoformat(), opens, resets)
            assert find_session(terms(zone, reset), resets).session_id > session.session_id


@pytest.mark.parametrize(
    ("moment", "session_id", "opens", "resets"),
    [
        pytest.param("2026-01-06T15:00Z", "2026-01-06", "2026-01-05T22:00Z", "2026-01-06T22:00Z", id="a Tuesday"),
        pytest.param("2026-01-06T22:00Z", "2026-01-07", "2026-01-06T22:00Z", "2026-01-07T22:00Z", id="at the reset"),
        pytest.param("2026-01-10T12:00Z", "2026-01-12", "2026-01-09T22:00Z", "2026-01-12T22:00Z", id="a Saturday"),
        pytest.param("2026-01-09T22:00Z", "2026-01-12", "2026-01-09T22:00Z", "2026-01-12T22:00Z", id="Friday's reset"),
        pytest.param("2026-07-06T15:00Z", "2026-07-06", "2026-07-03T21:00Z", "2026-07-06T21:00Z", id="in summer"),
        pytest.param("2026-03-09T15:00Z", "2026-03-09", "2026-03-06T22:00Z", "2026-03-09T21:00Z", id="71 hours long"),
        pytest.param("1970-01-02T12:00Z", "1970-01-02", "1970-01-01T22:00Z", "1970-01-02T22:00Z", id="long ago"),
    ],
)
def test_named_by_the_day_on_which_it_ends(moment: str, session_id: str, opens: str, resets: str):
    session = find_session(terms(), at(moment))
    assert (session.session_id, session.opens_at, session.resets_at) == (session_id, at(opens), at(resets))
    assert session.tzdata == TZDATA_VERSION


@given(st.integers(0, 2**32), st.sampled_from(ZONES), st.sampled_from(RESETS))
def test_days_follow_one_another_without_gap_or_overlap(second: int, zone: str, reset: str):
    session = find_session(terms(zone, reset), second * SECOND)
    assert session.opens_at <= second * SECOND < session.resets_at
    after = find_session(terms(zone, reset), session.resets_at)
    before = find_session(terms(zone, reset), session.opens_at - 1)
    assert after.opens_at == session.resets_at and before.resets_at == session.opens_at
    assert before.session_id < session.session_id < after.session_id
    assert date.fromisoformat(session.session_id).weekday() < 5


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "America", "America/New York", "posixrules/.."]
)
def test_a_name_that_is_no_zone_is_refused(name: str):
    with pytest.raises(UnknownZone, match="no IANA time zone"):
        load_zone(name)


def test_zones_come_from_the_pinned_package():
    assert load_zone("America/Argentina/Buenos_Aires").key == "America/Argentina/Buenos_Aires"
    assert TZDATA_VERSION >= "2026"
