"""`stopline paper`: options, and what is looked at before anything is played."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.examples import examples
from stopline.cli.options import ConfigFile, Json
from stopline.cli.outcome import Exit, Stop, say

if TYPE_CHECKING:
    from stopline.cli.paper.orders import Planned
    from stopline.config.settings import Settings
    from stopline.venue.recorded import Survey


def add_to(app: typer.Typer) -> None:
    """Add this command to the app."""
    app.command(
        epilog=examples(
            "stopline paper --quotes es_minutes_2013.csv.gz",
            "stopline paper --quotes es_minutes_2013.csv.gz --orders orders.csv --config conf/stopline.yaml",
            "stopline paper --quotes ibm_ticks_20131007.csv.gz --speed 60 --serve",
            "stopline paper --quotes es_minutes_2013.csv.gz --orders orders.csv --plot equity.svg",
            "stopline paper --quotes es_minutes_2013.csv.gz --orders orders.jsonl --json | jq .orders",
        )
    )(paper)


def paper(
    quotes: Annotated[Path, typer.Option("--quotes", help="A recorded market: CSV or CSV.GZ.")],
    speed: Annotated[int, typer.Option(min=0, help="Seconds of the market in one of ours; 0: as fast as it goes.")] = 0,
    orders: Annotated[
        Path | None, typer.Option("--orders", help="Orders with their instants: CSV, or a JSON object a line.")
    ] = None,
    config: ConfigFile = None,
    account: Annotated[str, typer.Option(help="Whose orders and curve, where there is more than one.")] = "",
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="Where to keep the journal; else it is removed at the end.")
    ] = None,
    plot: Annotated[Path | None, typer.Option("--plot", help="Write the equity curve as SVG.")] = None,
    serve: Annotated[bool, typer.Option("--serve", help="Open the HTTP door meanwhile.")] = False,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Of the door; 0 takes a free one.")] = None,
    json: Json = False,
) -> None:
    """Play a recorded market, and sum it up.

    Through the whole system: gate, journal, paper broker, with the accounts and limits of your
    configuration. With --orders you see what your limits would have done to them. At the end:
    orders by what became of them, P&L, drawdown, breakers, and the equity curve.

    Ctrl-C ends it early, with the summary so far.
    """
    from stopline.bootstrap import StartRefused
    from stopline.cli.configuration import find_config, load_settings
    from stopline.cli.paper.run import Wishes, run_paper
    from stopline.cli.run import refused_code

    settings = load_settings(find_config(config))
    name = _account(settings, account)
    survey = _survey(quotes)
    planned, not_sent = _orders(orders, name, survey)
    _look_at_plot(plot)
    wishes = Wishes(
        account=name,
        data_dir=data_dir,
        plot=plot,
        serve=serve,
        json=json,
        survey=survey,
        planned=planned,
        not_sent=not_sent,
    )
    try:
        run_paper(_with_options(settings, quotes, speed, port), wishes)
    except StartRefused as refused:
        raise Stop(refused_code(refused), f"stopline does not start: {refused}") from None


def _with_options(settings: "Settings", quotes: Path, speed: int, port: int | None) -> "Settings":
    from msgspec import structs

    from stopline.config.settings import Market

    market = Market(source=quotes.name, path=quotes, speed=speed)
    return structs.replace(settings, market=market, port=settings.port if port is None else port)


def _account(settings: "Settings", wanted: str) -> str:
    """Return the account that is meant."""
    names = [terms.account for terms in settings.accounts]
    if wanted and wanted not in names:
        raise Stop(Exit.USAGE, f"--account: there is no account {wanted!r}", f"accounts here: {', '.join(names)}")
    if not wanted and len(names) > 1:
        raise Stop(Exit.USAGE, "there is more than one account", f"say which with --account: {', '.join(names)}")
    return wanted or names[0]


def _survey(quotes: Path) -> "Survey":
    """Read the whole file once, so that what is wrong with it is said before anything is played."""
    from stopline.venue.readers.form import RecordingError
    from stopline.venue.recorded import RecordedFeed

    if not quotes.is_file():
        wrong = f"{quotes} is a directory" if quotes.is_dir() else f"there is no file {quotes}"
        raise Stop(Exit.USAGE, f"--quotes: {wrong}", "name a recorded market, CSV or CSV.GZ")
    try:
        return RecordedFeed(quotes).survey()
    except RecordingError as error:
        raise Stop(Exit.USAGE, str(error)) from None


def _orders(path: Path | None, account: str, survey: "Survey") -> tuple[list["Planned"], int]:
    """Return the orders within the file's time, and how many lie outside."""
    if path is None:
        return [], 0
    from stopline.cli.instants import seconds_text
    from stopline.cli.paper.orders import OrdersRefused, read_orders

    try:
        planned = read_orders(path, account)
    except OrdersRefused as refused:
        raise Stop(Exit.USAGE, *refused.problems) from None
    within = [each for each in planned if survey.starts_at <= each.at <= survey.ends_at]
    outside = len(planned) - len(within)
    if outside:
        times = f"{seconds_text(survey.starts_at)} to {seconds_text(survey.ends_at)}"
        say(f"{outside} of {len(planned)} orders lie outside the market's time, {times}: they are not sent")
    return within, outside


def _look_at_plot(plot: Path | None) -> None:
    if plot is not None and not plot.parent.is_dir():
        raise Stop(Exit.USAGE, f"--plot: there is no directory {plot.parent}", "name a file in one that is there")
