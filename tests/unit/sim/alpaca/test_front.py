"""What stands in front of every request: keys, the rate limit, and that nothing sent makes it fall over."""

import asyncio
import base64
import random

import pytest

from stopline.dialects.alpaca.serving.wire import Answer, Request
from stopline.sim.alpaca.faults import Faults
from stopline.sim.alpaca.front import Front
from stopline.sim.alpaca.keys import Keys
from stopline.sim.alpaca.rate import WINDOW, RateLimit
from tests.fuzz.alpaca import SEEDS
from tests.fuzz.target import mutate
from tests.unit.sim.alpaca.build import Room

RIGHT = {"apca-api-key-id": "k", "apca-api-secret-key": "s"}


def front(room: Room) -> Front:
    return Front(room.house, Keys("k", "s"), RateLimit(0), Faults(), lambda: room.at, lambda: None)


def ask(front: Front, method: str, path: str, body: bytes = b"", query=None, headers=None) -> Answer:
    request = Request(method, path, query or {}, RIGHT if headers is None else headers, body)
    return asyncio.run(front.answer(request))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (RIGHT, 200),
        ({}, 401),
        ({"apca-api-key-id": "k"}, 403),
        (RIGHT | {"apca-api-secret-key": "x"}, 403),
        ({"authorization": "Basic " + base64.b64encode(b"k:s").decode()}, 200),
        ({"authorization": "Basic " + base64.b64encode(b"k:x").decode()}, 403),
        ({"authorization": "Basic \u00e9"}, 403),
        ({"authorization": "Bearer k"}, 403),
    ],
)
def test_keys(headers, status):
    assert ask(front(Room()), "GET", "/v2/account", headers=headers).status == status


def test_the_rate_limit_counts_a_minute_from_the_first_request():
    limit, at = RateLimit(2), 1_000 * WINDOW
    assert [limit.take(at), limit.take(at + 1), limit.take(at + WINDOW - 1)] == [True, True, False]
    assert (b"x-ratelimit-remaining", b"0") in limit.headers()
    assert limit.take(at + WINDOW)
    assert (b"x-ratelimit-remaining", b"1") in limit.headers()


@pytest.mark.parametrize(
    ("method", "path", "body", "query", "status"),
    [
        ("POST", "/v2/orders", b"{", None, 422),
        ("POST", "/v2/orders", b"x" * 100_000, None, 422),
        ("GET", "/v2/orders", b"", {"status": "some"}, 422),
        ("GET", "/v2/orders", b"", {"limit": "501"}, 422),
        ("GET", "/v2/orders", b"", {"after": "yesterday"}, 422),
        ("GET", "/v2/orders/none", b"", None, 404),
        ("DELETE", "/v2/positions/AAPL", b"", {"qty": "1", "percentage": "1"}, 422),
        ("GET", "/v2/calendar", b"", {"start": "soon"}, 422),
        ("GET", "/v2/calendar", b"", {"start": "9999-12-31"}, 422),
        ("GET", "/v2/account/portfolio/history", b"", {"period": "never"}, 422),
        ("PATCH", "/v2/account/configurations", b"[]", None, 422),
        ("GET", "/v1/account", b"", None, 404),
        ("PUT", "/v2/account", b"", None, 404),
    ],
)
def test_what_makes_no_sense_is_a_clear_4xx(method, path, body, query, status):
    room = Room()
    room.hold()
    answer = ask(front(room), method, path, body, query)
    assert answer.status == status
    assert answer.body["code"]
    assert answer.body["message"]


def test_no_bytes_make_it_fall_over():
    chance, room = random.Random(7), Room()
    door = front(room)
    order = b'{"symbol":"AAPL","qty":"5","side":"buy","type":"limit","time_in_force":"day","limit_price":"99"}'
    for _ in range(400):
        raw = mutate(chance, chance.choice((order, *SEEDS)), chance.choice(SEEDS))
        for method, path in (("POST", "/v2/orders"), ("PATCH", "/v2/account/configurations")):
            assert ask(door, method, path, raw).status in (200, 403, 422), raw
