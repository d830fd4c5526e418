"""Commands that stop trading, and those that let it go on: flatten, kill, release, breaker."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from stopline.cli.examples import examples
from stopline.cli.options import DEFAULT_URL, Account, ConfigFile, Json, Reason, Url, Yes
from stopline.cli.outcome import Exit, Stop

if TYPE_CHECKING:
    from stopline.cli.client import Body, Client

LadderUrl: TypeAlias = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="STOPLINE_URL",
        help=f"Where Stopline listens; {DEFAULT_URL}, or with --data-dir where that one listened.",
    ),
]
LadderDir: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        envvar="STOPLINE_DATA_DIR",
        help="Its data directory, for when the server does not answer; the settings' own if left out.",
    ),
]
Timeout: TypeAlias = Annotated[float, typer.Option(min=0.1, help="Seconds that the server may take to answer.")]
Wait: TypeAlias = Annotated[float, typer.Option(min=1, help="Seconds to wait for the broker where no server runs.")]
Force: TypeAlias = Annotated[bool, typer.Option("--force", help="End a process that has the data directory and hangs.")]

breaker = typer.Typer(help="Trip or reset a circuit breaker.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the app."""
    app.command(
        epilog=examples(
            "stopline flatten",
            "stopline flatten --symbol AAPL",
            "stopline flatten --account paper --scope group",
            'stopline flatten --account paper --yes --reason "end of day"',
            "stopline flatten --data-dir data",
        )
    )(flatten)
    app.command(
        epilog=examples(
            "stopline kill",
            "stopline kill --keep-positions",
            'stopline kill --account paper --yes --reason "bot runs wild"',
            "stopline kill --data-dir data --force",
        )
    )(kill)
    app.command(epilog=examples("stopline release", 'stopline release --yes --reason "bot fixed and tested"'))(release)
    app.add_typer(breaker, name="breaker")


