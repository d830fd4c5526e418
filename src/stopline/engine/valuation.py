"""Who is valued when: after `apply` what it touched, and at a quote those whom it may move somewhere.

An account keeps bands of marks within which nothing about it has to be said (engine/bands.py).
While a mark stays in its band, the account only remembers that it is behind, and is valued
when somebody asks for its figures: a quote that a thousand hold costs little that way.

Source     performance.md P10.
"""

from stopline.engine.bands import drop_bands, in_band
from stopline.measures.margin import initial_ratio
from stopline.model.instrument import Instrument
from stopline.model.limits import ScopeKind
from stopline.model.numbers import RATIO_ONE, Price, Ratio
from stopline.state.account import AccountState, ScopeState
from stopline.state.market import QuoteRecord, Valuation
from stopline.state.state import State
from stopline.state.valuing import revalue


def _mark(state: State, instrument: Instrument) -> Price | None:
    quote = state.market.quotes.get(instrument.instrument_id)
    return None if quote is None else quote.mark


def _revalue_account(state: State, account: AccountState, instrument: Instrument) -> None:
    position = account.positions.get(instrument.instrument_id)
    if position is None:
        return
    account.valued.behind.pop(instrument.instrument_id, None)
    revalue(account.valued, position, instrument, _mark(state, instrument), initial_ratio(account.terms, instrument))


def _revalue_scope(state: State, key: str, instrument: Instrument) -> None:
    scope: ScopeState = state.scopes[key]
    position = scope.positions.get(instrument.instrument_id)
    if position is not None:
        ratio = scope_ratio(state, key, instrument)
        revalue(scope.valuation, position, instrument, _mark(state, instrument), ratio)


def _revalue_scopes(state: State, instrument: Instrument) -> None:
    for key in state.market.scope_holders.get(instrument.instrument_id, ()):
        _revalue_scope(state, key, instrument)


def touch(state: State, account: AccountState, instrument: Instrument, scope_keys: tuple[str, ...] = ()) -> None:
    """After a change to an account's position or orders: revalue it in every ledger that counts it."""
    if not state.is_live:
        return
    account_id, instrument_id = account.terms.account, instrument.instrument_id
    state.market.holders.setdefault(instrument_id, {})[account_id] = None
    drop_bands(account)
    _revalue_account(state, account, instrument)
    for key in scope_keys:
        state.market.scope_holders.setdefault(instrument_id, {})[key] = None
        _revalue_scope(state, key, instrument)


def scope_ratio(state: State, key: str, instrument: Instrument) -> Ratio:
    """Return a scope's margin ratio: its account's for a strategy or user; all of it where accounts may differ."""
    kind, _, rest = key.partition(":")
    if kind in (ScopeKind.FIRM, ScopeKind.GROUP):
        return RATIO_ONE
    return initial_ratio(state.accounts[rest.partition(":")[0]].terms, instrument)


def follow_mark(state: State, instrument: Instrument, quote: QuoteRecord) -> None:
    """After a mark moved: value whom it may move somewhere; whoever it cannot is behind from now on."""
    instrument_id, mark = instrument.instrument_id, quote.mark
    lag = (instrument, quote)
    for account_id in state.market.holders.get(instrument_id, ()):
        account = state.accounts[account_id]
        if in_band(account, instrument_id, mark):
            account.valued.behind[instrument_id] = lag
        else:
            _revalue_account(state, account, instrument)
    _revalue_scopes(state, instrument)


def revalue_holders(state: State, instrument: Instrument) -> None:
    """After the terms or the mark of an instrument are others: revalue every ledger that holds or works it."""
    instrument_id = instrument.instrument_id
    for account_id in state.market.holders.get(instrument_id, ()):
        account = state.accounts[account_id]
        drop_bands(account)
        _revalue_account(state, account, instrument)
    _revalue_scopes(state, instrument)


def revalue_all(state: State) -> None:
    """Build every valuation anew (after recovery, when nothing is priced yet)."""
    for account in state.accounts.values():
        account.valued = Valuation()
        for instrument_id in account.positions:
            touch(state, account, state.instruments[instrument_id])
    for key, scope in state.scopes.items():
        scope.valuation = Valuation()
        for instrument_id in scope.positions:
            state.market.scope_holders.setdefault(instrument_id, {})[key] = None
            _revalue_scope(state, key, state.instruments[instrument_id])
