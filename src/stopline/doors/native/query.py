"""Query parameters: read by the readers of bodies; a name that nobody knows is refused, not ignored.

A filter that is silently ignored shows another account than the one that was meant.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import Query, Request
from pydantic import BeforeValidator

from stopline.doors.native import fields
from stopline.doors.native.errors import Wrong, wrong_field
from stopline.model.order import OrderState

MAX_PAGE: Final = 1_000


def reading(name: str, read: Callable[[Any], Any]) -> BeforeValidator:
    """Return a validator that refuses with the parameter's name."""

    def validate(value: Any) -> Any:
        if type(value) is not str:
            return value
        try:
            return read(value)
        except Wrong as fault:
            raise wrong_field(name, str(fault), fault.fix) from None

    return BeforeValidator(validate)


def _page_size(value: Any) -> int:
    size = fields.positive_count(value)
    if size > MAX_PAGE:
        raise Wrong(f"{size} is too many", f"at most {MAX_PAGE}")
    return size


STATUSES: Final = {name: name for name in ("live", "ended", "denied", *(state.value for state in OrderState))}

AccountQuery = Annotated[
    str | None,
    reading("account", fields.name),
    Query(description="Which account; needed where there is more than one.", examples=["paper"]),
]
SymbolQuery = Annotated[
    str | None,
    reading("symbol", fields.name),
    Query(description="A venue symbol or a canonical id.", examples=["AAPL"]),
]
SinceQuery = Annotated[
    int | None,
    reading("since", fields.instant),
    Query(
        description="Only what is not older: ISO 8601 with a zone, or Unix seconds.",
        json_schema_extra={"type": "string", "examples": ["2026-11-20T14:30:00Z"]},
    ),
]
LimitQuery = Annotated[
    int,
    reading("limit", _page_size),
    Query(
        description=f"How many at most (1 to {MAX_PAGE}).",
        json_schema_extra={"minimum": 1, "maximum": MAX_PAGE},
    ),
]
CursorQuery = Annotated[
    str | None,
    reading("cursor", fields.text(500)),
    Query(description="`next_cursor` of the page before."),
]
HistoryQuery = Annotated[
    bool,
    reading("history", fields.choice({"true": True, "false": False})),
    Query(description="Whether to add each change that the order went through."),
]
StatusQuery = Annotated[
    str | None,
    reading("status", fields.choice(STATUSES)),
    Query(
        description="A state, or denied; live is every state in which it may still fill, ended all others.",
        json_schema_extra={"enum": [*STATUSES]},
    ),
]


async def refuse_unknown_parameters(request: Request) -> None:
    """Refuse a query parameter that the route does not have, or that comes twice."""
    if not request.scope["query_string"]:
        return
    route = request.scope["route"]
    known = {parameter.alias for parameter in route.dependant.query_params}
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name not in known:
            takes = ", ".join(sorted(known)) or "none"
            raise wrong_field(name[:64], "nobody knows this query parameter", f"parameters here: {takes}")
        if name in seen:
            raise wrong_field(name, "comes twice", "send it once")
        seen.add(name)
