"""How an account stands, for who wants to stop it: what it may do, what it holds, and what it has at the broker."""

from msgspec import Struct

from stopline.model.limits import ScopeKind
from stopline.model.numbers import render_qty
from stopline.state.account import AccountState
from stopline.state.view import StateView
from stopline.views.risk import RestrictionBody, restrictions_of
from stopline.views.wire import SIDE_WORDS, DecimalText, symbol_of

UNPROVEN = frozenset({"connection", "mismatch"})
"""Under these nobody knows the position, and nothing provably closes it."""
KILL = "kill"


class HeldBody(Struct):
    """What is held of one instrument."""

    symbol: str
    side: str
    qty: DecimalText


class WorkedBody(Struct):
    """A live order. `is_close` came from a close, a flatten or a kill."""

    client_order_id: str
    symbol: str
    side: str
    leaves_qty: DecimalText
    state: str
    reducing: bool
    is_close: bool


class StandingBody(Struct):
    """One account. `is_proven`: our book was compared with the broker's, and agreed."""

    account: str
    trading_state: str
    restrictions: list[RestrictionBody]
    is_killed: bool
    is_proven: bool
    positions: list[HeldBody]
    orders: list[WorkedBody]


def standing_of(account: AccountState, state: StateView) -> StandingBody:
    """Return how one account stands."""
    restrictions = restrictions_of(account, state)
    return StandingBody(
        account=account.terms.account,
        trading_state=account.trading_state.value,
        restrictions=restrictions,
        is_killed=any(each.key == KILL for each in restrictions),
        is_proven=not UNPROVEN & account.restrictions.keys(),
        positions=[
            HeldBody(symbol_of(each.instrument_id), "long" if each.qty > 0 else "short", render_qty(abs(each.qty)))
            for each in account.positions.values()
            if each.qty
        ],
        orders=[
            WorkedBody(
                client_order_id=order.client_order_id,
                symbol=symbol_of(order.request.instrument_id),
                side=SIDE_WORDS[order.request.side],
                leaves_qty=render_qty(order.leaves_qty),
                state=order.state.value,
                reducing=order.reducing,
                is_close=order.request.closes_position,
            )
            for order in account.live.values()
        ],
    )


def accounts_in(state: StateView, account: str, scope: ScopeKind) -> list[AccountState]:
    """Return an account, or all of its group or firm."""
    one = state.accounts[account]
    if scope is ScopeKind.ACCOUNT:
        return [one]
    name = getattr(one.terms, scope.value)
    return [other for other in state.accounts.values() if name and getattr(other.terms, scope.value) == name]
