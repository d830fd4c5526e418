"""Account rules: what they are, what they found, and what is owed for it."""

import json
from typing import Final

import msgspec

from stopline.config.diff import rules_shown
from stopline.messages import events as e
from stopline.model.ids import AccountId
from stopline.model.obligation import Obligation
from stopline.stores.projecting.limits import log_change
from stopline.stores.projecting.moment import Moment
from stopline.stores.projecting.shelf import Shelf
from stopline.stores.projecting.tables import Row, Value
from stopline.stores.readable import readable_struct
from stopline.views.breaches import breach_body
from stopline.views.obligations import obligation_body

_SAID: Final = ("account", "rule", "mode", "scope", "key", "unit", "observed", "limit", "reason")
OPEN: Final = ""
"""The outcome of an obligation that is not done."""


# --- what they are -----------------------------------------------------------------------------------


def project_rules(shelf: Shelf, event: e.RulesChanged, now: Moment) -> None:
    """An account's rules are these from now on."""
    before = shelf.get("account_rules", event.account)
    new = _json(rules_shown(event.rules))
    row: Row = {
        "account": event.account,
        "rules": new,
        "changed_at": now.time,
        "changed_by": event.actor,
        "reason": event.reason,
    }
    shelf.put("account_rules", row)
    log_change(shelf, event, now, scope="rules", old=None if before is None else before["rules"], new=new)


def project_proposed(shelf: Shelf, event: e.RulesProposed, now: Moment) -> None:
    """A loosening of rules waits."""
    log_change(shelf, event, now, scope="rules", new=_json(rules_shown(event.rules)))


def project_closed(shelf: Shelf, event: e.RulesProposalClosed, now: Moment) -> None:
    """A proposed change of rules took effect, or lapsed."""
    log_change(shelf, event, now, scope="rules", new=_json({"applied": event.applied}))


# --- what they found -----------------------------------------------------------------------------------


def project_breached(shelf: Shelf, event: e.RuleBreached, now: Moment) -> None:
    """A rule found the account out of bounds."""
    body = breach_body(event.account, event.verdict, 0)
    row: Row = {
        "id": now.id,
        "time": now.time,
        **{name: getattr(body, name) for name in _SAID},
        "asks_for": _json(body.asks_for),
        "evidence": _json(readable_struct(event.evidence)),
        "status": "active",
        "ended_at": None,
        "end_reason": None,
    }
    shelf.put("rule_breaches", row)


def project_breach_ended(shelf: Shelf, event: e.BreachEnded, now: Moment) -> None:
    """What a rule had found is over."""
    row = shelf.get("rule_breaches", event.account, event.rule, event.key)
    if row is None:
        raise LookupError(f"the end of a breach names {event.rule}:{event.key}, which no event opened")
    row["status"], row["ended_at"], row["end_reason"] = "ended", now.time, event.reason
    shelf.put("rule_breaches", row)


# --- what is owed --------------------------------------------------------------------------------------


def project_obligation(shelf: Shelf, event: e.ObligationOpened | e.ObligationChanged, now: Moment) -> None:
    """Something is owed, or came a step further."""
    row: Row = {"closed_at": None, "outcome": OPEN, "end_reason": None}
    shelf.put("obligations", row | obligation_columns(event.account, event.obligation))


def project_obligation_closed(shelf: Shelf, event: e.ObligationClosed, now: Moment) -> None:
    """An obligation ended."""
    row = shelf.get("obligations", event.obligation_id)
    if row is None:
        raise LookupError(f"the end of obligation {event.obligation_id} names one that no event opened")
    row["closed_at"], row["outcome"], row["end_reason"] = now.time, event.outcome.value, event.reason
    shelf.put("obligations", row)


def obligation_columns(account: AccountId, each: Obligation) -> dict[str, Value]:
    """Return an obligation as it stands in its columns."""
    body: dict[str, Value] = msgspec.structs.asdict(obligation_body(account, each, each.opened_at))
    del body["age_s"]
    return body


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True)
