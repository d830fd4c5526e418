"""Rules, locks and bots, as people and bots ask for them.

Tightening rules takes effect at once; loosening those of an armed account waits, or needs a
second person, and is barred while the account is restricted.

Source     semantics.md sections 4, 6 and 10; reliability.md I09, I14.
"""

from typing import Final

from stopline.engine.decide.kill import LOCAL, ONE_PERSON_RELEASE_WAIT
from stopline.engine.decide.limits import COOLING_OFF, is_one_person
from stopline.engine.enforce.locks import COOLDOWN, LOCK, lift, place_lock
from stopline.engine.rule_strictness import loosened
from stopline.engine.tables import Deciders
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.messages import inputs as i
from stopline.messages.replies import Done, Proposed
from stopline.model.instants import render_duration, render_instant
from stopline.model.numbers import SECOND, Nanos, div_ceil
from stopline.state.account import AccountState

LONGEST_SELF_LOCK: Final[Nanos] = 31 * 86_400 * SECOND
SELF: Final = "self"
SHORTEST_TIMEOUT: Final[Nanos] = SECOND
LONGEST_TIMEOUT: Final[Nanos] = 3_600 * SECOND


def _change(turn: Turn, message: i.ChangeRules) -> None:
    account = turn.account(message.account)
    if account is None:
        return
    if account.rules == message.rules and account.hours == message.hours:
        turn.reply = Done((("account", message.account),))
        return
    looser = loosened(account.rules, message.rules)
    if not account.is_armed or not looser:
        turn.say(e.RulesChanged(message.account, message.rules, message.hours, message.actor, message.reason))
        turn.reply = Done((("account", message.account),))
        return
    if account.severity or account.breaches:
        text = f"rules of {message.account!r} cannot be loosened ({', '.join(looser)}) while it is restricted"
        turn.refuse("not_allowed", text, "tightening is always possible")
        return
    waiting = account.rules_proposal
    if waiting is not None and (waiting.rules, waiting.hours) == (message.rules, message.hours):
        turn.reply = Proposed(0, waiting.effective_at)
        return
    effective_at = turn.at + COOLING_OFF
    turn.say(
        e.RulesProposed(message.account, message.rules, message.hours, effective_at, message.actor, message.reason),
        e.TimerSet(_timer(message.account), effective_at, message.account),
    )
    text = f"{message.actor} asks to loosen rules of {message.account}: {', '.join(looser)}"
    turn.alert(message.account, "RULES_PROPOSED", "WARNING", text)
    turn.reply = Proposed(0, effective_at)


def _timer(account: str) -> str:
    return f"rules:{account}"


def _approve(turn: Turn, message: i.ApproveRules) -> None:
    account = turn.account(message.account)
    if account is None:
        return
    waiting = account.rules_proposal
    if waiting is None:
        turn.refuse("not_allowed", f"no change of rules of {message.account!r} waits")
        return
    if is_one_person(waiting.actor, message.actor):
        text = "nobody approves his own proposal"
        turn.refuse("second_person_required", text, "let another person approve it, or wait until it takes effect")
        return
    if account.severity or account.breaches:
        turn.refuse("not_allowed", f"rules of {message.account!r} cannot be loosened while it is restricted")
        return
    apply_rules_proposal(turn, account, message.actor)
    turn.reply = Done((("account", message.account),))


def apply_rules_proposal(turn: Turn, account: AccountState, actor: str) -> None:
    """Say that a proposed change of rules takes effect; under a restriction it lapses."""
    waiting, name = account.rules_proposal, account.terms.account
    if waiting is None:
        return
    may = not account.severity and not account.breaches
    turn.say(e.RulesProposalClosed(name, may, actor, waiting.reason if may else "the account is restricted"))
    if _timer(name) in turn.state.timers:
        turn.say(e.TimerEnded(_timer(name)))
    if may:
        turn.say(e.RulesChanged(name, waiting.rules, waiting.hours, waiting.actor, waiting.reason))


