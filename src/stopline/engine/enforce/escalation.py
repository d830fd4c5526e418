"""How slowly a failed obligation is tried again, and when people are told that it is not done.

Source     semantics.md section 7; reliability.md F43.
"""

from typing import Final

from msgspec import structs

from stopline.engine.turn import Turn
from stopline.model.instants import render_duration
from stopline.model.numbers import SECOND, Nanos
from stopline.model.obligation import Obligation
from stopline.state.account import AccountState

FIRST_WAIT: Final[Nanos] = SECOND
LONGEST_WAIT: Final[Nanos] = 60 * SECOND
ESCALATE_AFTER: Final[Nanos] = 60 * SECOND
"""People are told when an obligation is this old, and again at each doubling of its age,"""
MOST: Final = 20
ESCALATE_AT: Final = 5
"""or of this many failures, whichever comes first."""


def backoff(attempts: int) -> Nanos:
    """Return how long to wait after so many failures: 1 s, doubling up to a minute."""
    return min(FIRST_WAIT << min(attempts - 1, 6), LONGEST_WAIT)


def next_escalation(each: Obligation) -> Nanos:
    """Return the age at which people are told next."""
    return each.opened_at + (ESCALATE_AFTER << min(each.escalations, MOST))


def escalated(turn: Turn, account: AccountState, each: Obligation) -> Obligation:
    """Return an obligation that is not done, told to people if it is old enough, or failed often enough."""
    told = each.escalations
    while _is_due(turn, each):
        each = structs.replace(each, escalations=each.escalations + 1)
    if each.escalations == told:
        return each
    age = render_duration((turn.at - each.opened_at) // SECOND * SECOND)
    tries = f", after {each.attempts} attempts" if each.attempts else ""
    what = f"{each.kind} {each.instrument_id}".strip()
    text = f"{what} ({each.cause}: {each.reason}) is not done {age} after it was due{tries}: {each.text or 'under way'}"
    turn.alert(account.terms.account, "OBLIGATION_NOT_DONE", "CRITICAL", text, each.instrument_id)
    return each


def _is_due(turn: Turn, each: Obligation) -> bool:
    if each.escalations >= MOST:
        return False
    return turn.at >= next_escalation(each) or each.attempts >= ESCALATE_AT << each.escalations
