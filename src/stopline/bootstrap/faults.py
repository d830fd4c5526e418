"""What a person can mend before a start, and how a process ends that no longer knows what is on its disk."""

import asyncio
import logging
import os
import sys

from stopline.brokers.paper.file import FileLost
from stopline.ports.desk import DeskUnavailable
from stopline.ports.journal import JournalError
from stopline.ports.spool import SpoolError
from stopline.runtime.clocks import TimeRunsBackwards
from stopline.runtime.opening import SettingsRefused
from stopline.runtime.zones import UnknownZone
from stopline.venue.readers.form import RecordingError

LOST = 70
"""The exit code of a process that no longer knows what is on its disk (EX_SOFTWARE)."""
MENDABLE = (
    JournalError,
    SpoolError,
    TimeRunsBackwards,
    RecordingError,
    UnknownZone,
    FileLost,
    SettingsRefused,
    DeskUnavailable,
    OSError,
)
"""What a person can mend, whatever part said it."""
log = logging.getLogger(__name__)


def abort(reason: str) -> None:
    """End the process at once: the journal is verified at the next start."""
    log.critical("stopline ends: %s", reason)
    logging.shutdown()
    sys.stderr.flush()
    os._exit(LOST)


def log_failure(task: "asyncio.Task[None]") -> None:
    """Say why a task of the runtime ended, unless it was told to."""
    if not task.cancelled() and task.exception() is not None:
        log.critical("a task of the runtime ended", exc_info=task.exception())
