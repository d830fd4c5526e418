import pytest

from stopline.dialects.alpaca.exact_json import MAX_REQUEST, Malformed, NumberText, decode, encode, number


def test_numbers_stay_the_text_that_was_sent():
    assert decode(b'{"qty": 0.1000, "n": [1e-05]}') == {"qty": "0.1000", "n": ["1e-05"]}
    assert isinstance(decode("1.5"), NumberText)


def test_text_and_bytes_read_alike():
    assert decode('{"a": "\u00e9"}') == decode('{"a": "\u00e9"}'.encode())


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b"\xff\xfe", "UTF-8"),
        ("\ud800", "UTF-8"),
        (b"[" * 40 + b"]" * 40, "deeper"),
        (b"[" * 60_000, "deeper|not JSON"),
        (b" " * (MAX_REQUEST + 1), "bytes"),
    ],
)
def test_what_is_not_json_is_refused_with_a_sentence(raw, says):
    with pytest.raises(Malformed, match=says):
        decode(raw, MAX_REQUEST)


def test_an_exact_number_can_be_written_as_one():
    assert encode({"equity": number("27423.73")}) == b'{"equity":27423.73}'
