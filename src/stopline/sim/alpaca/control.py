"""The control port: faults, quotes and time by hand. It asks for no keys, and listens on loopback only.

GET    /            what has happened so far
GET    /faults      what is set, and how often each has hit
POST   /faults      {"kind": "lost_reply", "times": 2, "method": "POST", "path": "/v2/orders"}
DELETE /faults      take all of them back
POST   /drop        cut every stream now
POST   /quotes      {"symbol": "AAPL", "bid": "174.99", "ask": "175.01", "size": "500", "last": "175"}
POST   /clock       {"advance_s": 60}
"""

from collections.abc import Callable
from typing import Any, Final

from stopline.dialects.alpaca.codecs import ASKED_PRICE, ASKED_QTY
from stopline.dialects.alpaca.errors import ApiError
from stopline.dialects.alpaca.exact_json import MAX_REQUEST, Json, Malformed, decode
from stopline.dialects.alpaca.instants import write_instant
from stopline.dialects.alpaca.refusals import invalid, not_found, unprocessable
from stopline.dialects.alpaca.serving.wire import (
    Answer,
    Receive,
    Request,
    Scope,
    Send,
    error,
    read_request,
    send_answer,
)
from stopline.model.numbers import QTY_ONE, SECOND, render_money
from stopline.sim.alpaca.faults import BadFault, Fault, Kind, make_fault
from stopline.sim.alpaca.market import hand_quote

USUAL_SIZE: Final = 10_000 * QTY_ONE
MOST_S: Final = 400 * 86_400


class NotNow(Exception):
    """Something that this simulator cannot do; the message says why."""


class ControlApp:
    """Turns requests into what the simulator does."""

    def __init__(self, simulator: Any) -> None:
        self._sim = simulator
        self._routes: dict[tuple[str, str], Callable[[Json], Json]] = {
            ("GET", "/"): lambda body: self._overview(),
            ("GET", "/faults"): lambda body: self._faults(),
            ("POST", "/faults"): self._add_fault,
            ("DELETE", "/faults"): lambda body: self._clear(),
            ("POST", "/drop"): lambda body: {"cut": simulator.cut_streams()},
            ("POST", "/quotes"): self._quote,
            ("POST", "/clock"): self._advance,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            await send_answer(send, self._answer(await read_request(scope, receive)), [])

    def _answer(self, request: Request) -> Answer:
        run = self._routes.get((request.method, request.path))
        if run is None:
            known = ", ".join(f"{method} {path}" for method, path in self._routes)
            return error(not_found(f"the control port answers {known}"))
        try:
            body = decode(request.body, MAX_REQUEST) if request.body else {}
            if not isinstance(body, dict):
                raise Malformed("must be a JSON object")
            return Answer(200, run(body))
        except (Malformed, BadFault) as fault:
            return error(invalid(str(fault)))
        except NotNow as fault:
            return error(ApiError(409, None, str(fault)))

    def _overview(self) -> Json:
        sim = self._sim
        return {
            "at": write_instant(sim.at()),
            "market": sim.market.name,
            "requests": sim.front.requests,
            "events": sim.hub.events,
            "streams": len(sim.hub),
            "listening": sim.hub.listening,
            "orders": len(sim.house.book.orders),
            "executions": len(sim.house.book.executions),
            "equity": render_money(sim.house.purse.equity()),
        }

    def _faults(self) -> Json:
        return {"faults": [_shown(fault) for fault in self._sim.front.faults.set]}

    def _add_fault(self, body: dict[str, Json]) -> Json:
        fault = make_fault({name: str(value) for name, value in body.items()})
        self._sim.front.faults.add(fault)
        if fault.kind is Kind.OUTAGE:
            self._sim.cut_streams()
        return _shown(fault)

    def _clear(self) -> Json:
        self._sim.front.faults.clear()
        return self._faults()

    def _quote(self, body: dict[str, Json]) -> Json:
        sim = self._sim
        instrument = sim.house.book.instruments.get(body.get("symbol"))
        if instrument is None:
            return _raise(unprocessable(f"symbol: {str(body.get('symbol'))[:40]!r} is not listed").message)
        if "bid" not in body or "ask" not in body:
            return _raise("bid and ask are needed")
        bid, ask = (ASKED_PRICE.read(body[name]) for name in ("bid", "ask"))
        size = ASKED_QTY.read(body["size"]) if "size" in body else USUAL_SIZE
        last = ASKED_PRICE.read(body["last"]) if "last" in body else None
        at = sim.at()
        sim.take_quote(hand_quote(instrument, bid, ask, size, last, at))
        return {"at": write_instant(at)}

    def _advance(self, body: dict[str, Json]) -> Json:
        said = body.get("advance_s")
        if not (isinstance(said, str) and said.isascii() and said.isdigit() and 0 < int(said[:9]) <= MOST_S):
            return _raise(f"advance_s: must be a whole number of seconds from 1 to {MOST_S}")
        steering = self._sim.market.steering
        if steering is None:
            raise NotNow("a recording's time is its own: it cannot be moved by hand")
        steering.advance(int(said) * SECOND)
        self._sim.house.advance(self._sim.at())
        return {"at": write_instant(self._sim.at())}


def _raise(text: str) -> Json:
    raise Malformed(text)


def _shown(fault: Fault) -> Json:
    return {
        "kind": fault.kind,
        "times": fault.times,
        "seen": fault.seen,
        "ms": fault.ms,
        "method": fault.method,
        "path": fault.path,
    }
