"""What may be heard and said on the stream, with an example of each: /docs and the OpenAPI document show it."""

from typing import Any, Final

from msgspec import Struct

from stopline.doors.native.bots import HeardBody
from stopline.doors.native.errors import ErrorBody
from stopline.doors.native.health import HEALTH_EXAMPLE
from stopline.doors.native.heartbeat_form import HEARTBEAT_EXAMPLE, HEARTBEAT_FORM
from stopline.doors.native.obligations import OBLIGATION_EXAMPLE
from stopline.doors.native.order_form import EXAMPLE as ORDER_BODY
from stopline.doors.native.order_form import ORDER_FORM
from stopline.doors.native.orders import FILL_EXAMPLE, ORDER_EXAMPLE
from stopline.doors.native.pages import ref, schema_of
from stopline.doors.native.positions import POSITION_EXAMPLE
from stopline.doors.native.risk import PNL_EXAMPLE
from stopline.doors.native.rules import BREACH_EXAMPLE
from stopline.doors.native.stream import CANCEL_FORM, RESUME_FORM, GapMessage, ResumedMessage
from stopline.doors.native.submit import ACCEPTED_EXAMPLE
from stopline.doors.native.told import LockoutMessage, StateMessage
from stopline.views.breaches import RuleMessage
from stopline.views.decisions import DenialBody
from stopline.views.obligations import ObligationMessage
from stopline.views.orders import AcceptedBody, FillBody, OrderBody, VoidedFillBody
from stopline.views.positions import PositionBody
from stopline.views.report import StatusBody
from stopline.views.risk import AlertMessage, BreakerMessage, DailyPnlBody


class MessageDoc(Struct, frozen=True):
    """One type of message."""

    kind: str
    text: str
    data: type | dict[str, Any] | tuple[type, ...]
    """A record, one of several, or what no record describes."""
    example: dict[str, Any]


_OBJECT: Final = {"type": "object"}

HEARD: Final = (
    MessageDoc(
        "SNAPSHOT",
        "First, and after a GAP: everything that is live, as of a journal record.",
        StatusBody,
        {
            "at": "2026-11-20T14:30:00.000000000Z",
            "journal_seq": 42,
            "store_failing": None,
            "accounts": [],
            "positions": [POSITION_EXAMPLE],
            "orders": [ORDER_EXAMPLE],
            "breakers": [],
            "brokers": [{"broker": "paper", "connected": True, "reason": ""}],
        },
    ),
    MessageDoc("PNL_UPDATE", "Every second, per account. Null is unknown, never zero.", DailyPnlBody, PNL_EXAMPLE),
    MessageDoc(
        "RISK_ALERT",
        "At once, each of them.",
        AlertMessage,
        {
            "alert_type": "ORDER_REJECTED",
            "severity": "WARNING",
            "symbol": "AAPL",
            "message": "BUY AAPL: Order size exceeds limit: $17500.00 > $1000.00",
            "alert_id": 7,
        },
    ),
    MessageDoc(
        "CIRCUIT_BREAKER",
        "At once: a breaker opened or closed.",
        BreakerMessage,
        {
            "trigger_type": "DAILY_LOSS",
            "trigger_value": -5100.00,
            "threshold": -5000.00,
            "active": True,
            "breaker_id": 1,
        },
    ),
    MessageDoc("ORDER", "An order as it stands now. A newer one replaces one still waiting.", OrderBody, ORDER_EXAMPLE),
    MessageDoc(
        "FILL",
        "At once, each of them; never dropped. With `voided`: the broker took it back.",
        (FillBody, VoidedFillBody),
        {name: value for name, value in FILL_EXAMPLE.items() if name not in ("external", "voided")},
    ),
    MessageDoc("POSITION", "A position as it stands now.", PositionBody, POSITION_EXAMPLE),
    MessageDoc(
        "LOCKOUT",
        "At once: an account, group or firm may do less, or may again.",
        LockoutMessage,
        {
            "scope": "account",
            "scope_id": "paper",
            "key": "breaker:1",
            "state": "reducing",
            "reason": "day P&L -5100.00 is at or below the limit of -5000.00",
            "actor": "engine",
            "since": "2026-11-20T15:02:11.000000000Z",
            "until": None,
            "active": True,
            "keeps_flat": False,
        },
    ),
    MessageDoc(
        "RULE",
        "At once: a rule found the account out of bounds (`active`), or what it had found is over.",
        RuleMessage,
        {name: value for name, value in BREACH_EXAMPLE.items() if name not in ("account", "since")} | {"active": True},
    ),
    MessageDoc(
        "OBLIGATION",
        "At once: something is owed to the account, came a step further, was tried in vain, or ended (`active` false).",
        ObligationMessage,
        {
            "obligation_id": 3,
            "active": True,
            "state": "in_progress",
            "text": "AAPL: the broker rejected it",
            "obligation": OBLIGATION_EXAMPLE,
        },
    ),
    MessageDoc(
        "STATE",
        "What an account may do now, and why.",
        StateMessage,
        {"trading_state": "active", "restrictions": [], "circuit_breaker_triggered": False},
    ),
    MessageDoc(
        "HEALTH", "Every five seconds, and within one when it changes: what /health says.", _OBJECT, HEALTH_EXAMPLE
    ),
    MessageDoc("RESUMED", "What came after `since` follows.", ResumedMessage, {"since": 10000000007, "replayed": 3}),
    MessageDoc(
        "GAP",
        "What came after `since` is not known any more; a SNAPSHOT follows.",
        GapMessage,
        {"since": 7, "last_seq": 10000000042},
    ),
    MessageDoc(
        "ORDER_DECISION",
        "The answer to ORDER_SUBMIT: beside `data`, the `status` and `request_id`. All answers of POST /api/order.",
        (AcceptedBody, DenialBody, ErrorBody),
        ACCEPTED_EXAMPLE,
    ),
    MessageDoc(
        "CANCEL_DECISION",
        "The answer to ORDER_CANCEL, with `status` and `request_id`. All answers of DELETE /api/order/{id}.",
        _OBJECT,
        {"client_order_id": "TEST-002", "state": "pending_cancel"},
    ),
    MessageDoc(
        "HEARTBEAT_HEARD",
        "The answer to HEARTBEAT, with `status` and `request_id`. All answers of POST /api/heartbeat.",
        (HeardBody, ErrorBody),
        {"bot": "strategy:trend"},
    ),
    MessageDoc(
        "ERROR",
        "A message that could not be read; the socket stays open.",
        ErrorBody,
        {"error": "malformed_json", "message": "the body is not JSON", "fix": "send one JSON object"},
    ),
)
"""What the server says. Every message is {type, data, timestamp, account, seq}."""


