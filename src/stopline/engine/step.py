"""The only door: decide -> apply -> monitor -> react.

`step` is pure apart from the state it is given: no clock, no I/O, no randomness. The
same inputs at the same instants make the same events, and folding those events makes
the same durable state.
"""

from typing import Final

from stopline.engine.apply import apply
from stopline.engine.decide import decide
from stopline.engine.monitor import monitor
from stopline.engine.outcome import Outcome
from stopline.engine.react import react
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.messages.inputs import Input
from stopline.model.account import TradingState
from stopline.model.limits import ScopeKind
from stopline.model.numbers import Nanos
from stopline.state.state import State

ROUNDS: Final = 16
"""How often monitor may speak up in one step: an event, what follows, who makes room, who goes, what the rules say of
it, what that asks for, and all of it again for what is closed. More is a defect."""


def step(state: State, message: Input, at: Nanos) -> Outcome:
    """Take one input at engine time `at` and return what happened, what to do and what to answer.

    Raises whatever a defect raises: the caller must then drop the state and rebuild it
    from the journal. `at` must not run backwards (ValueError).
    """
    if at < state.at:
        raise ValueError(f"engine time would run backwards: {at} after {state.at}")
    seq = state.seq + 1
    turn = Turn(state, at, seq)
    decide(turn, message)
    said: list[e.Event] = []
    pending = turn.events
    for _ in range(ROUNDS + 1):
        for event in pending:
            apply(state, event, seq, at)
        turn.alerts = turn.obligations = turn.breakers = 0
        turn.canceling = {}
        said += pending
        turn.events = []
        if not pending and said:
            break
        monitor(turn, message, pending)
        pending = turn.events
        if not pending:
            break
    if pending:
        said += _defect(state, turn, seq, pending)
    state.at = at
    if not said:
        return Outcome(state.seq, reply=turn.reply)
    state.seq = seq
    return Outcome(seq, tuple(said), react(state, said), turn.reply)


def _defect(state: State, turn: Turn, seq: int, pending: list[e.Event]) -> list[e.Event]:
    """So many rounds did not settle it: the accounts concerned only reduce, and somebody is told."""
    turn.events, turn.alerts, turn.obligations = [], 0, 0
    kinds = ", ".join(sorted({type(event).__name__ for event in pending}))
    for name, account in state.accounts.items():
        if "defect" not in account.restrictions:
            reason = f"the rules did not settle in {ROUNDS} rounds ({kinds})"
            turn.say(e.RestrictionPlaced(ScopeKind.ACCOUNT, name, "defect", TradingState.REDUCING, reason, "engine", 0))
            turn.alert(name, "DEFECT", "CRITICAL", reason)
    for event in turn.events:
        apply(state, event, seq, turn.at)
    return turn.events
