"""Changes of limits: tightening at once; loosening an armed account waits or needs a second person.

Source     semantics.md section 10; reliability.md I14 and S8.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from msgspec import structs

from stopline.engine.breakers import find_breaker
from stopline.engine.severity import accounts_in
from stopline.engine.strictest import is_looser, symbol_is_looser
from stopline.engine.tables import Deciders
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages.replies import Done, Proposed
from stopline.model.limits import Limits, ScopeKind, SymbolLimit
from stopline.model.numbers import RATIO_ONE, SECOND, Nanos
from stopline.model.patterns import defect
from stopline.state.account import AccountState
from stopline.state.limits import LimitBook, Proposal
from stopline.state.rates import LONGEST_WINDOW

COOLING_OFF: Final[Nanos] = 72 * 3_600 * SECOND
"""In a one-person install (reliability.md S8)."""
NO_SYMBOL_LIMIT: Final = SymbolLimit()


def _change(turn: Turn, message: i.ChangeLimits) -> None:
    account = turn.account(message.account)
    if account is None:
        return
    book, old = _current(turn, account, message.scope, message.scope_id)
    problem = _problem(message.limits) or _scope_problem(account, message)
    if not _may_change(turn, account, book, message.base_version, problem, message.actor):
        return
    if old == message.limits:
        turn.reply = Done((("version", str(book.version)),))
        return
    concerned = concerned_by(turn, account, message.scope)
    if any(one.is_armed for one in concerned) and is_looser(old, message.limits):
        if not _barred(turn, concerned, message.actor):
            _propose(
                turn,
                account,
                message.scope,
                message.scope_id,
                message.limits,
                "",
                None,
                message.actor,
                message.reason,
            )
        return
    version = book.version + 1
    turn.say(
        e.LimitsChanged(
            message.account,
            message.scope,
            message.scope_id,
            message.limits,
            version,
            message.actor,
            message.reason,
        )
    )
    turn.reply = Done((("version", str(version)),))


def _current(turn: Turn, account: AccountState, scope: ScopeKind, scope_id: str) -> tuple[LimitBook, Limits]:
    if scope in (ScopeKind.FIRM, ScopeKind.GROUP):
        ledger = turn.state.scopes.get(f"{scope}:{scope_id}")
        book = LimitBook() if ledger is None else ledger.limits
        return book, book.own()
    key = "account:" if scope is ScopeKind.ACCOUNT else f"{scope}:{scope_id}"
    return account.limits, account.limits.scopes.get(key, Limits())


def _may_change(
    turn: Turn, account: AccountState, book: LimitBook, base_version: int, problem: str, actor: str
) -> bool:
    if problem:
        turn.say(e.LimitsRefused(account.terms.account, problem, actor))
        turn.refuse("bad_request", problem)
        return False
    if base_version and base_version != book.version:
        text = f"the limits are at version {book.version}, the change was made on version {base_version}"
        turn.say(e.LimitsRefused(account.terms.account, text, actor))
        turn.refuse("stale_version", text, "read the limits again and repeat the change")
        return False
    return True


def _problem(limits: Limits) -> str:
    """Return what contradicts itself in these limits, or an empty text."""
    for name in Limits.__struct_fields__:
        value = getattr(limits, name)
        if isinstance(value, int) and not isinstance(value, bool) and value < 0 and name != "drawdown_floor":
            return f"{name} must not be negative"
        if isinstance(value, tuple) and any(
            getattr(part, "count", 1) < 1 or getattr(part, "window", 1) < 1
            for part in value
            if not isinstance(part, str)
        ):
            return f"{name}: count and window must be positive"
        if isinstance(value, tuple) and any(getattr(part, "window", 0) > LONGEST_WINDOW for part in value):
            return f"{name}: windows reach one hour back at most"
    for pattern in (*limits.allow, *limits.deny):
        wrong = defect(pattern)
        if wrong:
            return wrong
    if limits.concentration is not None and limits.concentration > RATIO_ONE:
        return "concentration is a share of equity: at most 100 %"
    if limits.daily_loss == 0:
        return "daily_loss of 0 would deny every order: leave it out, or halt the account"
    return ""


def _scope_problem(account: AccountState, message: i.ChangeLimits) -> str:
    if message.scope is ScopeKind.ACCOUNT:
        return "" if not message.scope_id else "scope account takes no scope_id: the account names it"
    if message.scope is ScopeKind.SYMBOL:
        return "a symbol's limit is changed by ChangeSymbolLimit"
    if not message.scope_id:
        return f"scope {message.scope} needs a scope_id"
    if message.scope in (ScopeKind.FIRM, ScopeKind.GROUP) and getattr(account.terms, message.scope) != message.scope_id:
        return f"account {account.terms.account!r} is not in {message.scope} {message.scope_id!r}"
    return ""


def concerned_by(turn: Turn, account: AccountState, scope: ScopeKind) -> list[AccountState]:
    """Return the accounts that limits of this scope bind."""
    if scope not in (ScopeKind.FIRM, ScopeKind.GROUP):
        return [account]
    return accounts_in(turn.state, scope, getattr(account.terms, scope))


def _barred(turn: Turn, concerned: list[AccountState], actor: str) -> bool:
    """Loosening is barred while an account that it concerns is locked or over its loss limit."""
    for account in concerned:
        name = account.terms.account
        if account.severity or find_breaker(turn.state, name, "DAILY_LOSS") is not None:
            text = f"limits of {name!r} cannot be loosened while it is {account.trading_state}"
            turn.say(e.LimitsRefused(name, text, actor))
            turn.refuse("not_allowed", text, "tightening is always possible")
            return True
    return False


def _propose(
    turn: Turn,
    account: AccountState,
    scope: ScopeKind,
    scope_id: str,
    limits: Limits | None,
    symbol: str,
    symbol_limit: SymbolLimit | None,
    actor: str,
    reason: str,
) -> None:
    name, proposal_id = account.terms.account, turn.state.next_proposal_id
    effective_at = turn.at + COOLING_OFF
    turn.say(
        e.LimitsProposed(name, proposal_id, scope, scope_id, limits, symbol, symbol_limit, effective_at, actor, reason),
        e.TimerSet(f"proposal:{name}:{proposal_id}", effective_at, name),
    )
    turn.alert(
        name,
        "LIMITS_PROPOSED",
        "WARNING",
        f"{actor} asks to loosen limits of {name} (proposal {proposal_id})",
    )
    turn.reply = Proposed(proposal_id, effective_at)


def _change_symbol(turn: Turn, message: i.ChangeSymbolLimit) -> None:
    account = turn.account(message.account)
    if account is None:
        return
    book, problem = account.limits, _symbol_problem(message.limit)
    if not _may_change(turn, account, book, message.base_version, problem, message.actor):
        return
    symbol = canonical_name(turn, message.symbol)
    old = book.symbols.get(symbol, NO_SYMBOL_LIMIT)
    if old == message.limit:
        turn.reply = Done((("version", str(book.version)),))
        return
    if account.is_armed and symbol_is_looser(old, message.limit):
        if not _barred(turn, [account], message.actor):
            _propose(
                turn,
                account,
                ScopeKind.SYMBOL,
                "",
                None,
                symbol,
                message.limit,
                message.actor,
                message.reason,
            )
        return
    version = book.version + 1
    turn.say(e.SymbolLimitChanged(message.account, symbol, message.limit, version, message.actor, message.reason))
    turn.reply = Done((("version", str(version)),))


def canonical_name(turn: Turn, symbol: str) -> str:
    """Return the name under which a symbol's limit is kept: the venue symbol, or a product as it is."""
    instrument = turn.state.instruments.get(turn.state.symbols.get(symbol, ""))
    return symbol if instrument is None else instrument.symbol


