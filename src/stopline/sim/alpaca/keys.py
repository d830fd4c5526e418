"""Who may speak: one pair of keys, in Alpaca's headers or as HTTP basic authentication."""

from base64 import b64decode
from binascii import Error
from hmac import compare_digest

from msgspec import Struct

from stopline.dialects.alpaca.errors import ApiError
from stopline.dialects.alpaca.refusals import no_keys, wrong_keys


class Keys(Struct, frozen=True):
    """The pair that is right. They guard nothing real."""

    key: str
    secret: str

    def are(self, key: str, secret: str) -> bool:
        """Return whether a pair is the right one."""
        said, right = f"{key}\0{secret}", f"{self.key}\0{self.secret}"
        return compare_digest(said.encode("utf-8", "replace"), right.encode())

    def refusal(self, headers: dict[str, str]) -> ApiError | None:
        """Return why a request is not let in, or None."""
        key, secret = headers.get("apca-api-key-id", ""), headers.get("apca-api-secret-key", "")
        if not key and not secret:
            key, secret = _basic(headers.get("authorization", ""))
        if not key and not secret:
            return no_keys()
        return None if self.are(key, secret) else wrong_keys()


def _basic(header: str) -> tuple[str, str]:
    scheme, _, coded = header.partition(" ")
    if scheme.lower() != "basic":
        return ("", "") if not header else (header, "")
    try:
        key, _, secret = b64decode(coded, validate=True).decode().partition(":")
    except (Error, ValueError):
        return header, ""
    return key, secret
