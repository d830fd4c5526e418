"""The tables say what the engine's state says, over random histories; and they are the same however they were made."""

import asyncio
import json
from pathlib import Path
from random import Random
from typing import Any, get_args

import apsw
import msgspec
import pytest
from msgspec import structs

from stopline.config.diff import rules_shown
from stopline.messages import events as e
from stopline.messages.upcast import decode_events
from stopline.model.limits import Limits, ScopeKind, SymbolLimit
from stopline.model.numbers import render_money, render_qty
from stopline.stores import tools
from stopline.stores.projecting.limits import limit_columns, symbol_columns
from stopline.stores.projecting.projector import PROJECT, SILENT
from stopline.stores.projecting.tables import TABLES
from stopline.stores.sqlite.journal import open_journal
from stopline.stores.sqlite.layout import create_private
from stopline.stores.sqlite.projections import SqliteProjections, open_projections
from stopline.views.breaches import breaches_of
from stopline.views.obligations import obligations_of
from stopline.views.orders import order_body
from stopline.views.positions import entry_price
from stopline.views.wire import instant, optional_instant, optional_price
from tests.build import World
from tests.journals import chained
from tests.unit.stores.projecting.histories import busy

SEEDS = range(12)
Heard = tuple[int, int, tuple[e.Event, ...]]


def heard(world: World) -> list[Heard]:
    return [(record.seq, record.at, decode_events(record.body)) for record in world.records]


def projected(path: Path, records: list[Heard], chance: Random | None = None) -> SqliteProjections:
    """Put records into new tables: at once, or cut at random."""
    create_private(path)
    tables = SqliteProjections(path)
    start = 0
    while start < len(records):
        size = len(records) if chance is None else chance.choice((1, 1, 2, 7, 30))
        tables.apply(records[start : start + size])
        start += size
    return tables


