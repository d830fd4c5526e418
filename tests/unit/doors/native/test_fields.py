"""Readers: a JSON value in, one of ours out, or a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.doors.native import fields
from stopline.doors.native.errors import Refusal, Wrong
from stopline.doors.native.fields import Field, Form, read_form
from stopline.doors.native.parse import NumberText
from stopline.model.order import Side


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (fields.price, NumberText("175.00"), 17_500_000_000),
        (fields.price, "175.00", 17_500_000_000),
        (fields.price, NumberText("-37.63"), -3_763_000_000),
        (fields.price, NumberText("1e2"), 10_000_000_000),
        (fields.quantity, "0.000000001", 1),
        (fields.percent, NumberText("25.00"), 250_000),
        (fields.limit_percent, NumberText("0"), 0),
        (fields.limit_ratio, "2.00", 2_000_000),
        (fields.limit_seconds, NumberText("0.5"), 500_000_000),
        (fields.count, NumberText("10"), 10),
        (fields.count, "1e1", 10),
        (fields.flag, True, True),
        (fields.text(), "", ""),
        (fields.name, "é <b>", "é <b>"),
        (fields.client_order_id, "a/b c#1", "a/b c#1"),
        (fields.choice({"BUY": Side.BUY}), "buy", Side.BUY),
        (fields.instant, NumberText("1.5"), 1_500_000_000),
        (fields.instant, "1767711600", 1_767_711_600_000_000_000),
        (fields.instant, "2026-01-06T15:00:00Z", 1_767_711_600_000_000_000),
        (fields.instant, "2026-01-06T15:00:00.000000001Z", 1_767_711_600_000_000_001),
        (fields.instant, "2026-01-06T10:00:00-05:00", 1_767_711_600_000_000_000),
        (fields.instant, "2026-01-06T16:30:00.5+01:30", 1_767_711_600_500_000_000),
    ],
)
def test_reads(read, value, expected):
    assert read(value) == expected


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (fields.price, True),
        (fields.price, []),
        (fields.price, {}),
        (fields.price, "１７５"),
        (fields.price, NumberText("1e400")),
        (fields.quantity, NumberText("0")),
        (fields.quantity, NumberText("-1")),
        (fields.quantity, NumberText("-0")),
        (fields.positive_money, "0"),
        (fields.limit_money, "-1"),
        (fields.count, NumberText("1.5")),
        (fields.count, NumberText("-1")),
        (fields.positive_count, NumberText("0")),
        (fields.percent, "NaN"),
        (fields.flag, NumberText("1")),
        (fields.flag, "true"),
        (fields.text(), NumberText("1")),
        (fields.text(), True),
        (fields.text(3), "four"),
        (fields.text(), "a\x00b"),
        (fields.text(), "a\nb"),
        (fields.text(), "\x1b[31m"),
        (fields.name, ""),
        (fields.client_order_id, ""),
        (fields.client_order_id, "x" * 129),
        (fields.client_order_id, "é"),
        (fields.client_order_id, " a"),
        (fields.client_order_id, NumberText("1")),
        (fields.choice({"BUY": Side.BUY}), "Buy"),
        (fields.choice({"SELL": Side.SELL}), "ſell"),
        (fields.choice({"BUY": Side.BUY}), ["BUY"]),
        (fields.instant, "2026-01-06T15:00:00"),
        (fields.instant, "2026-01-06"),
        (fields.instant, "2026-13-06T15:00:00Z"),
        (fields.instant, "2026-01-06T15:00:60Z"),
        (fields.instant, "2300-01-01T00:00:00Z"),
        (fields.instant, "1969-12-31T23:59:59Z"),
        (fields.instant, "٢٠٢٦"),
        (fields.instant, "yesterday"),
        (fields.instant, NumberText("-1")),
        (fields.instant, True),
    ],
)
def test_refuses_with_what_would_be_right(read, value):
    with pytest.raises(Wrong) as caught:
        read(value)
    assert str(caught.value)
    assert str(caught.value).isascii()
    assert caught.value.fix


@pytest.mark.parametrize(
    ("read", "value", "said", "fix"),
    [
        (fields.count, "abc", "'abc' is not a whole number", "a whole number such as 10"),
        (fields.positive_count, NumberText("1.5"), "1.5 is not a whole number", "a whole number such as 10"),
        (fields.quantity, NumberText("-1"), "must be more than 0", "a quantity such as 100"),
    ],
)
def test_what_is_wrong_and_what_would_be_right_speak_of_the_same(read, value, said, fix):
    """A count was "not a decimal number such as 175.25", and the fix a whole number."""
    with pytest.raises(Wrong) as caught:
        read(value)
    assert str(caught.value) == said
    assert caught.value.fix.startswith(fix)


FORM = Form(
    {
        "qty": Field("order_qty", fields.quantity, {"description": "how much"}, required=True),
        "price": Field("limit_price", fields.price, {"description": "at what price"}),
        "limit": Field("limit", fields.limit_money, {"description": "a limit"}, nullable=True),
    }
)


def test_a_form_makes_arguments():
    assert read_form(FORM, {"qty": "2", "price": "1"}) == {"order_qty": 2_000_000_000, "limit_price": 100_000_000}


def test_null_is_absent_unless_it_means_something():
    assert read_form(FORM, {"qty": "1", "price": None, "limit": None}) == {"order_qty": 10**9, "limit": None}
    with pytest.raises(Refusal) as caught:
        read_form(FORM, {"qty": None})
    assert '"message":"qty is missing"' in caught.value.answer.body.decode(), "the field is named once"


def test_every_wrong_field_is_named_and_the_first_decides():
    with pytest.raises(Refusal) as caught:
        read_form(FORM, {"price": True, "limit": "x", "prise": 1})
    text = caught.value.answer.body.decode()
    assert text.startswith('{"error":"invalid_request","message":"price: true is not a number"')
    for field in ("price", "limit", "prise", "qty"):
        assert f'"field":"{field}"' in text
    assert "did you mean price?" in text


@given(
    st.sampled_from([fields.price, fields.quantity, fields.instant, fields.count, fields.client_order_id]),
    st.text(max_size=70) | st.booleans() | st.lists(st.integers(), max_size=2) | st.text(max_size=30).map(NumberText),
)
def test_readers_answer_or_say_what_is_wrong(read, value):
    try:
        read(value)
    except Wrong as wrong:
        assert wrong.fix
