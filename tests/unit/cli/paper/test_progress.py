"""The progress line: what is in it, how it shrinks, and that only a terminal sees it."""

import io

import pytest

from stopline.cli.paper.progress import Progress, duration, line, per_mille, remaining
from stopline.model.numbers import SECOND

NOON = 1_381_147_200 * SECOND  # 2013-10-07 12:00 UTC


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("at", "wanted"), [(0, 0), (100, 0), (150, 500), (200, 1000), (900, 1000)])
def test_how_far_engine_time_has_come(at, wanted):
    assert per_mille(100, 200, at) == wanted


def test_a_file_of_one_instant_is_done_at_once():
    assert per_mille(100, 100, 100) == 0
    assert per_mille(100, 100, 101) == 1000


def test_what_is_left_is_judged_by_what_it_took():
    assert remaining(250, 10 * SECOND) == 30 * SECOND
    assert remaining(0, SECOND) is None
    assert remaining(1000, SECOND) == 0


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (65, "1:05"), (3_725, "1:02:05")])
def test_durations(seconds, text):
    assert duration(seconds * SECOND) == text


def test_the_line_has_it_all_where_there_is_room():
    assert line(425, NOON, 21_000, 65 * SECOND, 100) == (
        "[########............]  42 %  2013-10-07 12:00:00Z  21,000 quotes/s  ETA 1:05"
    )
    assert line(0, NOON, 0, None, 60) == "  0 %  2013-10-07 12:00:00Z  0 quotes/s  ETA -"


@pytest.mark.parametrize("width", range(5, 120, 7))
def test_it_fits(width):
    said = line(999, NOON, 1_234_567, 7_200 * SECOND, width)
    assert len(said) <= width
    assert said.startswith(" 99 %") or said.startswith("[")


def test_a_terminal_sees_one_line_that_rewrites_itself():
    terminal = Terminal()
    progress = Progress(terminal)
    progress.show("one")
    progress.show("two")
    progress.clear()
    assert terminal.getvalue() == "\r\x1b[Kone\r\x1b[Ktwo\r\x1b[K"


def test_a_pipe_sees_nothing():
    pipe = io.StringIO()
    progress = Progress(pipe)
    progress.show("one")
    progress.clear()
    assert (progress.is_shown, pipe.getvalue()) == (False, "")
