"""Watches the configuration file: changed limits take effect within seconds, all else waits for a restart.

A file that is half written, invalid or gone changes nothing; what is wrong with it is
logged once. The limits of armed accounts are loosened no faster this way than by any other.

Source     api.md (Background); reliability.md F34.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from stopline.config.diff import diff
from stopline.config.errors import ConfigError
from stopline.config.load import load
from stopline.config.settings import Settings
from stopline.messages.inputs import Input
from stopline.messages.replies import Proposed, Refused, Reply
from stopline.ports.desk import DeskUnavailable
from stopline.runtime.configured import canonical_in, find_changes, find_rule_changes, said_by_settings
from stopline.runtime.misnamed import misnamed
from stopline.state.state import State

LOOK_EVERY_S = 2.0
_HOT = (".limits.", ".rules.", "rules.", ".symbols.", "firm.", "group.", "user.", "strategy.")
log = logging.getLogger(__name__)


class Reloader:
    """Compares the file with what was read from it last, and asks for what changed."""

    def __init__(
        self,
        settings: Settings,
        path: Path,
        ask: Callable[[Input], Awaitable[Reply]],
        state: Callable[[], State],
        every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._settings, self._path, self._ask, self._state = settings, path, ask, state
        self._every_s = every_s
        self._seen = _stamp(path)
        self._read = _as_written(path, settings)
        self.problem = ""
        """What is wrong with the file as it is now."""

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(self._every_s)
            await self.look()

    async def look(self) -> None:
        """Read the file if it was touched, and ask for what changed in it."""
        stamp = await asyncio.to_thread(_stamp, self._path)
        if stamp == self._seen:
            return
        try:
            fresh = await asyncio.to_thread(load, self._path)
            await self._apply(fresh)
        except ConfigError as error:
            self._complain(str(error))
        except DeskUnavailable as error:
            log.warning("%s changed, but limits cannot be changed now (%s): trying again", self._path, error)
            return
        self._seen = stamp

    async def _apply(self, fresh: Settings) -> None:
        canonical = canonical_in(self._state())
        now = said_by_settings(fresh, canonical)
        accounts = self._state().accounts
        refused = []
        for change in find_changes(said_by_settings(self._settings, canonical), now, f"{self._path.name} changed"):
            if change.account not in accounts:
                continue
            reply = await self._ask(change)
            if isinstance(reply, Refused):
                refused.append(f"{change.account}: {reply.message}")
            elif isinstance(reply, Proposed):
                log.warning("%s: a loosening of %s waits (proposal %d)", self._path, change.account, reply.proposal_id)
        for rule_change in find_rule_changes(fresh, self._state().at, f"{self._path.name} changed"):
            if rule_change.account not in accounts or rule_change.rules == accounts[rule_change.account].rules:
                continue
            reply = await self._ask(rule_change)
            if isinstance(reply, Refused):
                refused.append(f"{rule_change.account}: {reply.message}")
            elif isinstance(reply, Proposed):
                log.warning("%s: a loosening of rules of %s waits", self._path, rule_change.account)
        self._report(fresh, refused)
        self._settings = fresh

    def _report(self, fresh: Settings, refused: list[str]) -> None:
        self.problem = ""
        for change in diff(self._read, fresh):
            if any(part in change.key for part in _HOT):
                log.info("%s: %s", self._path, change)
            else:
                log.warning("%s: %s takes effect at the next start", self._path, change)
        self._read = fresh
        for line in misnamed(fresh, self._state().instruments):
            log.warning("%s: %s", self._path, line)
        if refused:
            self._complain("; ".join(refused))

    def _complain(self, problem: str) -> None:
        self.problem = problem
        log.error("%s is not applied: %s", self._path, problem)


def _as_written(path: Path, settings: Settings) -> Settings:
    """Return what the file says, without what the command line says over it."""
    try:
        return load(path)
    except ConfigError:
        return settings


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Return what changes when a file does; None while there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
