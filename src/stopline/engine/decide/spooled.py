"""What may pass while the journal refuses, and what is told once it has what the spool kept.

While records go to the spool nothing is stepped for a caller that could add risk: the test is
made on the state, before the step, so that what is refused consumes no id.

Source     architecture.md promise 6; semantics.md sections 3 and 4; reliability.md section 2.1.
"""

from typing import Final

from stopline.engine.candidate import is_reducing
from stopline.engine.decide.blocked import exits_in_the_way
from stopline.engine.decide.submit import known_id, request_of
from stopline.engine.tables import Deciders
from stopline.engine.turn import Turn
from stopline.messages import inputs as i
from stopline.model.order import Side
from stopline.state.state import State

LEAVE_ONLY: Final[frozenset[type]] = frozenset({i.CancelOrder, i.ClosePosition, i.Flatten, i.Kill, i.TripBreaker})
"""They lead out, or shut the way in, whatever the state is."""


def may_pass(state: State, message: i.Input) -> bool:
    """Whether an input may be stepped while the journal refuses."""
    if type(message) in LEAVE_ONLY:
        return True
    return isinstance(message, i.SubmitOrder) and _leads_out(state, message)


def _leads_out(state: State, message: i.SubmitOrder) -> bool:
    """Whether an order provably reduces, waits only for the account's own exits, or is one decided before."""
    account = state.accounts.get(message.account)
    if account is None:
        return False
    if known_id(account, message.client_order_id) is not None:
        return True
    instrument_id = state.symbols.get(message.symbol, "")
    sign = 1 if message.side is Side.BUY else -1
    request = request_of(state, message)
    position = account.positions.get(instrument_id)
    if is_reducing(position, sign, message.order_qty, None, request):
        return True
    return bool(exits_in_the_way(account, request))


def _failing(turn: Turn, message: i.StoreFailing) -> None:
    """Volatile, so that no fold depends on it; people are told once (from the spool, if there is one, at once)."""
    was_failing = bool(turn.state.store_failing)
    turn.state.store_failing = message.reason
    if not message.reason or was_failing:
        return
    severity = "WARNING" if message.reason == "store_slow" else "CRITICAL"
    text = f"the store fails ({message.reason}): no new risk is taken until it works again"
    for account in turn.state.accounts.values():
        turn.alert(account.terms.account, "STORE_FAILING", severity, text)


def _recovered(turn: Turn, message: i.SpoolRecovered) -> None:
    """The records are in the journal already, and so the state knows what they sent: people are told."""
    text = (
        f"records {message.first_seq} to {message.last_seq} were kept in the spool while the journal refused "
        f"({message.reason}); the journal has them now"
    )
    if message.torn:
        text += "; the last entry of the spool was cut off before it was finished, and nothing of it was sent"
    for account in turn.state.accounts.values():
        turn.alert(account.terms.account, "STORE_RECOVERED", "WARNING", text)


def _filling(turn: Turn, message: i.DiskFilling) -> None:
    for account in turn.state.accounts.values():
        turn.alert(account.terms.account, "DISK_FILLING", message.severity, message.message)


DECIDE_SPOOLED: Deciders = {
    i.StoreFailing: _failing,
    i.SpoolRecovered: _recovered,
    i.DiskFilling: _filling,
}
