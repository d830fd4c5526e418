"""In front of every request: whose keys these are, which route, and that every fault has a code and a message."""

import logging

from stopline.dialects.alpaca.errors import Refused
from stopline.dialects.alpaca.exact_json import Malformed
from stopline.dialects.alpaca.refusals import internal, malformed, no_keys, wrong_keys
from stopline.dialects.alpaca.serving.keys import read_keys
from stopline.dialects.alpaca.serving.wire import Answer, Request, error
from stopline.doors.alpaca.book import Book
from stopline.doors.alpaca.denials import unavailable
from stopline.doors.alpaca.keyring import Keyring
from stopline.doors.alpaca.room import Room
from stopline.doors.alpaca.routes import make_router
from stopline.ports.desk import Desk, DeskUnavailable
from stopline.runtime.calendars.market import MarketCalendar

log = logging.getLogger(__name__)


class Front:
    """Answers requests."""

    def __init__(self, desk: Desk, book: Book, keyring: Keyring, calendar: MarketCalendar) -> None:
        self._desk, self._book, self._keyring, self._calendar = desk, book, keyring, calendar
        self._router = make_router()

    async def answer(self, request: Request) -> Answer:
        """Answer a request."""
        said = read_keys(request.headers)
        if not any(said):
            return error(no_keys())
        bot = self._keyring.find(said)
        if bot is None:
            return error(wrong_keys())
        try:
            run, placed = self._router.find(request)
            return await run(Room(self._desk, self._book, self._calendar, bot), placed)
        except Refused as refused:
            return error(refused.error)
        except Malformed as fault:
            return error(malformed(fault))
        except DeskUnavailable as fault:
            return error(unavailable(fault))
        except Exception:
            log.exception("%s %s made the door stumble", request.method, request.path)
            return error(internal())
