"""`python -m tests.mutations.hunt [--list] [--only NAME] [--rest] [--write]`: what our general checks find.

Each bug is planted in a copy of the tree, and the checkers look at it in turn until one finds it.
With --write the table in docs/planted-bugs.md is brought up to date for the bugs that were planted.
"""

import argparse
import sys
import time
from typing import NamedTuple

from tests.mutations.campaign import Orchard, in_orchards
from tests.mutations.hunt.bugs import BUGS
from tests.mutations.hunt.checkers import CHECKERS, ask
from tests.mutations.hunt.hunted import Hunted
from tests.mutations.hunt.table import names_of_rows, write_row


class Found(NamedTuple):
    """What became of one bug. `by` is a checker, or empty where none found it."""

    bug: Hunted
    by: str
    detail: str
    seconds: float


def hunt(orchard: Orchard, bug: Hunted) -> Found:
    """Plant one bug and let the checkers look."""
    times = orchard.times_found(bug.edit)
    if times != 1:
        return Found(bug, "", f"stale: its text is found {times} times in {bug.edit.file}", 0.0)
    began, told = time.monotonic(), ""
    with orchard.planted(bug.edit):
        for checker in CHECKERS:
            verdict = ask(orchard, checker)
            if verdict.outcome == "found":
                return Found(bug, checker.name, verdict.detail, time.monotonic() - began)
            if verdict.outcome != "passed":
                told += f"{checker.name} {verdict.outcome}: {verdict.detail}\n"
    return Found(bug, "", told, time.monotonic() - began)


def untouched() -> str:
    """Let every checker look at a copy without a bug; return what it has against it."""
    told = next(in_orchards(lambda orchard, checkers: [(c, ask(orchard, c)) for c in checkers], [CHECKERS], 1))
    return "\n".join(f"{c.name} {v.outcome}: {v.detail}" for c, v in told if v.outcome != "passed")


def main(arguments: list[str] | None = None) -> int:
    """Hunt."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations.hunt", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--list", action="store_true", help="name the bugs and end")
    parser.add_argument("--only", metavar="NAME", default="", help="only bugs whose name contains this")
    parser.add_argument("--rest", action="store_true", help="only bugs that have no row in docs/planted-bugs.md yet")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="bring docs/planted-bugs.md up to date")
    asked = parser.parse_args(arguments)
    done = names_of_rows() if asked.rest else frozenset()
    chosen = [bug for bug in BUGS if asked.only in bug.name and bug.name not in done]
    if asked.list or not chosen:
        for bug in chosen:
            print(f"{bug.stands_for:<66} {bug.name}")
        print(f"{len(chosen)} planted bugs")
        return 0 if chosen else 2
    began = time.monotonic()
    red = untouched()
    if red:
        print(f"{red}\nthe checkers are red without any planted bug: mend them first")
        return 2
    print(f"untouched: green, {time.monotonic() - began:.0f} s", flush=True)
    results = []
    for result in in_orchards(hunt, chosen, asked.workers):
        results.append(result)
        _tell(result)
        if asked.write:
            write_row(result.bug, result.by, result.detail, result.seconds)
    return _sum_up(results, time.monotonic() - began)


def _tell(result: Found) -> None:
    by = result.by or ("missed, as it says" if result.bug.missed else "MISSED")
    print(f"{result.seconds:6.1f} s  {by:<16} {result.bug.name}\n    {result.detail.strip()[:300]}", flush=True)


def _sum_up(results: list[Found], seconds: float) -> int:
    found = sum(1 for result in results if result.by)
    unnamed = [result.bug.name for result in results if not result.by and not result.bug.missed]
    found_after_all = [result.bug.name for result in results if result.by and result.bug.missed]
    print(f"{len(results)} planted bugs: {found} found, {len(results) - found} missed; {seconds:.0f} s")
    for name in unnamed:
        print(f"missed without a reason: {name}")
    for name in found_after_all:
        print(f"found, though its entry says that it is missed: {name}")
    return 1 if unnamed or found_after_all else 0


if __name__ == "__main__":
    sys.exit(main())
