"""Quotes on the wire: exact in JSON, as floats in MessagePack, and tolerant of what nobody asked for."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from stopline.dialects.alpaca.exact_json import Malformed, decode, encode
from stopline.dialects.alpaca.quotes import (
    DataError,
    Login,
    ShareQuote,
    Subscription,
    Success,
    parse_data_frame,
    parse_data_request,
    parse_latest,
    render_data_frame,
    render_data_request,
    render_latest,
)
from stopline.model.numbers import parse_price, parse_qty

AT = 1_614_009_104_208_000_123
PRICES = st.none() | st.integers(1, 10**14)
QUOTES = st.builds(
    ShareQuote,
    symbol=st.sampled_from(["AAPL", "BRK.B"]),
    at=st.integers(0, 4 * 10**18),
    bid=PRICES,
    ask=PRICES,
    bid_size=st.integers(0, 10**13),
    ask_size=st.integers(0, 10**13),
)
DOCUMENTED = (
    '[{"T":"q","S":"AMD","bx":"U","bp":87.66,"bs":1,"ax":"Q","ap":87.68,"as":4,"t":"2021-02-22T15:51:45.335689322Z",'
    '"c":["R"],"z":"C"},{"T":"t","i":96921,"S":"AAPL","x":"D","p":126.55},{"T":"new kind"}]'
)


def test_a_documented_quote_is_read_exactly_and_the_rest_passed_over():
    (quote,) = parse_data_frame(DOCUMENTED)
    assert quote == ShareQuote(
        symbol="AMD", at=1_614_009_105_335_689_322, bid=parse_price("87.66"), ask=parse_price("87.68"),
        bid_size=parse_qty("1"), ask_size=parse_qty("4"),
    )  # fmt: skip


@given(st.lists(QUOTES, max_size=4))
def test_quotes_go_there_and_back(quotes):
    assert parse_data_frame(render_data_frame(list(quotes))) == quotes
    newest = {quote.symbol: quote for quote in quotes}
    assert parse_latest(decode(encode(render_latest(tuple(newest.values()))))) == tuple(newest.values())


@pytest.mark.parametrize(
    "message", [Success("connected"), Subscription(("AAPL", "SPY")), DataError(402, "auth failed")]
)
def test_what_else_the_stream_says_goes_there_and_back(message):
    assert parse_data_frame(render_data_frame([message])) == [message]


@pytest.mark.parametrize("message", [Login("k", "s"), Subscription(("AAPL",))])
def test_what_a_client_says_goes_there_and_back_in_both_forms(message):
    wire = render_data_request(message)
    assert parse_data_request(wire, is_packed=False) == message
    assert parse_data_request(msgpack.encode(json.loads(wire)), is_packed=True) == message


def test_a_packed_quote_has_floats_and_an_instant_of_its_own_kind():
    quote = ShareQuote(symbol="AAPL", at=AT, bid=parse_price("174.99"), bid_size=parse_qty("300"))
    (told,) = msgpack.decode(render_data_frame([quote], is_packed=True))
    assert (told["T"], told["S"], told["bp"], told["bs"], told["ap"]) == ("q", "AAPL", 174.99, 300.0, 0)
    assert told["t"].isoformat() == "2021-02-22T15:51:44.208000+00:00"


@pytest.mark.parametrize(
    "frame",
    ["{}", "[1]", '[{"T":"q","S":"AAPL","bp":"x","t":"2021-02-22T15:51:45Z"}]', '[{"T":"q","S":"AAPL"}]', "[", b"\xff"],
)
def test_what_cannot_be_read_is_said(frame):
    with pytest.raises(Malformed):
        parse_data_frame(frame)


@pytest.mark.parametrize(("frame", "is_packed"), [("{}", False), (b"\xc1", True), (b"\x01", True), ("[]", False)])
def test_a_client_that_makes_no_sense_is_told(frame, is_packed):
    with pytest.raises(Malformed):
        parse_data_request(frame, is_packed=is_packed)
