import pytest

from stopline.model.instants import render_duration, render_instant
from stopline.model.numbers import SECOND


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_767_718_800 * SECOND, "2026-01-06T17:00:00Z"),
        (1_767_718_800 * SECOND - 1, "2026-01-06T16:59:59Z"),
        (-SECOND, "1969-12-31T23:59:59Z"),
        (2**63 - 1, "2262-04-11T23:47:16Z"),
    ],
)
def test_render_instant(at, text):
    assert render_instant(at) == text


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (SECOND, "1 s"),
        (90 * SECOND, "90 s"),
        (60 * SECOND, "1 min"),
        (3_600 * SECOND, "1 h"),
        (5_400 * SECOND, "90 min"),
        (SECOND // 4, "0.25 s"),
        (1, "0.000000001 s"),
        (0, "0 s"),
    ],
)
def test_render_duration(length, text):
    assert render_duration(length) == text
