"""`stopline run`: the whole process, until it is told to stop."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stopline.cli.examples import examples
from stopline.cli.options import ConfigFile
from stopline.cli.outcome import Exit, Stop, say

if TYPE_CHECKING:
    from stopline.bootstrap import StartRefused
    from stopline.config.settings import Market, Settings
    from stopline.doors.native.serve import Serving

PATIENCE_S = 3.0
"""After so long a person is told that reading the journal takes its time."""


def add_to(app: typer.Typer) -> None:
    """Add this command to the app."""
    app.command(
        epilog=examples(
            "stopline run",
            "stopline run --data-dir data --market synthetic:7 --port 8082",
            "stopline run --market ibm_ticks_20131007.csv.gz --speed 60 --data-dir ibm",
            "stopline run --config conf/stopline.yaml --log-json 2> stopline.log",
            "stopline run --broker alpaca --market alpaca --data-dir alpaca",
        )
    )(run)


def run(
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", envvar="STOPLINE_DATA_DIR", help="Journal, paper broker and tables.")
    ] = None,
    host: Annotated[str, typer.Option(help="Where to listen; loopback only for now.")] = "",
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="On which port; 0 takes a free one.")] = None,
    market: Annotated[
        str, typer.Option(help="synthetic:SEED, a recorded CSV(.gz), alpaca (its quotes), or none.")
    ] = "",
    speed: Annotated[int | None, typer.Option(min=0, help="Of a recording; 0: as fast as it goes.")] = None,
    broker: Annotated[
        str, typer.Option(help="alpaca: trade there and not on paper; its keys come from the environment.")
    ] = "",
    config: ConfigFile = None,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "",
    log_json: Annotated[bool, typer.Option("--log-json", help="Log lines as JSON objects.")] = False,
) -> None:
    """Run Stopline: the gate, the broker and the HTTP door.

    Options go before the configuration file, which goes before the defaults. Ctrl-C ends it;
    what was decided is in the data directory, and the next run goes on from there.
    """
    from stopline.cli.configuration import find_config, load_settings
    from stopline.cli.logs import start_logging

    settings = load_settings(find_config(config))
    settings = at_broker(settings, broker)
    settings = _with_options(settings, data_dir, host, port, market, speed, log_level, log_json)
    start_logging(settings.log_level, as_json=settings.log_json)
    _serve(settings)


def at_broker(settings: "Settings", broker: str) -> "Settings":
    """Return the settings with the account at a broker. The account of the defaults is then named after it."""
    from msgspec import structs

    if not broker:
        return settings
    if broker not in ("paper", "alpaca"):
        raise Stop(Exit.USAGE, f"--broker {broker!r} is not known; write paper or alpaca")
    if all(terms.broker == broker for terms in settings.accounts):
        return settings
    if len(settings.accounts) != 1:
        fix = "write `broker:` beside each account in the configuration"
        raise Stop(Exit.USAGE, f"--broker {broker}: which of {len(settings.accounts)} accounts?", fix)
    (terms,) = settings.accounts
    name = broker if settings.source == "defaults" else terms.account
    is_paper = broker == "paper" or settings.alpaca.environment != "live"

    def renamed(by_account: dict[str, Any]) -> dict[str, Any]:
        return dict.fromkeys([name] if by_account else [], next(iter(by_account.values()), None))

    return structs.replace(
        settings,
        accounts=(structs.replace(terms, account=name, broker=broker, paper=is_paper),),
        limits=renamed(settings.limits),
        symbol_limits=renamed(settings.symbol_limits),
        rules=renamed(settings.rules),
        scoped_limits=tuple(structs.replace(each, account=name) for each in settings.scoped_limits),
    )


def _with_options(
    settings: "Settings",
    data_dir: Path | None,
    host: str,
    port: int | None,
    market: str,
    speed: int | None,
    log_level: str,
    log_json: bool,
) -> "Settings":
    """Return the settings with what was said on the command line."""
    from msgspec import structs

    if log_level not in ("", "debug", "info", "warning", "error"):
        raise Stop(Exit.USAGE, f"--log-level {log_level!r} is not known; write debug, info, warning or error")
    recording = _market(settings.market, market, speed)
    if recording.path is not None and not recording.path.is_file():
        wrong = "is a directory" if recording.path.is_dir() else "is not there"
        raise Stop(
            Exit.USAGE, f"the recording {recording.path} {wrong}", "write synthetic:7, alpaca, none, or a file's path"
        )
    return structs.replace(
        settings,
        data_dir=data_dir or settings.data_dir,
        host=host or settings.host,
        port=settings.port if port is None else port,
        market=recording,
        log_level=log_level or settings.log_level,
        log_json=log_json or settings.log_json,
    )


def _market(usual: "Market", source: str, speed: int | None) -> "Market":
    from msgspec import structs

    from stopline.config.build import read_market

    faster = usual.speed if speed is None else speed
    if not source:
        return structs.replace(usual, speed=faster)
    try:
        return read_market(source, faster, Path())
    except ValueError as error:
        raise Stop(Exit.USAGE, f"--market: {error}; write synthetic:7, or the path of a recording") from None


def _serve(settings: "Settings") -> None:
    from stopline import bootstrap

    with _patience(settings.data_dir) as is_open:

        def opened(serving: "Serving", system: object) -> None:
            is_open.set()
            for line in describe(settings, serving.url):
                say(line)

        try:
            bootstrap.serve(settings, opened)
        except bootstrap.StartRefused as refused:
            raise Stop(refused_code(refused), f"stopline does not start: {refused}") from None
    say("stopped; everything decided is on disk")


def describe(settings: "Settings", url: str) -> list[str]:
    """Return what a person must know of what is running now."""
    from stopline import __version__

    market = settings.market
    if market.is_silent:
        source = "none: orders without a price are denied"
    elif market.is_alpaca:
        source = "Alpaca's quotes, of one exchange (IEX)"
    elif market.is_synthetic:
        source = f"{market.source}: SYNTHETIC, made-up prices, not a real market"
    else:
        pace = "as fast as it goes" if market.speed == 0 else f"{market.speed} times as fast as it was"
        source = f"recorded file {market.source}, {pace}"
    lines = [f"stopline {__version__}"]
    for terms in settings.accounts:
        mode = "PAPER" if terms.paper else "LIVE"
        lines.append(f"  account   {terms.account}  {mode}  broker {terms.broker}  {terms.currency}")
        lines.append(f"            {_rules_said(settings, terms.account)}")
    return [
        *lines,
        f"  market    {source}",
        f"  url       {url}  (routes: {url}/docs)",
        *_doors(settings),
        f"  data      {settings.data_dir.resolve()}",
        f"  settings  {settings.source}",
        "Ctrl-C ends it",
    ]


def _rules_said(settings: "Settings", account: str) -> str:
    """Return which rules act and which only watch; none must not pass for calm."""
    rules = settings.rules.get(account)
    armed = {} if rules is None else rules.armed()
    if not armed:
        return "no rules: nothing watches this account once its orders are out"
    acting = [name for name, terms in armed.items() if terms.mode == "enforce"]
    watching = [f"{name} ({terms.mode})" for name, terms in armed.items() if terms.mode != "enforce"]
    said = f"rules that act: {', '.join(acting) or 'none'}"
    return f"{said}; that only watch: {', '.join(watching)}" if watching else said


def refused_code(refused: "StartRefused") -> Exit:
    """Return 4 where another process has the data directory, else 2: something is to be set right."""
    from stopline.ports.journal import JournalBusy, JournalCorrupt

    if isinstance(refused.__cause__, JournalBusy):
        return Exit.LOCKED
    return Exit.REFUSED if isinstance(refused.__cause__, JournalCorrupt) else Exit.USAGE


@contextmanager
def _patience(data_dir: Path) -> Iterator[threading.Event]:
    """Tell a person now and then that recovery goes on, until the event is set."""
    is_open = threading.Event()

    def tell() -> None:
        waited = 0.0
        while not is_open.wait(PATIENCE_S):
            waited += PATIENCE_S
            size = sum(file.stat().st_size for file in data_dir.glob("journal.db*")) // 1_000_000
            print(f"reading the journal in {data_dir} ({size} MB), {waited:.0f} s so far ...", file=sys.stderr)

    threading.Thread(target=tell, name="patience", daemon=True).start()
    try:
        yield is_open
    finally:
        is_open.set()


def _doors(settings: "Settings") -> list[str]:
    """Return where bots that speak to Alpaca go, where there are any."""
    door = settings.alpaca_door
    if not door.bots:
        return []
    where = f"http://{door.host}:{door.port}" if door.port else "a free port: the log says which"
    return [f"  alpaca    {where}  for {', '.join(bot.name for bot in door.bots)}"]
