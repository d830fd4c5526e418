"""The table of results in docs/planted-bugs.md: one row for each bug, replaced when the bug was planted again."""

import re

from tests.mutations.campaign import ROOT
from tests.mutations.hunt.bugs import BUGS
from tests.mutations.hunt.hunted import Hunted

PAGE = ROOT / "docs" / "planted-bugs.md"
BEGINS, ENDS = "<!-- rows -->\n", "<!-- end of rows -->\n"
HEAD = "| stands for | bug | file | found by | after |\n|---|---|---|---|---|\n"


def write_row(bug: Hunted, by: str, detail: str, seconds: float) -> None:
    """Write what became of a bug; other rows stay as they are."""
    head, standing, tail = _parts()
    found = rows_of(standing)
    who = f"{by}: {_shown(detail)}" if by else f"**missed**: {bug.missed or 'not explained yet'}"
    found[bug.name] = f"| {bug.stands_for} | {bug.name} | `{bug.edit.file}` | {who} | {seconds:.0f} s |\n"
    kept = "".join(found[each.name] for each in BUGS if each.name in found)
    PAGE.write_text(f"{head}{BEGINS}{HEAD}{kept}{ENDS}{tail}", encoding="utf-8")


def rows() -> dict[str, str]:
    """Return the page's rows, by the name of their bug."""
    return rows_of(_parts()[1])


def names_of_rows() -> frozenset[str]:
    """Return the bugs that have a row."""
    return frozenset(rows())


def _parts() -> tuple[str, str, str]:
    head, rest = PAGE.read_text(encoding="utf-8").split(BEGINS)
    standing, tail = rest.split(ENDS)
    return head, standing, tail


def rows_of(text: str) -> dict[str, str]:
    """Return rows by the name of their bug."""
    lines = text.removeprefix(HEAD).splitlines(keepends=True)
    return {line.split(" | ")[1]: line for line in lines if line.startswith("| ")}


def _shown(detail: str) -> str:
    """Return the name of the test or of the seed that found it, short and harmless in a table."""
    where = detail.partition(" - ")[0]
    where = re.sub(r"^tests/(\w+/)*", "", where)
    return f"`{where.replace('|', '/')[:90]}`"
