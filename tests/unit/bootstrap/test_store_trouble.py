"""The real journal in trouble, under a whole system."""

import asyncio
import errno
import threading
from pathlib import Path

import apsw
import pytest
from msgspec.structs import replace

from stopline.bootstrap import StartRefused, System
from stopline.bootstrap import system as bootstrap_system
from stopline.config.load import load
from stopline.config.settings import Settings
from stopline.engine.replay import state_hash
from stopline.messages import inputs as i
from stopline.messages.replies import Decided, Done, Repeated
from stopline.model.account import TradingState
from stopline.model.numbers import QTY_ONE
from stopline.model.order import OrderState, OrderType, Side
from stopline.ports.desk import DeskUnavailable
from stopline.runtime.recover import fold_journal
from stopline.stores.spool import file as spool_file
from stopline.stores.sqlite import journal as journals
from stopline.stores.sqlite.layout import Layout
from tests.faulty_disk import FaultyDisk, Op, sync_failed


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load(), data_dir=tmp_path / "data")


def order(name: str) -> i.SubmitOrder:
    return i.SubmitOrder(
        account="paper",
        client_order_id=name,
        symbol="KO",
        side=Side.BUY,
        order_qty=QTY_ONE,
        order_type=OrderType.MARKET,
    )


async def test_a_journal_that_another_program_holds_refuses_says_so_and_goes_on(settings: Settings):
    async with System(settings) as system:
        await system.ready()
        other = apsw.Connection(str(Layout(settings.data_dir).journal))
        other.set_busy_timeout(20_000)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DeskUnavailable, match="store_locked") as refusal:
            await system.desk.ask(order("a"))
        assert refusal.value.reason == "store_unavailable"
        report = system.desk.health()
        assert (report["store"], report["status"], report["ready"]) == ("store_locked", "degraded", False)
        assert report["spool"] == "in use"
        with pytest.raises(DeskUnavailable):
            await system.desk.ask(i.ArmAccount(account="paper"))
        other.execute("ROLLBACK")
        other.close()
        async with asyncio.timeout(60):
            while system.desk.health()["status"] != "ok":
                await asyncio.sleep(0.02)
        assert isinstance(await system.desk.ask(order("a")), Repeated)
        known = system.loop.state.accounts["paper"].order("a")
        assert known is not None and known.state is OrderState.EXPIRED, "it was never sent"
        assert isinstance(await system.desk.ask(order("b")), Decided)
        await system.loop.quiet()
        assert state_hash(fold_journal(system.journal)) == state_hash(system.loop.state)


async def test_an_internal_error_under_a_whole_system(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    async with System(settings) as system:
        await system.ready()
        await system.desk.ask(order("before"))
        step = system.loop._step

        def broken(state: object, message: i.Input, at: int) -> object:
            if isinstance(message, i.SubmitOrder) and message.client_order_id == "poison":
                raise RuntimeError("planted")
            return step(state, message, at)  # type: ignore[arg-type]

        monkeypatch.setattr(system.loop, "_step", broken)
        with pytest.raises(DeskUnavailable, match="nothing was decided"):
            await system.desk.ask(order("poison"))
        async with asyncio.timeout(60):
            while system.loop.is_rebuilding or system.loop.state.accounts["paper"].severity != 1:
                await asyncio.sleep(0.01)
        assert "internal errors" in str(system.desk.health()["problems"])
        await system.loop.quiet()
        assert state_hash(fold_journal(system.journal)) == state_hash(system.loop.state)


async def test_the_next_start_takes_over_what_the_spool_kept(settings: Settings):
    """Stopped in order while the journal was locked: the kill switch is in the spool alone."""
    async with System(settings) as system:
        await system.ready()
        other = apsw.Connection(str(Layout(settings.data_dir).journal))
        other.set_busy_timeout(20_000)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DeskUnavailable):
            await system.desk.ask(order("a"))
        assert isinstance(await system.desk.ask(i.Kill(account="paper", reason="enough")), Done)
        seq = system.loop.durable_seq
        assert system.journal.head().seq < seq
    with pytest.raises(StartRefused, match="locked"):
        await System(settings).start()
    other.execute("ROLLBACK")
    other.close()
    async with System(settings) as system:
        assert system.loop.state.accounts["paper"].trading_state is TradingState.HALTED
        await system.loop.quiet()
        assert state_hash(fold_journal(system.journal)) == state_hash(system.loop.state)
        rows = await system.desk.rows("risk_alerts", limit=50)
        assert any("were kept in the spool" in str(row) for row in rows)


