"""A whole process: a simulator, until a signal ends it."""

from collections.abc import Callable

from stopline.bootstrap.process import on_signals, runner
from stopline.doors.native.serve import BindRefused
from stopline.runtime.calendars import OutOfRange
from stopline.runtime.clocks import TimeRunsBackwards
from stopline.sim.alpaca.market import MarketRefused
from stopline.sim.alpaca.memory import MemoryLost
from stopline.sim.alpaca.options import SimOptions
from stopline.sim.alpaca.simulator import Simulator
from stopline.venue.readers.form import RecordingError

MENDABLE = (BindRefused, MarketRefused, MemoryLost, OutOfRange, RecordingError, TimeRunsBackwards, OSError)
"""What a person can mend, whatever part said it."""


class StartRefused(Exception):
    """The simulator does not start; the message says why, and what would be right."""


def run(options: SimOptions, on_open: Callable[[Simulator], None]) -> None:
    """Run until SIGINT or SIGTERM. Raises StartRefused."""
    with runner() as fastest:
        fastest.run(_run(options, on_open))


async def _run(options: SimOptions, on_open: Callable[[Simulator], None]) -> None:
    stop = on_signals()
    simulator = Simulator(options)
    try:
        await simulator.start()
    except MENDABLE as fault:
        await simulator.stop()
        raise StartRefused(str(fault)) from fault
    on_open(simulator)
    try:
        await simulator.until(stop)
    except (OutOfRange, RecordingError) as fault:
        raise StartRefused(f"its market has ended: {fault}") from fault
    finally:
        await simulator.stop()
