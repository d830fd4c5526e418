"""What the configuration says of limits, and what of it must be said to the engine.

A limit from the file is applied when it was never applied before, or when its line in
the file has changed since: what a person changed by another way stays changed when
Stopline starts again. What the file said last is found in the journal (the changes made
by `config`), so nothing else has to remember it.

Source     api.md (Background: files take effect within 10 s); semantics.md section 10; reliability.md F34.
"""

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct, field

from stopline.config.settings import Settings
from stopline.messages.events import LimitsChanged, SymbolLimitChanged
from stopline.messages.inputs import ChangeLimits, ChangeRules, ChangeSymbolLimit
from stopline.messages.upcast import decode_events
from stopline.model.ids import AccountId
from stopline.model.instrument import Instrument
from stopline.model.limits import Limits, ScopeKind, SymbolLimit
from stopline.model.numbers import Nanos
from stopline.model.rules import Rules
from stopline.ports.journal import Journal
from stopline.runtime.own_hours import own_hours
from stopline.state.view import StateView

ACTOR = "config"
SHARED = frozenset({ScopeKind.FIRM, ScopeKind.GROUP})
ScopeKey: TypeAlias = tuple[AccountId, ScopeKind, str]
"""(account, scope, scope_id); firms and groups have no account."""
SymbolKey: TypeAlias = tuple[AccountId, str]


class Said(Struct):
    """Limits by what they hang on. `spokesman` names an account of each firm and group."""

    scopes: dict[ScopeKey, Limits] = field(default_factory=dict)
    symbols: dict[SymbolKey, SymbolLimit] = field(default_factory=dict)
    spokesman: dict[ScopeKey, AccountId] = field(default_factory=dict)

    def put(self, account: AccountId, scope: ScopeKind, scope_id: str, limits: Limits) -> None:
        """Write down one scope's limits."""
        key = ("" if scope in SHARED else account, scope, scope_id)
        self.scopes[key] = limits
        self.spokesman[key] = account


def said_by_settings(settings: Settings, canonical: Callable[[str], str]) -> Said:
    """Return what a configuration says. `canonical` gives the name that the engine keeps a symbol's limit under."""
    said = Said()
    for account, limits in settings.limits.items():
        said.put(account, ScopeKind.ACCOUNT, "", limits)
    for scoped in settings.scoped_limits:
        said.put(scoped.account, scoped.scope, scoped.scope_id, scoped.limits)
    for account, symbols in settings.symbol_limits.items():
        for symbol, limit in symbols.items():
            said.symbols[account, canonical(symbol)] = limit
    return said


def said_before(journal: Journal) -> Said:
    """Return what configurations have said last, by the journal."""
    said = Said()
    for record in journal.read():
        if b"LimitsChanged" not in record.body and b"SymbolLimitChanged" not in record.body:
            continue
        for event in decode_events(record.body):
            if isinstance(event, LimitsChanged) and event.actor == ACTOR:
                said.put(event.account, event.scope, event.scope_id, event.limits)
            elif isinstance(event, SymbolLimitChanged) and event.actor == ACTOR:
                said.symbols[event.account, event.symbol] = event.limit
    return said


def find_changes(before: Said, now: Said, reason: str) -> list[ChangeLimits | ChangeSymbolLimit]:
    """Return what the engine must be told: what is new, what changed, and what the file no longer says."""
    told: list[ChangeLimits | ChangeSymbolLimit] = []
    for key in [*now.scopes, *(key for key in before.scopes if key not in now.scopes)]:
        limits = now.scopes.get(key, Limits())
        if before.scopes.get(key) == limits or (key not in now.scopes and before.scopes[key] == Limits()):
            continue
        account = now.spokesman.get(key) or before.spokesman[key]
        told.append(
            ChangeLimits(account=account, limits=limits, scope=key[1], scope_id=key[2], reason=reason, actor=ACTOR)
        )
    for account, symbol in [*now.symbols, *(key for key in before.symbols if key not in now.symbols)]:
        limit = now.symbols.get((account, symbol), SymbolLimit())
        if before.symbols.get((account, symbol), SymbolLimit()) != limit:
            told.append(ChangeSymbolLimit(account=account, symbol=symbol, limit=limit, reason=reason, actor=ACTOR))
    return told


def find_rule_changes(settings: Settings, at: Nanos, reason: str) -> list[ChangeRules]:
    """Return the rules of every account as the engine must be told them; what it knows already changes nothing."""
    told = []
    for terms in settings.accounts:
        rules = settings.rules.get(terms.account, Rules())
        hours = own_hours(terms, rules.session_block, at)
        told.append(ChangeRules(account=terms.account, rules=rules, hours=hours, reason=reason, actor=ACTOR))
    return told


def canonical_in(state: StateView, listed: tuple[Instrument, ...] = ()) -> Callable[[str], str]:
    """Return how the engine names symbols: by the venue's symbol; ES by its product, fut:ES; other names as they are.

    `listed` are instruments that the engine is about to learn of.
    """
    symbols = {name: state.instruments[instrument_id].symbol for name, instrument_id in state.symbols.items()}
    for instrument in listed:
        symbols[instrument.instrument_id] = symbols[instrument.symbol] = instrument.symbol
    for instrument in (*state.instruments.values(), *listed):
        if instrument.product != instrument.instrument_id:
            symbols.setdefault(instrument.product.rpartition(":")[2], instrument.product)
    return lambda name: symbols.get(name, name)
