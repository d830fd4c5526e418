"""`python -m bench [--quick] [--only NAME] [--json]`: run the benchmarks and print the table.

python -m bench                 the whole table (some minutes)
python -m bench --quick         a smoke run of seconds: figures are rough
python -m bench --only storing  one file's
"""

import argparse
import json
import platform
import sys
from collections.abc import Callable

from bench import decision, entry, lockout, restart, storing
from bench.timing import Row

BENCHES: dict[str, tuple[Callable[[bool], list[Row]], ...]] = {
    "decision": (decision.decision_alone, decision.stepping, decision.full_book, decision.many_accounts),
    "storing": (storing.durable, storing.sharing, storing.recovery),
    "lockout": (lockout.lockouts,),
    "restart": (restart.after_a_kill,),
    "entry": (entry.doors, entry.start, entry.command_line),
}


def main() -> int:
    """Run what was asked for; exit code 1 if a target was missed and `--strict` was given."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="smoke run: small counts, rough figures")
    parser.add_argument("--only", choices=sorted(BENCHES), action="append", help="run one file's benchmarks")
    parser.add_argument("--json", action="store_true", help="print rows as JSON lines")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a target is missed")
    asked = parser.parse_args()
    missed = False
    if not asked.json:
        print(f"{platform.machine()}, Python {platform.python_version()}, {'quick' if asked.quick else 'full'} run\n")
    for name in asked.only or list(BENCHES):
        for bench in BENCHES[name]:
            print(f"... {name}: {bench.__name__}", file=sys.stderr, flush=True)
            for row in bench(asked.quick):
                missed |= row.met is False
                _print(row, as_json=asked.json)
    return 1 if missed and asked.strict else 0


def _print(row: Row, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(row.__dict__), flush=True)
        return
    verdict = {True: "met", False: "MISSED", None: ""}[row.met]
    target = f"target {row.target}" if row.target else ""
    print(f"{row.number:4s}{row.what:58s}{row.measured:28s}{target:32s}{verdict:8s}{row.note}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
