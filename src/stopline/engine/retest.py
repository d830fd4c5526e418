"""After limits were tightened: which working entries must go, the newest first?

Each entry is looked at as if it were the last to come: the account's worst case is
measured without those already chosen, and while a limit is passed, the newest goes.

Source     semantics.md section 10.
"""

from typing import cast

from msgspec import structs

from stopline.checks.base import Candidate, Check
from stopline.engine.assemble import CheckSet, armed_for, scope_keys
from stopline.engine.candidate import candidate_for, measure_after, scoped
from stopline.engine.gate import scope_equity
from stopline.engine.valuation import scope_ratio
from stopline.model.numbers import Money, Nanos, Qty
from stopline.state.account import AccountState
from stopline.state.orders import OrderRecord
from stopline.state.state import State
from stopline.state.view import AccountView

RETESTED = frozenset(
    {
        "max_order_qty",
        "max_order_notional",
        "max_position",
        "max_contracts",
        "gross_exposure",
        "net_exposure",
        "concentration",
        "leverage",
        "buying_power",
        "short_sale",
        "instrument_allowed",
    }
)


def retest_working_orders(state: State, account: AccountState, at: Nanos) -> list[OrderRecord]:
    """Return the working entries to cancel, newest first."""
    chosen: list[OrderRecord] = []
    for order in reversed(list(account.live.values())):
        if not order.reducing and _fails(state, account, order, chosen, at):
            chosen.append(order)
    return chosen


def _fails(state: State, account: AccountState, order: OrderRecord, chosen: list[OrderRecord], at: Nanos) -> bool:
    instrument = state.instruments[order.request.instrument_id]
    checks = armed_for(state, account, instrument, order.request, order.actor)
    if not checks.limits.enabled:
        return False
    ratio = checks.initial_ratio
    leaves = order.order_qty - order.cum_qty
    request = structs.replace(
        order.request, order_qty=leaves, limit_price=order.limit_price, stop_price=order.stop_price
    )
    seen = candidate_for(
        state, account, request, instrument, at, max_age=checks.limits.quote_max_age, ratio=ratio,
        actor=order.actor, client=order.client, symbol=instrument.symbol,
    )  # fmt: skip
    # The sums hold the order itself already: measure what stays without those already chosen.
    qty, money = _held_by(chosen, order)
    measure_after(seen, account.valuation, instrument, ratio, -qty, -money)
    if any(_denies(check, seen, account) for check in checks.checks if check.name in RETESTED):
        return True
    return _fails_in_scope(state, account, order, chosen, checks, seen)


def _fails_in_scope(
    state: State,
    account: AccountState,
    order: OrderRecord,
    chosen: list[OrderRecord],
    checks: CheckSet,
    seen: Candidate,
) -> bool:
    """Return whether a limit of a strategy, user, group or firm on its own positions is passed."""
    instrument = state.instruments[order.request.instrument_id]
    for armed in checks.scoped:
        scope = state.scopes.get(armed.key)
        if scope is None:
            continue
        ratio = scope_ratio(state, armed.key, instrument)
        view = scoped(seen, scope, instrument, ratio)
        if view.is_reducing:
            continue
        if armed.key.startswith(("group:", "firm:")):
            view.equity = scope_equity(state, armed.key)
        inside = [one for one in chosen if armed.key in scope_keys(account.terms, one.request.strategy, one.actor)]
        qty, money = _held_by(inside, order)
        measure_after(view, scope.valuation, instrument, ratio, -qty, -money)
        if any(_denies(check, view, cast("AccountView", scope)) for check in armed.checks):
            return True
    return False


def _held_by(chosen: list[OrderRecord], order: OrderRecord) -> tuple[Qty, Money]:
    """Return what the chosen orders on the same side of the same instrument hold."""
    instrument_id, side = order.request.instrument_id, order.request.side
    beside = [one for one in chosen if (one.request.instrument_id, one.request.side) == (instrument_id, side)]
    return sum(one.reserved_qty for one in beside), sum(one.reserved_money for one in beside)


def _denies(check: Check, seen: Candidate, view: AccountView) -> bool:
    observed = check.observe(seen, view)
    return observed is not None and observed > check.limit
