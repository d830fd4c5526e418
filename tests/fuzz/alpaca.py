"""Alpaca's dialect: any bytes are a message, or refused by `Malformed`, never by another exception."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from stopline.dialects.alpaca.account import ACCOUNT, CONFIGURATIONS
from stopline.dialects.alpaca.activities import ACTIVITY
from stopline.dialects.alpaca.assets import ASSET
from stopline.dialects.alpaca.clock import CALENDAR_DAY, CLOCK
from stopline.dialects.alpaca.close import parse_close, render_close
from stopline.dialects.alpaca.create import parse_create, render_create
from stopline.dialects.alpaca.errors import parse_error, render_error
from stopline.dialects.alpaca.exact_json import Malformed, decode, encode
from stopline.dialects.alpaca.history import PORTFOLIO_HISTORY
from stopline.dialects.alpaca.orders import parse_order, parse_orders, render_order, render_orders
from stopline.dialects.alpaca.positions import POSITION
from stopline.dialects.alpaca.query import parse_orders_query, render_orders_query
from stopline.dialects.alpaca.quotes import parse_data_frame, parse_data_request, render_data_frame, render_data_request
from stopline.dialects.alpaca.replace import parse_replace, render_replace
from stopline.dialects.alpaca.results import (
    parse_cancel_results,
    parse_close_results,
    render_cancel_results,
    render_close_results,
)
from stopline.dialects.alpaca.serving.keys import KeyPair, read_keys
from stopline.dialects.alpaca.stream import (
    parse_client_frame,
    parse_server_frame,
    render_client_frame,
    render_server_frame,
)
from tests.fuzz.target import Target

RECORDS = (ACCOUNT, CONFIGURATIONS, ACTIVITY, ASSET, CALENDAR_DAY, CLOCK, PORTFOLIO_HISTORY, POSITION)
BODIES: tuple[tuple[Callable[[Any], Any], Callable[[Any], Any]], ...] = (
    (parse_order, render_order),
    (parse_orders, render_orders),
    (parse_cancel_results, render_cancel_results),
    (parse_close_results, render_close_results),
    *((record.parse, record.render) for record in RECORDS),
)
FRAMES: tuple[tuple[Callable[[bytes], Any], Callable[[Any], bytes]], ...] = (
    (parse_client_frame, render_client_frame),
    (parse_create, lambda order: encode(render_create(order))),
    (parse_replace, lambda change: encode(render_replace(change))),
    (parse_data_frame, render_data_frame),
    (partial(parse_data_request, is_packed=False), render_data_request),
)
QUERIES: tuple[tuple[Callable[[Mapping[str, str]], Any], Callable[[Any], dict[str, str]]], ...] = (
    (parse_orders_query, render_orders_query),
    (parse_close, render_close),
)
ORDER = b"""{"id":"61e69015","client_order_id":"eb9e2aaa","created_at":"2021-03-16T18:38:01.942282Z","symbol":"AAPL",
"notional":null,"qty":1,"filled_qty":"0","filled_avg_price":null,"order_class":"bracket","type":"limit","side":"buy",
"time_in_force":"day","limit_price":"300.5","status":"accepted","extended_hours":false,"hwm":"1e2","legs":[
{"id":"2","status":"held","qty":"-1.5"}],"take_profit":{"limit_price":301},"stop_loss":{"stop_price":"299.01"}}"""
SEEDS = (
    ORDER,
    b"[" + ORDER + b"]",
    b'{"stream":"trade_updates","data":{"event":"fill","price":"1.5","qty":"1","timestamp":"2026-01-06T14:30:00-05:00",'
    b'"position_qty":"-3","execution_id":"9","order":' + ORDER + b"}}",
    b'{"stream":"authorization","data":{"status":"authorized","action":"authenticate"}}',
    b'{"stream":"listening","data":{"streams":["trade_updates"]}}',
    b'{"action":"authenticate","data":{"key_id":"k","secret_key":"s"}}',
    b'{"action":"auth","key":"k","secret":"s"}',
    b'{"action":"listen","data":{"streams":["trade_updates"]}}',
    b'[{"T":"q","S":"AMD","bp":87.66,"bs":1,"ap":87.68,"as":4,"t":"2021-02-22T15:51:45.335689322Z","c":["R"],"z":"C"}]',
    b'[{"T":"success","msg":"connected"},{"T":"subscription","quotes":["AMD"]},{"T":"error","code":402,"msg":"no"}]',
    b'{"action":"subscribe","quotes":["AMD"]}',
    b'[{"id":"1","status":200},{"id":"2","status":404,"body":{"code":40410000,"message":"order not found"}}]',
    b'[{"symbol":"AAPL","status":200,"body":'
    + ORDER
    + b'},{"symbol":"B","status":403,"body":{"code":1,"message":"m"}}]',
    b'{"id":"1","cash":"-5","equity":"1e3","multiplier":"4","shorting_enabled":true,"symbol":"AAPL","side":"long","qty":"5"}',
    b'{"timestamp":[1580826600],"equity":[1.5],"profit_loss":[null],"profit_loss_pct":[0.1],"base_value":null,"timeframe":"1D"}',
)


def try_frame(raw: bytes) -> None:
    """Read a frame of the stream, or a body that asks; what was read is what is written again."""
    for read, write in FRAMES:
        try:
            found = read(raw)
        except Malformed as fault:
            assert str(fault)
            continue
        assert read(write(found)) == found, raw
    try:
        message = parse_server_frame(raw)
    except Malformed:
        return
    if hasattr(message, "order") and not message.is_rounded:
        assert parse_server_frame(render_server_frame(message)) == message, raw


def try_body(raw: bytes) -> None:
    """Read an answer as every record there is; what was read is what is written again."""
    error = parse_error(502, raw)
    assert encode(render_error(error)), raw
    try:
        body = decode(raw)
    except Malformed:
        return
    for parse, render in BODIES:
        try:
            found = parse(body)
        except Malformed:
            continue
        assert parse(decode(encode(render(found)))) == found, raw


def try_query(raw: bytes) -> None:
    """Read a query string; what was read is what is sent again."""
    query = dict(parse_qsl(raw.decode("latin-1"), keep_blank_values=True))
    for parse, render in QUERIES:
        try:
            found = parse(query)
        except Malformed as fault:
            assert str(fault)
            continue
        assert parse(render(found)) == found, raw


def try_keys(raw: bytes) -> None:
    """Read who speaks from headers: never an error, and nothing of it is shown."""
    lines = (line.partition(":") for line in raw.decode("latin-1").split("\n"))
    said = read_keys({name.strip().lower(): value.strip() for name, _, value in lines})
    assert isinstance(said, KeyPair)
    assert str(said) == "KeyPair(...)"


_MODULES = ("stopline.dialects.alpaca",)
ALPACA = (
    Target("alpaca_body", try_body, _MODULES, SEEDS),
    Target("alpaca_frame", try_frame, _MODULES, SEEDS),
    Target("query", try_query, _MODULES),
    Target("token", try_keys, ("stopline.dialects.alpaca.serving.keys",)),
)
