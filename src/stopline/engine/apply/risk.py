"""Events of restrictions, breakers and limits."""

from msgspec import structs

from stopline.engine.apply.reservation import scope_of
from stopline.engine.assemble import forget_armed
from stopline.engine.severity import settle_account, settle_severity
from stopline.engine.tables import Appliers
from stopline.messages import events as e
from stopline.model.limits import ScopeKind
from stopline.model.numbers import Nanos
from stopline.state.limits import LimitBook, Proposal
from stopline.state.lockouts import Breaker, Restriction
from stopline.state.state import State

LENGTHENS = ("lock:", "cooldown:")


def _placed(state: State, event: e.RestrictionPlaced, seq: int, at: Nanos) -> None:
    restriction = Restriction(
        event.key, event.state, event.reason, event.actor, at, event.until, event.keeps_flat, event.zone, event.tzdata
    )
    if event.scope is ScopeKind.ACCOUNT:
        account = state.accounts[event.scope_id]
        held = account.restrictions.get(event.key)
        if held is not None and event.key.startswith(LENGTHENS):
            # It was lengthened: it stands since it began.
            restriction = structs.replace(restriction, since=held.since)
        account.restrictions[event.key] = restriction
        settle_account(state, account)
    else:
        scope_of(state, f"{event.scope}:{event.scope_id}").restrictions[event.key] = restriction
        settle_severity(state)


def _lifted(state: State, event: e.RestrictionLifted, seq: int, at: Nanos) -> None:
    if event.scope is ScopeKind.ACCOUNT:
        account = state.accounts[event.scope_id]
        account.restrictions.pop(event.key, None)
        settle_account(state, account)
    else:
        scope_of(state, f"{event.scope}:{event.scope_id}").restrictions.pop(event.key, None)
        settle_severity(state)


def _tripped(state: State, event: e.BreakerTripped, seq: int, at: Nanos) -> None:
    state.breakers[event.breaker_id] = Breaker(
        event.breaker_id, event.account, event.trigger_type, event.trigger_value, event.threshold, event.reason,
        event.actor, at, event.expires_at,
    )  # fmt: skip
    state.next_breaker_id = event.breaker_id + 1


def _reset(state: State, event: e.BreakerReset, seq: int, at: Nanos) -> None:
    breaker = state.breakers[event.breaker_id]
    breaker.active, breaker.reset_at, breaker.reset_by = False, at, event.actor


def _book(state: State, account: str, scope: ScopeKind, scope_id: str) -> tuple[LimitBook, str]:
    """Return the book that holds a scope's limits, and the key they have in it."""
    if scope in (ScopeKind.FIRM, ScopeKind.GROUP):
        return scope_of(state, f"{scope}:{scope_id}").limits, "account:"
    key = "account:" if scope is ScopeKind.ACCOUNT else f"{scope}:{scope_id}"
    return state.accounts[account].limits, key


def _changed(state: State, event: e.LimitsChanged, seq: int, at: Nanos) -> None:
    book, key = _book(state, event.account, event.scope, event.scope_id)
    book.scopes[key] = event.limits
    book.version, book.changed_at, book.changed_by = event.version, at, event.actor
    book.any_of = " ".join(
        name
        for name in ("user", "client", "strategy", "symbol")
        if any(getattr(limits, f"order_rate_per_{name}") for limits in book.scopes.values())
    )
    if event.scope in (ScopeKind.FIRM, ScopeKind.GROUP):
        forget_armed(state)
    else:
        state.accounts[event.account].armed = {}


def _symbol_changed(state: State, event: e.SymbolLimitChanged, seq: int, at: Nanos) -> None:
    account = state.accounts[event.account]
    book, account.armed = account.limits, {}
    book.symbols[event.symbol] = event.limit
    book.version, book.changed_at, book.changed_by = event.version, at, event.actor


def _proposed(state: State, event: e.LimitsProposed, seq: int, at: Nanos) -> None:
    own = state.accounts[event.account].limits
    base = symbol_base = None
    if event.limits is not None:
        book, key = _book(state, event.account, event.scope, event.scope_id)
        base = book.scopes.get(key)
    if event.symbol_limit is not None:
        symbol_base = own.symbols.get(event.symbol)
    own.proposals[event.proposal_id] = Proposal(
        event.proposal_id, event.scope, event.scope_id, event.limits, event.symbol, event.symbol_limit, at,
        event.effective_at, event.actor, event.reason, base, symbol_base,
    )  # fmt: skip
    state.next_proposal_id = event.proposal_id + 1


def _proposal_closed(state: State, event: e.ProposalClosed, seq: int, at: Nanos) -> None:
    state.accounts[event.account].limits.proposals.pop(event.proposal_id, None)


def _armed(state: State, event: e.AccountArmed, seq: int, at: Nanos) -> None:
    state.accounts[event.account].is_armed = True


def _nothing(state: State, event: object, seq: int, at: Nanos) -> None:
    """Evidence only: it changes nothing that the engine remembers."""


APPLY_RISK: Appliers = {
    e.RestrictionPlaced: _placed,
    e.RestrictionLifted: _lifted,
    e.BreakerTripped: _tripped,
    e.BreakerReset: _reset,
    e.LimitsChanged: _changed,
    e.SymbolLimitChanged: _symbol_changed,
    e.LimitsRefused: _nothing,
    e.LimitsProposed: _proposed,
    e.ProposalClosed: _proposal_closed,
    e.AccountArmed: _armed,
}
