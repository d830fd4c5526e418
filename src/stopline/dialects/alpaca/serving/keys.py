"""Who speaks: a pair of keys, in Alpaca's headers or as HTTP basic authentication."""

from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from typing import NamedTuple


class KeyPair(NamedTuple):
    """What a client said; empty texts where it said nothing. It is right or wrong only to whoever knows the keys."""

    key: str
    secret: str

    def __repr__(self) -> str:
        """Say nothing of it: what is logged by mistake must not be the keys."""
        return "KeyPair(...)"


def read_keys(headers: Mapping[str, str]) -> KeyPair:
    """Return the keys of a request; `headers` are in lower case."""
    key, secret = headers.get("apca-api-key-id", ""), headers.get("apca-api-secret-key", "")
    return KeyPair(key, secret) if key or secret else _basic(headers.get("authorization", ""))


def _basic(header: str) -> KeyPair:
    scheme, _, coded = header.partition(" ")
    if scheme.lower() != "basic":
        return KeyPair(header, "")
    try:
        key, _, secret = b64decode(coded, validate=True).decode().partition(":")
    except (Error, ValueError):
        return KeyPair(header, "")
    return KeyPair(key, secret)
