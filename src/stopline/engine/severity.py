"""The strictest restriction wins: the account's own, its group's and its firm's.

Source     semantics.md section 4.
"""

from collections.abc import Iterator

from stopline.model.account import SEVERITY, TradingState
from stopline.model.limits import ScopeKind
from stopline.state.account import AccountState
from stopline.state.lockouts import Restriction
from stopline.state.state import State


def accounts_in(state: State, scope: ScopeKind, scope_id: str) -> list[AccountState]:
    """Return the accounts of a group or firm, or the one of that name."""
    if scope is ScopeKind.ACCOUNT:
        return [state.accounts[scope_id]] if scope_id in state.accounts else []
    return [account for account in state.accounts.values() if getattr(account.terms, scope) == scope_id]


def strictest(restrictions: dict[str, Restriction]) -> int:
    """Return the severity of the strictest restriction, 0 without any."""
    return max((SEVERITY[restriction.state] for restriction in restrictions.values()), default=0)


def settle_severity(state: State) -> None:
    """Work out every account's trading state again (restrictions change rarely)."""
    for account in state.accounts.values():
        settle_account(state, account)


def takes_no_entries(state: State, account: AccountState) -> bool:
    """Return whether a restriction stands under which entries must not work: `reducing` or `halted`.

    The strictest state does not tell: while the broker is down too, it is `cancel_only`.
    """
    return any(
        held.state in (TradingState.REDUCING, TradingState.HALTED)
        for restrictions in restrictions_on(state, account)
        for held in restrictions.values()
    )


def is_unproven(state: State, account: AccountState) -> bool:
    """Return whether a restriction puts the account's own position in doubt."""
    return any(
        held.state is TradingState.CANCEL_ONLY
        for restrictions in restrictions_on(state, account)
        for held in restrictions.values()
    )


def keeps_flat(state: State, account: AccountState) -> bool:
    """Return whether a restriction stands under which nothing may be held: of the account, its group or its firm."""
    return any(held.keeps_flat for restrictions in restrictions_on(state, account) for held in restrictions.values())


def restrictions_on(state: State, account: AccountState) -> Iterator[dict[str, Restriction]]:
    """Yield the account's own restrictions, its group's and its firm's."""
    yield account.restrictions
    for key in (f"group:{account.terms.group}", f"firm:{account.terms.firm}"):
        scope = state.scopes.get(key)
        if scope is not None:
            yield scope.restrictions


def settle_account(state: State, account: AccountState) -> None:
    """Work out one account's trading state from its own, its group's and its firm's restrictions."""
    account.severity = max(map(strictest, restrictions_on(state, account)))
