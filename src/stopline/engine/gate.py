"""The one gate: it walks the checks, and it alone makes an OrderApproved.

The first failing check in order of precedence decides; a denial's report holds all of
them. A provably reducing order is asked only by the checks that bind exits.

Source     semantics.md sections 3 and 5; SEC Rule 15c3-5; architecture.md promise 1.
"""

from collections.abc import Iterator
from typing import Final, cast

from msgspec import Struct, structs

from stopline.checks import CHECKS
from stopline.checks.base import Candidate, Check
from stopline.checks.order_well_formed import OrderWellFormed
from stopline.engine.assemble import CheckSet, Question, armed_for
from stopline.engine.candidate import candidate_for, scoped, unknown_instrument
from stopline.engine.valuation import scope_ratio
from stopline.messages.events import Evidence, OrderApproved, OrderDenied, ReplaceApproved, ReplaceDenied
from stopline.messages.replies import Checked
from stopline.model.ids import decision_id, routed_order_id
from stopline.model.instrument import Instrument
from stopline.model.limits import ScopeKind
from stopline.model.numbers import MAX_SCALED, Money, Nanos, Qty
from stopline.model.order import Hold, Leg, OrderRequest
from stopline.model.verdict import Finding
from stopline.state.account import AccountState, ScopeState
from stopline.state.orders import OrderRecord
from stopline.state.state import State
from stopline.state.view import AccountView

WELL_FORMED: Final = "order_well_formed"
NEVER_ONLY_WARN: Final = frozenset({WELL_FORMED, "duplicate_order", "trading_state", "connection"})
"""What `enabled: false` does not turn off: they are not limits."""
ONCE: Final = frozenset({"duplicate_order", "order_rate", "trade_frequency", "stop_required"})
"""What was asked when an order was accepted, and is spent: it is not asked again when the order is released."""
WARN_EXITS: Final = frozenset({"instrument_allowed", "quote_usable", "price_collar"})
"""Column *exits* of semantics.md section 5: these speak up about an exit, and let it go."""


_NO_SCOPE: Final = ScopeState(ScopeKind.STRATEGY, "")


class Ticket(Struct, frozen=True, gc=False):
    """One order at the gate: who asks, for what, when, and under which record it would be decided."""

    account: AccountState
    request: OrderRequest
    symbol: str
    instrument: Instrument | None
    at: Nanos
    seq: int
    actor: str
    client: str = ""
    replaces: OrderRecord | None = None
    index: int = 0
    """The how-manieth order of its record."""
    hold: Hold | None = None
    """What the order would wait for here, once approved."""
    is_resting: bool = False
    behind_exits: bool = False
    """The account's own exits are in its way: they leave the broker before it goes."""
    releases: OrderRecord | None = None
    """The held order that would go to the broker now."""


class Verdict(Struct, frozen=True, gc=False):
    """What the walk came to. `check` is empty for a pass."""

    order: Candidate
    checks: CheckSet | None
    check: str
    message: str
    warnings: tuple[Finding, ...]


def decide_order(state: State, ticket: Ticket) -> OrderApproved | OrderDenied:
    """Return the decision on a new order."""
    verdict = judge(state, ticket)
    account, request = ticket.account, ticket.request
    decided = decision_id(state.epoch, ticket.seq)
    evidence = _evidence(account, verdict)
    if not verdict.check:
        return OrderApproved(
            request,
            decided,
            routed_order_id(decided, ticket.index),
            verdict.order.is_reducing,
            verdict.order.reserve_price,
            evidence,
            ticket.actor,
            ticket.client,
            verdict.warnings,
            ticket.hold,
            is_resting=ticket.is_resting,
        )
    return OrderDenied(
        request,
        decided,
        verdict.check,
        verdict.message,
        report(state, verdict, account),
        max_passing_qty(state, ticket, verdict),
        evidence,
        ticket.actor,
        ticket.client,
        ticket.symbol,
    )


def approve_leg(parent: OrderApproved, request: OrderRequest, leg: Leg, hold: Hold, index: int) -> OrderApproved:
    """Return the approval of a leg: held, and judged by itself when it is to go to the broker."""
    routed = routed_order_id(parent.decision_id, index)
    return OrderApproved(
        request, parent.decision_id, routed, True, None, parent.evidence, parent.actor, parent.client, (), hold,
        parent.request.client_order_id, leg, leg is Leg.STOP_LOSS,
    )  # fmt: skip


def decide_release(state: State, ticket: Ticket) -> OrderApproved | Verdict:
    """Return the approval with which a held order goes to the broker, or the verdict that stands against it.

    An exit that was accepted once is let go in every state that lets `/close` go: nothing may
    take protection away from a position.
    """
    sent = ticket.request
    if ticket.releases is not None and ticket.releases.reducing:
        ticket = structs.replace(ticket, request=structs.replace(sent, closes_position=True))
    verdict = judge(state, ticket)
    if verdict.check:
        return verdict
    decided, order = decision_id(state.epoch, ticket.seq), verdict.order
    return OrderApproved(
        sent, decided, routed_order_id(decided, ticket.index), order.is_reducing, order.reserve_price,
        _evidence(ticket.account, verdict), ticket.actor, ticket.client, verdict.warnings,
    )  # fmt: skip


