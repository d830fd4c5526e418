"""`stopline calendar`: when a market trades, from the shipped calendars and the days of the configuration."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.examples import examples
from stopline.cli.options import Json
from stopline.cli.outcome import Exit, Stop

if TYPE_CHECKING:
    from stopline.runtime.calendars import CalendarBook, MarketCalendar

calendar = typer.Typer(help="When markets trade: sessions, holidays, early closes.", no_args_is_help=True)
CONFIG = typer.Option("--config", help="A stopline.yaml with days of its own; else ./stopline.yaml if it is there.")


@calendar.command(
    epilog=examples(
        "stopline calendar show ES --week",
        "stopline calendar show AAPL --month --on 2026-11-01",
        "stopline calendar show us_equities --on 2026-11-27 --json",
    )
)
def show(
    name: Annotated[str, typer.Argument(help="An instrument (ES, AAPL, fut:ES:2026-12) or a market (NYSE, cme_fx).")],
    on: Annotated[str, typer.Option("--on", help="A date, YYYY-MM-DD; without it today, in the market's zone.")] = "",
    week: Annotated[bool, typer.Option("--week", help="The week of that date.")] = False,
    month: Annotated[bool, typer.Option("--month", help="The month of that date.")] = False,
    zone: Annotated[str, typer.Option(help="The zone of the second column of times, such as Europe/London.")] = "UTC",
    config: Annotated[Path | None, CONFIG] = None,
    json: Json = False,
) -> None:
    """Show when a market trades.

    Each day has the name of the day on which it ends; an evening before it is marked (-1). Early closes, holidays and
    days of your own configuration are marked; a calendar that does not reach that far says so.
    """
    from datetime import date

    from stopline.cli.calendar_view import show_calendar
    from stopline.runtime.zones import UnknownZone, load_zone

    if week and month:
        raise Stop(Exit.USAGE, "--week or --month, not both")
    try:
        day = date.fromisoformat(on) if on else None
        second = load_zone(zone)
    except UnknownZone as error:
        raise Stop(Exit.USAGE, f"--zone: {error}") from None
    except ValueError:
        raise Stop(Exit.USAGE, f"--on: {on!r} is no date, write one such as 2026-11-27") from None
    found = _find(_book(config), name)
    span = "week" if week else "month" if month else "day"
    show_calendar(name, found, day, span, second, json=json)


@calendar.command("list", epilog=examples("stopline calendar list"))
def list_markets(json: Json = False) -> None:
    """List the markets that have a calendar."""
    from stopline.cli.output import table, write_json
    from stopline.runtime.calendars.table import read_index, read_table

    markets = {name: (listed, read_table(name)) for name, listed in read_index().items()}
    if json:
        shown = [
            {"market": name, "title": listed.title, "instruments": listed.patterns, "zone": each.zone}
            | {"version": each.version, "first": each.first, "last": each.last}
            for name, (listed, each) in markets.items()
        ]
        return write_json("calendars", calendars=shown)
    rows = [
        (name, listed.title, each.zone, f"{each.first} to {each.last}", each.version)
        for name, (listed, each) in markets.items()
    ]
    table(("market", "what", "zone", "days", "version"), rows)
    return None


def _book(config: Path | None) -> "CalendarBook":
    from stopline.runtime.calendars import CalendarBook

    path = config or Path("stopline.yaml")
    if config is None and not path.exists():
        return CalendarBook()
    from stopline.config.errors import ConfigError
    from stopline.config.load import load

    try:
        return CalendarBook(load(path).calendars)
    except ConfigError as error:
        raise Stop(Exit.USAGE, *str(error).splitlines()) from None


def _find(book: "CalendarBook", name: str) -> "MarketCalendar":
    """Return the calendar of a market, or of the market on which an instrument trades."""
    import time

    from stopline.venue.instruments import find_instrument

    if (market := book.find_market(name)) is not None:
        return book.calendar(market)
    upper = name.upper()
    instrument = find_instrument(name, time.time_ns()) or find_instrument(upper, time.time_ns())
    market = None if instrument is None else book.market_of(instrument)
    if market is None:
        raise Stop(
            Exit.USAGE,
            f"{name!r} is no market and no instrument that a calendar knows",
            f"markets: {', '.join(book.markets())}; instruments such as ES, AAPL, eq:US:IBM, fut:ZC:2026-12",
        )
    return book.calendar(market)
