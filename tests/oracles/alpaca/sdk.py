"""alpaca-py as it is installed: its client, its stream in a thread, and short names for its requests."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.sims import RunningSim, wait_until

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it imports websockets.legacy
    from alpaca.common.exceptions import APIError
    from alpaca.trading import requests as r
    from alpaca.trading.client import TradingClient
    from alpaca.trading.models import TradeUpdate
    from alpaca.trading.stream import TradingStream

__all__ = ["APIError", "Heard", "TradingClient", "client_of", "listening", "r"]


@contextmanager
def client_of(sim: RunningSim, **more: Any) -> Iterator[TradingClient]:
    """Return the vendor's client, with only its address changed."""
    client = TradingClient(sim.options.key, sim.options.secret, url_override=sim.url, **more)
    try:
        yield client
    finally:
        client._session.close()


class Heard:
    """What the vendor's stream handed to its handler."""

    def __init__(self) -> None:
        self.updates: list[TradeUpdate] = []

    async def hear(self, update: TradeUpdate) -> None:
        self.updates.append(update)

    @property
    def events(self) -> list[str]:
        return [str(update.event) for update in self.updates]

    def wait_for(self, *events: str) -> list[TradeUpdate]:
        """Return the updates once these events are the last ones heard."""
        wait_until(lambda: self.events[-len(events) :] == list(events), f"{events}, heard {self.events}")
        return self.updates[-len(events) :]


@contextmanager
def listening(sim: RunningSim) -> Iterator[Heard]:
    """Listen with the vendor's stream until the end of the block."""
    heard = Heard()
    stream = TradingStream(sim.options.key, sim.options.secret, url_override=sim.stream_url)
    stream._reconnect_min_backoff = 0.05
    stream.subscribe_trade_updates(heard.hear)
    thread = threading.Thread(target=stream.run, name="alpaca-py stream")
    thread.start()
    try:
        wait_listening(sim)
        yield heard
    finally:
        with suppress(Exception):
            stream.stop()
        sim.control("POST", "/drop")  # else it sits in its read for five more seconds
        thread.join(40)
        assert not thread.is_alive()


def wait_listening(sim: RunningSim) -> None:
    """Return once a stream hears what happens."""
    wait_until(lambda: sim.control("GET", "/")["listening"], "a stream that listens")
