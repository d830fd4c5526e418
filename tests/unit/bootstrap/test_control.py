"""The control door of a whole system: open without HTTP, gone with it, and no reason not to start."""

import asyncio
import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from stopline.bootstrap import System
from stopline.bootstrap.process import open_control
from stopline.config.load import load
from stopline.config.settings import Settings
from stopline.doors.control import door as door_room
from stopline.model.account import TradingState
from stopline.stores import control_note
from stopline.stores.last_run import LastRun, find_last_run, note_run
from stopline.stores.sqlite.layout import Layout


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(load(), data_dir=tmp_path / "data")


async def test_a_kill_without_http_is_durable_before_it_is_answered(settings):
    async with System(settings) as system, open_control(system):
        address = control_note.find(Layout(settings.data_dir))
        assert address is not None
        if address.path:
            reader, writer = await asyncio.open_unix_connection(address.path)
        else:
            reader, writer = await asyncio.open_connection("127.0.0.1", address.port)
            writer.write(address.secret.encode() + b"\n")
        writer.write(b'{"word": "kill", "reason": "HTTP is gone"}\n')
        answer = json.loads(await reader.readline())
        writer.close()
        assert answer["status"] == 200
        killed = [record for record in system.journal.read() if b"HTTP is gone" in record.body]
        assert len(killed) == 1
    assert control_note.find(Layout(settings.data_dir)) is None
    async with System(settings) as again:
        assert again.loop.state.accounts["paper"].trading_state is TradingState.HALTED


async def test_where_it_cannot_be_opened_all_else_goes_on_and_health_says_so(settings, monkeypatch):
    def no_sockets(layout: Layout) -> None:
        raise OSError("no sockets here")

    monkeypatch.setattr(door_room, "_listen", no_sockets)
    async with System(settings) as system, open_control(system):
        await system.ready()
        health = system.desk.health()
        assert health["status"] == "degraded"
        assert any("the control door is shut (no sockets here)" in each for each in health["problems"])


def test_how_it_was_run_is_noted(settings, tmp_path):
    settings.data_dir.mkdir()
    layout = Layout(settings.data_dir)
    assert find_last_run(layout) is None
    note_run(settings, "http://127.0.0.1:9000")
    assert find_last_run(layout) == LastRun("http://127.0.0.1:9000", market=settings.market.source)
    market = replace(settings.market, source="day.csv", seed=None, path=tmp_path / "day.csv", speed=60)
    note_run(replace(settings, file=tmp_path / "my.yaml", market=market), "http://127.0.0.1:9001")
    assert find_last_run(layout) == LastRun(
        "http://127.0.0.1:9001", config=str(tmp_path / "my.yaml"), market=str(tmp_path / "day.csv"), speed=60
    )
    layout.last_run.write_text("{")
    assert find_last_run(layout) is None
