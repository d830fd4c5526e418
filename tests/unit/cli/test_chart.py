"""The curve as lines of text: its shape, its labels, its width; with and without braille."""

import pytest

from stopline.cli.chart import chart
from stopline.cli.resample import Span, resample


def draw(points, width=40, height=5, *, base=None, plain=True):
    return chart(points, width, height, lambda v: f"{v}", lambda at: f"t{at}", base=base, plain=plain)


def test_a_rising_line_in_plain_characters():
    assert draw([(n, n) for n in range(13)], width=16) == [
        "12 +          **",
        "   |       ****",
        "   |    ****",
        "   | ****",
        " 0 +**",
        "   +------------",
        "    t0       t12",
    ]


def test_the_same_in_braille_has_eight_times_the_dots():
    lines = draw([(n, n) for n in range(49)], width=16, plain=False)
    cells = "".join(lines[:5])
    assert sum(bin(ord(cell) - 0x2800).count("1") for cell in cells if 0x2800 <= ord(cell) < 0x2900) >= 24
    assert lines[0].startswith("48 ┤") and lines[4].startswith(" 0 ┤")
    assert lines[5] == "   └" + "─" * 12


def test_a_spike_between_two_columns_is_not_lost():
    points = [(n, 100) for n in range(10_000)]
    points[5_003] = (5_003, 10)
    points[7_001] = (7_001, 200)
    lines = draw(points, width=40)
    assert lines[0].startswith("200 +") and "*" in lines[0]
    assert lines[4].startswith(" 10 +") and "*" in lines[4]
    assert [line.count("*") for line in lines].index(max(line.count("*") for line in lines[:5])) == 2


def test_a_flat_curve_lies_in_the_middle():
    lines = draw([(0, 1000), (9, 1000)])
    assert "*" * 30 in lines[2]
    assert [line for line in lines[:5] if "*" in line] == [lines[2]]


def test_where_nothing_was_measured_the_last_value_stands():
    lines = draw([(0, 1), (1, 5), (100, 1)], width=22)
    assert lines[0].count("*") >= 18


def test_the_base_is_dotted_and_within_the_picture():
    lines = draw([(0, 120), (9, 140)], base=100)
    assert lines[4].startswith("100 +")
    assert lines[4].count(".") > 10 and lines[0].count(".") == 0
    assert "┄" in draw([(0, 120), (9, 140)], base=100, plain=False)[4]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
@pytest.mark.parametrize("plain", [True, False])
def test_no_line_is_wider_than_it_may_be(width, plain):
    points = [(n, (n * 7919) % 1000 - 500) for n in range(777)]
    assert max(map(len, draw(points, width, 13, base=0, plain=plain))) <= width


def test_one_point_and_none():
    assert draw([]) == []
    assert len(draw([(5, 7)])) == 7


def test_resampling_keeps_first_last_low_and_high_of_each_stretch():
    assert resample([(0, 5), (1, 9), (2, 2), (3, 7), (9, 1)], 3) == [
        Span(5, 2, 2, 9), Span(7, 7, 7, 7), Span(1, 1, 1, 1),
    ]  # fmt: skip
    assert resample([(0, 5), (9, 1)], 3)[1] == Span(5, 5, 5, 5)
