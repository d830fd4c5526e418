"""What the gate said: functions of the stored event alone, so that a repeat is the same bytes."""

from collections.abc import Sequence

from msgspec import Struct

from stopline.messages.events import Evidence, OrderDenied, ReplaceApproved, ReplaceDenied
from stopline.messages.replies import Checked
from stopline.model.numbers import Qty, render_qty
from stopline.model.order import OrderState
from stopline.model.verdict import Finding
from stopline.views.wire import DecimalText, figure, optional_money, optional_price, symbol_of


class CheckBody(Struct):
    """What one check found: passed, denied, warned, exempt or not_armed. Durations are in seconds."""

    check: str
    passed: bool
    observed: str | None
    limit: str | None
    headroom: str | None
    status: str
    unit: str
    reason: str


class DenialBody(Struct, kw_only=True):
    """A denial: the first check that failed decides, `checks` reports all of them."""

    error: str
    check: str
    message: str
    observed: str | None
    limit: str | None
    headroom: str | None
    max_passing_qty: DecimalText | None
    retry_with_new_id: bool
    checks: tuple[CheckBody, ...]
    decision_id: str
    account: str
    client_order_id: str
    symbol: str


class EvidenceBody(Struct):
    """What a decision saw; null is unknown."""

    limits_version: int
    bid: DecimalText | None
    ask: DecimalText | None
    mark_price: DecimalText | None
    equity: DecimalText | None
    day_pnl: DecimalText | None
    position: DecimalText
    working_buys: DecimalText
    working_sells: DecimalText


class VerdictBody(Struct, kw_only=True):
    """What the gate would say to an order; nothing was sent and nothing is reserved."""

    approved: bool
    check: str | None
    message: str
    observed: str | None
    limit: str | None
    headroom: str | None
    max_passing_qty: DecimalText | None
    reducing: bool
    checks: tuple[CheckBody, ...]
    evidence: EvidenceBody
    symbol: str


class ReplacedBody(Struct):
    """A change that the gate let go; it stands once the broker has carried it out, or at once for a held order."""

    account: str
    client_order_id: str
    state: str
    order_qty: DecimalText
    limit_price: DecimalText | None
    stop_price: DecimalText | None
    decision_id: str


def check_body(finding: Finding) -> CheckBody:
    """Return one finding."""
    unit = finding.unit
    return CheckBody(
        finding.check,
        finding.passed,
        figure(finding.observed, unit),
        figure(finding.limit, unit),
        figure(finding.headroom, unit),
        finding.status,
        unit.value,
        finding.reason,
    )


def denied(event: OrderDenied) -> DenialBody:
    """Return a denial as the caller hears it."""
    request = event.request
    deciding = _deciding(event.check, event.findings)
    return DenialBody(
        error="risk_denied",
        check=event.check,
        message=event.message,
        observed=deciding.observed,
        limit=deciding.limit,
        headroom=deciding.headroom,
        max_passing_qty=_optional_qty(event.max_passing_qty),
        retry_with_new_id=True,
        checks=tuple(check_body(finding) for finding in event.findings),
        decision_id=event.decision_id,
        account=request.account,
        client_order_id=request.client_order_id,
        symbol=event.symbol or symbol_of(request.instrument_id),
    )


def replace_denied(event: ReplaceDenied, symbol: str) -> DenialBody:
    """Return the denial of a change; the order works on as it was, and its id stays in use."""
    deciding = _deciding(event.check, event.findings)
    return DenialBody(
        error="risk_denied",
        check=event.check,
        message=event.message,
        observed=deciding.observed,
        limit=deciding.limit,
        headroom=deciding.headroom,
        max_passing_qty=None,
        retry_with_new_id=False,
        checks=tuple(check_body(finding) for finding in event.findings),
        decision_id=event.decision_id,
        account=event.account,
        client_order_id=event.client_order_id,
        symbol=symbol,
    )


def replaced(event: ReplaceApproved, state: OrderState = OrderState.PENDING_REPLACE) -> ReplacedBody:
    """Return a change that the gate let go, and the state in which the order is by it."""
    return ReplacedBody(
        event.account,
        event.client_order_id,
        state.value,
        render_qty(event.order_qty),
        optional_price(event.limit_price),
        optional_price(event.stop_price),
        event.decision_id,
    )


def verdict_body(reply: Checked) -> VerdictBody:
    """Return what the gate would say."""
    deciding = _deciding(reply.check, reply.findings)
    return VerdictBody(
        approved=reply.approved,
        check=reply.check or None,
        message=reply.message,
        observed=deciding.observed,
        limit=deciding.limit,
        headroom=deciding.headroom,
        max_passing_qty=_optional_qty(reply.max_passing_qty),
        reducing=reply.reducing,
        checks=tuple(check_body(finding) for finding in reply.findings),
        evidence=evidence_body(reply.evidence),
        symbol=reply.symbol,
    )


def evidence_body(evidence: Evidence) -> EvidenceBody:
    """Return what a decision saw."""
    return EvidenceBody(
        evidence.limits_version,
        optional_price(evidence.bid),
        optional_price(evidence.ask),
        optional_price(evidence.mark),
        optional_money(evidence.equity),
        optional_money(evidence.day_pnl),
        render_qty(evidence.position),
        render_qty(evidence.working_buys),
        render_qty(evidence.working_sells),
    )


_SILENT = CheckBody("", True, None, None, None, "passed", "", "")


def _deciding(check: str, findings: Sequence[Finding]) -> CheckBody:
    """Return the finding that decided: the first denial of that check."""
    for finding in findings:
        if finding.check == check and finding.status == "denied":
            return check_body(finding)
    return _SILENT


def _optional_qty(qty: Qty | None) -> str | None:
    return None if qty is None else render_qty(qty)
