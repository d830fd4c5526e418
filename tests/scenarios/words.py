"""What followed from an input, in the words of scenarios: rules, locks, obligations and bots."""

from stopline.messages import events as e
from stopline.model.instants import render_duration, render_instant
from stopline.model.obligation import Obligation, ObligationState


def told_of_rules(event: e.Event) -> list[str]:
    """Return what a person would want to see of an event, if it is one of these."""
    match event:
        case e.RuleBreached(verdict=verdict):
            only = "" if verdict.mode == "enforce" else f" in {verdict.mode}"
            return [f"breach {verdict.rule}{only} ({verdict.reason})"]
        case e.BreachEnded():
            return [f"{event.rule} in bounds again"] if event.reason.startswith("in bounds") else []
        case e.RestrictionPlaced(key=key) if key.partition(":")[0] in ("lock", "cooldown"):
            until = f"until {render_instant(event.until)}" if event.until else "until a person lifts it"
            return [f"{'locked out' if key.startswith('lock') else 'cools down'} {until}"]
        case e.RestrictionLifted(key=key) if key.partition(":")[0] in ("lock", "cooldown"):
            return [f"{key} ends ({event.reason})"]
        case e.ObligationOpened(obligation=owed):
            return [f"owes {told(owed)}"]
        case e.ObligationChanged(obligation=owed) if owed.state is ObligationState.WAITING_FOR_SESSION:
            return [f"{told(owed)} {owed.text}"]
        case e.ObligationChanged(obligation=owed) if owed.attempts and owed.state is ObligationState.IN_PROGRESS:
            return [f"{told(owed)} failed {owed.attempts} times ({owed.text})"]
        case e.ObligationClosed():
            return [f"{event.outcome}: {event.reason}"]
        case e.BotSilent():
            return [f"{event.bot} silent for {render_duration(event.silent_for)}"]
    return []


def told(owed: Obligation) -> str:
    """Return what is owed, in short."""
    return f"{owed.kind} {named(owed.instrument_id)}".strip()


def named(instrument_id: str) -> str:
    """Return an instrument in short: AAPL, ES:2026-12."""
    kind, _, rest = instrument_id.partition(":")
    return rest if kind == "fut" else rest.rpartition(":")[2]
