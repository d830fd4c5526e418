"""Limits, what changed them, and the terms of accounts and instruments."""

import json
from typing import Any

import msgspec

from stopline.messages import events as e
from stopline.model.limits import Limits, SymbolLimit
from stopline.model.numbers import render_money, render_price, render_qty, render_ratio
from stopline.stores.projecting.moment import Moment
from stopline.stores.projecting.shelf import Shelf
from stopline.stores.projecting.tables import Row, Value
from stopline.stores.readable import readable_struct
from stopline.views.limits import all_limits


def project_limits(shelf: Shelf, event: e.LimitsChanged, now: Moment) -> None:
    """One scope's limits are these from now on."""
    columns = limit_columns(event.limits)
    before = shelf.get("risk_limits", event.account, event.scope.value, event.scope_id)
    old = None if before is None else {name: before[name] for name in columns}
    row: Row = {"account": event.account, "scope": event.scope.value, "scope_id": event.scope_id}
    row |= columns | _by_whom(event, now)
    shelf.put("risk_limits", row)
    log_change(
        shelf,
        event,
        now,
        scope=event.scope.value,
        scope_id=event.scope_id,
        old=_changed(old, columns),
        new=_changed(columns, old),
        version=event.version,
    )


def project_symbol_limit(shelf: Shelf, event: e.SymbolLimitChanged, now: Moment) -> None:
    """One symbol's limit is this from now on."""
    columns = symbol_columns(event.limit)
    before = shelf.get("position_limits", event.account, event.symbol)
    old = None if before is None else {name: before[name] for name in columns}
    row: Row = {"account": event.account, "symbol": event.symbol, **columns, **_by_whom(event, now)}
    shelf.put("position_limits", row)
    log_change(
        shelf,
        event,
        now,
        scope="symbol",
        symbol=event.symbol,
        old=None if old is None else _json(old),
        new=_json(columns),
        version=event.version,
    )


def project_refused(shelf: Shelf, event: e.LimitsRefused, now: Moment) -> None:
    """A change of limits was refused."""
    log_change(shelf, event, now)


def project_proposed(shelf: Shelf, event: e.LimitsProposed, now: Moment) -> None:
    """A loosening waits."""
    log_change(
        shelf,
        event,
        now,
        scope=event.scope.value,
        scope_id=event.scope_id,
        symbol=event.symbol,
        new=_json(readable_struct(event)),
    )


def project_closed(shelf: Shelf, event: e.ProposalClosed, now: Moment) -> None:
    """A proposal took effect or lapsed."""
    log_change(shelf, event, now, new=_json({"proposal_id": event.proposal_id, "applied": event.applied}))


def project_armed(shelf: Shelf, event: e.AccountArmed, now: Moment) -> None:
    """Loosening this account's limits waits from now on."""
    terms = shelf.get("accounts", event.account)
    if terms is not None:
        terms["armed"] = 1
        shelf.put("accounts", terms)
    log_change(shelf, event, now)


def project_started(shelf: Shelf, event: e.EngineStarted, now: Moment) -> None:
    """A new process took the journal, under this code and configuration."""
    log_change(shelf, event, now, new=_json(readable_struct(event)))


def project_account(shelf: Shelf, event: e.AccountOpened, now: Moment) -> None:
    """An account exists, or has new terms."""
    terms = event.terms
    before = shelf.get("accounts", terms.account)
    row: Row = {
        "account": terms.account,
        "broker": terms.broker,
        "currency": terms.currency,
        "opening_cash": render_money(terms.opening_cash),
        "margin_account": int(terms.margin_account),
        "initial_margin": render_ratio(terms.initial_margin),
        "maintenance_margin": render_ratio(terms.maintenance_margin),
        "lot_method": terms.lot_method.value,
        "reset_zone": terms.reset_zone,
        "reset_time": terms.reset_time,
        "group": terms.group,
        "firm": terms.firm,
        "armed": int(terms.armed or bool(before and before["armed"])),
        "paper": int(terms.paper),
        "date": before["date"] if before else "",
    }
    shelf.put("accounts", row)
    old = None if before is None else _json(before)
    log_change(shelf, event, now, account=terms.account, old=old, new=_json(row))


def project_instrument(shelf: Shelf, event: e.InstrumentListed, now: Moment) -> None:
    """An instrument exists, or has new terms or status."""
    instrument = event.instrument
    shelf.put(
        "instruments",
        {
            "instrument_id": instrument.instrument_id,
            "symbol": instrument.symbol,
            "product": instrument.product,
            "asset_class": instrument.asset_class.value,
            "currency": instrument.currency,
            "tick_size": render_price(instrument.tick_size),
            "lot_size": render_qty(instrument.lot_size),
            "multiplier": render_price(instrument.multiplier),
            "status": instrument.status.value,
        },
    )


def limit_columns(limits: Limits) -> dict[str, Value]:
    """Return every limit as it stands in its column: text, 0 or 1, or JSON where it is a list."""
    return {name: _column(value) for name, value in all_limits(limits).items()}


def symbol_columns(limit: SymbolLimit) -> dict[str, Value]:
    """Return a symbol's limit as it stands in its columns."""
    return {name: _column(value) for name, value in readable_struct(limit).items()}


def _column(value: Any) -> Value:
    if isinstance(value, bool):
        return int(value)
    if value is None or isinstance(value, int | str):
        return value
    return _json(value)


def _by_whom(event: e.LimitsChanged | e.SymbolLimitChanged, now: Moment) -> dict[str, Value]:
    return {
        "version": event.version,
        "changed_at": now.time,
        "changed_by": event.actor,
        "reason": event.reason,
    }


def _changed(these: dict[str, Value] | None, others: dict[str, Value] | None) -> str | None:
    """Return those columns that differ, as JSON; all of them where there is nothing to compare with."""
    if these is None:
        return None
    return _json({name: value for name, value in these.items() if others is None or others[name] != value})


def log_change(shelf: Shelf, event: e.Event, now: Moment, **columns: Value) -> None:
    """Write down that somebody changed something, or asked to."""
    entry: Row = {
        "id": now.id,
        "time": now.time,
        "account": getattr(event, "account", ""),
        "change": type(event).__name__,
        "scope": "",
        "scope_id": "",
        "symbol": "",
        "old": None,
        "new": None,
        "version": None,
        "actor": getattr(event, "actor", ""),
        "reason": getattr(event, "reason", ""),
    }
    shelf.put("config_changes", entry | columns)


def _json(value: Any) -> str:
    return json.dumps(msgspec.to_builtins(value), sort_keys=True)
