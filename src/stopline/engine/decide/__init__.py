"""What each input means: a decider reads the state, says events and answers the caller; it changes nothing."""

from stopline.engine.decide.clock import DECIDE_CLOCK
from stopline.engine.decide.exits import DECIDE_EXITS
from stopline.engine.decide.kill import DECIDE_KILL
from stopline.engine.decide.limits import DECIDE_LIMITS
from stopline.engine.decide.orders import DECIDE_ORDERS
from stopline.engine.decide.reconcile import DECIDE_RECONCILE
from stopline.engine.decide.reports import DECIDE_REPORTS
from stopline.engine.decide.risk import DECIDE_RISK
from stopline.engine.decide.rules import DECIDE_RULES
from stopline.engine.decide.spooled import DECIDE_SPOOLED
from stopline.engine.decide.submit import DECIDE_SUBMIT
from stopline.engine.decide.system import DECIDE_SYSTEM
from stopline.engine.tables import Deciders
from stopline.engine.turn import Turn
from stopline.messages.inputs import Input

DECIDERS: Deciders = {
    **DECIDE_SUBMIT,
    **DECIDE_ORDERS,
    **DECIDE_EXITS,
    **DECIDE_KILL,
    **DECIDE_REPORTS,
    **DECIDE_RECONCILE,
    **DECIDE_RISK,
    **DECIDE_LIMITS,
    **DECIDE_SYSTEM,
    **DECIDE_SPOOLED,
    **DECIDE_RULES,
    **DECIDE_CLOCK,
}


def decide(turn: Turn, message: Input) -> None:
    """Let the input's decider speak. Raises KeyError for an input nobody decides: a defect."""
    DECIDERS[type(message)](turn, message)
