"""Limits -> checks: one immutable set per resolved limits, shared by all accounts with equal ones.

The strictest of firm, group, account, user, strategy and symbol wins field by field.
Limits on exposure that hang on a wider or narrower scope are measured on that scope's
own positions: they make a set of their own beside the account's.

Source     semantics.md section 10; architecture.md promise 10.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from msgspec import Struct, structs

from stopline.checks import CHECKS
from stopline.checks.base import Armament, Candidate, Check
from stopline.engine.strictest import NOT_ON_SCOPES, resolve, resolve_symbol
from stopline.measures.margin import initial_ratio
from stopline.model.account import AccountTerms
from stopline.model.breach import Mode
from stopline.model.capabilities import Capabilities
from stopline.model.instrument import Instrument
from stopline.model.limits import Limits, ScopeKind, SymbolLimit
from stopline.model.numbers import Ratio
from stopline.model.order import OrderRequest
from stopline.model.rules import Rules
from stopline.state.account import AccountState
from stopline.state.state import State
from stopline.state.view import AccountView

Question: TypeAlias = tuple[Callable[[Candidate, AccountView], int | None], int, Check]


class ScopedChecks(Struct, frozen=True, gc=False):
    """The armed checks that are measured on one strategy's, user's, group's or firm's own positions."""

    key: str
    checks: tuple[Check, ...]


class CheckSet(Struct, frozen=True, gc=False):
    """What the gate asks for one instrument (and strategy, and user) of an account."""

    limits: Limits
    initial_ratio: Ratio
    """Initial margin of the instrument's class in this account."""
    checks: tuple[Check, ...]
    """Armed, in order of precedence."""
    asked: tuple[Question, ...]
    """The same as (observe, limit, check): the walk looks nothing up."""
    asked_of_exits: tuple[Question, ...]
    """Those that bind reducing orders too."""
    unarmed: tuple[type[Check], ...]
    scoped: tuple[ScopedChecks, ...]
    scope_keys: tuple[str, ...]
    """The ledgers beside the account's own that this order counts in."""


@lru_cache(maxsize=4096)
def questions(checks: tuple[Check, ...]) -> tuple[Question, ...]:
    """Return checks as the walk asks them: one tuple for all accounts with equal limits."""
    return tuple((check.observe, check.limit, check) for check in checks)


def scope_keys(terms: AccountTerms, strategy: str, actor: str) -> tuple[str, ...]:
    """Return the keys in State.scopes that an order of this account counts in."""
    if not strategy and actor == "local" and not terms.firm and not terms.group:
        return ()
    keys = []
    if terms.firm:
        keys.append(f"firm:{terms.firm}")
    if terms.group:
        keys.append(f"group:{terms.group}")
    if actor and actor != "local":
        keys.append(f"user:{terms.account}:{actor}")
    if strategy:
        keys.append(f"strategy:{terms.account}:{strategy}")
    return tuple(keys)


def armed_for(
    state: State, account: AccountState, instrument: Instrument, request: OrderRequest, actor: str
) -> CheckSet:
    """Return the check set of this order, from the cache or made now."""
    key = instrument.instrument_id
    if request.strategy or actor != "local":
        # The length keeps names apart that hold the separator: a caller chooses them.
        key = f"{key}|{len(request.strategy)}|{request.strategy}|{actor}"
    found: CheckSet | None = account.armed.get(key)
    if found is None:
        found = account.armed[key] = _make(state, account, instrument, request.strategy, actor)
    return found


def forget_armed(state: State) -> None:
    """Drop the cached sets of all accounts: limits, instruments, terms or capabilities changed."""
    for account in state.accounts.values():
        if account.armed:
            account.armed = {}


def capabilities_of(state: State, terms: AccountTerms) -> Capabilities | None:
    """Return what the account's broker takes; None until it has said so."""
    broker = state.brokers.get(terms.broker)
    return None if broker is None else broker.capabilities


def _make(state: State, account: AccountState, instrument: Instrument, strategy: str, actor: str) -> CheckSet:
    terms, book = account.terms, account.limits
    keys = scope_keys(terms, strategy, actor)
    layers = [book.own()]
    scoped = []
    symbol = _symbol_limit(book.symbols, instrument)
    capabilities = capabilities_of(state, terms)
    for key in keys:
        limits = _scope_limits(state, account, key)
        if limits is None:
            continue
        layers.append(structs.replace(limits, **NOT_ON_SCOPES))
        checks = arm(limits, SymbolLimit(), instrument, terms, capabilities, scoped_only=True)
        if checks:
            scoped.append(ScopedChecks(key, checks))
    resolved = with_rules(resolve(tuple(layers)), account.rules)
    checks = arm(resolved, symbol, instrument, terms, capabilities)
    armed_types = {type(check) for check in checks}
    return CheckSet(
        limits=resolved,
        initial_ratio=initial_ratio(terms, instrument),
        checks=checks,
        asked=questions(checks),
        asked_of_exits=questions(tuple(check for check in checks if check.binds_exits)),
        unarmed=tuple(kind for kind in CHECKS if kind not in armed_types),
        scoped=tuple(scoped),
        scope_keys=keys,
    )


def with_rules(limits: Limits, rules: Rules) -> Limits:
    """Return limits with what the rules that act ask of the gate.

    No entry without its stop, none in what is blocked.

    Source     semantics.md section 6 (008, 011).
    """
    grace, block = rules.stop_loss_grace, rules.symbol_block
    if grace is not None and grace.mode is Mode.ENFORCE and grace.grace == 0:
        limits = structs.replace(limits, stop_required=True)
    if block is not None and block.mode is Mode.ENFORCE:
        limits = structs.replace(limits, deny=tuple(dict.fromkeys((*limits.deny, *block.blocked))))
    return limits


def _scope_limits(state: State, account: AccountState, key: str) -> Limits | None:
    kind, _, rest = key.partition(":")
    if kind in (ScopeKind.FIRM, ScopeKind.GROUP):
        scope = state.scopes.get(key)
        return None if scope is None else scope.limits.scopes.get("account:")
    return account.limits.scopes.get(f"{kind}:{rest.partition(':')[2]}")


def _symbol_limit(symbols: dict[str, SymbolLimit], instrument: Instrument) -> SymbolLimit:
    names = (instrument.symbol, instrument.instrument_id, instrument.product)
    return resolve_symbol(tuple(symbols[name] for name in dict.fromkeys(names) if name in symbols))


@lru_cache(maxsize=4096)
def arm(
    limits: Limits,
    symbol: SymbolLimit,
    instrument: Instrument,
    terms: AccountTerms,
    capabilities: Capabilities | None,
    *,
    scoped_only: bool = False,
) -> tuple[Check, ...]:
    """Return the checks that these limits arm, in order of precedence."""
    shared = structs.replace(terms, account="", opening_cash=0)
    armament = Armament(limits, symbol, instrument, shared, capabilities)
    made = (kind.arm(armament) for kind in CHECKS if kind.scoped or not scoped_only)
    return tuple(check for check in made if check is not None)
