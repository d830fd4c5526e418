"""`stopline sim`, and `stopline sim alpaca`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.examples import examples
from stopline.cli.outcome import Exit, Stop, say

if TYPE_CHECKING:
    from stopline.sim.alpaca.faults import Fault
    from stopline.sim.alpaca.options import SimOptions
    from stopline.sim.alpaca.simulator import Simulator

sim = typer.Typer(
    name="sim",
    help="Simulated brokers, to develop and test against. Nothing in them is real.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@sim.callback()
def _sim() -> None:
    """Keep `alpaca` a command of its own while it is the only one."""


@sim.command(
    epilog=examples(
        "stopline sim alpaca",
        "stopline sim alpaca --port 8801 --control-port 8802 --market manual",
        "stopline sim alpaca --market us4_minutes_201310.csv.gz --speed 60 --hours market --begin 2013-10-07T13:30:00Z",
        "stopline sim alpaca --fault gateway_timeout:times=1,method=POST --fault latency:times=0,ms=100",
        "stopline sim alpaca --state alpaca.json --cash 25000",
    )
)
def alpaca(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the trading API and /stream; 0: a free one.")] = 8801,
    control_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Of faults, quotes and time by hand; none unless given.")
    ] = None,
    key: Annotated[str, typer.Option(help="The key that clients must send.")] = "PKSIMULATED",
    secret: Annotated[str, typer.Option(help="The secret that goes with it.")] = "simulated-secret",
    market: Annotated[
        str, typer.Option(help="synthetic:SEED, a recorded CSV(.gz), or manual: quotes by the control port only.")
    ] = "synthetic:7",
    speed: Annotated[int, typer.Option(min=1, help="Of a recording.")] = 1,
    begin: Annotated[str, typer.Option(help="Where in a recording it begins: an instant, in UTC or with a zone.")] = "",
    cash: Annotated[str, typer.Option(help="What the account begins with, in USD.")] = "100000",
    hours: Annotated[str, typer.Option(help="always, or market: open when the exchanges are.")] = "always",
    rate_limit: Annotated[int, typer.Option(min=0, help="Requests a minute; 0: no limit.")] = 200,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="What goes wrong: KIND, or KIND:times=1,ms=250,method=POST,path=/v2/orders."),
    ] = None,
    state: Annotated[Path | None, typer.Option(help="Keep the account in this file, and go on from it.")] = None,
) -> None:
    """Run a simulated Alpaca.

    Its trading API, its stream and its quotes. It has one account, at made-up or recorded
    prices. Clients take its address in place of Alpaca's: TradingClient(key, secret,
    url_override=...). With --market manual and --control-port, prices go where you say. Ctrl-C
    ends it.
    """
    from stopline.cli.logs import start_logging
    from stopline.sim.alpaca.options import SimOptions

    start_logging("info", as_json=False)
    options = SimOptions(
        port=port,
        control_port=control_port,
        key=key,
        secret=secret,
        market=market,
        speed=speed,
        begin=_read_begin(begin, market),
        cash=_read_cash(cash),
        hours=_read_hours(hours),
        rate_limit=rate_limit,
        faults=tuple(_read_fault(text) for text in fault or ()),
        state=state,
    )
    if not key or not secret:
        raise Stop(Exit.USAGE, "--key and --secret must not be empty: clients must send something")
    if market == "manual" and control_port is None:
        raise Stop(Exit.USAGE, "--market manual needs --control-port: there would never be a quote")
    _run(options)


def _read_cash(text: str) -> int:
    from stopline.model.numbers import NumberRefused, parse_money

    try:
        cash = parse_money(text)
    except NumberRefused as fault:
        raise Stop(Exit.USAGE, f"--cash: {fault}") from None
    if cash <= 0:
        raise Stop(Exit.USAGE, "--cash must be more than 0")
    return cash


def _read_begin(text: str, market: str) -> int:
    from stopline.config.instants import read_instant

    if not text:
        return 0
    if market == "manual" or market.startswith("synthetic"):
        raise Stop(Exit.USAGE, f"--begin is for a recording; the {market} market's time is now")
    try:
        return read_instant(text)
    except ValueError as fault:
        raise Stop(Exit.USAGE, f"--begin: {fault}") from None


def _read_hours(text: str) -> str:
    if text not in ("always", "market"):
        raise Stop(Exit.USAGE, f"--hours {text!r} is not known; write always or market")
    return text


def _read_fault(text: str) -> "Fault":
    from stopline.sim.alpaca.faults import BadFault, parse_fault

    try:
        return parse_fault(text)
    except BadFault as fault:
        raise Stop(Exit.USAGE, f"--fault {text}: {fault}") from None


def _run(options: "SimOptions") -> None:
    from stopline.sim.alpaca.run import StartRefused, run

    def opened(simulator: "Simulator") -> None:
        for line in describe(simulator):
            say(line)

    try:
        run(options, opened)
    except StartRefused as refused:
        raise Stop(Exit.USAGE, f"the simulator does not run: {refused}") from None
    kept = f"; the account is in {options.state}" if options.state else "; the account is gone with it"
    say(f"stopped{kept}")


def describe(simulator: "Simulator") -> list[str]:
    """Return what a person must know of what is running now."""
    from stopline import __version__

    options = simulator.options
    hours = "always open" if options.hours == "always" else "open when the New York exchanges are"
    rate = f"{options.rate_limit} requests a minute" if options.rate_limit else "no rate limit"
    control = simulator.control.url if simulator.control else "none; --control-port opens one"
    lines = [
        f"stopline {__version__}: SIMULATED ALPACA, nothing here is real",
        f"  url       {simulator.url}",
        f"  stream    {simulator.stream_url}",
        f"  quotes    {simulator.quotes_url}",
        f"  key       {options.key}",
        f"  secret    {options.secret}",
        f"  market    {simulator.market.name}, {hours}",
        f"  account   {_account(simulator)}, {rate}",
        f"  control   {control}",
    ]
    lines += [f"  fault     {fault}" for fault in options.faults]
    return [*lines, "Ctrl-C ends it"]


def _account(simulator: "Simulator") -> str:
    from stopline.model.numbers import render_money

    house = simulator.house
    equity = render_money(house.purse.equity())
    orders = len(house.book.open_orders())
    left = f", {orders} open orders from {simulator.options.state}" if orders else ""
    return f"{equity} USD{left}"