class SaidDoc(Struct, frozen=True):
    """One type of message that a client may say."""

    kind: str
    text: str
    fields: dict[str, Any]
    """The schemas of its keys beside `type`."""
    example: dict[str, Any]
    needed: str = "data"


REQUEST_ID: Final = {"type": ["string", "number"], "maxLength": 64, "description": "yours; echoed in the answer"}
SAID: Final = (
    SaidDoc(
        "ORDER_SUBMIT",
        "The body of POST /api/order. Many may be under way at once; each is answered with ORDER_DECISION when it "
        "is durable.",
        {"request_id": REQUEST_ID, "data": schema_of(ORDER_FORM)},
        {"request_id": "r1", "data": {**ORDER_BODY, "price": "175.00"}},
    ),
    SaidDoc(
        "ORDER_CANCEL",
        "Asks the broker to cancel; answered with CANCEL_DECISION.",
        {"request_id": REQUEST_ID, "data": schema_of(CANCEL_FORM)},
        {"request_id": "r2", "data": {"client_order_id": "TEST-001"}},
    ),
    SaidDoc(
        "HEARTBEAT",
        "A bot lives: the body of POST /api/heartbeat; answered with HEARTBEAT_HEARD.",
        {"request_id": REQUEST_ID, "data": schema_of(HEARTBEAT_FORM)},
        {"request_id": "r3", "data": HEARTBEAT_EXAMPLE},
    ),
    SaidDoc(
        "RESUME",
        "Come back: the same as ?since=. Not on a socket with ?answers_only=true.",
        schema_of(RESUME_FORM)["properties"],
        {"seq": 10000000007},
        needed="seq",
    ),
)
"""What a client may say."""
ENVELOPE: Final = {
    "type": "object",
    "required": ["type", "data", "timestamp", "account", "seq"],
    "properties": {
        "type": {"type": "string", "description": "which of `server` it is"},
        "data": {"description": "what `server` says of that type"},
        "timestamp": {"type": "integer", "description": "Unix seconds of engine time"},
        "account": {"type": "string", "description": "whom it concerns; empty for all"},
        "seq": {"type": "integer", "description": "grows; the last one you saw is what ?since= takes"},
        "status": {"type": "integer", "description": "of an answer: the status that HTTP would have given"},
        "request_id": {**REQUEST_ID, "description": "of an answer: as you sent it, if you sent one"},
    },
}
"""What every message of the server looks like."""


def _schema(data: type | dict[str, Any] | tuple[type, ...]) -> dict[str, Any]:
    if isinstance(data, tuple):
        return {"anyOf": [ref(record) for record in data]}
    return data if isinstance(data, dict) else ref(data)


def described() -> dict[str, Any]:
    """Return the stream for the OpenAPI document, which has no word for it: as `x-stream`."""
    return {
        "path": "/ws",
        "query": {
            "account": "only this account",
            "since": "the last seq you saw: what you missed comes first",
            "answers_only": "true: no snapshot and no stream, only the answers to your own messages",
        },
        "envelope": ENVELOPE,
        "server": {
            each.kind: {
                "description": each.text,
                "data": _schema(each.data),
                "example": each.example,
            }
            for each in HEARD
        },
        "client": {each.kind: _said(each) for each in SAID},
    }


def _said(said: SaidDoc) -> dict[str, Any]:
    """Return what the document says of a message that a client may say."""
    return {
        "description": said.text,
        "message": {
            "type": "object",
            "required": ["type", said.needed],
            "properties": {"type": {"enum": [said.kind]}, **said.fields},
            "additionalProperties": False,
        },
        "example": {"type": said.kind, **said.example},
    }