def _lock_out(turn: Turn, message: i.LockOut) -> None:
    account = turn.account(message.account)
    if account is None:
        return
    if not turn.at < message.until <= turn.at + LONGEST_SELF_LOCK:
        text = f"a lockout by hand ends after now and within {render_duration(LONGEST_SELF_LOCK)}"
        turn.refuse("bad_request", text, "give an instant in that time")
        return
    reason = message.reason or "locked out by hand"
    stands = account.restrictions.get(LOCK + SELF)
    until = message.until if stands is None else max(message.until, stands.until)
    if place_lock(turn, account, LOCK + SELF, message.until, reason, message.actor, keeps_flat=message.flatten):
        text = f"locked out until {render_instant(until)} by {message.actor}: {reason}"
        turn.alert(message.account, "LOCKOUT", "CRITICAL", text)
    else:
        held = account.restrictions[LOCK + SELF]
        end = render_instant(held.until) if held.until else "a person releases it"
        turn.refuse("not_allowed", f"a lockout stands until {end}: a lock only lengthens")
        return
    turn.reply = Done((("key", LOCK + SELF), ("until", render_instant(until))))


def _release(turn: Turn, message: i.ReleaseLock) -> None:
    account = turn.account(message.account)
    if account is None:
        return
    held = account.restrictions.get(message.key)
    if held is None or not message.key.startswith((LOCK, COOLDOWN)):
        known = ", ".join(key for key in account.restrictions if key.startswith((LOCK, COOLDOWN))) or "none"
        turn.refuse("unknown_lock", f"no lock {message.key!r} holds account {message.account!r}", f"locks: {known}")
        return
    if not message.reason.strip():
        turn.refuse("bad_request", "releasing a lock needs a reason", "say why it is safe to trade again")
        return
    waits = COOLING_OFF if account.is_armed else ONE_PERSON_RELEASE_WAIT
    waited = turn.at - held.since
    if message.actor in (LOCAL, held.actor) and waited < waits:
        text = f"one person alone may release a lock {render_duration(waits)} after it began"
        left = render_duration(div_ceil(waits - waited, SECOND) * SECOND)
        turn.refuse("second_person_required", f"{text} ({left} left)", "wait, or let a second person release it")
        return
    lift(turn, account, message.key, f"released: {message.reason}", message.actor)
    turn.alert(
        message.account, "LOCK_RELEASED", "WARNING", f"{message.key} released by {message.actor}: {message.reason}"
    )
    turn.reply = Done((("released", message.key),))


def _heartbeat(turn: Turn, message: i.Heartbeat) -> None:
    account = turn.account(message.account)
    if account is None:
        return
    kind, _, name = message.bot.partition(":")
    if kind not in ("strategy", "client") or not name:
        turn.refuse("bad_request", f"{message.bot!r} is no bot", "strategy:<name> or client:<name>")
        return
    known = account.bots.get(message.bot)
    if message.timeout == 0:
        if known is not None:
            turn.say(e.BotHeard(message.account, message.bot, is_leaving=True))
        turn.state.market.heard.pop((message.account, message.bot), None)
        turn.reply = Done((("bot", message.bot),))
        return
    if not SHORTEST_TIMEOUT <= message.timeout <= LONGEST_TIMEOUT:
        turn.refuse("bad_request", "a heartbeat's timeout is 1 s to 1 h", "0 takes leave")
        return
    turn.state.market.heard[message.account, message.bot] = turn.at
    if known is None or known.timeout != message.timeout:
        turn.say(e.BotWatched(message.account, message.bot, message.timeout, message.actor))
    elif known.is_silent:
        turn.say(e.BotHeard(message.account, message.bot))
        turn.alert(message.account, "BOT_HEARD", "INFO", f"{message.bot} is back")
    turn.reply = Done((("bot", message.bot),))


DECIDE_RULES: Deciders = {
    i.ChangeRules: _change,
    i.ApproveRules: _approve,
    i.LockOut: _lock_out,
    i.ReleaseLock: _release,
    i.Heartbeat: _heartbeat,
}
