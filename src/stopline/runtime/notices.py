"""Alerts to people: handed on one after the other, beside the loop, never in its way.

Source     reliability.md F35 (the outbox in the journal comes with the notifiers of later work).
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from stopline.messages.events import AlertRaised
from stopline.model.numbers import Nanos
from stopline.ports.notifier import Notifier

WAITING_LIMIT = 1_000
TIMEOUT_S = 10.0
_LEVELS = {"INFO": logging.INFO, "WARNING": logging.WARNING, "ERROR": logging.ERROR, "CRITICAL": logging.CRITICAL}
log = logging.getLogger(__name__)


class LogNotifier:
    """Writes alerts to the log: the channel that is always there."""

    async def notify(self, at: Nanos, alert: AlertRaised) -> None:
        """Write one line."""
        level = _LEVELS.get(alert.severity, logging.WARNING)
        about = " ".join(filter(None, (alert.account, alert.alert_type, alert.symbol)))
        log.log(level, "%s: %s", about, alert.message)


class Notices:
    """A bounded queue in front of the notifiers; the oldest gives way, and is counted."""

    def __init__(self, now: Callable[[], Nanos]) -> None:
        self._now = now
        self._notifiers: tuple[Notifier, ...] = ()
        self._waiting: deque[tuple[Nanos, AlertRaised]] = deque()
        self._task: asyncio.Task[None] | None = None
        self.delivered = 0
        self.undelivered = 0

    def use(self, notifiers: tuple[Notifier, ...]) -> None:
        """Say who tells people."""
        self._notifiers = notifiers

    def add(self, alert: AlertRaised) -> None:
        """Queue one alert."""
        if not self._notifiers:
            return
        if len(self._waiting) >= WAITING_LIMIT:
            self._waiting.popleft()
            self.undelivered += 1
        self._waiting.append((self._now(), alert))
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._deliver())

    async def _deliver(self) -> None:
        while self._waiting:
            at, alert = self._waiting.popleft()
            for notifier in self._notifiers:
                try:
                    async with asyncio.timeout(TIMEOUT_S):
                        await notifier.notify(at, alert)
                    self.delivered += 1
                except Exception as error:
                    self.undelivered += 1
                    log.error("alert %s could not be delivered: %r", alert.alert_id, error)

    async def close(self) -> None:
        """Deliver no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
