"""Account rules in words: which are armed and on what terms, and what a verdict asks for."""

from stopline.model.breach import Action, ActionKind, RuleVerdict
from stopline.model.instants import render_instant
from stopline.model.numbers import render_price, render_qty


def action_text(action: Action) -> str:
    """Return one demand as people say it."""
    kind = action.kind
    if kind in (ActionKind.LOCK, ActionKind.COOLDOWN):
        until = f"until {render_instant(action.until)}" if action.until else "until a person lifts it"
        return f"{'lock' if kind is ActionKind.LOCK else 'cool down'} {until}"
    if kind in (ActionKind.REDUCE_EXCESS, ActionKind.CLOSE_POSITION):
        return f"close {render_qty(action.qty)} {action.instrument_id}"
    if kind is ActionKind.ATTACH:
        return _attach_text(action)
    return _WORDS[kind]


def _attach_text(action: Action) -> str:
    trailing = "" if action.trail is None else "trailing "
    price = action.stop_price if action.target_price is None else action.target_price
    what = f"{trailing}stop" if action.target_price is None else "target"
    at = "" if price is None else f" at {render_price(price)}"
    return f"attach a {what}{at} to {render_qty(action.qty)} {action.instrument_id}"


_WORDS = {
    ActionKind.WARN: "warn",
    ActionKind.REDUCING: "reduce only",
    ActionKind.CANCEL: "cancel entries",
    ActionKind.FLATTEN: "flatten",
    ActionKind.KILL: "kill switch",
}


def verdict_text(verdict: RuleVerdict) -> str:
    """Return all that a verdict asks for, in order."""
    return ", ".join(action_text(action) for action in verdict.actions)
