"""Reading our own source: what the architecture tests have in common."""

import ast
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "stopline"

CORE_ROOMS = ("model", "measures", "messages", "state", "checks", "rules", "engine")


@dataclass(frozen=True)
class Offence:
    """One place where source breaks a promise."""

    line: int
    what: str


Lint = Callable[[ast.AST], Iterator[Offence]]


def modules(*rooms: str) -> list[Path]:
    """Return the source files of these rooms, or of all of stopline."""
    tops = [PACKAGE / room for room in rooms] if rooms else [PACKAGE]
    return sorted(path for top in tops if top.exists() for path in top.rglob("*.py"))


def offences(lint: Lint, path: Path) -> list[str]:
    """Return what `lint` finds in a file, as `path:line: what`."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    return [f"{path.relative_to(ROOT)}:{found.line}: {found.what}" for found in lint(tree)]


def tracked_files() -> list[Path]:
    """Return the files that git has, and those that it would take with the next `git add`."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]
