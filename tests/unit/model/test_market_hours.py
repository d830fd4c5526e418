"""Hours are read exactly, and what is short about a day is named."""

import pytest

from stopline.model.market_hours import DayKind, HoursRefused, LocalSpan, kind_of, parse_hours, render_hours


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        pytest.param("09:30 16:00", [(570, 960)], id="a day"),
        pytest.param("-17:00 16:00", [(-420, 960)], id="from the evening before"),
        pytest.param("-15:30 -16:30, -17:00 15:15", [(-510, -450), (-420, 915)], id="twice"),
        pytest.param("00:00 24:00", [(0, 1440)], id="round the clock"),
        pytest.param("10:00 12:00, 12:00 13:00", [(600, 720), (720, 780)], id="touching"),
        pytest.param("closed", [], id="closed"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_hours(text: str, spans: list[tuple[int, int]]):
    read = parse_hours(text)
    assert read == tuple(LocalSpan(*span) for span in spans)
    assert render_hours(read) == (text or "closed")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("9:30 16:00", "no opening and closing"),
        ("09:30", "no opening and closing"),
        ("09:30 16:00 17:00", "no opening and closing"),
        ("09:60 16:00", "no opening and closing"),
        ("25:00 26:00", "no opening and closing"),
        ("16:00 09:30", "does not close after it opens"),
        ("16:00 16:00", "does not close after it opens"),
        ("09:30 24:30", "does not close after it opens"),
        ("09:30 16:00, 15:00 17:00", "begins before the one in front of it ends"),
        ("١٠:٠٠ 16:00", "no opening and closing"),
        ("open", "no opening and closing"),
    ],
)
def test_what_are_no_hours(text: str, problem: str):
    with pytest.raises(HoursRefused, match=problem):
        parse_hours(text)


@pytest.mark.parametrize(
    ("hours", "kind"),
    [
        ("-17:00 15:15, 15:30 16:15", DayKind.USUAL),
        ("", DayKind.CLOSED),
        ("-17:00 12:15", DayKind.EARLY_CLOSE),
        ("08:30 15:15, 15:30 16:15", DayKind.LATE_OPEN),
        ("08:30 12:15", DayKind.SPECIAL),
        ("-17:00 16:15", DayKind.SPECIAL),
    ],
)
def test_kinds(hours: str, kind: DayKind):
    assert kind_of(parse_hours(hours), parse_hours("-17:00 15:15, 15:30 16:15")) is kind


def test_trading_where_it_is_usually_closed_is_special():
    assert kind_of(parse_hours("09:30 16:00"), ()) is DayKind.SPECIAL