def _symbol_problem(limit: SymbolLimit) -> str:
    for name in SymbolLimit.__struct_fields__:
        value = getattr(limit, name)
        if value is not None and value < 0:
            return f"{name} must not be negative"
    if limit.concentration is not None and limit.concentration > RATIO_ONE:
        return "concentration is a share of equity: at most 100 %"
    return ""


def _approve(turn: Turn, message: i.ApproveLimits) -> None:
    account = turn.account(message.account)
    if account is None:
        return
    proposal = account.limits.proposals.get(message.proposal_id)
    if proposal is None:
        turn.refuse("not_allowed", f"there is no open proposal {message.proposal_id}")
        return
    if is_one_person(proposal.actor, message.actor):
        text = "nobody approves his own proposal"
        turn.refuse("second_person_required", text, "let another person approve it, or wait until it takes effect")
        return
    if _barred(turn, concerned_by(turn, account, proposal.scope), message.actor):
        return
    apply_proposal(turn, account, proposal, message.actor)
    turn.reply = Done((("proposal_id", str(message.proposal_id)),))


NOBODY_BY_NAME: Final = frozenset({"local", "config", "database"})
"""Whoever sits at this machine may speak by the door, the file and the tables alike: all of them are one person."""


def is_one_person(one: str, other: str) -> bool:
    """Return whether two actors may be the same person."""
    return one == other or (one in NOBODY_BY_NAME and other in NOBODY_BY_NAME)


