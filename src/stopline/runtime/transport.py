"""The transport over aiohttp: one session, kept connections, and a time limit on everything.

A request goes out once: no redirects, no proxies from the environment, no cookies. (aiohttp
repeats a GET or DELETE by itself when a kept connection turns out to be dead; never a POST or PATCH.)
"""

import asyncio
from collections.abc import Mapping

import aiohttp
from yarl import URL

from stopline.ports.transport import MAX_ANSWER, Answer, NoAnswer, NotSent, StreamLost

CONNECT_S = 3.0
KEPT_S = 30.0
HEARTBEAT_S = 15.0
"""How often the other side of a stream is asked for a sign of life; half as long again without one ends it."""
MOST_CONNECTIONS = 16
_TEXT = (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY)


class AiohttpTransport:
    """Made on the event loop's first use of it."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout_s: float
    ) -> Answer:
        """Send one request; raises NotSent and NoAnswer."""
        limit = aiohttp.ClientTimeout(total=timeout_s, connect=CONNECT_S)
        try:
            async with self._open().request(
                method, URL(url, encoded=True), headers=headers, data=body, timeout=limit, allow_redirects=False
            ) as response:
                read = await _read(response)
                shown = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status, shown, read)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise NotSent(f"no connection: {_text(error)}") from None
        except TimeoutError:
            raise NoAnswer(f"no answer within {timeout_s:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise NoAnswer(f"the connection broke: {_text(error)}") from None

    async def open_stream(self, url: str, timeout_s: float) -> "AiohttpStream":
        """Open a WebSocket; raises NotSent and StreamLost."""
        try:
            async with asyncio.timeout(timeout_s):
                socket = await self._open().ws_connect(
                    URL(url, encoded=True), heartbeat=HEARTBEAT_S, max_msg_size=MAX_ANSWER, compress=0
                )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise NotSent(f"no connection: {_text(error)}") from None
        except TimeoutError:
            raise StreamLost(f"no stream within {timeout_s:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise StreamLost(_text(error)) from None
        return AiohttpStream(socket)

    async def close(self) -> None:
        """Let go of all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS, keepalive_timeout=KEPT_S),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


class AiohttpStream:
    """One WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def send(self, frame: bytes) -> None:
        """Send a text frame; raises StreamLost."""
        try:
            await self._socket.send_str(frame.decode())
        except (aiohttp.ClientError, OSError) as error:
            raise StreamLost(_text(error)) from None

    async def receive(self) -> bytes | str:
        """Return the next frame; raises StreamLost."""
        message = await self._socket.receive()
        if message.type in _TEXT:
            frame: bytes | str = message.data
            return frame
        if message.type is aiohttp.WSMsgType.CLOSE:
            raise StreamLost(f"closed by the other side: {message.data} {str(message.extra or '')[:100]}".rstrip())
        raise StreamLost(
            "the stream has ended" if message.data is None else f"the stream broke: {message.data!r}"[:200]
        )

    async def close(self) -> None:
        """End it."""
        await self._socket.close()


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Return the body; one that is too long raises NoAnswer."""
    parts = bytearray()
    async for part in response.content.iter_chunked(64 * 1024):
        parts += part
        if len(parts) > MAX_ANSWER:
            raise NoAnswer(f"the answer is longer than {MAX_ANSWER} bytes")
    return bytes(parts)


def _text(error: BaseException) -> str:
    return str(error) or type(error).__name__
