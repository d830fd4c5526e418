import json

import pytest
from hypothesis import given
from msgspec import structs

from stopline.dialects.alpaca.exact_json import Malformed
from stopline.dialects.alpaca.stream import (
    Authenticate,
    Authorization,
    Listen,
    Listening,
    Unheard,
    parse_client_frame,
    parse_server_frame,
    render_client_frame,
    render_server_frame,
)
from tests.unit.dialects.alpaca.strategies import updates


@pytest.mark.parametrize(
    "message", [Authenticate("k", "s"), Authenticate("k", "s", "auth"), Listen(("trade_updates",)), Listen(())]
)
def test_what_a_client_says_round_trips_as_bytes_and_as_text(message):
    frame = render_client_frame(message)
    assert parse_client_frame(frame) == message
    assert parse_client_frame(frame.decode()) == message


@pytest.mark.parametrize(
    "message", [Authorization(True), Authorization(False), Authorization(True, "auth"), Listening(("trade_updates",))]
)
def test_what_alpaca_answers_round_trips_as_bytes_and_as_text(message):
    frame = render_server_frame(message)
    assert parse_server_frame(frame) == message
    assert parse_server_frame(frame.decode()) == message


@given(updates())
def test_any_update_round_trips(update):
    assert parse_server_frame(render_server_frame(update)) == update


def test_the_forms_of_the_documentation():
    told = {"action": "authenticate", "data": {"key_id": "k", "secret_key": "s"}}
    assert json.loads(render_client_frame(Authenticate("k", "s"))) == told
    answer = {"stream": "authorization", "data": {"status": "authorized", "action": "authenticate"}}
    assert json.loads(render_server_frame(Authorization(True))) == answer
    assert json.loads(render_server_frame(Listening(("trade_updates",)))) == {
        "stream": "listening",
        "data": {"streams": ["trade_updates"]},
    }


def test_a_price_finer_than_ours_is_marked():
    order = {"id": "1", "status": "filled"}
    told = {"event": "fill", "price": "100.1234567891", "qty": "1", "order": order}
    update = parse_server_frame(json.dumps({"stream": "trade_updates", "data": told}))
    assert (update.price, update.is_rounded) == (10_012_345_679, True)
    told["price"] = "100.12"
    plain = parse_server_frame(json.dumps({"stream": "trade_updates", "data": told}))
    assert plain == structs.replace(update, price=10_012_000_000, is_rounded=False)


def test_other_streams_are_named_and_left_alone():
    assert parse_server_frame(b'{"stream": "weather", "data": {"rain": 1}}') == Unheard("weather")


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"[]",
        b"null",
        b'{"stream": 5, "data": {}}',
        b'{"stream": "trade_updates"}',
        b'{"stream": "trade_updates", "data": {"event": "new"}}',
        b'{"stream": "trade_updates", "data": {"event": "fill", "order": {"id": "1", "status": "filled"}}}',
        b'{"stream": "listening", "data": {"streams": [null]}}',
        b'{"action": "dance"}',
    ],
)
def test_a_bad_frame_is_one_clear_error(frame):
    for parse in (parse_server_frame, parse_client_frame):
        with pytest.raises(Malformed):
            parse(frame)
