"""Limits: the account's, one symbol's; and loosenings that wait."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response

from stopline.doors.native import fields
from stopline.doors.native.context import ACTOR, see
from stopline.doors.native.errors import Refusal, Wrong, error, wrong_field
from stopline.doors.native.fields import read_form
from stopline.doors.native.limit_forms import (
    LIMITS_FORM,
    NOT_LIMITS,
    SYMBOL_LIMIT_FORM,
    changed,
    changed_symbol,
    named_twice,
)
from stopline.doors.native.orders import agreed_account
from stopline.doors.native.pages import answer, body_of, page
from stopline.doors.native.parse import parse_object
from stopline.doors.native.query import AccountQuery, reading
from stopline.doors.native.respond import respond
from stopline.doors.native.web import (
    Door,
    TheDoor,
    account_state,
    json,
    need_account,
    read_body,
    read_json,
    response,
)
from stopline.messages.inputs import ChangeLimits, ChangeSymbolLimit, Input
from stopline.messages.replies import Done, Refused, Reply
from stopline.model.ids import AccountId
from stopline.model.instrument import Instrument
from stopline.model.limits import SymbolLimit
from stopline.model.numbers import Nanos
from stopline.state.view import StateView
from stopline.views.limits import (
    LimitsBody,
    ProposalBody,
    SymbolLimitBody,
    all_limits,
    limits_body,
    symbol_limit_body,
)

router = APIRouter()
Symbol = Annotated[str, Path(description="A venue symbol, a canonical id or a futures product.", examples=["TSLA"])]
ATTEMPTS: Final = 5
"""How often a change that names no version is made again because another came between."""

LIMITS_EXAMPLE: Final = {
    "max_position_size": 10000.00,
    "max_order_size": 1000.00,
    "daily_loss_limit": 5000.00,
    "max_portfolio_concentration": 25.00,
    "max_leverage": 2.00,
    "max_orders_per_second": 10,
    "enabled": True,
}
PROPOSAL_EXAMPLE: Final = {
    "status": "proposed",
    "proposal_id": 1,
    "effective_at": "2026-11-23T14:30:00.000000000Z",
    "message": "the account is armed and this loosens it: proposal 1 takes effect at 2026-11-23T14:30:00.000000000Z",
}
SYMBOL_EXAMPLE: Final = {"max_position": 5000.00, "max_concentration_pct": 15.00}
DetailQuery = Annotated[
    str | None,
    reading("detail", fields.choice({"all": "all"})),
    Query(description="`all`: every limit under its own name, as exact text.", json_schema_extra={"enum": ["all"]}),
]


# --- limits --------------------------------------------------------------------------------


@router.get(
    "/api/risk/limits",
    **page(
        "Current limits",
        "The account's own. Null is not armed: that limit protects nothing. The version is the ETag.",
        {200: answer("Limits", LimitsBody, LIMITS_EXAMPLE)},
        errors=(404,),
        tag="risk",
    ),
)
async def get_limits(door: TheDoor, account: AccountQuery = None, detail: DetailQuery = None) -> Response:
    """Return the account's limits."""
    return await _limits(door, need_account(door, account), detail)


async def _limits(door: Door, name: AccountId, detail: str | None = None) -> Response:
    def view(state: StateView, at: Nanos) -> tuple[int, Any]:
        book = account_state(state, name).limits
        return book.version, all_limits(book.own()) if detail else limits_body(book.own())

    version, body = await see(door.desk, view)
    return _tagged(json(body), version)


@router.put(
    "/api/risk/limits",
    **page(
        "Change limits",
        "What the body names; the rest stays. At once, unless the account is armed and this loosens it: then 202 "
        "and a proposal. If-Match (or base_version) refuses a change that was made on older limits.",
        {
            200: answer("The limits now", LimitsBody, LIMITS_EXAMPLE),
            202: answer("It loosens an armed account: it waits", ProposalBody, PROPOSAL_EXAMPLE),
        },
        errors=(403, 404, 409, 413, 503),
        body=body_of(LIMITS_FORM, {"max_order_size": 2000.00}),
        tag="risk",
    ),
)
async def put_limits(request: Request, door: TheDoor, account: AccountQuery = None) -> Response:
    """Change what the body names."""
    body = parse_object(await read_body(request.receive))
    named_twice(body)
    found = read_form(LIMITS_FORM, body)
    name = agreed_account(door, account, found.get("account"))
    base = _base_version(request, found)
    _need_a_limit(found)

    def view(state: StateView, at: Nanos) -> ChangeLimits:
        book = account_state(state, name).limits
        return ChangeLimits(
            account=name,
            limits=changed(book.own(), found),
            base_version=book.version if base is None else base,
            reason=found.get("reason", ""),
            actor=ACTOR,
        )

    reply = await _change(door, view, once=base is not None)
    return await _limits(door, name) if isinstance(reply, Done) else response(respond(door.desk, reply))


