"""The rungs below HTTP: whoever has the data directory, through its control door; where nobody has it, this process."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stopline.cli.ladder.alone import AT_THE_BROKER, ForceRung, HeadlessRung
from stopline.cli.ladder.climb import Where, find_fault, over_http
from stopline.cli.ladder.control import ControlRung
from stopline.cli.ladder.server import Rung
from stopline.cli.ladder.wanted import Lost, Steps
from stopline.cli.outcome import Exit, Stop
from stopline.ports.journal import JournalError
from stopline.stores import control_note
from stopline.stores.last_run import LastRun, find_last_run
from stopline.stores.sqlite.layout import Layout
from stopline.stores.sqlite.owner import Holder, find_holder

if TYPE_CHECKING:
    from stopline.config.settings import Settings

OPENING_S: Final = 20.0
"""How long a process that has the directory may take to open its control door: another `stopline kill`, mostly."""
TURNS: Final = 3
"""How often the directory is looked at again because somebody was faster."""


class Directory:
    """One data directory, and whoever can stop trading there."""

    def __init__(self, where: Where, account: str, steps: Steps) -> None:
        self._where, self._account, self._steps = where, account, steps

    def rungs(self) -> Iterator[Rung]:
        """Yield what can do it, one after the other. Raises Stop where nothing is left."""
        where = self._where
        data_dir = where.data_dir or self._settings(None).data_dir
        layout = Layout(data_dir)
        last_run = find_last_run(layout)
        if where.data_dir is not None and not where.url and last_run and _holder_of(layout) is not None:
            yield from over_http(last_run.url, where, self._account, self._steps)
        if not layout.journal.exists():
            text = f"there is no journal in {data_dir.resolve()}: nothing was ever decided there"
            raise Stop(
                Exit.UNREACHABLE,
                text,
                "start one with `stopline run`, or name the directory of the one you mean with --data-dir",
            )
        for _ in range(TURNS):
            yield self._in_directory(data_dir, last_run)
        raise Stop(Exit.LOCKED, f"{data_dir.resolve()} is never free, and nobody there answers", AT_THE_BROKER)

    def _in_directory(self, data_dir: Path, last_run: LastRun | None) -> Rung:
        """Return who can do it there: the process that has it, or this one."""
        layout = Layout(data_dir)
        control = self._find_control(layout)
        if control is not None:
            return control
        headless = HeadlessRung(self._settings_for(data_dir, last_run), self._steps, self._where.wait_s)
        holder = _holder_of(layout)
        if holder is None:
            return headless
        if not self._where.is_forced:
            raise Stop(
                Exit.LOCKED,
                f"{holder}, has {layout.root.resolve()} and answers nobody (it may hang, or be reading its journal)",
                "--force ends that process, and this one then does it without a server",
                AT_THE_BROKER,
            )
        return ForceRung(holder, headless, layout, self._steps, lambda: self._ask_at(layout) is None)

    def _find_control(self, layout: Layout) -> Rung | None:
        """Return the control door of the process that has the directory; one that is starting is waited for."""
        until = time.monotonic() + OPENING_S
        while _holder_of(layout) is not None and time.monotonic() < until:
            fault = self._ask_at(layout)
            if fault is None:
                address = control_note.find(layout)
                return None if address is None else ControlRung(address, self._where.timeout_s)
            if fault.is_silent:
                break
            time.sleep(0.1)
        return None

    def _ask_at(self, layout: Layout) -> Lost | None:
        """Return why nobody answers at the control door; None where somebody does."""
        address = control_note.find(layout)
        if address is None:
            fault = Lost("there is no control door (yet)")
            self._steps.tell("control", str(fault))
            return fault
        return find_fault(ControlRung(address, self._where.timeout_s), self._account, self._steps)

    # --- settings ------------------------------------------------------------------------------

    def _settings_for(self, data_dir: Path, last_run: LastRun | None) -> "Settings":
        """Return what it was last run with: the journal has accounts and limits, but not the market."""
        from msgspec import structs

        if last_run is None or self._where.config is not None:
            return structs.replace(self._settings(None), data_dir=data_dir)
        from stopline.config.build import read_market

        settings = self._settings(last_run)
        try:
            market = read_market(last_run.market, last_run.speed, Path())
        except ValueError:
            market = settings.market
        return structs.replace(settings, data_dir=data_dir, market=market)

    def _settings(self, last_run: LastRun | None) -> "Settings":
        """Return the settings of the file that is meant; a file that cannot be read keeps nobody from stopping."""
        from stopline.cli.configuration import find_config
        from stopline.config.errors import ConfigError
        from stopline.config.load import load

        file = self._where.config
        if file is None:
            file = find_config(None) if last_run is None else Path(last_run.config) if last_run.config else None
        try:
            return load(file)
        except ConfigError as error:
            self._steps.tell(
                "settings", f"{error.problems[0]}; the defaults are used, limits stay as the journal has them"
            )
            return load(None)


def _holder_of(layout: Layout) -> Holder | None:
    """Return who has the directory. Raises Stop where even that cannot be read."""
    try:
        return find_holder(layout)
    except JournalError as error:
        raise Stop(Exit.REFUSED, str(error), AT_THE_BROKER) from None
