"""What an account is owed, one after the other, and when to look again.

Source     semantics.md section 7.
"""

from collections.abc import Callable
from typing import Final

from stopline.engine.enforce.duties import owe_flatten
from stopline.engine.enforce.escalation import next_escalation
from stopline.engine.enforce.leaving import fulfil_close, fulfil_flatten, fulfil_reduce
from stopline.engine.enforce.protecting import fulfil_attach
from stopline.engine.severity import restrictions_on
from stopline.engine.situation import held_qty
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.model.numbers import SECOND, Nanos
from stopline.model.obligation import Obligation, ObligationKind
from stopline.state.account import AccountState

_FULFIL: Final[dict[ObligationKind, Callable[[Turn, AccountState, Obligation], None]]] = {
    ObligationKind.FLATTEN: fulfil_flatten,
    ObligationKind.CLOSE: fulfil_close,
    ObligationKind.REDUCE: fulfil_reduce,
    ObligationKind.ATTACH: fulfil_attach,
}
_LOOK_EVERY: Final[Nanos] = 2 * SECOND


def fulfil(turn: Turn, account: AccountState) -> None:
    """Say the next step of everything that is owed."""
    _keep_flat(turn, account)
    if turn.events:
        return
    for each in sorted(account.obligations.values(), key=_leaving_first):
        if not _has_new_order(turn, each.instrument_id):
            _FULFIL[each.kind](turn, account, each)


def _leaving_first(each: Obligation) -> bool:
    """Protection is for what is not on its way out."""
    return each.kind is ObligationKind.ATTACH


def _has_new_order(turn: Turn, instrument_id: str) -> bool:
    """Return whether this round said an order in the instrument already: whether one more reduces is told after it."""
    return any(
        isinstance(event, e.OrderApproved) and event.request.instrument_id == instrument_id for event in turn.events
    )


def _keep_flat(turn: Turn, account: AccountState) -> None:
    """Under a lock that keeps flat, whatever is held or worked is owed away."""
    if not account.live and not any(held_qty(turn.state, each) for each in account.positions.values()):
        return
    for restrictions in restrictions_on(turn.state, account):
        for held in restrictions.values():
            if held.keeps_flat:
                owe_flatten(turn, account, held.key, held.reason)
                return


def next_look(account: AccountState, at: Nanos) -> Nanos | None:
    """Return when an obligation is to be looked at though nothing happens; None without one."""
    instants = [
        min(each.next_at if each.next_at > at else at + _LOOK_EVERY, max(next_escalation(each), at + SECOND))
        for each in account.obligations.values()
    ]
    return min(instants, default=None)