def apply_proposal(turn: Turn, account: AccountState, proposal: Proposal, actor: str) -> None:
    """Say that a proposed loosening takes effect; or that it lapses, where all of it was tightened meanwhile."""
    name, reason = account.terms.account, f"proposal {proposal.proposal_id}: {proposal.reason}"
    change = _change_of(turn, account, proposal, reason)
    told = reason if change is not None else "what it loosens was tightened meanwhile: propose it again"
    turn.say(e.ProposalClosed(name, proposal.proposal_id, change is not None, actor, told))
    timer_id = f"proposal:{name}:{proposal.proposal_id}"
    if timer_id in turn.state.timers:
        turn.say(e.TimerEnded(timer_id))
    if change is not None:
        turn.say(change)


def _change_of(
    turn: Turn, account: AccountState, proposal: Proposal, reason: str
) -> e.LimitsChanged | e.SymbolLimitChanged | None:
    """Return what a proposal changes of what is in force now; None for nothing."""
    name, by = account.terms.account, proposal.actor
    if proposal.limits is not None:
        book, now = _current(turn, account, proposal.scope, proposal.scope_id)
        limits = _changed_only(now, proposal.base or Limits(), proposal.limits, is_looser)
        changed = e.LimitsChanged(name, proposal.scope, proposal.scope_id, limits, book.version + 1, by, reason)
        return None if limits == now else changed
    if proposal.symbol_limit is None:
        return None
    own = account.limits.symbols.get(proposal.symbol, NO_SYMBOL_LIMIT)
    limit = _changed_only(own, proposal.symbol_base or NO_SYMBOL_LIMIT, proposal.symbol_limit, symbol_is_looser)
    version = account.limits.version + 1
    return None if limit == own else e.SymbolLimitChanged(name, proposal.symbol, limit, version, by, reason)


AnyLimit = TypeVar("AnyLimit", Limits, SymbolLimit)


def _changed_only(
    now: AnyLimit, base: AnyLimit, proposed: AnyLimit, is_looser: Callable[[AnyLimit, AnyLimit], bool]
) -> AnyLimit:
    """Return what is in force with the fields that were proposed to change: what was tightened meanwhile stays."""
    changed = {}
    for name in proposed.__struct_fields__:
        was, wanted = getattr(base, name), getattr(proposed, name)
        if wanted != was and not is_looser(now, structs.replace(now, **{name: was})):
            changed[name] = wanted
    return structs.replace(now, **changed)


def _arm(turn: Turn, message: i.ArmAccount) -> None:
    account = turn.account(message.account)
    if account is None:
        return
    if not account.is_armed:
        turn.say(e.AccountArmed(message.account, message.actor))
    turn.reply = Done((("armed", message.account),))


DECIDE_LIMITS: Deciders = {
    i.ChangeLimits: _change,
    i.ChangeSymbolLimit: _change_symbol,
    i.ApproveLimits: _approve,
    i.ArmAccount: _arm,
}
