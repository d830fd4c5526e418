"""The wall clock against engine time: while they disagree, no new risk is taken, and no lock ends.

Engine time goes by the boot clock, so a step of the wall clock moves no lockout. But it
means that one of them is wrong, and until the wall clock is back, or a person says that it
is right, nobody knows which.

Source     reliability.md F30 and I09; semantics.md section 4.
"""

from typing import Final

from stopline.engine.enforce.locks import CLOCK, trust_clock
from stopline.engine.tables import Deciders
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages.replies import Done
from stopline.model.account import TradingState
from stopline.model.limits import ScopeKind
from stopline.model.numbers import SECOND, Nanos

AGREES: Final[Nanos] = 2 * SECOND
"""Within this the two clocks agree."""


def _stepped(turn: Turn, message: i.ClockStepped) -> None:
    turn.say(e.ClockSteppedBy(message.by))
    drift = turn.state.clock_drift + message.by
    for name, account in turn.state.accounts.items():
        if abs(drift) <= AGREES:
            trust_clock(turn, account, "the wall clock is back")
            turn.alert(name, "CLOCK_STEPPED", "INFO", "the wall clock is back where engine time is")
            continue
        reason = (
            f"the wall clock stepped by {message.by // SECOND} s and is {drift // SECOND} s away from engine time: "
            "no new risk until it is back, or an admin says that it is right"
        )
        turn.say(e.RestrictionPlaced(ScopeKind.ACCOUNT, name, CLOCK, TradingState.REDUCING, reason, "engine", 0))
        turn.alert(name, "CLOCK_STEPPED", "ERROR", f"{reason}; locks and windows stand")


def _trust(turn: Turn, message: i.TrustClock) -> None:
    if not message.reason.strip():
        turn.refuse("bad_request", "trusting the clock needs a reason", "say how it was set, and by whom")
        return
    if abs(turn.state.clock_drift) <= AGREES:
        turn.refuse("not_allowed", "nobody doubts the clock")
        return
    turn.say(e.ClockTrusted(message.actor, message.reason))
    for name, account in turn.state.accounts.items():
        trust_clock(turn, account, f"trusted: {message.reason}", message.actor)
        turn.alert(name, "CLOCK_TRUSTED", "WARNING", f"{message.actor} says that the clock is right: {message.reason}")
    turn.reply = Done((("clock", "trusted"),))


DECIDE_CLOCK: Deciders = {
    i.ClockStepped: _stepped,
    i.TrustClock: _trust,
}