def dump(path: Path) -> dict[str, list[Any]]:
    """Return every row of every table."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    found = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in (*TABLES, "checkpoint")}
    connection.close()
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def every(tables: SqliteProjections, name: str, **filters: object) -> list[dict[str, Any]]:
    """Return all rows, page by page."""
    rows: list[dict[str, Any]] = []
    while page := tables.rows(name, limit=37, **filters, cursor=rows[-1]["cursor"] if rows else None):
        rows += page
    return rows


@pytest.fixture(scope="module", params=SEEDS)
def history(request, tmp_path_factory):
    seed = request.param
    world = busy(seed, fifo=seed % 2 == 1)
    path = tmp_path_factory.mktemp("tables") / "projections.db"
    tables = projected(path, heard(world), Random(seed))
    yield world, tables, path
    tables.close()


# --- the same, however made ---------------------------------------------------------------------------


def test_rebuilt_equals_live(history, tmp_path):
    """I12 for the tables: batch by batch as they came, or all at once."""
    world, _, path = history
    at_once = projected(tmp_path / "at-once.db", heard(world))
    assert dump(tmp_path / "at-once.db") == dump(path)
    at_once.close()


def test_a_restart_in_the_middle_changes_nothing(history, tmp_path):
    world, _, path = history
    records = heard(world)
    there = tmp_path / "cut.db"
    for start in range(0, len(records), 40):
        create_private(there)
        tables = SqliteProjections(there)
        assert tables.checkpoint() == start
        tables.apply(records[start : start + 40])
        tables.close()
    assert dump(there) == dump(path)


def test_the_tool_builds_the_same(history, tmp_path):
    """`stopline journal rebuild`, over whatever stands there."""
    world, _, path = history

    async def fill() -> None:
        journal = open_journal(tmp_path)
        await journal.append(chained(world))
        await journal.close()

    asyncio.run(fill())
    (tmp_path / "projections.db").write_bytes(b"rubbish")
    (tmp_path / "projections.db").chmod(0o600)
    steps: list[tuple[int, int]] = []
    last = len(world.records)
    assert tools.rebuild(tmp_path, lambda done, of: steps.append((done, of))) == last
    assert steps[-1] == (last, last)
    assert dump(tmp_path / "projections.db") == dump(path)


# --- what the engine knows -----------------------------------------------------------------------------


def test_orders(history):
    world, tables, _ = history
    account = world.account()
    known = {**account.ended_before, **account.ended, **account.live}
    rows = {row["client_order_id"]: row for row in every(tables, "orders")}
    assert known
    for name, record in known.items():
        body = {
            field: json.loads(msgspec.json.encode(value))
            for field, value in msgspec.structs.asdict(order_body(record, world.state)).items()
            if value is not msgspec.UNSET and field != "reducing"
        }
        if record.external:
            del body["avg_price"]  # what was filled before we saw it has no price here
        assert {field: rows[name][field] for field in body} == body
    live = {row["client_order_id"] for row in every(tables, "orders", status="live")}
    assert live == set(account.live)


def test_every_decision_is_an_order(history):
    world, tables, _ = history
    approved, denied = world.journal(e.OrderApproved), world.journal(e.OrderDenied)
    external = world.journal(e.ExternalOrderBooked)
    rows = every(tables, "orders")
    assert len(rows) == len(approved) + len(denied) + len(external)
    assert len(every(tables, "orders", status="denied")) == len(denied)
    refused = {row["client_order_id"]: (row["denied_by"], row["reason"]) for row in rows if row["state"] == "denied"}
    assert refused == {each.request.client_order_id: (each.check, each.message) for each in denied}


def test_positions(history):
    world, tables, _ = history
    expected = {
        name: (
            render_qty(position.qty),
            render_money(position.cost),
            optional_price(entry_price(position, world.state.instruments[name])),
        )
        for name, position in world.account().positions.items()
        if position.qty
    }
    rows = tables.rows("positions")
    assert {row["instrument_id"]: (row["qty"], row["cost"], row["avg_entry_price"]) for row in rows} == expected


def test_fills(history):
    world, tables, _ = history
    rows = every(tables, "fills")
    booked = world.journal(e.OrderFilled) + world.journal(e.ExternalFilled)
    assert sorted(row["exec_id"] for row in rows) == sorted(each.fill.exec_id for each in booked)
    voided = {each.exec_id: each.by_exec_id for each in world.journal(e.FillVoided)}
    assert {row["exec_id"]: row["voided_by"] for row in rows if row["voided"]} == voided
    assert {row["exec_id"] for row in rows if row["external"]} == {
        each.fill.exec_id for each in world.journal(e.ExternalFilled)
    }


def test_restrictions_breakers_and_timers(history):
    world, tables, _ = history
    active = every(tables, "lockouts", status="active")
    columns = ("time", "state", "reason", "until", "keeps_flat", "zone", "tzdata")
    assert {row["key"]: tuple(row[name] for name in columns) for row in active} == {
        key: (
            instant(each.since), each.state.value, each.reason, optional_instant(each.until),
            each.keeps_flat, each.zone, each.tzdata,
        )
        for key, each in world.account().restrictions.items()
    }  # fmt: skip
    breakers = {row["breaker_id"]: row for row in every(tables, "circuit_breaker_events")}
    assert {number: row["status"] == "active" for number, row in breakers.items()} == {
        number: each.active for number, each in world.state.breakers.items()
    }
    assert {row["timer_id"]: row["due_at"] for row in every(tables, "timers")} == {
        name: instant(timer.due_at) for name, timer in world.state.timers.items()
    }


def test_rules_in_force(history):
    world, tables, _ = history
    rows = {row["account"]: row["rules"] for row in tables.rows("account_rules")}
    assert rows.get("A1", {}) == rules_shown(world.account().rules)
    changes = [row for row in every(tables, "config_changes") if row["scope"] == "rules"]
    kinds = (e.RulesChanged, e.RulesProposed, e.RulesProposalClosed)
    assert len(changes) == sum(len(world.journal(kind)) for kind in kinds)


def test_breaches(history):
    world, tables, _ = history
    active = every(tables, "rule_breaches", status="active")
    standing = {(each.rule, each.key): each for each in breaches_of(world.account())}
    assert {(row["rule"], row["key"]) for row in active} == standing.keys()
    for row in active:
        body = structs.asdict(standing[row["rule"], row["key"]])
        body["time"] = body.pop("since")
        assert {name: row[name] for name in body} == body
    ended = every(tables, "rule_breaches", status="ended")
    assert len(active) + len(ended) == len(world.journal(e.RuleBreached))
    assert sorted((row["rule"], row["key"], row["end_reason"]) for row in ended) == sorted(
        (each.rule, each.key, each.reason) for each in world.journal(e.BreachEnded)
    )
    assert all(row["evidence"]["realized_pnl"] for row in (*active, *ended))


def test_obligations(history):
    world, tables, _ = history
    rows = {row["obligation_id"]: row for row in every(tables, "obligations")}
    assert rows.keys() == {each.obligation.obligation_id for each in world.journal(e.ObligationOpened)}
    owed = {number for number, row in rows.items() if not row["outcome"]}
    assert owed == world.account().obligations.keys()
    for body in obligations_of(world.account(), world.at):
        columns = structs.asdict(body)
        del columns["age_s"]
        assert {name: rows[body.obligation_id][name] for name in columns} == columns
    ended = {each.obligation_id: (each.outcome.value, each.reason) for each in world.journal(e.ObligationClosed)}
    past = every(tables, "obligations", status=["done", "superseded"])
    assert {row["obligation_id"]: (row["outcome"], row["end_reason"]) for row in past} == ended


def test_alerts_are_all_there_newest_first(history):
    world, tables, _ = history
    rows = every(tables, "risk_alerts")
    assert [row["alert_id"] for row in rows] == [each.alert_id for each in reversed(world.journal(e.AlertRaised))]


def test_limits(history):
    world, tables, _ = history
    book = world.account().limits
    own = {(row["scope"], row["scope_id"]): row for row in tables.rows("risk_limits")}
    for key, limits in book.scopes.items():
        kind, _, name = key.partition(":")
        row = own[kind, name]
        assert {
            field: (int(row[field]) if isinstance(row[field], bool) else row[field]) for field in limit_columns(limits)
        } == (limit_columns(limits))
    symbols = {row["symbol"]: row for row in tables.rows("position_limits")}
    assert symbols.keys() == book.symbols.keys()
    for symbol, limit in book.symbols.items():
        assert {field: symbols[symbol][field] for field in symbol_columns(limit)} == symbol_columns(limit)
    changes = [
        row for row in every(tables, "config_changes") if row["change"] in ("LimitsChanged", "SymbolLimitChanged")
    ]
    assert len(changes) == len(world.journal(e.LimitsChanged)) + len(world.journal(e.SymbolLimitChanged))


def test_days(history):
    world, tables, _ = history
    rows = {row["date"]: row for row in every(tables, "daily_pnl_tracking")}
    assert set(rows) == {each.session.session_id for each in world.journal(e.SessionOpened)}
    day = world.account().day
    assert day.session is not None
    today = rows[day.session.session_id]
    assert today["opening_equity"] == (None if day.baseline is None else render_money(day.baseline))
    assert today["transfers"] == render_money(day.transfers)
    if day.last_total_pnl is not None:
        assert today["total_pnl"] == render_money(day.last_total_pnl)
    resets = every(tables, "reset_log")
    assert len(resets) == len(world.journal(e.SessionOpened)) + len(world.journal(e.BaselineStated))


def test_history_tells_every_step_of_every_order(history):
    world, tables, _ = history
    told = every(tables, "order_history")
    kinds = (
        e.OrderApproved, e.OrderDenied, e.OrderRouted, e.OrderWorking, e.OrderRejected, e.OrderCanceled, e.OrderExpired,
        e.OrderBecameUnknown, e.CancelRequested, e.CancelRejected, e.ReplaceApproved, e.ReplaceDenied, e.OrderReplaced,
        e.ReplaceRejected, e.OrderFilled, e.ExternalOrderBooked, e.SelfMatchAvoided,
        e.OrderTriggered, e.OrderReleased, e.OrderHeld, e.StopTrailed,
    )  # fmt: skip
    for kind in kinds:
        assert len([row for row in told if row["event"] == kind.__name__]) == len(world.journal(kind))
    for row in every(tables, "orders"):
        last = tables.rows("order_history", client_order_id=row["client_order_id"], limit=1)[0]
        assert last["state"] == row["state"]
        assert last["cum_qty"] == row["cum_qty"]


# --- nothing is forgotten --------------------------------------------------------------------------------


def test_every_event_is_projected_or_listed_as_silent():
    assert set(get_args(e.Event)) == PROJECT.keys() | SILENT
    assert not PROJECT.keys() & SILENT


@pytest.mark.parametrize(
    ("name", "fields"), [("risk_limits", Limits), ("position_limits", SymbolLimit)], ids=["limits", "symbol limits"]
)
def test_every_limit_has_its_column(tmp_path, name, fields):
    create_private(tmp_path / "t.db")
    tables = SqliteProjections(tmp_path / "t.db")
    columns = tables._store.columns[name]
    assert set(fields.__struct_fields__) <= set(columns)
    shown = limit_columns(Limits()) if fields is Limits else symbol_columns(SymbolLimit())
    assert set(shown) == set(fields.__struct_fields__)
    tables.close()


def test_the_histories_say_nearly_everything():
    """Or the comparisons above would compare little."""
    said: set[type] = set()
    for seed in SEEDS:
        for _, _, events in heard(busy(seed, fifo=seed % 2 == 1)):
            said |= {type(event) for event in events}
    assert len(PROJECT.keys() - said) <= 4, PROJECT.keys() - said


def test_group_limits_have_a_row_too(tmp_path):
    world = World(strict=False, group="desk")
    world.change_limits(Limits(max_order_qty=10**9), scope=ScopeKind.GROUP, scope_id="desk")
    tables = projected(tmp_path / "t.db", heard(world))
    rows = {(row["scope"], row["scope_id"]): row["max_order_qty"] for row in tables.rows("risk_limits")}
    assert rows["group", "desk"] == "1"
    tables.close()


# --- tied to the journal -----------------------------------------------------------------------------------


async def test_tables_of_another_history_are_dropped(tmp_path, caplog):
    """An older journal was restored, or another one: what the tables say is not what it says."""
    first, second = busy(1, 40), busy(2, 40)
    journal = open_journal(tmp_path)
    await journal.append(chained(first))
    tables = open_projections(tmp_path, journal)
    tables.apply(heard(second)[: len(first.records)])
    tables.close()
    tables = open_projections(tmp_path, journal)
    assert tables.checkpoint() == 0
    assert "dropped and built again" in caplog.text
    tables.apply(heard(first))
    tables.close()
    tables = open_projections(tmp_path, journal)
    assert tables.checkpoint() == len(first.records)
    tables.close()
    await journal.close()


async def test_tables_ahead_of_the_journal_are_dropped(tmp_path):
    world = busy(3, 40)
    journal = open_journal(tmp_path)
    await journal.append(chained(world)[:10])
    tables = open_projections(tmp_path, journal)
    tables.apply(heard(world)[:12])
    tables.close()
    assert open_projections(tmp_path, journal).checkpoint() == 0
    await journal.close()
