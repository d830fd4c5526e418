"""A market without quotes: for who must act while the real one cannot be opened. It makes up no price."""

import asyncio
from collections.abc import AsyncIterator

from stopline.model.instrument import Instrument
from stopline.model.numbers import Nanos
from stopline.model.quote import Quote


class SilentFeed:
    """Quotes nothing, for ever. `reason` is why there is no other."""

    is_recorded = False

    def __init__(self, reason: str) -> None:
        self.name = f"none: {reason}"

    def instruments(self) -> tuple[Instrument, ...]:
        """Return nothing."""
        return ()

    def starts_at(self) -> Nanos | None:
        """Return None."""
        return None

    async def quotes(self) -> AsyncIterator[Quote]:
        """Wait for ever."""
        await asyncio.Event().wait()
        return
        yield
