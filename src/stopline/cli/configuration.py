"""`stopline config`: write one, check one, show what is in force; and the settings of `stopline run`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.examples import examples
from stopline.cli.options import Json
from stopline.cli.outcome import Exit, Stop, say

if TYPE_CHECKING:
    from stopline.config.settings import Settings

config = typer.Typer(help="Settings: write, check and show them.", no_args_is_help=True)
USUAL = Path("stopline.yaml")
File = Annotated[
    Path | None,
    typer.Argument(envvar="STOPLINE_CONFIG", help="The file; ./stopline.yaml if it is there, else the defaults."),
]


def find_config(given: Path | None) -> Path | None:
    """Return the file that is meant: the one named, or ./stopline.yaml if there is one."""
    if given is not None:
        return given
    return USUAL if USUAL.exists() else None


def load_settings(file: Path | None) -> "Settings":
    """Return the settings of a file, or the defaults; ends the command with all that is wrong."""
    from stopline.config.errors import ConfigError
    from stopline.config.load import load

    try:
        return load(file)
    except ConfigError as error:
        raise Stop(Exit.USAGE, *(str(problem) for problem in error.problems)) from None


@config.command(epilog=examples("stopline config init", "stopline config init conf/stopline.yaml"))
def init(file: Annotated[Path, typer.Argument(help="A new file.")] = USUAL) -> None:
    """Write the defaults, with what each setting means, to a new file."""
    from stopline.config.load import DEFAULTS

    try:
        with file.open("xb") as out:
            out.write(DEFAULTS.read_bytes())
    except OSError as error:
        reason = "it is there already" if isinstance(error, FileExistsError) else error.strerror
        raise Stop(Exit.USAGE, f"{file} cannot be written: {reason}", "name a new file") from None
    say(f"{file} written; change what you like, then `stopline config validate {file}`")


@config.command(
    epilog=examples("stopline config validate", "stopline config validate conf/stopline.yaml --json | jq .problems")
)
def validate(file: File = None, json: Json = False) -> None:
    """Say what is wrong with a file.

    Line, column, key, and what would be right; and why `stopline run` would refuse what is
    there. Exit code 2 if anything is wrong.
    """
    from stopline.bootstrap.parts import refusals_of
    from stopline.cli.output import write_json
    from stopline.config.errors import ConfigError
    from stopline.config.load import load

    file = find_config(file)
    problems: list[dict[str, object]] = []
    lines: list[str] = []
    version = None
    try:
        settings = load(file)
        version = settings.version
        for refusal in refusals_of(settings):
            lines.append(f"{file or 'defaults'}: `stopline run` would refuse it: {refusal}")
            problems.append(_refusal(str(file or "defaults"), refusal))
    except ConfigError as error:
        lines = [str(problem) for problem in error.problems]
        problems = [
            {
                "file": each.place.file,
                "line": each.place.line,
                "column": each.place.column,
                "key": each.key,
                "message": each.message,
                "fix": each.fix,
            }
            for each in error.problems
        ]
    name = str(file or "defaults")
    if json:
        write_json("config_validate", file=name, valid=not problems, config_version=version, problems=problems)
    if problems:
        raise Stop(Exit.USAGE, *lines)
    if not json:
        print(f"{name}: nothing is wrong (version {version})")


def _refusal(file: str, message: str) -> dict[str, object]:
    """Return a problem of the settings as a whole: it has no place of its own."""
    return {"file": file, "line": None, "column": None, "key": "", "message": message, "fix": ""}


@config.command(epilog=examples("stopline config show", "stopline config show conf/stopline.yaml --json"))
def show(file: File = None, json: Json = False) -> None:
    """Show every setting as written, and where. Variables stay as ${VAR}: what they hold is not shown."""
    from stopline.cli.output import table, write_json
    from stopline.config.show import written

    file = find_config(file)
    settings = load_settings(file)
    rows = written(file)
    if json:
        listed = [{"key": each.key, "value": each.value, "where": each.where} for each in rows]
        return write_json("config_show", file=settings.source, config_version=settings.version, settings=listed)
    return table(("key", "value", "where"), [(each.key, each.value, each.where) for each in rows])