def flatten(
    url: LadderUrl = "",
    account: Account = "",
    symbol: Annotated[str, typer.Option(help="Only this instrument.")] = "",
    scope: Annotated[str, typer.Option(help="How wide: account or group.")] = "account",
    data_dir: LadderDir = None,
    config: ConfigFile = None,
    timeout: Timeout = 3.0,
    wait: Wait = 30.0,
    force: Force = False,
    yes: Yes = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Cancel all orders, close all positions.

    Of the account (or of all accounts of its group), or of one symbol. What is not done at once stays owed: `stopline
    obligations`. Works without the server too, as `stopline kill` does.
    """
    if scope not in ("account", "group"):
        raise Stop(Exit.USAGE, f"--scope {scope!r} is not known; write account or group")
    wanted = {"word": "flatten", "account": account, "scope": scope, "symbol": symbol, "reason": reason}
    where = {"url": url, "data_dir": data_dir, "config": config, "timeout_s": timeout, "wait_s": wait}
    _stop_trading(wanted, {**where, "is_forced": force}, yes=yes, json=json)


def kill(
    url: LadderUrl = "",
    account: Account = "",
    scope: Annotated[str, typer.Option(help="How wide: account, group or firm.")] = "account",
    keep_positions: Annotated[bool, typer.Option("--keep-positions", help="Close nothing.")] = False,
    data_dir: LadderDir = None,
    config: ConfigFile = None,
    timeout: Timeout = 3.0,
    wait: Wait = 30.0,
    force: Force = False,
    yes: Yes = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Pull the kill switch.

    Halts the account, cancels entries, and closes positions unless --keep-positions. Only `stopline release` lifts it.

    Where the server does not answer, its process is asked through the data directory; where nothing runs, Stopline is
    started in this process, without doors, until the broker has confirmed it. Exit code 4: a process has the data
    directory and answers nobody (--force ends it). 5: not confirmed in time.
    """
    wanted = {"word": "kill", "account": account, "scope": scope, "keep_positions": keep_positions, "reason": reason}
    where = {"url": url, "data_dir": data_dir, "config": config, "timeout_s": timeout, "wait_s": wait}
    _stop_trading(wanted, {**where, "is_forced": force}, yes=yes, json=json)


def _stop_trading(wanted: dict[str, Any], where: dict[str, Any], *, yes: bool, json: bool) -> None:
    from stopline.cli.ladder.climb import Where
    from stopline.cli.ladder.command import stop_trading
    from stopline.cli.ladder.wanted import Wanted

    stop_trading(Wanted(**wanted), Where(**where), yes=yes, json=json)


def release(
    url: Url = DEFAULT_URL,
    account: Account = "",
    yes: Yes = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Release the kill switch.

    By a second person, or after 15 minutes; always with a reason.
    """
    client, name = _agree(url, account)
    plan = [f"release the kill switch of {name}: new orders may go again"]
    reason = _confirm(name, plan, yes=yes, reason=reason, needs_reason=True)
    _done(client, "release", "/api/release", {"account": name, "reason": reason}, json=json)


@breaker.command(
    epilog=examples(
        "stopline breaker reset 1",
        'stopline breaker reset 1 --yes --reason "limit raised, position closed"',
    )
)
def reset(
    breaker_id: Annotated[int, typer.Argument(help="Which breaker; `stopline breakers` lists them.")],
    url: Url = DEFAULT_URL,
    account: Account = "",
    yes: Yes = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Reset a circuit breaker. Refused while what tripped it still holds; the day's baseline never moves."""
    from stopline.cli.client import Client

    client = Client(url)
    found = client.get("/api/risk/circuit-breakers", account=account).or_stop()["circuit_breakers"]
    one = next((each for each in found if each["breaker_id"] == breaker_id), None)
    if one is None:
        raise Stop(Exit.USAGE, f"there is no breaker {breaker_id}", "`stopline breakers` lists them")
    name = str(one["account"])
    plan = [f"reset breaker {breaker_id} of {name}: {one['trigger_type']}, {one['reason']}"]
    reason = _confirm(name, plan, yes=yes, reason=reason)
    body = {"breaker_id": breaker_id, "reason": reason}
    _done(client, "breaker_reset", "/api/risk/circuit-breaker/reset", body, json=json)


@breaker.command(epilog=examples("stopline breaker trip", 'stopline breaker trip --yes --reason "news at 14:00"'))
def trip(
    url: Url = DEFAULT_URL,
    account: Account = "",
    expires_at: Annotated[str, typer.Option(help="Closes by itself then, such as 2026-11-20T21:00:00Z.")] = "",
    yes: Yes = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Trip a circuit breaker by hand.

    No new risk, exits go on, entries are cancelled.
    """
    from stopline.cli.instants import checked

    checked("--expires-at", expires_at)
    client, name = _agree(url, account)
    until = f"until {expires_at}" if expires_at else "until somebody resets it"
    plan = [f"trip a circuit breaker of {name}: only reducing orders go, {until}"]
    reason = _confirm(name, plan, yes=yes, reason=reason)
    body = {"account": name, "reason": reason, "expires_at": expires_at}
    _done(client, "breaker_trip", "/api/risk/circuit-breaker/trip", body, json=json)


def _agree(url: str, account: str) -> tuple["Client", str]:
    """Return a client, and the account that is meant."""
    from stopline.cli.client import Client

    client = Client(url)
    return client, str(client.get("/api/account", account=account).or_stop()["account"])


def _confirm(account: str, plan: list[str], *, yes: bool, reason: str, needs_reason: bool = False) -> str:
    from stopline.cli.confirm import confirm

    return confirm(account, plan, yes=yes, reason=reason, needs_reason=needs_reason)


def _done(client: "Client", kind: str, path: str, body: "Body", *, json: bool) -> None:
    """Have it done, and say what was set in motion."""
    from stopline.cli.ladder.command import show

    show(kind, client.post(path, {name: value for name, value in body.items() if value != ""}).or_stop(), json=json)
