"""Errors: `{"code": 40310000, "message": "..."}` beside an HTTP status, sometimes with more fields.

Reading one never fails: a proxy's page in HTML is an error too, without a code.
"""

from typing import Final

from msgspec import Struct

from stopline.dialects.alpaca.exact_json import Json, Malformed, decode

INVALID: Final = 40010001
"""422: a field is missing or wrong."""
UNAUTHORIZED: Final = 40110000
FORBIDDEN: Final = 40310000
"""403: not allowed: money, quantity, suspended."""
NOT_FOUND: Final = 40410000
UNPROCESSABLE: Final = 42210000
"""422: understood, and not possible now."""
RATE: Final = 42910000
INTERNAL: Final = 50010000
SHOWN: Final = 300


class ApiError(Struct, frozen=True):
    """What went wrong. `details` are the further fields, as text; `code` is missing for wrong keys."""

    status: int
    code: int | None
    message: str
    details: dict[str, str] = {}


class Refused(Exception):
    """A request that gets an error for an answer."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(error.message)
        self.error = error


def parse_error(status: int, raw: bytes) -> ApiError:
    """Return the error of an answer, whatever its body is."""
    try:
        body = decode(raw)
    except Malformed:
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("message"), str):
        return ApiError(status, None, raw[:SHOWN].decode("utf-8", "replace") or f"HTTP {status} without a body")
    return error_of(status, body)


def error_of(status: int, body: Json) -> ApiError:
    """Return the error of a body that is read already."""
    if not isinstance(body, dict):
        return ApiError(status, None, f"HTTP {status} without a message")
    code = body.get("code")
    details = {
        name: str(value)
        for name, value in body.items()
        if name not in ("code", "message") and isinstance(value, str | bool)
    }
    number = int(code) if isinstance(code, str) and code.isascii() and code.isdigit() and len(code) < 12 else None
    return ApiError(status, number, str(body.get("message", "")), details)


def render_error(error: ApiError) -> dict[str, Json]:
    """Return the body of an error."""
    body: dict[str, Json] = {} if error.code is None else {"code": error.code}
    return {**body, "message": error.message, **error.details}