def decide_replace(state: State, ticket: Ticket) -> ReplaceApproved | ReplaceDenied:
    """Return the decision on a change of a working order; old and new count until one is proven dead."""
    verdict = judge(state, ticket)
    request = ticket.request
    decided = decision_id(state.epoch, ticket.seq)
    evidence = _evidence(ticket.account, verdict)
    if not verdict.check:
        return ReplaceApproved(
            request.account, request.client_order_id, decided, request.order_qty, request.limit_price,
            request.stop_price, verdict.order.reserve_price, evidence, ticket.actor,
        )  # fmt: skip
    findings = report(state, verdict, ticket.account)
    return ReplaceDenied(
        request.account, request.client_order_id, decided, verdict.check, verdict.message, findings, evidence,
        ticket.actor,
    )  # fmt: skip


def check_only(state: State, ticket: Ticket) -> Checked:
    """Return what the decision would be, with the report of all checks; nothing is reserved."""
    verdict = judge(state, ticket)
    return Checked(
        approved=not verdict.check,
        check=verdict.check,
        message=verdict.message or "every check passes",
        findings=report(state, verdict, ticket.account),
        max_passing_qty=max_passing_qty(state, ticket, verdict) if verdict.check else ticket.request.order_qty,
        evidence=_evidence(ticket.account, verdict),
        symbol=ticket.symbol,
        reducing=verdict.order.is_reducing,
    )


def judge(state: State, ticket: Ticket) -> Verdict:
    """Walk the checks in order of precedence; the first that denies decides."""
    account, instrument = ticket.account, ticket.instrument
    if instrument is None:
        return _unknown(state, ticket)
    checks = armed_for(state, account, instrument, ticket.request, ticket.actor)
    order = candidate_for(
        state,
        account,
        ticket.request,
        instrument,
        ticket.at,
        max_age=checks.limits.quote_max_age,
        ratio=checks.initial_ratio,
        actor=ticket.actor,
        client=ticket.client,
        symbol=ticket.symbol,
        replaces=ticket.replaces,
        behind_exits=ticket.behind_exits,
        releases=ticket.releases,
    )
    if ticket.replaces is None and ticket.releases is None:
        known = account.decided.get(ticket.request.client_order_id)
        if known is not None:
            order.decided = known
    asked = checks.asked_of_exits if order.is_reducing else checks.asked
    if ticket.releases is not None:
        asked = tuple(question for question in asked if question[2].name not in ONCE)
    denying, raised = _first_denial(asked, order, account)
    warnings: tuple[Finding, ...] = ()
    if denying is not None and not raised and not checks.limits.enabled:
        denying, warnings = _only_warn(asked, order, account)
    if denying is not None:
        message = raised or _explained(denying, order, account).reason
        return Verdict(order, checks, denying.name, message, warnings)
    if order.is_reducing:
        warnings = _exit_warnings(checks, order, account)
    if checks.scoped:
        scope_denial = _wider_scopes(state, checks, order, ticket)
        if scope_denial is not None:
            return Verdict(order, checks, scope_denial.check, scope_denial.reason, warnings)
    return Verdict(order, checks, "", "", warnings)


def _first_denial(asked: tuple[Question, ...], order: Candidate, account: AccountState) -> tuple[Check | None, str]:
    """Return the first denying check, and what it said if it raised instead of judging."""
    check = None
    try:
        for observe, limit, check in asked:
            observed = observe(order, account)
            if observed is None or observed > limit:
                return check, ""
    except Exception as fault:
        name = "" if check is None else check.name
        return check, f"{name} failed to judge the order ({type(fault).__name__}): denied"
    return None, ""


def _only_warn(
    asked: tuple[Question, ...], order: Candidate, account: AccountState
) -> tuple[Check | None, tuple[Finding, ...]]:
    """Limits are switched off (`enabled: false`): those that would deny warn, what is no limit still denies."""
    hard = tuple(question for question in asked if question[2].name in NEVER_ONLY_WARN)
    denying, _ = _first_denial(hard, order, account)
    soft = (_explained(check, order, account) for _, _, check in asked if check.name not in NEVER_ONLY_WARN)
    return denying, tuple(structs.replace(finding, status="warned") for finding in soft if not finding.passed)


def _exit_warnings(checks: CheckSet, order: Candidate, account: AccountState) -> tuple[Finding, ...]:
    found = (_explained(check, order, account) for check in checks.checks if check.name in WARN_EXITS)
    return tuple(structs.replace(finding, status="warned") for finding in found if not finding.passed)


def _wider_scopes(state: State, checks: CheckSet, order: Candidate, ticket: Ticket) -> Finding | None:
    """Return the first denial by a limit of a strategy, user, group or firm on its own positions."""
    for key, finding in _scope_findings(state, checks, order, ticket.account):
        if finding.status == "denied":
            return structs.replace(finding, reason=f"{key}: {finding.reason}")
    return None


