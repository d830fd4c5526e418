"""How a data directory was last run: which settings, which market, where it listened.

`stopline kill` starts Stopline on the same settings when nothing runs any more, also where
they came from the command line of a process that is gone.
"""

import logging

import msgspec
from msgspec import Struct

from stopline.config.settings import Settings
from stopline.stores.sqlite.layout import Layout, write_atomically

log = logging.getLogger(__name__)


class LastRun(Struct, frozen=True, omit_defaults=True):
    """What was noted. `config` is the settings' file, empty for the defaults; `market` as --market has it."""

    url: str
    config: str = ""
    market: str = ""
    speed: int = 1


def note_run(settings: Settings, url: str) -> None:
    """Write down how this process runs; what cannot be written is logged, and keeps nothing from running."""
    market = settings.market
    note = LastRun(
        url=url,
        config="" if settings.file is None else str(settings.file.absolute()),
        market=market.source if market.path is None else str(market.path.absolute()),
        speed=market.speed,
    )
    try:
        write_atomically(Layout(settings.data_dir).last_run, msgspec.json.encode(note) + b"\n")
    except OSError as error:
        log.warning("how this was run could not be noted for `stopline kill`: %s", error)


def find_last_run(layout: Layout) -> LastRun | None:
    """Return how it was last run, or None where that is not known."""
    try:
        return msgspec.json.decode(layout.last_run.read_bytes(), type=LastRun)
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError):
        return None
