"""`stopline demo`: options, and how it ends."""

from pathlib import Path
from typing import Annotated

import typer

from stopline.cli.examples import examples
from stopline.cli.outcome import Exit, Stop


def add_to(app: typer.Typer) -> None:
    """Add this command to the app."""
    app.command(
        epilog=examples(
            "stopline demo",
            "stopline demo --keep-running --port 8082",
            "stopline demo --fast --json | jq .title",
        )
    )(demo)


def demo(
    fast: Annotated[bool, typer.Option("--fast", help="Without pauses to read.")] = False,
    keep_running: Annotated[
        bool, typer.Option("--keep-running", help="Open the HTTP door, and leave it all running at the end.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the door; 0 takes a free one.")] = 8082,
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="A new directory to keep; else one that is removed at the end.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line: each step, then the end.")] = False,
) -> None:
    """Tell a trading day in under a minute.

    The gate, the journal and the paper broker are the real ones; only the prices are made up. Every step
    says what it does and why, and checks what it says.

    Exit code 1: a step came out otherwise than told.
    """
    from stopline.bootstrap import StartRefused
    from stopline.cli.demo.run import Wishes, run_demo

    wishes = Wishes(fast=fast, keep_running=keep_running, port=port, data_dir=data_dir, json=json)
    try:
        code = run_demo(wishes)
    except StartRefused as refused:
        raise Stop(Exit.USAGE, f"the demo does not start: {refused}") from None
    if code:
        raise Stop(Exit(code))
