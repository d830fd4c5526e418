"""Limits from the file are applied when their line changed, and not again: what a person changed stays changed."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from stopline.config.load import load, load_bytes
from stopline.config.settings import ScopedLimits, Settings
from stopline.messages import inputs as i
from stopline.messages.events import LimitsChanged, SymbolLimitChanged
from stopline.model.limits import Limits, ScopeKind, SymbolLimit
from stopline.model.numbers import PRICE_ONE, QTY_ONE
from stopline.ports.journal import JournalRefused
from stopline.runtime.configured import Said, canonical_in, find_changes, said_before, said_by_settings
from stopline.runtime.reload import Reloader
from tests.unit.checks.build import AAPL, ES_DEC, equity
from tests.unit.runtime.rig import Rig


def settings_of(text: str) -> Settings:
    return load_bytes(text.encode(), Path("stopline.yaml"), {})


async def apply(rig: Rig, settings: Settings) -> list[i.ChangeLimits | i.ChangeSymbolLimit]:
    now = said_by_settings(settings, canonical_in(rig.state))
    changes = find_changes(said_before(rig.journal), now, "test")
    for change in changes:
        await rig.loop.ask(change)
    await rig.loop.quiet()
    return changes


async def test_the_first_start_says_everything_and_the_next_says_nothing(rig: Rig):
    defaults = load()
    first = await apply(rig, defaults)
    assert len(first) == 26
    account = rig.state.accounts["paper"]
    assert account.limits.own() == defaults.limits["paper"]
    assert account.limits.symbols["TSLA"] == SymbolLimit(3_000 * PRICE_ONE)
    assert await apply(rig, defaults) == []


async def test_what_a_person_changed_stays_changed_at_the_next_start(rig: Rig):
    await apply(rig, load())
    mine = replace(load().limits["paper"], max_order_notional=2_000 * PRICE_ONE)
    await rig.loop.ask(i.ChangeLimits(account="paper", limits=mine, actor="me"))
    await apply(rig, settings_of("fees: {per_share: 0.01}"))
    assert rig.state.accounts["paper"].limits.own() == mine


async def test_a_changed_line_is_applied_and_one_taken_out_is_taken_back(rig: Rig):
    await apply(rig, settings_of("symbols: {AAPL: {max_position: 1.00}, NEW: {max_position: 7.00}}"))
    (change,) = await apply(rig, settings_of("symbols: {AAPL: {max_position: 1.00}}"))
    assert isinstance(change, i.ChangeSymbolLimit)
    assert (change.symbol, change.limit) == ("NEW", SymbolLimit())
    (change,) = await apply(rig, settings_of("{limits: {daily_loss: 4000.00}, symbols: {AAPL: {max_position: 1.00}}}"))
    assert isinstance(change, i.ChangeLimits) and change.limits.daily_loss == 4_000 * PRICE_ONE


async def test_a_symbol_is_the_same_under_its_canonical_id(rig: Rig):
    await apply(rig, settings_of("symbols: {AAPL: {max_position: 5.00}}"))
    settings = load()
    symbols = dict(settings.symbol_limits["paper"])
    del symbols["AAPL"]
    symbols["eq:US:AAPL"] = SymbolLimit(5 * PRICE_ONE)
    assert await apply(rig, replace(settings, symbol_limits={"paper": symbols})) == []


async def test_a_root_is_the_product(rig: Rig):
    """`symbols: {ES: ...}` stood for nothing: it is no symbol, and the product is fut:ES."""
    canonical = canonical_in(rig.state, (ES_DEC, AAPL))
    assert (canonical("ES"), canonical("fut:ES"), canonical(ES_DEC.symbol)) == ("fut:ES", "fut:ES", ES_DEC.symbol)
    assert (canonical("AAPL"), canonical("NEW")) == ("AAPL", "NEW")
    assert canonical_in(rig.state, (ES_DEC, equity("ES")))("ES") == "ES", "a share of that name is meant"
    said = said_by_settings(settings_of("symbols: {ES: {max_position_qty: 1}}"), canonical)
    assert said.symbols["paper", "fut:ES"] == SymbolLimit(max_position_qty=QTY_ONE)


def test_wider_and_narrower_scopes():
    base = load()
    desk = ScopedLimits("paper", ScopeKind.GROUP, "desk", Limits(leverage=1))
    other = ScopedLimits("second", ScopeKind.GROUP, "desk", Limits(leverage=1))
    none = said_by_settings(base, str)
    one = said_by_settings(replace(base, scoped_limits=(desk,)), str)
    assert find_changes(one, said_by_settings(replace(base, scoped_limits=(other,)), str), "") == []
    (added,) = find_changes(none, one, "")
    assert isinstance(added, i.ChangeLimits)
    assert (added.account, added.scope, added.scope_id) == ("paper", ScopeKind.GROUP, "desk")
    (gone,) = find_changes(one, none, "")
    assert isinstance(gone, i.ChangeLimits) and gone.limits == Limits() and gone.account == "paper"
    assert find_changes(Said(), Said(), "") == []


# --- while it runs -------------------------------------------------------------------------------


@pytest.fixture
async def watched(rig: Rig, tmp_path: Path) -> tuple[Rig, Path, Reloader]:
    file = tmp_path / "stopline.yaml"
    file.write_text("limits: {daily_loss: 5000.00}\n")
    settings = load(file)
    await apply(rig, settings)
    return rig, file, Reloader(settings, file, rig.loop.ask, lambda: rig.state, every_s=0.01)


async def test_a_changed_file_takes_effect_without_a_restart(watched: tuple[Rig, Path, Reloader]):
    rig, file, reloader = watched
    task = asyncio.ensure_future(reloader.run())
    file.write_text("{limits: {daily_loss: 400.00}, symbols: {AAPL: {max_position: 9.00}}}\n")
    while rig.state.accounts["paper"].limits.symbols["AAPL"] != SymbolLimit(9 * PRICE_ONE):
        await asyncio.sleep(0.005)
    task.cancel()
    assert rig.state.accounts["paper"].limits.own().daily_loss == 400 * PRICE_ONE
    told = [e for e in rig.journal.events() if isinstance(e, LimitsChanged | SymbolLimitChanged)][-2:]
    assert {event.actor for event in told} == {"config"}
    assert all("stopline.yaml changed" in event.reason for event in told)


@pytest.mark.parametrize("content", ["limits: {daily_los", "limits: {daily_loss: 1e400}\n", "nonsense: 1\n", None])
async def test_a_broken_file_changes_nothing_and_is_named(watched: tuple[Rig, Path, Reloader], content: str | None):
    rig, file, reloader = watched
    seq = rig.loop.durable_seq
    if content is None:
        file.unlink()
    else:
        file.write_text(content)
    await reloader.look()
    assert reloader.problem
    assert rig.loop.durable_seq == seq
    file.write_text("limits: {daily_loss: 300.00}\n")
    await reloader.look()
    assert reloader.problem == ""
    assert rig.state.accounts["paper"].limits.own().daily_loss == 300 * PRICE_ONE


async def test_what_the_command_line_says_is_no_change_of_the_file(
    watched: tuple[Rig, Path, Reloader], caplog: pytest.LogCaptureFixture
):
    """With --port 9000 every first change of a limit told that the port goes back at the next start."""
    rig, file, _ = watched
    caplog.set_level("INFO")
    reloader = Reloader(replace(load(file), port=9000), file, rig.loop.ask, lambda: rig.state)
    file.write_text("limits: {daily_loss: 250.00}\n")
    await reloader.look()
    assert "daily_loss" in caplog.text
    assert "port" not in caplog.text


async def test_what_is_not_a_limit_waits_for_a_restart(
    watched: tuple[Rig, Path, Reloader], caplog: pytest.LogCaptureFixture
):
    rig, file, reloader = watched
    seq = rig.loop.durable_seq
    file.write_text("{limits: {daily_loss: 5000.00}, fees: {per_share: 0.01}}\n")
    await reloader.look()
    assert rig.loop.durable_seq == seq
    assert "next start" in caplog.text


async def test_while_the_store_refuses_it_tries_again(watched: tuple[Rig, Path, Reloader]):
    rig, file, reloader = watched
    rig.journal.failures = [JournalRefused("store_full", "full")]
    file.write_text("limits: {daily_loss: 400.00}\n")
    await reloader.look()
    while rig.loop.refused:
        await asyncio.sleep(0.01)
    await rig.settle()
    await reloader.look()
    assert rig.state.accounts["paper"].limits.own().daily_loss == 400 * PRICE_ONE
