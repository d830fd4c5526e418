"""Each fuzz target over its corpus and some thousand mutations of it, without atheris; and each notices a planted bug.

`make fuzz` runs them for longer, guided by coverage (docs/fuzzing.md).
"""

import re

import pytest

from stopline.cli.replay import table
from stopline.dialects.alpaca import query
from stopline.doors.native import edge, parse
from stopline.messages import upcast
from stopline.model import numbers
from tests.fuzz.target import CORPUS, try_seeded
from tests.fuzz.targets import TARGETS

SLOW = {"fills_file": 600, "quotes_file": 600, "rules_file": 1_000, "configuration": 1_500, "ws_frame": 1_500}
TRIED = 5_000
ANY_DIGIT = re.compile(r"(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?")
BY_NAME = {target.name: target for target in TARGETS}


@pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])
def test_every_input_is_read_or_refused(target):
    try_seeded(target, SLOW.get(target.name, TRIED), seed=1)


def test_there_are_enough_targets_and_each_has_something_to_start_from():
    assert len(BY_NAME) == len(TARGETS) >= 12
    assert all(any(target.corpus()) for target in TARGETS)
    assert {path.name for path in CORPUS.iterdir()} <= set(BY_NAME)


def _forgotten(kind):
    """Return an exception that nothing raises: who catches it instead of `kind` lets `kind` through."""
    return type(f"Not{kind.__name__}", (Exception,), {})


PLANTED = [
    pytest.param("number", numbers, "MAX_SIGNIFICANT_DIGITS", 40, id="no bound of digits"),
    pytest.param("number", numbers, "_GRAMMAR", ANY_DIGIT, id="full-width digits"),
    pytest.param("order_json", parse, "JSONDecodeError", _forgotten(ValueError), id="bad JSON is a fault of ours"),
    pytest.param("ws_frame", parse, "JSONDecodeError", _forgotten(ValueError), id="a bad frame ends the socket"),
    pytest.param("control_line", parse, "JSONDecodeError", _forgotten(ValueError), id="a bad line is a fault of ours"),
    pytest.param("headers", edge, "_name_of", lambda host: b"localhost", id="any host is ours"),
    pytest.param("query", query, "write_instant", lambda at: "soon", id="what is read is not what is sent"),
    pytest.param("fills_file", table.zlib, "error", _forgotten(ValueError), id="a damaged stream escapes"),
    pytest.param("journal_record", upcast, "UnicodeDecodeError", _forgotten(ValueError), id="half a text escapes"),
]


@pytest.mark.parametrize(("name", "room", "what", "bug"), PLANTED)
def test_a_planted_bug_is_noticed(name, room, what, bug, monkeypatch):
    monkeypatch.setattr(room, what, bug, raising=False)
    with pytest.raises(Exception):  # noqa: B017 - any way in which a target fails is a notice
        try_seeded(BY_NAME[name], 20_000, seed=1)
