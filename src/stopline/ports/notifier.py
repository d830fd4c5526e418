"""A notifier: tells a person."""

from typing import Protocol

from stopline.messages.events import AlertRaised
from stopline.model.numbers import Nanos


class Notifier(Protocol):
    """Delivers alerts; may be slow, may fail, never blocks the loop."""

    async def notify(self, at: Nanos, alert: AlertRaised) -> None:
        """Deliver one alert; raises OSError when it could not."""
