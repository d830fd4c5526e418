"""Account rules: what they are and what they found; a loosening that waits is approved here.

Source     semantics.md sections 6, 10 and 12.
"""

from typing import Any, Final

from fastapi import APIRouter, Request, Response
from msgspec import Struct

from stopline.doors.native.context import ACTOR, see
from stopline.doors.native.fields import Form
from stopline.doors.native.pages import answer, body_of, page
from stopline.doors.native.query import AccountQuery, CursorQuery, LimitQuery, SinceQuery
from stopline.doors.native.standing import standing
from stopline.doors.native.stream import CANCEL_FORM
from stopline.doors.native.tables import read_page
from stopline.doors.native.web import TheDoor, account_state, json, need_account, read_json
from stopline.messages.inputs import ApproveRules
from stopline.views.breaches import BreachBody, breaches_of
from stopline.views.rulebook import RulesBody, rules_body

router = APIRouter()
BREACH_EXAMPLE: Final = {
    "account": "paper",
    "rule": "daily_total_loss",
    "mode": "enforce",
    "scope": "account",
    "key": "",
    "unit": "money",
    "observed": "-500.00",
    "limit": "-500.00",
    "reason": "P&L of the day, open positions included, is -$500.00, at or below -$500.00",
    "asks_for": ["cancel entries", "flatten", "lock until 2026-11-20T22:00:00Z"],
    "since": "2026-11-20T15:02:11.000000000Z",
}
PAST_BREACH_EXAMPLE: Final = {
    **{name: value for name, value in BREACH_EXAMPLE.items() if name != "since"},
    "time": "2026-11-19T15:02:11.000000000Z",
    "evidence": {
        "realized_pnl": "-120.00",
        "total_pnl": "-500.00",
        "equity": "99500.00",
        "positions": [["eq:US:AAPL", "100", "95.00"]],
    },
    "status": "ended",
    "ended_at": "2026-11-19T22:00:00.000000000Z",
    "end_reason": "in bounds, or its period is over",
    "seq": 41,
}
RULES_EXAMPLE: Final = {
    "account": "paper",
    "armed": False,
    "rules": [
        {
            "rule": "daily_total_loss",
            "status": "armed",
            "mode": "enforce",
            "terms": {"loss_limit": "500.00"},
            "measures": [{"key": "", "unit": "money", "observed": "-500.00", "limit": "-500.00"}],
            "breaches": [BREACH_EXAMPLE],
            "defect": None,
        },
        {
            "rule": "max_contracts",
            "status": "not_armed",
            "mode": None,
            "terms": {},
            "measures": [],
            "breaches": [],
            "defect": "max_contracts is not armed: it watches nothing",
        },
    ],
    "proposal": None,
}
APPROVE_RULES_FORM: Final = Form({"account": CANCEL_FORM["account"]})


class BreachesBody(Struct):
    """Breaches: those that stand, oldest first; and those that ended, newest first, with what the rule saw."""

    open: list[BreachBody]
    past: list[dict[str, Any]]
    next_cursor: str | None


class RulesApprovedBody(Struct):
    """The account whose new rules are in force."""

    account: str


@router.get(
    "/api/rules",
    **page(
        "Account rules",
        "Every rule: armed or not, what becomes of its verdicts (enforce, warn or shadow), its terms, what it "
        "measures now, and what it finds. One that is not armed watches nothing, and is listed as the defect that it "
        "is.",
        {200: answer("Rules", RulesBody, RULES_EXAMPLE)},
        errors=(404,),
        tag="risk",
    ),
)
async def get_rules(door: TheDoor, account: AccountQuery = None) -> Response:
    """Return an account's rules."""
    name = need_account(door, account)
    return json(await see(door.desk, lambda state, at: rules_body(account_state(state, name), state, at)))


@router.get(
    "/api/risk/breaches",
    **page(
        "Breaches of rules",
        "Those that stand, and those that ended, with the numbers they were judged on.",
        {
            200: answer(
                "Breaches",
                BreachesBody,
                {"open": [BREACH_EXAMPLE], "past": [PAST_BREACH_EXAMPLE], "next_cursor": None},
            )
        },
        errors=(404, 503),
        tag="risk",
    ),
)
async def list_breaches(
    door: TheDoor,
    account: AccountQuery = None,
    since: SinceQuery = None,
    limit: LimitQuery = 50,
    cursor: CursorQuery = None,
) -> Response:
    """Return open breaches, and a page of past ones."""
    past, following = await read_page(
        door, "rule_breaches", account=account, status="ended", since=since, limit=limit, cursor=cursor
    )
    breaches = await standing(door, account, lambda each, state, at: breaches_of(each))
    return json(BreachesBody(breaches, past, following))


@router.post(
    "/api/rules/approve",
    **page(
        "Approve a loosening of rules",
        "By a second person: nobody approves his own proposal. `GET /api/rules` shows what waits.",
        {200: answer("In force", RulesApprovedBody, {"account": "paper"})},
        errors=(403, 404, 413, 503),
        body=body_of(APPROVE_RULES_FORM, {"account": "paper"}, required=False),
        tag="risk",
    ),
)
async def approve_rules(request: Request, door: TheDoor) -> Response:
    """Approve a proposed loosening of rules."""
    found = await read_json(request, APPROVE_RULES_FORM, may_be_empty=True)
    return await door.ask(ApproveRules(account=need_account(door, found.get("account")), actor=ACTOR))
