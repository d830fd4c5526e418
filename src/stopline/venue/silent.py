"""A market without quotes: nobody reads the real one here, or it cannot be opened. It makes up no price.

Orders without a price are then denied as new risk, those with one are judged by it.
"""

import asyncio
from collections.abc import AsyncIterator

from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos
from stopline.model.quote import Quote


class SilentFeed:
    """Quotes nothing, for ever. `reason` is why there is no other; `instruments` are what can be named."""

    is_recorded = False

    def __init__(self, reason: str = "", instruments: tuple[Instrument, ...] = ()) -> None:
        self.name = f"none: {reason}" if reason else "none"
        self._instruments = instruments

    def instruments(self) -> tuple[Instrument, ...]:
        """Return what can be named."""
        return self._instruments

    def starts_at(self) -> Nanos | None:
        """Return None."""
        return None

    async def quotes(self) -> AsyncIterator[Quote]:
        """Wait for ever."""
        await asyncio.Event().wait()
        return
        yield
