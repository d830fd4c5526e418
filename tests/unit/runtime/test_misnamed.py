"""A limit of a name that nothing has, and that was surely meant to be another's, is told at the start."""

from pathlib import Path

import pytest

from stopline.config.load import load, load_bytes
from stopline.runtime.misnamed import misnamed
from tests.unit.checks.build import AAPL, ES_DEC

LISTED = {each.instrument_id: each for each in (AAPL, ES_DEC)}


def told(text: str) -> list[str]:
    return misnamed(load_bytes(text.encode(), Path("stopline.yaml"), {}), LISTED)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("symbols: {APPL: {max_position: 500.00}}", "symbols.APPL"),
        ("limits: {deny: [APPL]}", "limits.deny"),
        ("limits: {allow: [APPL]}", "limits.allow"),
        ("rules: {symbol_block: {blocked: [APPL]}}", "rules.symbol_block.blocked"),
    ],
)
def test_a_slip_is_told_with_what_is_listed(text, where):
    """It was taken in silence, and AAPL had no limit."""
    assert told(text) == [f"{where}: nothing is called APPL, so that this does nothing; AAPL is listed"]


@pytest.mark.parametrize(
    "text",
    [
        "symbols: {AAPL: {max_position: 500.00}, ES: {max_position_qty: 1}, fut:ES: {max_position_qty: 1}}",
        "limits: {deny: [AAPL, 'eq:US:*', ES, 'fut:*']}",
        "symbols: {XYZ: {max_position: 500.00}}",
    ],
)
def test_what_is_listed_or_resembles_nothing_is_not(text):
    assert told(text) == []


def test_the_defaults_are_never_told_of():
    assert misnamed(load(), {}) == []