async def _change(door: Door, view: Callable[[StateView, Nanos], Input], *, once: bool) -> Reply:
    """Ask for a change, and again where another came between and the caller named no version."""
    for _ in range(1 if once else ATTEMPTS):
        reply = await door.reply_to(await see(door.desk, view))
        if not (isinstance(reply, Refused) and reply.code == "stale_version"):
            break
    return reply


def _need_a_limit(found: dict[str, Any]) -> None:
    if not found.keys() - set(NOT_LIMITS):
        raise wrong_field("", "the body names no limit", 'such as {"max_order_size": 2000.00}')


def _base_version(request: Request, found: dict[str, Any]) -> int | None:
    """Return the version that a change was made on, from the body or If-Match. Raises Refusal."""
    tag = request.headers.get("if-match")
    if tag is None or tag == "*":
        version: int | None = found.get("base_version")
        return version
    try:
        return fields.count(tag.strip().removeprefix("W/").strip('"'))
    except Wrong as fault:
        raise wrong_field("If-Match", str(fault), 'the ETag that the limits came with, such as "3"') from None


def _tagged(made: Response, version: int) -> Response:
    made.headers["etag"] = f'"{version}"'
    return made


# --- one symbol ----------------------------------------------------------------------------


@router.get(
    "/api/risk/position-limits/{symbol:path}",
    **page(
        "Limit of one symbol",
        "What applies: its own limit, or the account's where it has none of its own.",
        {200: answer("The limit", SymbolLimitBody, SYMBOL_EXAMPLE)},
        errors=(404,),
        tag="risk",
    ),
)
async def get_symbol_limit(door: TheDoor, symbol: Symbol, account: AccountQuery = None) -> Response:
    """Return what one symbol may hold."""
    return await _symbol_limit(door, need_account(door, account), symbol)


async def _symbol_limit(door: Door, name: AccountId, symbol: str) -> Response:
    def view(state: StateView, at: Nanos) -> tuple[int, SymbolLimitBody]:
        book = account_state(state, name).limits
        return book.version, symbol_limit_body(book, _instrument(state, symbol))

    version, body = await see(door.desk, view)
    return _tagged(json(body), version)


@router.put(
    "/api/risk/position-limits/{symbol:path}",
    **page(
        "Change the limit of one symbol",
        "What the body names; null takes it away, and the account's own limit applies again.",
        {
            200: answer("What applies now", SymbolLimitBody, SYMBOL_EXAMPLE),
            202: answer("It loosens an armed account: it waits", ProposalBody, PROPOSAL_EXAMPLE),
        },
        errors=(403, 404, 409, 413, 503),
        body=body_of(SYMBOL_LIMIT_FORM, SYMBOL_EXAMPLE),
        tag="risk",
    ),
)
async def put_symbol_limit(request: Request, door: TheDoor, symbol: Symbol, account: AccountQuery = None) -> Response:
    """Change what one symbol may hold."""
    found = await read_json(request, SYMBOL_LIMIT_FORM)
    name = agreed_account(door, account, found.get("account"))
    base = _base_version(request, found)
    _need_a_limit(found)

    def view(state: StateView, at: Nanos) -> ChangeSymbolLimit:
        book = account_state(state, name).limits
        kept_as = _kept_as(state, symbol)
        return ChangeSymbolLimit(
            account=name,
            symbol=kept_as,
            limit=changed_symbol(book.symbols.get(kept_as, SymbolLimit()), found),
            base_version=book.version if base is None else base,
            reason=found.get("reason", ""),
            actor=ACTOR,
        )

    reply = await _change(door, view, once=base is not None)
    if isinstance(reply, Done):
        return await _symbol_limit(door, name, symbol)
    return response(respond(door.desk, reply))


def _instrument(state: StateView, symbol: str) -> Instrument:
    """Return the instrument of a symbol, or one of a futures product. Raises Refusal."""
    instrument = state.instruments.get(state.symbols.get(symbol, ""))
    if instrument is None:
        instrument = next((each for each in state.instruments.values() if each.product == symbol), None)
    if instrument is None:
        text = f"nobody knows the instrument {ascii(symbol)[:80]}"
        fix = "a listed symbol such as AAPL, eq:US:AAPL, or a futures product such as fut:ES"
        raise Refusal(error(404, "unknown_instrument", text, fix))
    return instrument


def _kept_as(state: StateView, symbol: str) -> str:
    """Return the name under which a symbol's limit is kept: its venue symbol, or the product as it is."""
    instrument = _instrument(state, symbol)
    return instrument.symbol if symbol in state.symbols else symbol
