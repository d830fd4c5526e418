"""The `trade_updates` stream: JSON in binary or text frames, both ways.

A client says who it is, in either of two forms, and what it wants to hear. Nothing is
replayed: who was away must ask for the orders.
"""

from typing import Final, TypeAlias

from msgspec import Struct, structs

from stopline.dialects.alpaca.codecs import INSTANT, PRICE, QTY, TEXT, list_of
from stopline.dialects.alpaca.decimals import read_with_loss
from stopline.dialects.alpaca.exact_json import MAX_REQUEST, Json, Malformed, decode, encode
from stopline.dialects.alpaca.orders import ORDER, Order
from stopline.dialects.alpaca.records import Record
from stopline.model.numbers import PRICE_PLACES, Nanos, Price, Qty

TRADE_UPDATES: Final = "trade_updates"


class Authenticate(Struct, frozen=True):
    """A client says who it is. `action` is the form it used: `authenticate` or `auth`."""

    key: str
    secret: str
    action: str = "authenticate"


class Listen(Struct, frozen=True):
    """A client says which streams it wants, in place of what it had before."""

    streams: tuple[str, ...]


class Authorization(Struct, frozen=True):
    """The answer to who it is."""

    is_authorized: bool
    action: str = "authenticate"


class Listening(Struct, frozen=True):
    """The answer to what it wants."""

    streams: tuple[str, ...]


class TradeUpdate(Struct, frozen=True, kw_only=True):
    """Something happened to an order. Price, quantities and execution are there when it traded.

    `is_rounded` says that the price was finer than 1e-8.
    """

    event: str
    order: Order
    timestamp: Nanos | None = None
    event_id: str | None = None
    execution_id: str | None = None
    price: Price | None = None
    qty: Qty | None = None
    position_qty: Qty | None = None
    is_rounded: bool = False


class Unheard(Struct, frozen=True):
    """A message of a stream that we know nothing about."""

    stream: str


ClientMessage: TypeAlias = Authenticate | Listen
ServerMessage: TypeAlias = Authorization | Listening | TradeUpdate | Unheard
EXECUTIONS: Final = frozenset({"fill", "partial_fill"})

_UPDATE: Final = Record(
    TradeUpdate,
    {
        "event": TEXT,
        "event_id": TEXT,
        "execution_id": TEXT,
        "timestamp": INSTANT,
        "price": PRICE,
        "qty": QTY,
        "position_qty": QTY,
        "order": ORDER,
    },
)
_STREAMS: Final = list_of(TEXT)


def parse_client_frame(frame: bytes | str) -> ClientMessage:
    """Return what a client says; raises Malformed."""
    body = decode(frame, MAX_REQUEST)
    action = body.get("action") if isinstance(body, dict) else None
    if action == "authenticate":
        told = _object(body, "data")
        return Authenticate(_text(told, "key_id"), _text(told, "secret_key"))
    if action == "auth":
        return Authenticate(_text(body, "key"), _text(body, "secret"), "auth")
    if action == "listen":
        return Listen(tuple(_STREAMS.read(_object(body, "data").get("streams"))))
    raise Malformed("action: must be authenticate, auth or listen")


def render_client_frame(message: ClientMessage) -> bytes:
    """Return the JSON of what a client says."""
    match message:
        case Authenticate(key, secret, "auth"):
            return encode({"action": "auth", "key": key, "secret": secret})
        case Authenticate(key, secret):
            return encode({"action": "authenticate", "data": {"key_id": key, "secret_key": secret}})
        case Listen(streams):
            return encode({"action": "listen", "data": {"streams": list(streams)}})


def parse_server_frame(frame: bytes | str) -> ServerMessage:
    """Return what Alpaca says; raises Malformed."""
    body = decode(frame)
    if not isinstance(body, dict):
        raise Malformed("must be a JSON object")
    stream, told = _text(body, "stream"), _object(body, "data")
    if stream == "authorization":
        return Authorization(_text(told, "status") == "authorized", str(told.get("action") or "authenticate"))
    if stream == "listening":
        return Listening(tuple(_STREAMS.read(told.get("streams"))))
    return _parse_update(told) if stream == TRADE_UPDATES else Unheard(stream)


def render_server_frame(message: Authorization | Listening | TradeUpdate) -> bytes:
    """Return the JSON of what Alpaca says; it goes out in a binary frame."""
    match message:
        case Authorization(is_authorized, action):
            status = "authorized" if is_authorized else "unauthorized"
            return encode({"stream": "authorization", "data": {"status": status, "action": action}})
        case Listening(streams):
            return encode({"stream": "listening", "data": {"streams": list(streams)}})
        case TradeUpdate():
            return encode({"stream": TRADE_UPDATES, "data": _UPDATE.render(message, with_nulls=False)})


def _parse_update(told: dict[str, Json]) -> TradeUpdate:
    update = _UPDATE.parse(told)
    if update.event in EXECUTIONS and (update.price is None or update.qty is None):
        raise Malformed(f"a {update.event} without price or qty")
    price = told.get("price")
    is_rounded = price is not None and read_with_loss(price, PRICE_PLACES)[1]
    return structs.replace(update, is_rounded=True) if is_rounded else update


def _object(body: dict[str, Json], name: str) -> dict[str, Json]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise Malformed(f"{name}: must be a JSON object")
    return value


def _text(body: dict[str, Json], name: str) -> str:
    value = body.get(name)
    if type(value) is not str:  # a number is not text
        raise Malformed(f"{name}: must be text")
    return value