async def test_a_spool_of_its_own_place_is_used(settings: Settings, tmp_path: Path):
    settings = replace(settings, spool_path=tmp_path / "elsewhere.bin")
    async with System(settings) as system:
        assert (tmp_path / "elsewhere.bin").exists()
        assert not Layout(settings.data_dir).spool.exists()
        assert system.desk.health()["spool"] == "ready"
        with pytest.raises(StartRefused, match="in use by another process"):
            await System(replace(settings, data_dir=tmp_path / "other")).start()


async def test_a_damaged_spool_is_no_start(settings: Settings):
    async with System(settings):
        pass
    spool = Layout(settings.data_dir).spool
    with spool.open("r+b") as raw:
        raw.write(b"x" * 9000)
    with pytest.raises(StartRefused, match=r"spool\.bin is damaged"):
        await System(settings).start()


async def test_without_room_for_a_spool_it_runs_and_says_so(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    def full(descriptor: int, size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spool_file, "set_aside", full)
    async with System(settings) as system:
        await system.ready()
        report = system.desk.health()
        assert (report["spool"], report["status"]) == ("none", "degraded")
        assert "too full to set aside the spool" in str(report["problems"])


async def lose_the_journal(settings: Settings, name: str) -> str:
    """Let the disk not confirm the next commit; return why the process would have ended."""
    aborted: list[str] = []
    with FaultyDisk() as disk:
        system = System(settings, abort=aborted.append)
        await system.start()
        await system.ready()
        disk.fail_nth("sync", "journal.db-wal", 1, sync_failed, times=99)
        with pytest.raises(DeskUnavailable):
            await system.desk.ask(order(name))
        disk.heal()
        await system.stop()
    return aborted[0]


async def test_a_disk_that_does_not_confirm_ends_it_and_the_second_time_for_good(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    """F07."""
    monkeypatch.setattr(bootstrap_system, "DRAIN_S", 0.1)
    assert "fsync failed" in await lose_the_journal(settings, "a")
    async with System(settings) as system:
        await system.ready()
        assert "once not confirmed a write" in str(system.desk.health()["problems"])
        assert isinstance(await system.desk.ask(order("b")), Decided)
    assert "fsync failed" in await lose_the_journal(settings, "c")
    with pytest.raises(StartRefused, match="2 times"):
        await System(settings).start()


async def test_damage_that_a_snapshot_hides_ends_it_and_is_named_at_the_next_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    """F09: a start reads the end only; the rest is read behind it."""
    monkeypatch.setattr(journals, "VERIFIED_AT_OPEN", 4)
    async with System(settings):
        """The first start of all: the next one need not look for limits in the journal."""
    async with System(settings) as system:
        await system.ready()
        for number in range(30):
            await system.desk.ask(order(f"n{number}"))
    file = Layout(settings.data_dir).journal
    connection = apsw.Connection(str(file))
    connection.execute("UPDATE records SET at = at + 1 WHERE seq = 70")
    assert connection.changes() == 1
    connection.close()
    aborted: list[str] = []
    system = System(settings, abort=aborted.append)
    await system.start()
    async with asyncio.timeout(60):
        while not aborted:
            await asyncio.sleep(0.01)
    assert "record 70 does not hold" in aborted[0]
    await system.stop()
    with pytest.raises(StartRefused, match="record 70 does not hold"):
        await System(settings).start()


async def test_a_slow_disk_takes_no_new_risk_and_lets_people_out(settings: Settings):
    """F12: a commit that hangs in its fsync; the spool is on a disk that does not."""
    is_slow, goes_on = threading.Event(), threading.Event()

    def hang(op: Op) -> None:
        if op.what == "sync" and op.file.endswith("journal.db-wal") and is_slow.is_set():
            goes_on.wait(60)

    with FaultyDisk() as disk:
        disk.rules.append(hang)
        async with System(settings) as system:
            await system.ready()
            assert isinstance(await system.desk.ask(order("in")), Decided)
            is_slow.set()
            try:
                assert isinstance(await system.desk.ask(order("in time")), Decided)
                assert system.desk.health()["store"] == "store_slow"
                with pytest.raises(DeskUnavailable, match="store_slow"):
                    await system.desk.ask(order("too late"))
                close = i.ClosePosition(account="paper", symbol="KO", qty=QTY_ONE, client_order_id="out")
                assert isinstance(await system.desk.ask(close), Decided)
            finally:
                is_slow.clear()
                goes_on.set()
            async with asyncio.timeout(60):
                while system.desk.health()["status"] != "ok":
                    await asyncio.sleep(0.02)
            await system.loop.quiet()
            assert state_hash(fold_journal(system.journal)) == state_hash(system.loop.state)
