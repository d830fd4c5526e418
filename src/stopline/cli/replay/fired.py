"""What `replay fills --rules` prints of rules: each that would have fired, and how often each did."""

from collections.abc import Mapping, Sequence

from stopline.cli.figures import money
from stopline.cli.output import table
from stopline.cli.replay.shadow import Fired, Watch
from stopline.model.breach import Action
from stopline.model.instants import render_duration, render_instant
from stopline.model.numbers import render_money, render_qty
from stopline.model.verdict import Unit, shown
from stopline.views.rules import action_text, verdict_text
from stopline.views.wire import figure, instant, optional_instant, optional_price


def rules_json(armed: Sequence[str], not_judged: Mapping[str, str], watch: Watch) -> dict[str, object]:
    """Return what was watched, what could not be, and every breach in order of time."""
    return {
        "judged": [name for name in armed if name not in not_judged],
        "not_judged": dict(not_judged),
        "unknown_days": watch.unknown_days(),
        "fired": [_fired_json(each) for each in watch.fired],
    }


def _fired_json(fired: Fired) -> dict[str, object]:
    """Return one breach; `ended_at` null stood at the end of the history."""
    verdict = fired.verdict
    return {
        "at": instant(fired.at),
        "day": fired.day,
        "rule": verdict.rule,
        "mode": str(verdict.mode),
        "scope": str(verdict.scope),
        "key": verdict.key,
        "unit": str(verdict.unit),
        "observed": figure(verdict.observed, verdict.unit),
        "limit": figure(verdict.limit, verdict.unit),
        "reason": verdict.reason,
        "would": [_action_json(action) for action in verdict.actions],
        "ended_at": None if fired.ended_at is None else instant(fired.ended_at),
    }


def _action_json(action: Action) -> dict[str, object]:
    return {
        "action": str(action.kind),
        "instrument": action.instrument_id or None,
        "qty": render_qty(action.qty) if action.instrument_id else None,
        "until": optional_instant(action.until),
        "stop_price": optional_price(action.stop_price),
        "target_price": optional_price(action.target_price),
        "text": action_text(action),
    }


def write_fired(armed: Sequence[str], not_judged: Mapping[str, str], watch: Watch) -> None:
    """Write a line for each breach (when, on what numbers, what for), and one for each rule with how often."""
    print()
    columns = ("fired at", "rule", "scope", "observed", "limit", "would have")
    rows = [
        (
            render_instant(each.at),
            each.verdict.rule,
            each.verdict.key or "account",
            _figure(each.verdict.observed, each.verdict.unit),
            _figure(each.verdict.limit, each.verdict.unit),
            verdict_text(each.verdict),
        )
        for each in watch.fired
    ]
    if rows:
        table(columns, rows, right=("observed", "limit"))
        print()
    titles = ("rule", "would have fired", "days unknown", "first", "last")
    summaries = [_summary(name, not_judged, watch) for name in armed]
    table(titles, summaries, right=("would have fired", "days unknown"))


def _figure(value: int, unit: Unit) -> str:
    if unit is Unit.NANOS:
        return render_duration(value)
    return money(render_money(value)) if unit is Unit.MONEY else shown(value, unit)


def _summary(name: str, not_judged: Mapping[str, str], watch: Watch) -> tuple[str, ...]:
    """A rule that nothing could judge must not look as if all had been well."""
    if name in not_judged:
        return name, "unknown", "all", f"needs {not_judged[name]}", ""
    times = [render_instant(each.at) for each in watch.fired if each.verdict.rule == name]
    unknown = watch.unknown_days().get(name, 0)
    return name, str(len(times)), str(unknown), times[0] if times else "", times[-1] if times else ""
