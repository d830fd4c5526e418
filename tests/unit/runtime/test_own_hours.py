"""An account's own hours in UTC, also where clocks change."""

import pytest

from stopline.model.account import AccountTerms
from stopline.model.instants import render_instant
from stopline.model.market_hours import parse_hours
from stopline.model.numbers import SECOND
from stopline.model.rules import SessionBlockTerms
from stopline.runtime.own_hours import own_hours

NEW_YORK = AccountTerms("a", "b")
TUESDAY = 1_767_718_800 * SECOND
"""2026-01-06T17:00:00Z"""
DAY = 86_400 * SECOND


def shown(at, hours="09:30 16:00", days=(0, 1, 2, 3, 4), terms=NEW_YORK):
    block = SessionBlockTerms(hours=parse_hours(hours), weekdays=days)
    return [(render_instant(span.opens_at), render_instant(span.closes_at)) for span in own_hours(terms, block, at)]


def test_of_nobody():
    assert own_hours(NEW_YORK, None, TUESDAY) == ()


def test_around_a_tuesday():
    spans = shown(TUESDAY)
    assert spans[:2] == [
        ("2026-01-05T14:30:00Z", "2026-01-05T21:00:00Z"),
        ("2026-01-06T14:30:00Z", "2026-01-06T21:00:00Z"),
    ]
    assert len(spans) == 8


def test_on_chosen_days_only_and_over_a_week_ahead():
    assert shown(TUESDAY, days=(1,)) == [
        ("2026-01-06T14:30:00Z", "2026-01-06T21:00:00Z"),
        ("2026-01-13T14:30:00Z", "2026-01-13T21:00:00Z"),
    ]


def test_from_the_evening_before():
    assert shown(TUESDAY, "-18:00 17:00", (1,))[0] == ("2026-01-05T23:00:00Z", "2026-01-06T22:00:00Z")


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        pytest.param(TUESDAY + 61 * DAY, "2026-03-09T13:30:00Z", id="the Monday after clocks go forward"),
        pytest.param(TUESDAY + 58 * DAY, "2026-03-06T14:30:00Z", id="the Friday before"),
    ],
)
def test_keeps_to_local_time_when_clocks_change(at, opens):
    assert opens in [span[0] for span in shown(at)]


def test_a_stretch_that_the_clock_takes_away_is_none():
    """On 2026-03-08, 02:00 to 03:00 does not exist in New York."""
    sunday = TUESDAY + 61 * DAY
    assert [each for each in shown(sunday, "02:00 03:00", (6,)) if each[0].startswith("2026-03-08")] == []
