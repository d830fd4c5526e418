"""Orders that were given up: Alpaca did not know them in time, and they count as expired."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from stopline.brokers.alpaca.client import AlpacaClient
from stopline.brokers.alpaca.kept import Kept
from stopline.model.ids import RoutedOrderId
from stopline.ports.broker import BrokerError

log = logging.getLogger(__name__)


class Buried:
    """Which they are. One that comes after all is cancelled, however often that takes."""

    def __init__(self, client: AlpacaClient, is_closed: Callable[[], bool], ids: Iterable[RoutedOrderId]) -> None:
        self._client, self._is_closed = client, is_closed
        self._ids = set(ids)
        self._cancels: set[asyncio.Task[None]] = set()

    def __contains__(self, routed: RoutedOrderId) -> bool:
        return routed in self._ids

    def names(self) -> tuple[RoutedOrderId, ...]:
        """Return all of them, as of now."""
        return tuple(self._ids)

    def add(self, routed: RoutedOrderId) -> None:
        """Give an order up."""
        self._ids.add(routed)

    def cancel(self, kept: Kept) -> None:
        """Cancel an order that came after all."""
        log.critical("order %s reached Alpaca after it was given up: it is cancelled", kept.routed_order_id)
        self._ids.discard(kept.routed_order_id)
        task = asyncio.get_running_loop().create_task(self._try_to_cancel(kept))
        self._cancels.add(task)
        task.add_done_callback(self._cancels.discard)

    async def close(self) -> None:
        """Let go of cancels that are under way."""
        for task in self._cancels:
            task.cancel()
        await asyncio.gather(*self._cancels, return_exceptions=True)

    async def _try_to_cancel(self, kept: Kept) -> None:
        while kept.is_open and not self._is_closed():
            try:
                await self._client.cancel(kept.current.id)
                return
            except BrokerError as error:
                log.error("order %s is not cancelled yet: %s", kept.routed_order_id, error)
            await asyncio.sleep(1)
