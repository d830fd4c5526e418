"""Options that many commands share."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

DEFAULT_URL = "http://127.0.0.1:8082"

Url: TypeAlias = Annotated[
    str, typer.Option("--url", envvar="STOPLINE_URL", help="Where Stopline listens.", show_default=True)
]
Account: TypeAlias = Annotated[
    str,
    typer.Option("--account", envvar="STOPLINE_ACCOUNT", help="Which account, where there is more than one."),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Limit: TypeAlias = Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many at most, the newest first.")]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", help="Ask nothing; for scripts. Needs --reason.")]
Reason: TypeAlias = Annotated[str, typer.Option("--reason", help="Why; it is journaled.")]
DataDir: TypeAlias = Annotated[
    Path, typer.Option("--data-dir", envvar="STOPLINE_DATA_DIR", help="The directory that `stopline run` writes to.")
]
ConfigFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config", envvar="STOPLINE_CONFIG", help="Settings; ./stopline.yaml if it is there, else the defaults."
    ),
]
