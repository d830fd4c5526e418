"""Which rung is tried when. Below HTTP, one needs to know whose data directory it is."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from stopline.cli.ladder.server import HttpRung, Rung
from stopline.cli.ladder.wanted import Lost, Steps
from stopline.cli.options import DEFAULT_URL
from stopline.cli.outcome import Exit, Stop


class Where(Struct, frozen=True, kw_only=True):
    """Which Stopline is meant, as far as the command line says it."""

    url: str = ""
    data_dir: Path | None = None
    config: Path | None = None
    timeout_s: float = 3.0
    wait_s: float = 30.0
    is_forced: bool = False


def rungs(where: Where, account: str, steps: Steps) -> Iterator[Rung]:
    """Yield what answers, from the server down, one after the other. Raises Stop where nothing is left."""
    if where.url or where.data_dir is None:
        yield from over_http(where.url or DEFAULT_URL, where, account, steps)
    if where.url and where.data_dir is None:
        raise Stop(
            Exit.UNREACHABLE,
            "start one with `stopline run`, or name another with --url",
            "to stop trading without the server, name its data directory with --data-dir",
        )
    # Only now: reading settings and looking into the directory takes imports that a healthy server needs not wait for.
    from stopline.cli.ladder.directory import Directory

    yield from Directory(where, account, steps).rungs()


def over_http(url: str, where: Where, account: str, steps: Steps) -> Iterator[Rung]:
    """Yield the server at a URL, if it answers."""
    rung = HttpRung(url, where.timeout_s)
    if find_fault(rung, account, steps) is None:
        yield rung


def find_fault(rung: Rung, account: str, steps: Steps) -> Lost | None:
    """Return why nobody answers on a rung, None where somebody does; it is written down either way."""
    try:
        rung.account(account)
    except Lost as lost:
        steps.tell(rung.name, str(lost))
        return lost
    steps.note(rung.name, f"{rung.place} answers")
    return None
