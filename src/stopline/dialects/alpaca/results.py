"""207: what became of each part of `DELETE /v2/orders` and `DELETE /v2/positions`."""

from typing import Final

from msgspec import Struct

from stopline.dialects.alpaca.errors import ApiError, error_of, render_error
from stopline.dialects.alpaca.exact_json import Json, Malformed
from stopline.dialects.alpaca.orders import Order, parse_order, render_order

OK: Final = 200


class CancelResult(Struct, frozen=True):
    """What became of one order: its error is None when it is canceled."""

    id: str
    status: int
    error: ApiError | None = None


class CloseResult(Struct, frozen=True):
    """What became of one position: the order that closes it, or why there is none."""

    symbol: str
    status: int
    order: Order | None = None
    error: ApiError | None = None


def parse_cancel_results(body: Json) -> tuple[CancelResult, ...]:
    """Return the results of a cancel-all; raises Malformed."""
    return tuple(CancelResult(_text(item, "id"), status, _error(item, status)) for item, status in _items(body))


def render_cancel_results(results: tuple[CancelResult, ...]) -> list[Json]:
    """Return the body of a cancel-all's answer."""
    return [
        {"id": each.id, "status": each.status} | ({} if each.error is None else {"body": render_error(each.error)})
        for each in results
    ]


def parse_close_results(body: Json) -> tuple[CloseResult, ...]:
    """Return the results of a close-all; raises Malformed."""
    return tuple(_close(item, status) for item, status in _items(body))


def render_close_results(results: tuple[CloseResult, ...]) -> list[Json]:
    """Return the body of a close-all's answer."""
    shown: list[Json] = []
    for each in results:
        if each.order is not None:
            body = render_order(each.order)
        else:
            body = render_error(each.error or ApiError(each.status, None, ""))
        shown.append({"symbol": each.symbol, "status": each.status, "body": body})
    return shown


def _close(item: dict[str, Json], status: int) -> CloseResult:
    symbol = _text(item, "symbol")
    if status == OK:
        return CloseResult(symbol, status, parse_order(item.get("body")))
    return CloseResult(symbol, status, None, _error(item, status))


def _items(body: Json) -> list[tuple[dict[str, Json], int]]:
    if not isinstance(body, list):
        raise Malformed("must be a list of results")
    found = []
    for item in body:
        status = item.get("status") if isinstance(item, dict) else None
        if not (isinstance(status, str) and status.isascii() and status.isdigit() and len(status) == 3):
            raise Malformed("each result must be an object with an HTTP status")
        found.append((item, int(status)))
    return found


def _error(item: dict[str, Json], status: int) -> ApiError | None:
    return None if status == OK else error_of(status, item.get("body"))


def _text(item: dict[str, Json], name: str) -> str:
    value = item.get(name)
    if not isinstance(value, str):
        raise Malformed(f"{name} is missing")
    return str(value)
