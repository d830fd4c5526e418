"""The socket under Alpaca's door: loopback only, bounded like the native door's, and every refusal in Alpaca's form."""

import socket
from typing import Any, Final

from stopline.dialects.alpaca.errors import INTERNAL, INVALID, ApiError, render_error
from stopline.dialects.alpaca.exact_json import encode
from stopline.doors.native.errors import Answer
from stopline.doors.native.protocols import BoundedHttp
from stopline.doors.native.serve import Serving, make_server

_CODES: Final = {503: INTERNAL}
_MESSAGES: Final = {
    400: "this is no HTTP",
    408: "no whole request came in time",
    431: "the headers are too large",
    503: "there are too many connections",
}


class AlpacaHttp(BoundedHttp):
    """A bounded connection whose refusals have a code and a message."""

    def refuse(self, answer: Answer) -> None:
        """Answer without asking anybody, and close."""
        status = answer.status
        fault = ApiError(status, _CODES.get(status, INVALID), _MESSAGES.get(status, "refused"))
        super().refuse(Answer(status, encode(render_error(fault))))


async def open_door(app: Any, listener: socket.socket) -> Serving:
    """Serve the door on a listening socket; returns once it takes requests."""
    serving = Serving(make_server(app, http=AlpacaHttp), listener)
    await serving.open()
    return serving
