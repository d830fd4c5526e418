"""Alpaca's market data: the newest quotes of shares by request, and the stream of quotes that follows them.

The stream speaks lists of messages, each with its kind in `T`: JSON in text frames, or MessagePack
where a client asks for that (`Content-Type: application/msgpack`). A price of 0 is no price.
"""

from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from msgspec import DecodeError, Struct, msgpack

from stopline.dialects.alpaca.codecs import COUNT, INSTANT, PRICE, QTY, TEXT, Codec, list_of
from stopline.dialects.alpaca.exact_json import MAX_REQUEST, Json, Malformed, decode, encode, number
from stopline.dialects.alpaca.records import Record
from stopline.model.numbers import PRICE_PLACES, QTY_PLACES, SECOND, Nanos, Price, Qty, render_scaled

FREE: Final = "iex"
"""The feed that every account has: the quotes of one exchange."""
AUTH_FAILED: Final = 402
"""The stream's code for keys that it does not like."""


class ShareQuote(Struct, frozen=True, kw_only=True):
    """The best bid and ask of one share. A missing side is None."""

    symbol: str = ""
    at: Nanos
    bid: Price | None = None
    ask: Price | None = None
    bid_size: Qty = 0
    ask_size: Qty = 0


class Success(Struct, frozen=True):
    """`connected`, or `authenticated`."""

    said: str


class Subscription(Struct, frozen=True):
    """Whose quotes the stream brings; also what a client asks for."""

    quotes: tuple[str, ...]


class DataError(Struct, frozen=True):
    """Something that the stream does not like."""

    code: int
    said: str


class Login(Struct, frozen=True):
    """A client says who it is."""

    key: str
    secret: str


StreamMessage: TypeAlias = ShareQuote | Success | Subscription | DataError


def _number(codec: Codec, places: int) -> Codec:
    return Codec(codec.read, lambda value: number(render_scaled(value, places)))


def _price() -> Codec:
    plain = _number(PRICE, PRICE_PLACES)
    return Codec(lambda value: plain.read(value) or None, plain.write)


_SIZE: Final = _number(QTY, QTY_PLACES)
_QUOTE: Final = Record(
    ShareQuote,
    {"symbol": TEXT, "at": INSTANT, "bid": _price(), "ask": _price(), "bid_size": _SIZE, "ask_size": _SIZE},
    {"symbol": "S", "at": "t", "bid": "bp", "ask": "ap", "bid_size": "bs", "ask_size": "as"},
)
_SYMBOLS: Final = list_of(TEXT)
_NO_PRICE: Final = {"bp": 0, "ap": 0}
_OF_NOWHERE: Final = {"bx": "V", "ax": "V", "c": ["R"], "z": "C"}
"""Exchange, conditions and tape: clients want them to be there."""


# --- by request --------------------------------------------------------------------------------------


def parse_latest(body: Json) -> tuple[ShareQuote, ...]:
    """Return the newest quotes, by symbol; raises Malformed."""
    quotes = body.get("quotes") if isinstance(body, dict) else None
    if not isinstance(quotes, dict):
        raise Malformed("quotes: must be a JSON object")
    return tuple(_QUOTE.parse({**_object(quote), "S": symbol}) for symbol, quote in quotes.items())


def render_latest(quotes: tuple[ShareQuote, ...]) -> Json:
    """Return the JSON of the newest quotes."""
    return {"quotes": {quote.symbol: render_quote(quote) for quote in quotes}}


def render_quote(quote: ShareQuote) -> dict[str, Json]:
    """Return a quote without its symbol, as requests show it."""
    shown = {**_OF_NOWHERE, **_NO_PRICE, **_QUOTE.render(quote, with_nulls=False)}
    del shown["S"]
    return shown


# --- the stream ------------------------------------------------------------------------------------------


def render_data_request(message: Login | Subscription) -> bytes:
    """Return the JSON of what a client says."""
    match message:
        case Login(key, secret):
            return encode({"action": "auth", "key": key, "secret": secret})
        case Subscription(quotes):
            return encode({"action": "subscribe", "quotes": list(quotes)})


def parse_data_request(frame: bytes | str, *, is_packed: bool) -> Login | Subscription:
    """Return what a client says; raises Malformed."""
    body = _unpack(frame) if is_packed else decode(frame, MAX_REQUEST)
    action = body.get("action") if isinstance(body, dict) else None
    if action == "auth":
        return Login(TEXT.read(body.get("key")), TEXT.read(body.get("secret")))
    if action == "subscribe":
        return Subscription(tuple(_SYMBOLS.read(body.get("quotes") or [])))
    raise Malformed("action: must be auth or subscribe")


def parse_data_frame(frame: bytes | str) -> list[StreamMessage]:
    """Return what the stream says, without what nobody asked for; raises Malformed."""
    body = decode(frame)
    if not isinstance(body, list):
        raise Malformed("must be a list of messages")
    return [message for each in body if (message := _parse_message(_object(each))) is not None]


def render_data_frame(messages: list[StreamMessage], *, is_packed: bool = False) -> bytes:
    """Return what the stream says, as JSON or as MessagePack."""
    if is_packed:
        return msgpack.encode([_packed(message) for message in messages])
    return encode([_shown(message) for message in messages])


def _parse_message(body: dict[str, Json]) -> StreamMessage | None:
    match body.get("T"):
        case "q":
            return _QUOTE.parse(body)
        case "success":
            return Success(TEXT.read(body.get("msg")))
        case "subscription":
            return Subscription(tuple(_SYMBOLS.read(body.get("quotes") or [])))
        case "error":
            return DataError(COUNT.read(body.get("code")), TEXT.read(body.get("msg")))
        case _:
            return None


def _shown(message: StreamMessage) -> dict[str, Json]:
    match message:
        case ShareQuote():
            return {"T": "q", "S": message.symbol, **render_quote(message)}
        case Success(said):
            return {"T": "success", "msg": said}
        case Subscription(quotes):
            return {"T": "subscription", "trades": [], "quotes": list(quotes), "bars": []}
        case DataError(code, said):
            return {"T": "error", "code": code, "msg": said}


def _packed(message: StreamMessage) -> dict[str, Any]:
    """MessagePack has no exact decimals: it brings floats, and an instant of its own kind."""
    shown = _shown(message)
    if isinstance(message, ShareQuote):
        seconds, nanos = divmod(message.at, SECOND)
        shown["t"] = datetime.fromtimestamp(seconds, UTC).replace(microsecond=nanos // 1_000)
        shown |= {key: float(bytes(shown[key])) for key in ("bp", "ap", "bs", "as") if not isinstance(shown[key], int)}
    return shown


def _unpack(frame: bytes | str) -> Any:
    try:
        return msgpack.decode(frame if isinstance(frame, bytes) else frame.encode())
    except DecodeError as fault:
        raise Malformed(f"not MessagePack: {fault}") from None


def _object(body: Json) -> dict[str, Json]:
    if not isinstance(body, dict):
        raise Malformed("must be a JSON object")
    return body
