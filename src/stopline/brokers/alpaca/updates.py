"""The `trade_updates` stream of one account: who we are, what we want to hear, and then updates.

Nothing is replayed: whoever opens it must ask for the orders afterwards.
"""

import asyncio
import logging
from typing import TypeVar

from stopline.brokers.alpaca.client import Keys
from stopline.dialects.alpaca.exact_json import Malformed
from stopline.dialects.alpaca.stream import (
    TRADE_UPDATES,
    Authenticate,
    Authorization,
    Listen,
    Listening,
    ServerMessage,
    TradeUpdate,
    parse_server_frame,
    render_client_frame,
)
from stopline.ports.broker import BrokerRejected
from stopline.ports.transport import Stream, StreamLost, Transport

OPEN_S = 10.0
M = TypeVar("M", bound=ServerMessage)
log = logging.getLogger(__name__)


class Updates:
    """An open stream that listens. Open it with `open_updates`."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    async def next(self) -> TradeUpdate | None:
        """Return the next update; None for one that cannot be read: something happened that we do not know."""
        while True:
            frame = await self._stream.receive()
            try:
                message = parse_server_frame(frame)
            except Malformed as fault:
                log.error("an update of Alpaca's cannot be read: %s", fault)
                return None
            if isinstance(message, TradeUpdate):
                return message
            if isinstance(message, Authorization) and not message.is_authorized:
                raise StreamLost("Alpaca ended the session")

    async def close(self) -> None:
        """End it."""
        await self._stream.close()

    async def say(self, message: Authenticate | Listen) -> None:
        """Send one message."""
        await self._stream.send(render_client_frame(message))

    async def expect(self, kind: type[M]) -> M:
        """Return the next message if it is of a kind; raises StreamLost."""
        try:
            message = parse_server_frame(await self._stream.receive())
        except Malformed as fault:
            raise StreamLost(f"not a word of Alpaca's: {fault}") from None
        if not isinstance(message, kind):
            raise StreamLost(f"expected {kind.__name__}, got {type(message).__name__}")
        return message


async def open_updates(transport: Transport, url: str, keys: Keys) -> Updates:
    """Return a stream that listens. Raises NotSent, StreamLost, and BrokerRejected where the keys are wrong."""
    updates = Updates(await transport.open_stream(url, OPEN_S))
    try:
        async with asyncio.timeout(OPEN_S):
            await updates.say(Authenticate(keys.key, keys.secret))
            if not (await updates.expect(Authorization)).is_authorized:
                raise BrokerRejected("Alpaca refuses the keys")
            await updates.say(Listen((TRADE_UPDATES,)))
            if TRADE_UPDATES not in (await updates.expect(Listening)).streams:
                raise StreamLost(f"Alpaca does not let us listen to {TRADE_UPDATES}")
    except TimeoutError:
        await updates.close()
        raise StreamLost(f"Alpaca did not greet us within {OPEN_S:g} s") from None
    except BaseException:
        await updates.close()
        raise
    return updates
