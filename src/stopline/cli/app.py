"""The `stopline` command: its subcommands, and how whatever goes wrong ends."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from stopline.cli import emergency, heartbeat, init, locks, look, rules, run, size, trade, working
from stopline.cli.calendar import calendar
from stopline.cli.configuration import config
from stopline.cli.demo import command as demo
from stopline.cli.journal import journal
from stopline.cli.limits import limits
from stopline.cli.outcome import Exit, Stop, say
from stopline.cli.paper import command as paper
from stopline.cli.replay.command import replay
from stopline.cli.sim.command import sim
from stopline.cli.simulate import command as simulate


class NobodyReads(Exception):
    """Whoever read stdout has gone (`| head`)."""


class Commands(TyperGroup):
    """All commands. Typer would end with 1 where nobody reads on, as if the command had failed."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that is meant."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise NobodyReads from None


app = typer.Typer(
    name="stopline",
    cls=Commands,
    help="The risk line between traders and their brokers.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
init.add_to(app)
run.add_to(app)
demo.add_to(app)
paper.add_to(app)
look.add_to(app)
rules.add_to(app)
locks.add_to(app)
trade.add_to(app)
working.add_to(app)
size.add_to(app)
heartbeat.add_to(app)
emergency.add_to(app)
simulate.add_to(app)
app.add_typer(limits, name="limits")
app.add_typer(config, name="config")
app.add_typer(calendar, name="calendar")
app.add_typer(journal, name="journal")
app.add_typer(replay, name="replay")
app.add_typer(sim, name="sim")
app.add_typer(locks.clock, name="clock")


def _version(wanted: bool) -> None:
    if wanted:
        from stopline import __version__

        print(f"stopline {__version__}")
        raise typer.Exit


@app.callback()
def _stopline(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Say what all commands share."""


def run_cli(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; nobody sees a traceback."""
    try:
        app(arguments, prog_name="stopline")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else Exit.OK
    except Stop as stopped:
        for line in stopped.lines:
            say(line)
        return stopped.code
    except NobodyReads:
        # What is left to say goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except Exception as error:
        if os.environ.get("STOPLINE_DEBUG"):
            raise
        say(f"stopline failed at something that is not your doing: {type(error).__name__}: {error}")
        say(f"the details are in {_write_down(error)}; please report them")
        return Exit.REFUSED
    return Exit.OK


def _write_down(error: BaseException) -> str:
    """Write a traceback to a file of its own, readable by its owner only; return where."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="stopline-", suffix=".log", delete=False, encoding="utf-8") as file:
        traceback.print_exception(error, file=file)
        return file.name
