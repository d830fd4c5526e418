"""The market: its clock and calendar as New York's exchanges have them, and what is listed."""

from datetime import datetime, timedelta
from typing import Final

from stopline.dialects.alpaca.assets import ASSET, Asset
from stopline.dialects.alpaca.clock import CALENDAR_DAY, CLOCK, CalendarDay, Clock
from stopline.dialects.alpaca.errors import Refused
from stopline.dialects.alpaca.query import day as asked_day
from stopline.dialects.alpaca.refusals import not_found
from stopline.dialects.alpaca.serving.wire import Answer, Request
from stopline.doors.alpaca.figures import is_spoken_of, show_asset
from stopline.doors.alpaca.room import Room, Routes, instrument_of
from stopline.doors.alpaca.times import moment
from stopline.model.market_hours import MarketDay
from stopline.model.numbers import SECOND, Nanos
from stopline.runtime.calendars.market import MarketCalendar, OutOfRange
from stopline.state.account import AccountState
from stopline.state.view import StateView

MOST_DAYS: Final = 3_700
EARLY, LATE = "0400", "2000"


async def clock(room: Room, request: Request) -> Answer:
    """Return what time it is at the market."""
    at, calendar = room.desk.peek(lambda state, at: at), room.calendar
    try:
        is_open, opens, closes = calendar.is_open(at), calendar.next_open(at), calendar.next_close(at)
    except OutOfRange as fault:
        raise Refused(not_found(str(fault))) from None
    if opens is None or closes is None:
        raise Refused(not_found("the calendar does not say when the market opens and closes next"))
    return Answer(200, CLOCK.render(Clock(timestamp=moment(at), is_open=is_open, next_open=opens, next_close=closes)))


async def calendar(room: Room, request: Request) -> Answer:
    """Return trading days, as far as the calendar reaches."""
    known = room.calendar
    today = known.local_date(room.desk.peek(lambda state, at: at))
    first = asked_day(request.query, "start", today - timedelta(days=30))
    last = asked_day(request.query, "end", today + timedelta(days=365))
    first, last = max(first, known.first), min(last, known.last)
    count = min((last - first).days + 1, MOST_DAYS)
    days = [known.day(first + timedelta(days=ahead)) for ahead in range(count)]
    return Answer(200, [CALENDAR_DAY.render(_shown(known, each)) for each in days if each.spans])


def _shown(known: MarketCalendar, day: MarketDay) -> CalendarDay:
    def local(at: Nanos) -> datetime:
        return datetime.fromtimestamp(at // SECOND, known.zone)

    return CalendarDay(
        date=day.day,
        open=f"{local(day.spans[0].opens_at):%H:%M}",
        close=f"{local(day.spans[-1].closes_at):%H:%M}",
        session_open=EARLY,
        session_close=LATE,
        settlement_date=day.day,
    )


async def assets(room: Room, request: Request) -> Answer:
    """Return what is listed."""
    query = request.query

    def view(account: AccountState, state: StateView, at: Nanos) -> list[Asset]:
        listed = [show_asset(each, account) for each in state.instruments.values() if is_spoken_of(each)]
        return sorted(listed, key=lambda asset: asset.symbol)

    shown = [
        asset
        for asset in await room.see(view)
        if query.get("status", "") in ("", asset.status)
        and query.get("asset_class", "") in ("", asset.asset_class)
        and query.get("exchange", "") in ("", asset.exchange)
        and not query.get("attributes")
    ]
    return Answer(200, [ASSET.render(asset) for asset in shown])


async def asset(room: Room, request: Request) -> Answer:
    """Return one asset."""

    def view(account: AccountState, state: StateView, at: Nanos) -> Asset:
        instrument = instrument_of(state, request.parts["symbol"])
        if instrument is None or not is_spoken_of(instrument):
            raise Refused(not_found(f"asset not found for {request.parts['symbol'][:80]}"))
        return show_asset(instrument, account)

    return Answer(200, ASSET.render(await room.see(view)))


async def option_contracts(room: Room, request: Request) -> Answer:
    """Return no option contracts: none can be traded through this door."""
    return Answer(200, {"option_contracts": [], "next_page_token": None})


async def watchlists(room: Room, request: Request) -> Answer:
    """Return no watchlists: there are none here."""
    return Answer(200, [])


ROUTES: Final[Routes] = {
    ("GET", "/v2/clock"): clock,
    ("GET", "/v2/calendar"): calendar,
    ("GET", "/v2/assets"): assets,
    ("GET", "/v2/assets/{symbol}"): asset,
    ("GET", "/v2/options/contracts"): option_contracts,
    ("GET", "/v2/watchlists"): watchlists,
}
