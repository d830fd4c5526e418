"""The kill switch: no new risk until a person lifts it, and out of the market unless it says otherwise.

Source     semantics.md section 4.
"""

from typing import Final

from stopline.engine.cancels import may_increase, request_cancel
from stopline.engine.decide.exits import Closing, close_all, open_positions, scope_id_of, told_of
from stopline.engine.enforce.locks import KILL
from stopline.engine.severity import accounts_in
from stopline.engine.tables import Deciders
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages.replies import Done
from stopline.model.account import TradingState
from stopline.model.breach import ActionKind
from stopline.model.limits import ScopeKind
from stopline.model.numbers import SECOND, Nanos
from stopline.model.rules import Rules
from stopline.state.account import AccountState
from stopline.state.lockouts import Restriction

ONE_PERSON_RELEASE_WAIT: Final[Nanos] = 900 * SECOND
LOCAL: Final = "local"
"""Whoever sits at this machine: where nobody has a name of his own, all of them are one person."""


def _kill(turn: Turn, message: i.Kill) -> None:
    account = turn.account(message.account)
    if account is None:
        return
    scope_id = scope_id_of(turn, account, message.scope)
    if scope_id is None:
        return
    reason = message.reason or "kill switch"
    keeps_flat = not message.keep_positions
    turn.say(
        e.RestrictionPlaced(message.scope, scope_id, KILL, TradingState.HALTED, reason, message.actor, 0, keeps_flat)
    )
    text = f"kill switch by {message.actor} on {message.scope} {scope_id}: {reason}"
    turn.alert(message.account, "KILL", "CRITICAL", text)
    canceled: list[str] = []
    closings: list[Closing] = []
    for killed in accounts_in(turn.state, message.scope, scope_id):
        canceled += _cancel_entries(turn, killed, message.actor)
        if not message.keep_positions:
            closings.append(close_all(turn, killed, open_positions(killed), message.actor))
    turn.reply = Done(told_of(canceled, *closings))


def _cancel_entries(turn: Turn, account: AccountState, actor: str) -> list[str]:
    named = []
    for order in account.live.values():
        if may_increase(account, order):
            request_cancel(turn, order, KILL, actor)
            named.append(order.client_order_id)
    return named


def _release(turn: Turn, message: i.ReleaseKill) -> None:
    account = turn.account(message.account)
    if account is None:
        return
    held = _kills(turn, account)
    if not held:
        turn.refuse("already_reset", f"no kill switch holds account {message.account!r}")
        return
    if not message.reason.strip():
        turn.refuse("bad_request", "releasing the kill switch needs a reason", "say why it is safe to trade again")
        return
    for scope, scope_id, restriction in held:
        waited = turn.at - restriction.since
        is_alone = message.actor == restriction.actor or (message.actor == LOCAL and _is_of_a_rule(restriction))
        if is_alone and waited < ONE_PERSON_RELEASE_WAIT:
            left = (ONE_PERSON_RELEASE_WAIT - waited) // SECOND
            text = f"one person alone may release the kill switch after 15 minutes ({left} s left)"
            turn.refuse("second_person_required", text, "wait, or let a second person release it")
            turn.events.clear()
            return
        turn.say(e.RestrictionLifted(scope, scope_id, KILL, message.reason, message.actor))
    for breach in account.breaches.values():
        if any(action.kind is ActionKind.KILL for action in breach.verdict.actions):
            # It is judged anew: what still holds is found again at once.
            turn.say(e.BreachEnded(message.account, breach.verdict.rule, breach.verdict.key, "the kill was released"))
    turn.alert(message.account, "KILL_RELEASED", "WARNING", f"released by {message.actor}: {message.reason}")
    turn.reply = Done((("released", message.account),))


def _is_of_a_rule(restriction: Restriction) -> bool:
    return restriction.actor in Rules.__struct_fields__


def _kills(turn: Turn, account: AccountState) -> list[tuple[ScopeKind, str, Restriction]]:
    found = []
    for scope in (ScopeKind.ACCOUNT, ScopeKind.GROUP, ScopeKind.FIRM):
        if scope is ScopeKind.ACCOUNT:
            scope_id, restrictions = account.terms.account, account.restrictions
        else:
            scope_id = getattr(account.terms, scope)
            ledger = turn.state.scopes.get(f"{scope}:{scope_id}")
            restrictions = {} if ledger is None else ledger.restrictions
        if KILL in restrictions:
            found.append((scope, scope_id, restrictions[KILL]))
    return found


DECIDE_KILL: Deciders = {
    i.Kill: _kill,
    i.ReleaseKill: _release,
}
