"""`GET /v2/orders`: which orders, in the query string."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from msgspec import Struct

from stopline.dialects.alpaca.exact_json import Malformed
from stopline.dialects.alpaca.instants import read_instant, write_instant
from stopline.model.numbers import Nanos

USUAL_LIMIT: Final = 50
MOST: Final = 500
FIRST_DAY: Final = date(1970, 1, 1)
LAST_DAY: Final = date(2099, 12, 31)
_STATUSES: Final = ("open", "closed", "all")
_DIRECTIONS: Final = ("asc", "desc")
_SIDES: Final = ("", "buy", "sell")


class OrdersQuery(Struct, frozen=True, kw_only=True):
    """Which orders, how many, in which order of submission."""

    status: str = "open"
    limit: int = USUAL_LIMIT
    after: Nanos | None = None
    until: Nanos | None = None
    direction: str = "desc"
    nested: bool = False
    symbols: tuple[str, ...] = ()
    side: str = ""


def parse_orders_query(query: Mapping[str, str]) -> OrdersQuery:
    """Return what a query asks for; raises Malformed."""
    return OrdersQuery(
        status=one_of(query, "status", _STATUSES, "open"),
        limit=whole(query, "limit", USUAL_LIMIT, MOST),
        after=moment(query, "after"),
        until=moment(query, "until"),
        direction=one_of(query, "direction", _DIRECTIONS, "desc"),
        nested=flag(query, "nested"),
        symbols=tuple(part.strip().upper() for part in query.get("symbols", "").split(",") if part.strip()),
        side=one_of(query, "side", _SIDES, ""),
    )


def render_orders_query(query: OrdersQuery) -> dict[str, str]:
    """Return the query string's parts to send, all of them."""
    shown = {
        "status": query.status,
        "limit": str(query.limit),
        "direction": query.direction,
        "nested": "true" if query.nested else "false",
    }
    if query.after is not None:
        shown["after"] = write_instant(query.after)
    if query.until is not None:
        shown["until"] = write_instant(query.until)
    if query.symbols:
        shown["symbols"] = ",".join(query.symbols)
    if query.side:
        shown["side"] = query.side
    return shown


def one_of(query: Mapping[str, str], name: str, words: tuple[str, ...], usual: str) -> str:
    """Return a word of a query; raises Malformed."""
    said = query.get(name, "") or usual
    if said not in words:
        raise Malformed(f"{name}: must be one of {', '.join(each for each in words if each)}")
    return said


def whole(query: Mapping[str, str], name: str, usual: int, most: int) -> int:
    """Return a number between 1 and `most` of a query; raises Malformed."""
    said = query.get(name, "")
    if not said:
        return usual
    if not (said.isascii() and said.isdigit() and len(said) < 10 and 1 <= int(said) <= most):
        raise Malformed(f"{name}: must be a whole number from 1 to {most}")
    return int(said)


def moment(query: Mapping[str, str], name: str) -> Nanos | None:
    """Return an instant of a query; raises Malformed."""
    said = query.get(name, "")
    try:
        return read_instant(said.replace(" ", "+") if "T" in said else said) if said else None
    except Malformed as fault:
        raise Malformed(f"{name}: {fault}") from None


def flag(query: Mapping[str, str], name: str) -> bool:
    """Return a yes or no of a query (clients write `True` too); raises Malformed."""
    said = query.get(name, "").lower()
    if said not in ("", "true", "false", "1", "0"):
        raise Malformed(f"{name}: must be true or false")
    return said in ("true", "1")


def day(query: Mapping[str, str], name: str, usual: date) -> date:
    """Return a date of a query; raises Malformed."""
    said = query.get(name, "")
    try:
        found = date.fromisoformat(said[:10]) if said else usual
    except ValueError:
        raise Malformed(f"{name}: must be a date such as 2026-01-06") from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise Malformed(f"{name}: must be a date from {FIRST_DAY} to {LAST_DAY}")
    return found
