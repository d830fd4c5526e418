"""The trading API's door: keys, the rate limit and the faults in front of every request."""

import asyncio
import logging
from collections.abc import Callable

from stopline.dialects.alpaca.errors import Refused
from stopline.dialects.alpaca.exact_json import Malformed
from stopline.dialects.alpaca.refusals import gateway_timeout, internal, malformed, too_many, unavailable
from stopline.dialects.alpaca.serving.wire import Answer, Request, error
from stopline.model.numbers import Nanos
from stopline.sim.alpaca.faults import Faults, Kind
from stopline.sim.alpaca.house import House
from stopline.sim.alpaca.keys import Keys
from stopline.sim.alpaca.rate import RateLimit
from stopline.sim.alpaca.routes import make_router

log = logging.getLogger(__name__)


class Cut(Exception):
    """The connection is cut in place of an answer."""


class Front:
    """Answers requests. `on_change` is called after each that may have changed something, before its answer."""

    def __init__(
        self,
        house: House,
        keys: Keys,
        rate: RateLimit,
        faults: Faults,
        at: Callable[[], Nanos],
        on_change: Callable[[], None],
    ) -> None:
        self._house, self._keys, self._at, self._on_change = house, keys, at, on_change
        self._router = make_router()
        self.rate, self.faults = rate, faults
        self.requests = 0

    async def answer(self, request: Request) -> Answer:
        """Answer a request as the faults let it; raises Cut."""
        self.requests += 1
        method, path, take = request.method, request.path, self.faults.take
        late = take(Kind.LATENCY, method, path)
        if late is not None:
            await asyncio.sleep(late.ms / 1000)
        if take(Kind.OUTAGE, method, path) or take(Kind.LOST_REQUEST, method, path):
            raise Cut
        if take(Kind.UNAVAILABLE, method, path):
            return error(unavailable())
        refused = self._keys.refusal(request.headers)
        if refused is not None:
            return error(refused)
        if not self.rate.take(self._at()) or take(Kind.RATE_LIMITED, method, path):
            return error(too_many())
        answer = self._carry_out(request)
        if take(Kind.LOST_REPLY, method, path):
            raise Cut
        return error(gateway_timeout()) if take(Kind.GATEWAY_TIMEOUT, method, path) else answer

    def _carry_out(self, request: Request) -> Answer:
        at = self._at()
        self._house.advance(at)
        try:
            run, placed = self._router.find(request)
            return run(self._house, placed, at)
        except Refused as refused:
            return error(refused.error)
        except Malformed as fault:
            return error(malformed(fault))
        except Exception:
            log.exception("%s %s made the simulator fall over", request.method, request.path)
            return error(internal())
        finally:
            if request.method != "GET":
                self._on_change()
