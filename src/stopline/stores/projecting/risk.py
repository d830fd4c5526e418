"""Alerts, circuit breakers, restrictions and timers."""

from stopline.engine.apply.risk import LENGTHENS
from stopline.messages import events as e
from stopline.model.limits import ScopeKind
from stopline.stores.projecting.days import day_row
from stopline.stores.projecting.moment import Moment
from stopline.stores.projecting.shelf import Shelf
from stopline.stores.projecting.tables import Row
from stopline.stores.readable import breaker_figure
from stopline.views.wire import instant, optional_instant


def project_alert(shelf: Shelf, event: e.AlertRaised, now: Moment) -> None:
    """Something a person should see."""
    shelf.put(
        "risk_alerts",
        {
            "id": now.id,
            "time": now.time,
            "alert_id": event.alert_id,
            "account": event.account,
            "alert_type": event.alert_type,
            "severity": event.severity,
            "symbol": event.symbol,
            "message": event.message,
        },
    )


def project_tripped(shelf: Shelf, event: e.BreakerTripped, now: Moment) -> None:
    """A circuit breaker opened."""
    shelf.put(
        "circuit_breaker_events",
        {
            "breaker_id": event.breaker_id,
            "time": now.time,
            "account": event.account,
            "status": "active",
            "trigger_type": event.trigger_type,
            "trigger_value": breaker_figure(event.trigger_type, event.trigger_value),
            "threshold": breaker_figure(event.trigger_type, event.threshold),
            "reason": event.reason,
            "actor": event.actor,
            "expires_at": optional_instant(event.expires_at),
            "reset_at": None,
            "reset_by": None,
            "reset_reason": None,
        },
    )
    day = day_row(shelf, event.account)
    if day is not None:
        day["circuit_breaker_triggered"] = 1
        day["updated_at"] = now.time
        shelf.put("daily_pnl_tracking", day)


def project_breaker_reset(shelf: Shelf, event: e.BreakerReset, now: Moment) -> None:
    """A circuit breaker closed."""
    row = shelf.get("circuit_breaker_events", event.breaker_id)
    if row is None:
        raise LookupError(f"a reset names breaker {event.breaker_id}, which no event tripped")
    row["status"], row["reset_at"] = "reset", now.time
    row["reset_by"], row["reset_reason"] = event.actor, event.reason
    shelf.put("circuit_breaker_events", row)


def project_placed(shelf: Shelf, event: e.RestrictionPlaced, now: Moment) -> None:
    """An account, group or firm may do less. One of the same key replaces the one before; a lock is lengthened."""
    before = shelf.get("lockouts", event.scope.value, event.scope_id, event.key)
    is_longer = before is not None and before["status"] == "active" and event.key.startswith(LENGTHENS)
    stood: Row = {"id": now.id, "time": now.time}
    if before is not None and is_longer:
        stood = {name: before[name] for name in stood}
    else:
        _end_lockout(shelf, event, now, "replaced", event.actor, event.reason)
    shelf.put(
        "lockouts",
        {
            **stood,
            "status": "active",
            "scope": event.scope.value,
            "scope_id": event.scope_id,
            "account": event.scope_id if event.scope is ScopeKind.ACCOUNT else "",
            "key": event.key,
            "state": event.state.value,
            "reason": event.reason,
            "actor": event.actor,
            "until": optional_instant(event.until),
            "lifted_at": None,
            "lifted_by": None,
            "lift_reason": None,
            "keeps_flat": int(event.keeps_flat),
            "zone": event.zone,
            "tzdata": event.tzdata,
        },
    )


def project_lifted(shelf: Shelf, event: e.RestrictionLifted, now: Moment) -> None:
    """A restriction ended."""
    _end_lockout(shelf, event, now, "lifted", event.actor, event.reason)


def _end_lockout(
    shelf: Shelf,
    event: e.RestrictionPlaced | e.RestrictionLifted,
    now: Moment,
    status: str,
    actor: str,
    reason: str,
) -> None:
    row = shelf.get("lockouts", event.scope.value, event.scope_id, event.key)
    if row is not None and row["status"] == "active":
        row["status"], row["lifted_at"] = status, now.time
        row["lifted_by"], row["lift_reason"] = actor, reason
        shelf.put("lockouts", row)


def project_timer(shelf: Shelf, event: e.TimerSet, now: Moment) -> None:
    """A timer will come due."""
    due_at = instant(event.due_at)
    row: Row = {"timer_id": event.timer_id, "due_at": due_at, "account": event.account, "set_at": now.time}
    shelf.put("timers", row)


def project_timer_ended(shelf: Shelf, event: e.TimerEnded, now: Moment) -> None:
    """A timer came due, or is needed no more."""
    shelf.drop("timers", {"timer_id": event.timer_id})
