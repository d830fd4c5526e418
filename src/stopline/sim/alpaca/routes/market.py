"""The market: its clock, its calendar, what is listed, and its newest quotes."""

from datetime import timedelta
from typing import Final

from stopline.dialects.alpaca.assets import ASSET
from stopline.dialects.alpaca.clock import CALENDAR_DAY, CLOCK, CalendarDay, Clock
from stopline.dialects.alpaca.errors import Refused
from stopline.dialects.alpaca.query import day
from stopline.dialects.alpaca.quotes import render_latest, render_quote
from stopline.dialects.alpaca.refusals import invalid, not_found
from stopline.dialects.alpaca.serving.wire import Answer, Request
from stopline.model.numbers import SECOND, Nanos
from stopline.sim.alpaca.hours import ALWAYS, Hours, Phase, TradingDay
from stopline.sim.alpaca.house import House
from stopline.sim.alpaca.routes.endpoint import Routes

MOST_DAYS: Final = 3_700


def clock(house: House, request: Request, at: Nanos) -> Answer:
    """Return what time it is at the market."""
    hours = house.hours
    shown = Clock(
        timestamp=at,
        is_open=hours.phase(at) is Phase.REGULAR,
        next_open=hours.next_open(at),
        next_close=hours.next_close(at),
    )
    return Answer(200, CLOCK.render(shown))


def calendar(house: House, request: Request, at: Nanos) -> Answer:
    """Return trading days."""
    today = house.hours.local(at).date()
    first = day(request.query, "start", today - timedelta(days=30))
    last = day(request.query, "end", today + timedelta(days=365))
    count = min((last - first).days + 1, MOST_DAYS)
    found = [house.hours.day(first + timedelta(days=ahead)) for ahead in range(count)]
    return Answer(200, [CALENDAR_DAY.render(_shown(house.hours, each)) for each in found if each is not None])


def _shown(hours: Hours, day: TradingDay) -> CalendarDay:
    is_always = hours.kind == ALWAYS  # midnight at its end would read as midnight at its beginning
    return CalendarDay(
        date=day.date,
        open=f"{hours.local(day.opens_at):%H:%M}",
        close=f"{hours.local(day.closes_at - SECOND * is_always):%H:%M}",
        session_open=f"{hours.local(day.early_at):%H%M}",
        session_close=f"{hours.local(day.late_at - SECOND * is_always):%H%M}",
        settlement_date=day.date,
    )


def assets(house: House, request: Request, at: Nanos) -> Answer:
    """Return what is listed."""
    query = request.query
    listed = [
        asset
        for asset in house.assets.all()
        if query.get("status", "") in ("", asset.status)
        and query.get("asset_class", "") in ("", asset.asset_class)
        and query.get("exchange", "") in ("", asset.exchange)
        and not query.get("attributes")
    ]
    return Answer(200, [ASSET.render(asset) for asset in listed])


def asset(house: House, request: Request, at: Nanos) -> Answer:
    """Return one asset."""
    symbol = house.assets.symbol(request.parts["symbol"])
    if symbol is None:
        raise Refused(not_found(f"asset not found for {request.parts['symbol'][:80]}"))
    return Answer(200, ASSET.render(house.assets.show(symbol)))


def latest_quotes(house: House, request: Request, at: Nanos) -> Answer:
    """Return the newest quotes of some shares."""
    symbols = [symbol for symbol in request.query.get("symbols", "").split(",") if symbol]
    if not symbols:
        raise Refused(invalid("symbols is required"))
    return Answer(200, render_latest(house.tape.latest(symbols)))


def latest_quote(house: House, request: Request, at: Nanos) -> Answer:
    """Return the newest quote of one share."""
    found = house.tape.latest([request.parts["symbol"]])
    if not found:
        raise Refused(not_found(f"no quote found for {request.parts['symbol'][:80]}"))
    return Answer(200, {"symbol": found[0].symbol, "quote": render_quote(found[0])})


def option_contracts(house: House, request: Request, at: Nanos) -> Answer:
    """Return no option contracts: there are none here."""
    return Answer(200, {"option_contracts": [], "next_page_token": None})


def watchlists(house: House, request: Request, at: Nanos) -> Answer:
    """Return no watchlists: there are none here."""
    return Answer(200, [])


ROUTES: Final[Routes] = {
    ("GET", "/v2/clock"): clock,
    ("GET", "/v2/calendar"): calendar,
    ("GET", "/v2/assets"): assets,
    ("GET", "/v2/assets/{symbol}"): asset,
    ("GET", "/v2/stocks/quotes/latest"): latest_quotes,
    ("GET", "/v2/stocks/{symbol}/quotes/latest"): latest_quote,
    ("GET", "/v2/options/contracts"): option_contracts,
    ("GET", "/v2/watchlists"): watchlists,
    ("GET", "/v2/corporate_actions/announcements"): watchlists,
}
