"""What a breach asks for, done: entries cancelled, locks placed, obligations opened.

Source     semantics.md sections 6 and 7.
"""

from collections.abc import Callable, Iterable
from typing import Final

from stopline.engine.cancels import cancel_entries
from stopline.engine.enforce.duties import owe_close, owe_flatten, owe_protection, owe_reduce
from stopline.engine.enforce.locks import COOLDOWN, KILL, LENGTHEN_BY, LOCK, RULE, lift, place_lock
from stopline.engine.turn import Turn
from stopline.model.account import TradingState
from stopline.model.breach import Action, ActionKind, RuleVerdict
from stopline.state.account import AccountState


def act(turn: Turn, account: AccountState, verdict: RuleVerdict) -> None:
    """Do everything that a new breach asks for."""
    for action in verdict.actions:
        _ACTS[action.kind](turn, account, verdict, action)


def keep_acting(turn: Turn, account: AccountState, verdict: RuleVerdict) -> None:
    """A breach that stands asks again: what is owed is kept up to date, and a lock may be lengthened.

    A lock that ended, or that somebody released, is not placed again by it.
    """
    for action in verdict.actions:
        if action.kind in _AGAIN:
            _ACTS[action.kind](turn, account, verdict, action)
        elif action.kind in (ActionKind.LOCK, ActionKind.COOLDOWN):
            prefix = LOCK if action.kind is ActionKind.LOCK else COOLDOWN
            held = account.restrictions.get(prefix + verdict.rule)
            if held is not None and held.until and action.until >= held.until + LENGTHEN_BY:
                _ACTS[action.kind](turn, account, verdict, action)


def stop_acting(turn: Turn, account: AccountState, verdict: RuleVerdict, others: Iterable[RuleVerdict]) -> None:
    """A breach ended: what stood for it alone ends with it. Locks and obligations have ends of their own."""
    if not any(action.kind is ActionKind.REDUCING for each in others for action in each.actions):
        lift(turn, account, RULE + verdict.rule, "in bounds again")


def _warn(turn: Turn, account: AccountState, verdict: RuleVerdict, action: Action) -> None:
    """The alert of the breach says it."""


def _only_reduce(turn: Turn, account: AccountState, verdict: RuleVerdict, action: Action) -> None:
    place_lock(turn, account, RULE + verdict.rule, 0, verdict.reason, verdict.rule)


def _cancel(turn: Turn, account: AccountState, verdict: RuleVerdict, action: Action) -> None:
    cancel_entries(turn, account, verdict.rule)


def _lock(turn: Turn, account: AccountState, verdict: RuleVerdict, action: Action) -> None:
    flat = any(each.kind is ActionKind.FLATTEN for each in verdict.actions)
    place_lock(turn, account, LOCK + verdict.rule, action.until, verdict.reason, verdict.rule, keeps_flat=flat)


def _cool_down(turn: Turn, account: AccountState, verdict: RuleVerdict, action: Action) -> None:
    place_lock(turn, account, COOLDOWN + verdict.rule, action.until, verdict.reason, verdict.rule)


def _kill(turn: Turn, account: AccountState, verdict: RuleVerdict, action: Action) -> None:
    reason = f"{verdict.rule}: {verdict.reason}"
    place_lock(turn, account, KILL, 0, reason, verdict.rule, state=TradingState.HALTED, keeps_flat=True)


def _flatten(turn: Turn, account: AccountState, verdict: RuleVerdict, action: Action) -> None:
    if account.live or any(position.qty for position in account.positions.values()):
        owe_flatten(turn, account, verdict.rule, verdict.reason)


def _close(turn: Turn, account: AccountState, verdict: RuleVerdict, action: Action) -> None:
    owe_close(turn, account, action.instrument_id, verdict.rule, verdict.reason)


def _reduce(turn: Turn, account: AccountState, verdict: RuleVerdict, action: Action) -> None:
    held = account.positions[action.instrument_id]
    owe_reduce(turn, account, action.instrument_id, abs(held.qty) - action.qty, verdict.rule, verdict.reason)


def _attach(turn: Turn, account: AccountState, verdict: RuleVerdict, action: Action) -> None:
    owe_protection(
        turn, account, action.instrument_id, verdict.key, verdict.reason,
        stop_price=action.stop_price, target_price=action.target_price, trail=action.trail,
    )  # fmt: skip


_ACTS: Final[dict[ActionKind, Callable[[Turn, AccountState, RuleVerdict, Action], None]]] = {
    ActionKind.WARN: _warn,
    ActionKind.REDUCING: _only_reduce,
    ActionKind.CANCEL: _cancel,
    ActionKind.LOCK: _lock,
    ActionKind.COOLDOWN: _cool_down,
    ActionKind.KILL: _kill,
    ActionKind.FLATTEN: _flatten,
    ActionKind.CLOSE_POSITION: _close,
    ActionKind.REDUCE_EXCESS: _reduce,
    ActionKind.ATTACH: _attach,
}
_AGAIN: Final = frozenset({ActionKind.CLOSE_POSITION, ActionKind.REDUCE_EXCESS, ActionKind.ATTACH})
"""What is owed as long as the breach stands: a position that is opened again is closed again."""
