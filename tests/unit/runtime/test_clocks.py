"""Engine time never runs backwards, whoever sets the machine's clock."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.model.numbers import SECOND
from stopline.runtime.boot_clock import system_boot_clock
from stopline.runtime.boot_clock.linux import LinuxBootClock
from stopline.runtime.boot_clock.macos import MacBootClock
from stopline.runtime.boot_clock.portable import PortableBootClock
from stopline.runtime.clocks import (
    LiveClock,
    RecordedClock,
    SystemWallClock,
    TimeRunsBackwards,
    refuse_backwards,
)

YEAR_2026 = 1_767_625_200 * SECOND


class Machine:
    """A wall clock and a boot clock that a test turns."""

    def __init__(self) -> None:
        self.wall = YEAR_2026
        self.boot = 500 * SECOND

    def now(self) -> int:
        return self.wall

    def elapsed(self) -> int:
        return self.boot

    def boot_id(self) -> str:
        return "test"

    def pass_by(self, nanos: int) -> None:
        self.wall += nanos
        self.boot += nanos


def live(machine: Machine, not_before: int = 0) -> LiveClock:
    return LiveClock(machine, machine, not_before)


def test_engine_time_is_the_wall_clock_at_start_and_the_boot_clock_from_then_on():
    machine = Machine()
    clock = live(machine)
    assert clock.at() == YEAR_2026
    machine.pass_by(7 * SECOND)
    assert clock.at() == YEAR_2026 + 7 * SECOND


@pytest.mark.parametrize("by", [1, -1, 3_600, -3_600, 10 * 31_536_000, -10 * 31_536_000])
def test_a_stepped_wall_clock_moves_nothing_and_is_found_once(by: int):
    machine = Machine()
    clock = live(machine)
    before = clock.at()
    machine.wall += by * SECOND
    assert clock.at() == before
    assert clock.find_step() == (by * SECOND if abs(by) > 2 else 0)
    assert clock.find_step() == 0
    machine.pass_by(SECOND)
    assert clock.at() == before + SECOND


def test_slow_drift_is_no_step_until_it_adds_up():
    machine = Machine()
    clock = live(machine)
    for _ in range(4):
        machine.pass_by(SECOND)
        machine.wall += SECOND // 2
        assert clock.find_step() == 0
    machine.wall += 1
    assert clock.find_step() == 2 * SECOND + 1


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(-(10**18), 10**18)), max_size=30))
def test_never_backwards(moves: list[tuple[int, int]]):
    machine = Machine()
    clock = live(machine)
    last = clock.at()
    for passed, stepped in moves:
        machine.pass_by(passed)
        machine.wall += stepped
        clock.find_step()
        assert clock.at() >= last
        last = clock.at()


def test_a_restart_after_a_small_step_back_waits_at_the_journals_end():
    machine = Machine()
    clock = live(machine, not_before=YEAR_2026 + 3 * SECOND)
    assert clock.at() == YEAR_2026 + 3 * SECOND
    machine.pass_by(SECOND)
    assert clock.at() == YEAR_2026 + 4 * SECOND


def test_a_restart_far_in_the_journals_past_is_refused():
    with pytest.raises(TimeRunsBackwards, match="set the clock right"):
        live(Machine(), not_before=YEAR_2026 + 61 * SECOND)


async def test_sleeps_until_engine_time_has_come():
    clock = LiveClock(SystemWallClock(), system_boot_clock())
    due = clock.at() + SECOND // 50
    await clock.sleep_until(due)
    assert clock.at() >= due
    await asyncio.wait_for(clock.sleep_until(0), 60)


@pytest.mark.parametrize("boot", [system_boot_clock(), LinuxBootClock(), MacBootClock(), PortableBootClock()])
def test_boot_clocks_count_up(boot: LinuxBootClock):
    first = boot.elapsed()
    assert boot.elapsed() >= first > 0
    assert isinstance(boot.boot_id(), str)
    assert boot.boot_id() == boot.boot_id()


# --- recordings ----------------------------------------------------------------------------------

FILM = 1_381_132_800 * SECOND  # 2013-10-07


def test_a_recording_runs_at_its_speed():
    machine = Machine()
    clock = RecordedClock("recorded:film", FILM, 10, machine)
    assert clock.at() == FILM
    machine.pass_by(2 * SECOND)
    assert clock.at() == FILM + 20 * SECOND


def test_at_speed_0_time_stands_still_between_quotes():
    machine = Machine()
    clock = RecordedClock("recorded:film", FILM, 0, machine)
    machine.pass_by(SECOND)
    assert clock.at() == FILM
    clock.advance_to(FILM + 5)
    clock.advance_to(FILM + 3)
    assert clock.at() == FILM + 5, "never backwards"
    clock.run_on()
    machine.pass_by(SECOND)
    assert clock.at() == FILM + 5 + SECOND, "after the last quote it flows"


async def test_sleepers_wake_when_a_standing_clock_is_moved():
    clock = RecordedClock("recorded:film", FILM, 0, Machine())
    sleeper = asyncio.ensure_future(clock.sleep_until(FILM + 10))
    await asyncio.sleep(0)
    clock.advance_to(FILM + 9)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not sleeper.done()
    clock.advance_to(FILM + 10)
    await asyncio.wait_for(sleeper, 60)


def test_a_recording_goes_on_where_the_journal_stands():
    assert RecordedClock("recorded:film", FILM, 0, Machine(), not_before=FILM + 99).at() == FILM + 99
    refuse_backwards("recorded:film", FILM, FILM + 99, "recorded:film")
    refuse_backwards("recorded:film", FILM, FILM - 1, "recorded:other")


@pytest.mark.parametrize("clock", ["wall", "recorded:other", ""])
def test_a_data_directory_that_came_further_refuses_a_recording(clock: str):
    with pytest.raises(TimeRunsBackwards, match="another data directory"):
        refuse_backwards("recorded:film", FILM, YEAR_2026, clock)
