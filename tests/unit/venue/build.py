"""An exchange, its orders and quotes, each in a line. Numbers are texts as people write them."""

from typing import Any

from msgspec import structs

from stopline.model.instrument import Instrument
from stopline.model.numbers import SECOND, parse_price, parse_qty, render_price, render_qty
from stopline.model.order import OrderType, Side, TimeInForce
from stopline.model.quote import Quote
from stopline.venue.equities import equity
from stopline.venue.exchange import Exchange
from stopline.venue.fees import FeeSchedule
from stopline.venue.futures import future
from stopline.venue.orders import VenueOrder
from stopline.venue.reports import (
    Accepted,
    Amended,
    Ended,
    Executed,
    NotAmended,
    NotCanceled,
    Refused,
    Report,
    Triggered,
)

NOW = 1_767_718_800 * SECOND
"""2026-01-06T17:00:00Z, a Tuesday."""
AAPL, MSFT = equity("AAPL"), equity("MSFT")
ES, CL = future("ES", 2026, 3, NOW), future("CL", 2026, 3, NOW)


def price(text: str | None) -> int | None:
    return None if text is None else parse_price(text)


def told(report: Report) -> str:
    """Return a report as a line."""
    match report:
        case Accepted(order=order):
            return f"{order.order_id} accepted"
        case Refused(order=order, code=code):
            return f"{order.order_id} refused: {code}"
        case Triggered(order=order):
            return f"{order.order_id} triggered"
        case Executed(order=order, qty=qty, price=at):
            return f"{order.order_id} {render_qty(qty)} @ {render_price(at)}"
        case Ended(order=order, outcome=outcome, cum_qty=cum):
            return f"{order.order_id} {outcome} with {render_qty(cum)}"
        case Amended(order=order, order_qty=qty):
            return f"{order.order_id} amended to {render_qty(qty)}"
        case NotCanceled(order_id=order_id):
            return f"{order_id} not canceled"
        case NotAmended(order_id=order_id):
            return f"{order_id} not amended"


class Floor:
    """An exchange and a clock; every call returns what was said, as lines."""

    def __init__(self, *instruments: Instrument, fees: FeeSchedule | None = None) -> None:
        self.exchange = Exchange(fees or FeeSchedule())
        self.at = NOW
        self.reports: list[Report] = []
        for instrument in instruments or (AAPL, MSFT, ES, CL):
            self.exchange.list_instrument(instrument)

    def _said(self, reports: list[Report]) -> list[str]:
        self.reports = reports
        return [told(report) for report in reports]

    def wait(self, seconds: int) -> None:
        self.at += seconds * SECOND

    def quote(
        self, bid: str | None, ask: str | None, size: str = "1000", instrument: Instrument = AAPL, **terms: Any
    ) -> list[str]:
        last = price(terms.pop("last", None))
        sizes = {"bid_size": parse_qty(terms.pop("bid_size", size)), "ask_size": parse_qty(terms.pop("ask_size", size))}
        quote = Quote(instrument.instrument_id, self.at, price(bid), price(ask), **sizes, last_price=last, **terms)
        return self._said(self.exchange.quote(quote, self.at))

    def order(self, name: str, side: str, size: str, limit: str | None = None, **terms: Any) -> VenueOrder:
        stop = terms.pop("stop", None)
        kind = (
            (OrderType.STOP_LIMIT if stop else OrderType.LIMIT)
            if limit
            else (OrderType.STOP if stop else OrderType.MARKET)
        )
        order = VenueOrder(
            order_id=name,
            owner=terms.pop("owner", "A1"),
            instrument_id=terms.pop("instrument", AAPL).instrument_id,
            side=Side(side),
            order_type=kind,
            time_in_force=terms.pop("tif", TimeInForce.GTC),
            order_qty=parse_qty(size),
            limit_price=price(limit),
            stop_price=price(stop),
        )
        return structs.replace(order, **terms)

    def enter(self, order: VenueOrder) -> list[str]:
        return self._said(self.exchange.enter(order, self.at))

    def buy(self, name: str, size: str, limit: str | None = None, **terms: Any) -> list[str]:
        return self.enter(self.order(name, "buy", size, limit, **terms))

    def sell(self, name: str, size: str, limit: str | None = None, **terms: Any) -> list[str]:
        return self.enter(self.order(name, "sell", size, limit, **terms))

    def cancel(self, name: str) -> list[str]:
        return self._said(self.exchange.cancel(name, self.at))

    def amend(self, name: str, size: str, limit: str | None = None, stop: str | None = None) -> list[str]:
        return self._said(self.exchange.amend(name, parse_qty(size), price(limit), price(stop), self.at))

    def expire(self) -> list[str]:
        return self._said(self.exchange.expire(self.at))
