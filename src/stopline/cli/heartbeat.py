"""A heartbeat from a script: say that a bot lives, or that it takes its leave."""

from typing import Annotated

import typer

from stopline.cli.examples import examples
from stopline.cli.options import DEFAULT_URL, Account, Json, Url
from stopline.cli.outcome import Exit, Stop


def add_to(app: typer.Typer) -> None:
    """Add this command to the app."""
    app.command(
        epilog=examples(
            "stopline heartbeat --strategy trend --timeout 30s",
            "stopline heartbeat --client bot-7 --timeout 5s",
            "stopline heartbeat --strategy trend --leave",
        )
    )(heartbeat)


def heartbeat(
    strategy: Annotated[str, typer.Option(help="The bot is all orders of this strategy.")] = "",
    client: Annotated[str, typer.Option(help="Or all that came under this X-Client-Id.")] = "",
    timeout: Annotated[str, typer.Option(help="How long it may be silent from now on: 5s, 1min; at most 1h.")] = "",
    leave: Annotated[bool, typer.Option("--leave", help="It takes its leave: nobody waits for it any more.")] = False,
    url: Url = DEFAULT_URL,
    account: Account = "",
    json: Json = False,
) -> None:
    """Say that a bot lives.

    From the first heartbeat on it is watched: where the next does not come in time, its working entries are cancelled
    and its stops stay.
    """
    from stopline.cli.client import Client
    from stopline.cli.durations import seconds_of
    from stopline.cli.ladder.command import show

    if bool(strategy) is bool(client):
        raise Stop(Exit.USAGE, "say which bot: --strategy NAME, or --client NAME")
    if leave is bool(timeout):
        raise Stop(Exit.USAGE, "say how long it may be silent: --timeout 30s; or --leave")
    body = {"account": account, "strategy": strategy, "client": client}
    body["timeout_s"] = "0" if leave else seconds_of("--timeout", timeout)
    said = {name: value for name, value in body.items() if value}
    show("heartbeat", Client(url).post("/api/heartbeat", said).or_stop(), json=json)
