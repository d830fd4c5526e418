import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.model.patterns import defect, glob, names
from tests.unit.checks.build import AAPL, BTC, ES_DEC, MES_DEC, equity

EVERSOURCE = equity("ES")


@pytest.mark.parametrize(
    ("pattern", "instrument", "named"),
    [
        ("*", AAPL, True),
        ("AAPL", AAPL, True),
        ("aapl", AAPL, False),
        ("AAP", AAPL, False),
        ("AAP?", AAPL, False),
        ("A*", AAPL, False),
        ("eq:US:AAPL", AAPL, True),
        ("eq:US:AAP?", AAPL, True),
        ("eq:US:AAPL?", AAPL, False),
        ("eq:*", AAPL, True),
        ("US:*", AAPL, False),
        ("fut:ES", ES_DEC, True),
        ("fut:ES:2026-12", ES_DEC, True),
        ("fut:ES*", ES_DEC, True),
        ("fut:ES*", MES_DEC, False),
        ("fut:?ES", MES_DEC, True),
        ("ES", ES_DEC, True),
        ("ES2026-12", ES_DEC, True),
        ("ES", EVERSOURCE, True),
        ("ES*", EVERSOURCE, False),
        ("fut:ES*", EVERSOURCE, False),
        ("*:ES*", EVERSOURCE, True),
        ("cr:???USD", BTC, True),
        ("cr:??USD", BTC, False),
        ("", AAPL, False),
        ("eq:*&AAPL", AAPL, True),
        ("eq:*&MSFT", AAPL, False),
        ("*&*", AAPL, True),
    ],
)
def test_names(pattern, instrument, named):
    assert names(pattern, instrument) is named


@pytest.mark.parametrize("pattern", ["*", "AAPL", "BRK.B", "eq:*", "fut:ES*", "cr:???USD", "eq:*&AAPL"])
def test_sound_patterns(pattern):
    assert defect(pattern) == ""


@pytest.mark.parametrize("pattern", ["", " ", "ES*", "?", "A?PL", "**", " AAPL", "eq:*&", "eq:*&A*"])
def test_patterns_that_could_never_match_are_named(pattern):
    assert repr(pattern)[1:-1] in defect(pattern) or "wildcard" in defect(pattern)


texts = st.text("abX:", max_size=12)
globs = st.text("abX:*?", max_size=12)


@given(globs, texts)
def test_glob_agrees_with_the_standard_library(pattern, text):
    assert glob(pattern, text) is fnmatch.fnmatchcase(text, pattern)


def test_a_hostile_pattern_ends():
    assert not glob("*a" * 40 + "b", "a" * 2_000)
