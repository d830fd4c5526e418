"""What Alpaca offers and Stopline does not: each says so, in a form that clients can read."""

from typing import Final

from stopline.dialects.alpaca.errors import Refused
from stopline.dialects.alpaca.refusals import not_found
from stopline.dialects.alpaca.serving.wire import Answer, Request
from stopline.doors.alpaca.room import Endpoint, Room, Routes


def _absent(what: str) -> Endpoint:
    async def answer(room: Room, request: Request) -> Answer:
        raise Refused(not_found(f"Stopline does not offer {what}"))

    return answer


_HISTORY: Final = _absent("portfolio history here: GET /api/risk/daily-pnl of the native API has the day")
_OPTIONS: Final = _absent("options")
_ACTIONS: Final = _absent("corporate actions")
_LISTS: Final = _absent("watchlists")

ROUTES: Final[Routes] = {
    ("GET", "/v2/account/portfolio/history"): _HISTORY,
    ("POST", "/v2/positions/{symbol}/exercise"): _OPTIONS,
    ("GET", "/v2/options/contracts/{symbol}"): _OPTIONS,
    ("GET", "/v2/corporate_actions/announcements"): _ACTIONS,
    ("GET", "/v2/corporate_actions/announcements/{id}"): _ACTIONS,
    ("POST", "/v2/watchlists"): _LISTS,
    ("GET", "/v2/watchlists/{id}"): _LISTS,
    ("PUT", "/v2/watchlists/{id}"): _LISTS,
    ("POST", "/v2/watchlists/{id}"): _LISTS,
    ("DELETE", "/v2/watchlists/{id}"): _LISTS,
    ("DELETE", "/v2/watchlists/{id}/{symbol}"): _LISTS,
}
