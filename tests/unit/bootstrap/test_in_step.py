"""Stopline comes into step with a simulated broker that plays the same recording."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from stopline.bootstrap.in_step import come_into_step
from stopline.bootstrap.parts import StartRefused
from stopline.config.load import load
from stopline.config.settings import Alpaca, Settings
from stopline.model.numbers import SECOND
from stopline.runtime.boot_clock import system_boot_clock
from stopline.runtime.clocks import RecordedClock
from stopline.venue.recorded import RecordedFeed
from tests.sims import RunningSim, run_sim
from tests.unit.sim.alpaca.test_recorded import DAY, HEADER


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ibm_minutes.csv"
    rows = [f"IBM,{DAY.format(minute)},,,,,,90.00,500,90.02,500" for minute in range(10)]
    path.write_text("\n".join([HEADER, *rows, ""]))
    return path


@pytest.fixture
def sim(path: Path) -> Iterator[RunningSim]:
    with run_sim(market=str(path), speed=1) as running:
        yield running


def settings_at(url: str, broker: str = "alpaca") -> Settings:
    settings = load()
    accounts = tuple(structs.replace(each, broker=broker) for each in settings.accounts)
    return structs.replace(settings, accounts=accounts, alpaca=Alpaca(environment=url))


def recording(path: Path, behind_s: int = 0) -> tuple[RecordedClock, RecordedFeed]:
    feed = RecordedFeed(path)
    starts_at = feed.starts_at() or 0
    return RecordedClock(feed.name, starts_at - behind_s * SECOND, 1, system_boot_clock()), feed


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APCA_API_KEY_ID", "PKSIMULATED")
    monkeypatch.setenv("APCA_API_SECRET_KEY", "simulated-secret")


async def test_it_begins_where_the_simulator_is(sim: RunningSim, path: Path):
    clock, feed = recording(path, behind_s=3_600)
    before = sim.simulator.at()
    joined = await come_into_step(settings_at(sim.url), clock, feed)
    assert before <= joined <= sim.simulator.at()
    assert clock.at() >= joined


async def test_another_time_is_another_recording(path: Path):
    clock, feed = recording(path)
    with run_sim() as by_hand, pytest.raises(StartRefused, match="give both the same recording"):
        await come_into_step(settings_at(by_hand.url), clock, feed)


async def test_a_simulator_that_is_not_there_does_not_keep_us_down(path: Path):
    clock, feed = recording(path)
    before = clock.at()
    assert await come_into_step(settings_at("http://127.0.0.1:9"), clock, feed) == 0
    assert before <= clock.at() < before + 3_600 * SECOND


async def test_the_paper_broker_has_no_time_of_its_own(path: Path):
    clock, feed = recording(path)
    assert await come_into_step(settings_at("http://127.0.0.1:9", broker="paper"), clock, feed) == 0
