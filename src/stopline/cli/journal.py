"""`stopline journal`: verify it, look into it, export it, rebuild its tables; all but the last beside a running one."""

import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.examples import examples
from stopline.cli.options import DataDir, Json
from stopline.cli.outcome import Exit, Stop, say

if TYPE_CHECKING:
    from stopline.cli.client import Body

journal = typer.Typer(help="Every decision: verify, show, export, rebuild.", no_args_is_help=True)
After = Annotated[int, typer.Option("--after", min=0, help="Only records after this one.")]
Spool = Annotated[
    Path | None,
    typer.Option("--spool", exists=True, dir_okay=False, help="The spool, if spool_path puts it elsewhere."),
]
Until = Annotated[int | None, typer.Option("--until", min=1, help="Only records up to this one.")]


@contextmanager
def _journal_errors() -> Iterator[None]:
    """Turn what the store refuses into a sentence and an exit code."""
    from stopline.ports.journal import JournalBusy, JournalError

    try:
        yield
    except JournalBusy as error:
        raise Stop(Exit.LOCKED, str(error)) from None
    except JournalError as error:
        raise Stop(Exit.REFUSED, str(error)) from None


@journal.command(
    epilog=examples(
        "stopline journal verify",
        "stopline journal verify --data-dir data --json",
        "stopline journal verify --spool /mnt/other/spool.bin",
    )
)
def verify(data_dir: DataDir = Path("data"), spool: Spool = None, json: Json = False) -> None:
    """Read every record and say whether the chain holds. Exit code 1: it does not.

    It warns of records that wait in the spool: the next start puts them into the journal.
    """
    from msgspec import structs

    from stopline.cli.output import facts, write_json
    from stopline.stores import tools

    found = tools.verify(data_dir, _progress(), spool)
    if json:
        write_json("journal_verify", data_dir=str(data_dir), **structs.asdict(found))
    else:
        names = (
            "records",
            "events",
            "head_seq",
            "head_hash",
            "epoch",
            "code_version",
            "config_version",
            "first_bad_seq",
        )
        facts([(name, str(value)) for name in names if (value := getattr(found, name)) is not None])
    for warning in found.warnings:
        say(f"warning: {warning}")
    say(found.message)
    if not found.intact:
        raise Stop(Exit.REFUSED)


@journal.command(
    epilog=examples(
        "stopline journal show --tail 20",
        "stopline journal show --order TEST-001",
        "stopline journal show --event OrderDenied --json | jq .records",
    )
)
def show(
    data_dir: DataDir = Path("data"),
    after: After = 0,
    until: Until = None,
    tail: Annotated[int, typer.Option("--tail", min=1, max=100_000, help="Only the last so many.")] = 100,
    account: Annotated[str, typer.Option(help="Only what concerns this account.")] = "",
    order: Annotated[str, typer.Option(help="Only what concerns this client_order_id.")] = "",
    event: Annotated[str, typer.Option(help="Only this kind of event, such as OrderDenied.")] = "",
    json: Json = False,
) -> None:
    """Show records with their events."""
    from stopline.cli.output import write_json
    from stopline.stores import tools

    _known_event(event)
    records: deque[Body] = deque(maxlen=tail)
    count = 0
    with _journal_errors():
        for record in tools.show(data_dir, after, until, account=account, client_order_id=order, event=event):
            records.append(record)
            count += 1
    if json:
        return write_json("journal_show", records=list(records))
    for record in records:
        for line in _lines(record):
            print(line)
    if not count:
        say(f"no record in {data_dir} is like that")
    elif count > tail:
        say(f"the last {tail} of {count:,}; --tail shows more")
    return None


def _known_event(event: str) -> None:
    """End the command where no event has this name: it would find nothing, and look as if nothing had happened."""
    from difflib import get_close_matches
    from typing import get_args

    from stopline.messages.events import Event

    known = sorted(each.__name__ for each in get_args(Event))
    if event and event not in known:
        meant = ", ".join(get_close_matches(event, known)) or ", ".join(known)
        raise Stop(Exit.USAGE, f"--event: no event is called {event!r}", f"try: {meant}")


def _lines(record: "Body") -> Iterator[str]:
    from stopline.cli.figures import instant

    yield f"{record['seq']}  {instant(record['at'])}  {record['hash'][:12]}"
    for event in record["events"]:
        fields = " ".join(f"{name}={_short(value)}" for name, value in event.items() if name != "type")
        yield f"    {event['type']}  {fields}"


def _short(value: object) -> str:
    if isinstance(value, dict):
        return "{" + " ".join(f"{name}={_short(each)}" for name, each in value.items() if each not in (None, "")) + "}"
    if isinstance(value, list):
        return f"[{len(value)}]" if value and isinstance(value[0], dict) else f"[{', '.join(map(_short, value))}]"
    text = "-" if value is None else str(value)
    return repr(text) if not text.isprintable() or " " in text else text


@journal.command(
    epilog=examples("stopline journal export > journal.jsonl", "stopline journal export --after 1000 --out tail.jsonl")
)
def export(
    data_dir: DataDir = Path("data"),
    after: After = 0,
    until: Until = None,
    out: Annotated[Path | None, typer.Option("--out", help="A new file, instead of stdout.")] = None,
) -> None:
    """Write every record as one line of JSON."""
    from stopline.stores import tools

    with _journal_errors():
        lines = tools.export(data_dir, after, until)
        if out is None:
            for line in lines:
                sys.stdout.buffer.write(line)
            return
        try:
            file = out.open("xb")
        except OSError as error:
            reason = "it is there already" if isinstance(error, FileExistsError) else error.strerror
            raise Stop(Exit.USAGE, f"{out} cannot be written: {reason}", "name a new file") from None
        with file:
            count = 0
            for line in lines:
                file.write(line)
                count += 1
    say(f"{count} records written to {out}")


@journal.command(epilog=examples("stopline journal rebuild", "stopline journal rebuild --data-dir data --json"))
def rebuild(data_dir: DataDir = Path("data"), json: Json = False) -> None:
    """Drop the tables and make them again from the journal. Stopline must not be running on the directory."""
    from stopline.cli.output import write_json
    from stopline.stores import tools

    with _journal_errors():
        count = tools.rebuild(data_dir, _progress())
    if json:
        return write_json("journal_rebuild", data_dir=str(data_dir), records=count)
    return print(f"the tables were made again from {count} records")


def _progress() -> Callable[[int, int], None] | None:
    """Return what shows progress on a terminal, and nothing anywhere else."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, of: int) -> None:
        sys.stderr.write(f"\r{done:,} of {of:,} records{'' if done < of else chr(10)}")
        sys.stderr.flush()

    return tell
