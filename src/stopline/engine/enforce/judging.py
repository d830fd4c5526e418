"""The rules in force, asked about an account: what opened and what ended, and what that asks for.

Rules are asked once everything else has settled. What they say is a fact of its own
(`RuleBreached`); whether anything is done about it is the mode's to say.

Source     semantics.md sections 6 and 12 (a breach is an open fact); architecture.md promise 3.
"""

from typing import Final

from stopline.engine.bands import drop_bands
from stopline.engine.enforce.acting import act, keep_acting, stop_acting
from stopline.engine.history import is_better, sample
from stopline.engine.rulebook import arm_rules, ask, changes, next_due
from stopline.engine.situation import live_situation, worked_marks
from stopline.engine.turn import Turn
from stopline.messages import events as e
from stopline.model.breach import CLOSING, ActionKind, Mode, RuleVerdict
from stopline.model.numbers import MAX_SCALED, Nanos, Price
from stopline.model.quiet import ALWAYS, Quiet
from stopline.model.rules import DrawdownKind, Rules
from stopline.rules import RULES
from stopline.rules.base import Rule
from stopline.state.account import AccountState
from stopline.state.situation import Situation

_IS_ROUTINE: Final = {rule.name: rule.is_routine for rule in RULES}
_RULES: Final = "rules"
"""Where an account keeps its armed rules, beside its armed checks; no instrument has such an id."""


def rules_of(account: AccountState) -> tuple[Rule, ...]:
    """Return the armed rules of an account."""
    found: tuple[Rule, ...] | None = account.armed.get(_RULES)
    if found is None:
        found = account.armed[_RULES] = arm_rules(account.rules)
    return found


def judge(turn: Turn, account: AccountState) -> Nanos | None:
    """Ask the rules, say what changed, and return when time alone may change it again."""
    rules = rules_of(account)
    if not rules and not account.breaches:
        return None
    seen = live_situation(turn.state, account, turn.at)
    name = account.terms.account
    account.recent.quiet = None
    drop_bands(account)
    if _hangs_on_samples(account.rules) and name not in turn.sampled:
        turn.sampled[name] = None
        sample(account.recent, seen, worked_marks(turn.state, account))
        seen = live_situation(turn.state, account, turn.at)
    if _raise(turn, account, seen):
        return None
    now = ask(rules, seen)
    said = len(turn.events)
    standing = {key: breach.verdict for key, breach in account.breaches.items()}
    opened, closed = changes(rules, account.breaches, now, account.history)
    for verdict in closed:
        turn.say(e.BreachEnded(name, verdict.rule, verdict.key, "in bounds, or its period is over"))
        stop_acting(turn, account, verdict, [each for each in now.verdicts if each.rule == verdict.rule])
    for verdict in opened:
        _open(turn, account, verdict, seen)
    ended = {verdict.name for verdict in closed}
    for verdict in now.verdicts:
        if verdict.name in standing and verdict.name not in ended and verdict.mode is Mode.ENFORCE:
            keep_acting(turn, account, verdict)
    if len(turn.events) == said:
        account.recent.quiet = quiet(rules, account, seen)
    return next_due(rules, seen)


def quiet(rules: tuple[Rule, ...], account: AccountState, seen: Situation) -> Quiet | None:
    """Return within what bounds quotes alone change nothing that any rule says; None if every quote may."""
    bounds = ALWAYS
    for rule in rules:
        if rule.hangs_on_marks and not rule.latches and _stands(account, rule):
            return None
        try:
            own = rule.quiet(seen)
        except Exception:
            # It is asked at every quote, and its failure is a breach of its own.
            return None
        if own is None:
            return None
        bounds = bounds.within(own)
    return bounds


def _stands(account: AccountState, rule: Rule) -> bool:
    return any(breach.verdict.rule == rule.name for breach in account.breaches.values())