def _scope_findings(
    state: State, checks: CheckSet, order: Candidate, account: AccountState
) -> Iterator[tuple[str, Finding]]:
    instrument = order.instrument
    if instrument is None:
        return
    for armed in checks.scoped:
        # A scope without a ledger holds nothing yet; its limits hold from its first order on.
        scope = state.scopes.get(armed.key, _NO_SCOPE)
        seen = scoped(order, scope, instrument, scope_ratio(state, armed.key, instrument))
        if armed.key.startswith(("group:", "firm:")):
            seen.equity = scope_equity(state, armed.key)
        for check in armed.checks:
            # Siblings and sectors are looked up in the scope's own ledger.
            finding = _explained(check, seen, cast("AccountView", scope))
            if seen.is_reducing and finding.status == "denied":
                finding = structs.replace(finding, status="exempt")
            yield armed.key, finding


def scope_equity(state: State, key: str) -> Money | None:
    """Return the equity of all accounts of a group or firm; None while one is unknown."""
    kind, _, name = key.partition(":")
    total = 0
    for account in state.accounts.values():
        if getattr(account.terms, kind) != name:
            continue
        equity = account.equity()
        if equity is None:
            return None
        total += equity
    return total


def report(state: State, verdict: Verdict, account: AccountState) -> tuple[Finding, ...]:
    """Return a finding of every check, armed or not, in order of precedence."""
    order, checks = verdict.order, verdict.checks
    if checks is None:
        return (_finding_of_unknown(verdict),)
    armed = {check.name: check for check in checks.checks}
    findings = [_finding(armed.get(kind.name), kind, order, account, checks) for kind in CHECKS]
    findings += [
        structs.replace(finding, reason=f"{key}: {finding.reason}")
        for key, finding in _scope_findings(state, checks, order, account)
    ]
    return tuple(findings)


def _finding(
    check: Check | None, kind: type[Check], order: Candidate, account: AccountState, checks: CheckSet
) -> Finding:
    if check is None:
        return Finding(kind.name, "not_armed", kind.unit, None, None, f"{kind.name} is not armed")
    finding = _explained(check, order, account)
    if finding.status != "denied":
        return finding
    if order.is_reducing and not check.binds_exits:
        status = "warned" if check.name in WARN_EXITS else "exempt"
        return structs.replace(finding, status=status)
    if not checks.limits.enabled and check.name not in NEVER_ONLY_WARN:
        return structs.replace(finding, status="warned")
    return finding


def _explained(check: Check, order: Candidate, view: AccountView) -> Finding:
    """Return the check's finding; one that raises cannot judge, and denies."""
    try:
        finding = check.explain(order, view)
    except Exception as fault:
        reason = f"{check.name} failed to judge the order ({type(fault).__name__}): denied"
        return Finding(check.name, "denied", check.unit, None, check.limit, reason)
    if abs(finding.observed or 0) > MAX_SCALED or abs(finding.limit or 0) > MAX_SCALED:
        # A record holds no number of 2**63 or more: what is beyond is as good as that.
        return structs.replace(finding, observed=_countable(finding.observed), limit=_countable(finding.limit))
    return finding


def _countable(value: int | None) -> int | None:
    return None if value is None else max(-MAX_SCALED, min(value, MAX_SCALED))


def max_passing_qty(state: State, ticket: Ticket, verdict: Verdict) -> Qty | None:
    """Return the largest lot multiple up to the request that passes all checks; None where size is not the matter."""
    instrument = ticket.instrument
    deciding = next((kind for kind in CHECKS if kind.name == verdict.check), None)
    if instrument is None or verdict.checks is None or deciding is None or not deciding.qty_monotone:
        return None
    lot = instrument.lot_size
    filled = 0 if ticket.replaces is None else ticket.replaces.cum_qty
    low, high = filled // lot, ticket.request.order_qty // lot
    while low < high:
        middle = (low + high + 1) // 2
        smaller = structs.replace(ticket.request, order_qty=middle * lot)
        if judge(state, structs.replace(ticket, request=smaller)).check:
            high = middle - 1
        else:
            low = middle
    return low * lot


def _unknown(state: State, ticket: Ticket) -> Verdict:
    order = unknown_instrument(
        state, ticket.account, ticket.request, ticket.symbol, ticket.at, ticket.actor, ticket.client
    )
    message = OrderWellFormed().explain(order, ticket.account).reason
    return Verdict(order, None, WELL_FORMED, message, ())


def _finding_of_unknown(verdict: Verdict) -> Finding:
    kind = CHECKS[0]
    return Finding(kind.name, "denied", kind.unit, None, 0, verdict.message)


def _evidence(account: AccountState, verdict: Verdict) -> Evidence:
    order, version = verdict.order, account.limits.version
    quote, position = order.quote, order.position
    if quote is None:
        bid = ask = mark = None
    else:
        bid, ask, mark = quote.bid, quote.ask, quote.mark
    if position is None:
        return Evidence(version, bid, ask, mark, order.equity, 0, 0, 0, order.total_pnl)
    return Evidence(
        version, bid, ask, mark, order.equity, position.qty, position.working_buys, position.working_sells,
        order.total_pnl,
    )  # fmt: skip
