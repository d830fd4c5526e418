"""The page of the command line: every command's own words, arguments, options and examples."""

import inspect
from collections.abc import Iterator
from typing import Any

import typer

from stopline.cli.app import app
from stopline.cli.outcome import Exit
from tools.docs.markdown import page, table

EXIT_CODES = {
    Exit.OK: "done",
    Exit.REFUSED: "refused by risk; or not done, for a reason that was said",
    Exit.USAGE: "the command, a file or a setting is not right; nothing was done",
    Exit.UNREACHABLE: "no Stopline answers there",
    Exit.LOCKED: "the account is locked, or another process has the data directory",
    Exit.DEGRADED: "Stopline answers, but cannot do all of its work",
}
REPLAY_COLUMNS = table(
    ["column", "what", "also read as"],
    [
        [
            "`time`",
            "`2026-01-06`, or `2026-01-06T15:30:00Z` to the nanosecond",
            "an unnamed first column, `date`, `datetime`, `timestamp`, `executed_at`",
        ],
        ["`symbol`", "`AAPL`; futures as `ESZ6` or `fut:ES:2026-12`", "`ticker`"],
        ["`qty`", "signed; or unsigned beside a `side`", "`quantity`, `amount`, `shares`"],
        ["`price`", "what one cost", ""],
        ["`side`", "optional: `buy` or `sell` (also B, S, BOT, SLD)", ""],
        ["`fee`", "optional: what it cost; a rebate is negative", "`fees`"],
        ["`exec_id`", "optional: a row that repeats one is the same execution, told twice", ""],
        ["`currency`", "optional: one for the whole file", ""],
    ],
)
REPLAY = f"""\
The file is CSV, or CSV in gzip, with a header; columns go by name, in any order, separated by comma, semicolon or tab.

{REPLAY_COLUMNS}

Other columns are named and not used. A price finer than 1e-8 is rounded, as a broker's report is, and counted. A bad
row is an error with its line and column, and then nothing is booked.

**Days.** A file whose times are all dates (bare, or midnight UTC) has its days as written. Any other file has trading
days: from reset to reset in `--zone`, named by the day on which they end. `--days` says otherwise.

**Marks** (`date,symbol,price`) value what is held at the end of a day, and the next day opens on them. Without a mark
of that day a position is not priced: equity and P&L are `null`, never a guess. In JSON, on every day:
`realized_pnl` + `unrealized_pnl` = `day_pnl`, against the marks at which the day opened; `realized_pnl_entry` (net of
fees) and `open_pnl` are against entry cost. All amounts are decimal strings."""


def render_command_line() -> str:
    """Return the page."""
    return page(
        "# Command line",
        "`stopline --help` lists the commands, and `--help` after any of them has examples. Data goes to stdout, talk "
        "to stderr. `--json` writes one JSON document: `version` (changed only if a field changes its meaning or "
        "goes), `kind`, and the fields; amounts, prices and quantities are exact decimal strings. Colour only "
        "on a terminal, and never with `NO_COLOR`.",
        table(["exit code", "means"], ([str(int(code)), text] for code, text in EXIT_CODES.items())),
        "What cannot be taken back (`flatten`, `kill`, `release`, `breaker`, a loosened limit) is shown first, and "
        "wants the account typed. A script says `--yes` and `--reason`; without a terminal nobody is asked.",
        *(_render(path, command) for path, command in _commands(typer.main.get_command(app), ())),
    )


def _commands(group: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))
        else:
            yield (*path, name), command


def _render(path: tuple[str, ...], command: Any) -> str:
    name = " ".join(path)
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option" and each.name != "help"]
    usage = " ".join(["stopline", name, *(_argument(each) for each in arguments)])
    rows = [[f"`{_argument(each)}`", each.help or "", ""] for each in arguments]
    rows += [[f"`{each.opts[0]}`", each.help or "", _default(each)] for each in options]
    examples = (command.epilog or "").partition("Examples:\n")[2]
    return "\n\n".join(
        block
        for block in (
            f"## `{usage}`",
            inspect.cleandoc(command.help or ""),
            REPLAY if path == ("replay", "fills") else "",
            f"```sh\n{inspect.cleandoc(examples)}\n```",
            table(["", "", "default"], rows),
        )
        if block
    )


def _argument(param: Any) -> str:
    name = (param.metavar or param.name).strip("{}[]").upper()
    name = f"{name}..." if param.nargs == -1 else name
    return name if param.required else f"[{name}]"


def _default(option: Any) -> str:
    parts = []
    if option.default not in (None, "", False, ()):
        parts.append(f"`{option.default}`")
    if option.envvar:
        parts.append(f"${option.envvar}")
    return ", ".join(parts)