def is_quiet(account: AccountState, instrument_id: str, mark: Price | None) -> bool:
    """Return whether a quote of an instrument leaves everything as the rules said it was last."""
    bounds, valuation = account.recent.quiet, account.valuation
    if bounds is None or valuation.unmarked:
        return False
    equity = account.cash + valuation.market_value
    if not bounds.least_equity <= equity <= bounds.most_equity:
        return False
    baseline = account.day.baseline
    if baseline is not None and not bounds.least_pnl <= equity - baseline - account.day.transfers <= bounds.most_pnl:
        return False
    for name, lowest, highest in bounds.marks:
        if name == instrument_id and (mark is None or not lowest <= mark <= highest):
            return False
    return True


def _hangs_on_samples(rules: Rules) -> bool:
    return rules.loss_velocity is not None or rules.volatility_breaker is not None


def _open(turn: Turn, account: AccountState, verdict: RuleVerdict, seen: Situation) -> None:
    """Say a breach, and do about it what its mode says."""
    name = account.terms.account
    turn.say(e.RuleBreached(name, verdict, _evidence(seen)))
    if verdict.mode is Mode.SHADOW:
        return
    told = "; ".join(action.text for action in verdict.actions if action.text)
    text = f"{verdict.rule}: {verdict.reason}" + (f" ({told})" if told else "")
    if verdict.mode is Mode.WARN:
        turn.alert(name, "RULE_WARNING", "WARNING", text, _symbol(turn, verdict))
        return
    turn.alert(name, "RULE_BREACHED", _weight(account, verdict), text, _symbol(turn, verdict))
    act(turn, account, verdict)


def _weight(account: AccountState, verdict: RuleVerdict) -> str:
    """Return how loudly a breach is told: an evening that comes every day wakes nobody who holds nothing."""
    if _IS_ROUTINE.get(verdict.rule):
        return "WARNING" if account.live or any(position.qty for position in account.positions.values()) else "INFO"
    kinds = {action.kind for action in verdict.actions}
    return "CRITICAL" if kinds & CLOSING or ActionKind.LOCK in kinds else "WARNING"


def _symbol(turn: Turn, verdict: RuleVerdict) -> str:
    instrument = turn.state.instruments.get(verdict.key)
    return "" if instrument is None else instrument.symbol


def _evidence(seen: Situation) -> e.RuleEvidence:
    return e.RuleEvidence(
        seen.realized_pnl,
        seen.total_pnl,
        seen.equity,
        tuple(
            (held.instrument.instrument_id, held.qty, held.mark if held.is_trusted else None) for held in seen.positions
        ),
    )


# --- peaks ------------------------------------------------------------------------------------------


def _raise(turn: Turn, account: AccountState, seen: Situation) -> bool:
    """Say how far P&L, equity and marks came, where a rule hangs on it; return whether anything was said."""
    said = len(turn.events)
    rules, history, name = account.rules, account.history, account.terms.account
    pnl, equity = history.peak_pnl, history.peak_equity
    giveback = rules.profit_giveback
    if giveback is not None and seen.total_pnl is not None and seen.total_pnl >= giveback.arm_at:
        pnl = max(pnl, seen.total_pnl)
    if _hangs_on_equity(rules) and seen.equity is not None and equity is not None:
        equity = max(equity, seen.equity - history.transfers)
    if (pnl, equity) != (history.peak_pnl, history.peak_equity) and max(abs(pnl), abs(equity or 0)) <= MAX_SCALED:
        turn.say(e.PeakRaised(name, pnl, equity))
    if rules.trailing_stop is not None or rules.breakeven is not None:
        for held in seen.positions:
            if is_better(held, held.best_mark) and held.mark is not None:
                turn.say(e.BestMarkMoved(name, held.instrument.instrument_id, held.mark))
    return len(turn.events) > said


def _hangs_on_equity(rules: Rules) -> bool:
    return rules.max_drawdown is not None and rules.max_drawdown.kind is DrawdownKind.INTRADAY
