"""`python -m tests.mutations [--list] [--only NAME] [--workers N]`: plant each known bug; every one must be noticed."""

import argparse
import os
import sys
import time

from tests.mutations.campaign import plant, untouched
from tests.mutations.catalog import MUTATIONS


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--list", action="store_true", help="name the bugs and end")
    parser.add_argument("--only", metavar="NAME", default="", help="only bugs whose name contains this")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args(arguments)
    chosen = [mutation for mutation in MUTATIONS if asked.only in mutation.name]
    if asked.list or not chosen:
        for mutation in chosen:
            print(f"{mutation.name:<62} {mutation.file}")
        print(f"{len(chosen)} planted bugs")
        return 0 if chosen else 2
    started = time.monotonic()
    code, told = untouched(chosen)
    if code != 0:
        print(told[-3000:])
        print("the tests are red without any planted bug: mend them first")
        return 2
    print(f"untouched: green, {time.monotonic() - started:.0f} s", flush=True)
    counts: dict[str, int] = {}
    for result in plant(chosen, asked.workers):
        counts[result.outcome] = counts.get(result.outcome, 0) + 1
        shown = "" if result.outcome == "killed" else f"\n    {result.detail}"
        print(f"{result.outcome:<9} {result.mutation.name}{shown}", flush=True)
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    print(f"{len(chosen)} planted bugs: {told}; {time.monotonic() - started:.0f} s")
    return 0 if counts.get("killed", 0) == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
