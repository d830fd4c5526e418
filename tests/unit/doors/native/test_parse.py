"""JSON from raw bytes: exact, bounded, and never a surprise."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.doors.native.errors import Refusal
from stopline.doors.native.parse import MAX_BODY, MAX_DEPTH, NumberText, parse_object


def refusal(raw: bytes) -> dict[str, Any]:
    with pytest.raises(Refusal) as caught:
        parse_object(raw)
    body: dict[str, Any] = json.loads(caught.value.answer.body)
    return {"status": caught.value.answer.status, **body}


@pytest.mark.parametrize(
    "text",
    ["175.00", "0.1", "-0", "1e400", "1E+999999", "12345678901234567890.123456789", "9" * 5000, "1e-7"],
)
def test_a_number_stays_the_text_it_was(text):
    value = parse_object(f'{{"price": {text}}}'.encode())["price"]
    assert type(value) is NumberText
    assert value == text


def test_strings_bools_null_and_nesting_are_what_they_are():
    body = parse_object('{"a": "é", "b": true, "c": null, "d": [1, {"e": "f"}], "g": "\\u0041"}'.encode())
    assert body == {"a": "é", "b": True, "c": None, "d": ["1", {"e": "f"}], "g": "A"}


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        pytest.param(b"", "not JSON", id="empty"),
        pytest.param(b"   ", "not JSON", id="blank"),
        pytest.param(b"{", "not JSON", id="cut off"),
        pytest.param(b'{"a": 1', "not JSON", id="cut off later"),
        pytest.param(b'{"a": 1,}', "not JSON", id="trailing comma"),
        pytest.param(b"{'a': 1}", "not JSON", id="single quotes"),
        pytest.param(b'{"a": 1} x', "not JSON", id="something after"),
        pytest.param(b'{"a": 01}', "not JSON", id="leading zero"),
        pytest.param(b'{"a": +1}', "not JSON", id="plus"),
        pytest.param(b'{"a": .5}', "not JSON", id="no whole part"),
        pytest.param(b'{"a": 1.}', "not JSON", id="no fraction"),
        pytest.param(b'{"a": 0x10}', "not JSON", id="hex"),
        pytest.param(b'{"a": 1_000}', "not JSON", id="underscore"),
        pytest.param('{"a": １２}'.encode(), "not JSON", id="full-width digits"),
        pytest.param('{"a": ٣}'.encode(), "not JSON", id="arabic digit"),
        pytest.param(b'{"a": NaN}', "NaN", id="NaN"),
        pytest.param(b'{"a": Infinity}', "Infinity", id="Infinity"),
        pytest.param(b'{"a": -Infinity}', "-Infinity", id="minus Infinity"),
        pytest.param(b'{"a": "\x01"}', "not JSON", id="control character"),
        pytest.param(b'{"a": "\xff"}', "UTF-8", id="not UTF-8"),
        pytest.param('{"a": 1}'.encode("utf-16"), "UTF-8", id="UTF-16"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}', "not JSON", id="byte order mark"),
        pytest.param(b'{"a": "\\ud800"}', "surrogate", id="half a pair"),
        pytest.param(b'{"a": ["\\udfff"]}', "surrogate", id="half a pair in a list"),
        pytest.param(b'{"\\ud800": 1}', "surrogate", id="half a pair in a key"),
        pytest.param(b"[]", "object", id="list"),
        pytest.param(b'"x"', "object", id="string"),
        pytest.param(b"1", "object", id="number"),
        pytest.param(b"null", "object", id="null"),
        pytest.param(b'{"a": 1, "a": 2}', "twice", id="key twice"),
        pytest.param(b'{"a": 1, "\\u0061": 2}', "twice", id="key twice, written differently"),
        pytest.param(b'{"x": {"a": 1, "a": 1}}', "twice", id="key twice inside"),
    ],
)
def test_what_is_not_json_is_refused_with_a_sentence(raw, says):
    body = refusal(raw)
    assert body["status"] == 422
    assert body["error"] == "malformed_json"
    assert says in body["message"]
    assert body["fix"]


def test_depth_is_bounded_and_brackets_in_strings_do_not_count():
    deepest = '{"a": ' + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1) + "}"
    parse_object(deepest.encode())
    too_deep = '{"a": ' + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "}"
    assert "deeper" in refusal(too_deep.encode())["message"]
    assert parse_object(b'{"a": "' + b"[{" * 500 + b'"}')
    assert parse_object(b'{"a": "\\"' + b"[{" * 500 + b'"}')
    assert parse_object(b'{"a": [' + b"[]," * 500 + b"[]]}")


@pytest.mark.parametrize("raw", [b"[" * 60_000, b'{"a":' * 10_000, b'{"a": "[[[[[[[[[[[[[[[[[[[[[[[[[['])
def test_hostile_nesting_is_refused_and_breaks_nothing(raw):
    assert refusal(raw)["status"] == 422


def test_a_body_is_at_most_64_kib():
    assert parse_object(b'{"a": "' + b"x" * (MAX_BODY - 9) + b'"}')
    body = refusal(b'{"a": "' + b"x" * (MAX_BODY - 8) + b'"}')
    assert (body["status"], body["error"]) == (413, "body_too_large")


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_a_refusal(raw):
    try:
        assert isinstance(parse_object(raw), dict)
    except Refusal as refused:
        assert refused.answer.status in (413, 422)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), _json, max_size=4), st.booleans())
def test_what_python_writes_is_read_back(body, ascii_only):
    def as_text(value: Any) -> Any:
        if isinstance(value, bool) or value is None or isinstance(value, str):
            return value
        if isinstance(value, dict):
            return {key: as_text(each) for key, each in value.items()}
        return [as_text(each) for each in value] if isinstance(value, list) else str(value)

    assert parse_object(json.dumps(body, ensure_ascii=ascii_only).encode()) == as_text(body)
