"""uvicorn's protocols with a way to cut a connection in the middle, as a network does."""

from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

CUT: Final = "stopline.cut"
"""Where a scope's state holds the function that cuts the connection."""


class CuttableHttp(HttpToolsProtocol):
    """A connection that may end without an answer."""

    def on_message_begin(self) -> None:
        """Leave the way to cut it in the scope."""
        super().on_message_begin()
        self.scope["state"][CUT] = self.transport.abort


class CuttableStream(WebSocketsSansIOProtocol):
    """A WebSocket that may end without a close frame."""

    def handle_connect(self, event: Any) -> None:
        """Leave the way to cut it in the scope."""
        super().handle_connect(event)
        scope = getattr(self, "scope", None)
        if scope is not None:
            scope["state"][CUT] = self._cut

    def _cut(self) -> None:
        self.stop_keepalive()
        self.transport.abort()
