"""`python -m tests.mutations.rooms [--sample 50] [--seed 1] [--room NAME] [--workers N]`: mutation testing with mutmut.

Each of the four rooms that decide (measures, checks, rules, engine) is mutated by mutmut, which knows nothing of
trading: a sample of its mutants, drawn by the seed, is tried against the tests that reach the mutated function. What
survives is printed with its change. Runs in the environment of `make mutants`; mutmut needs fork, so not on Windows.
"""

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

from tests.mutations.campaign import Orchard

ROOMS: Final = ("measures", "checks", "rules", "engine")
TESTS: Final = (
    *(f"tests/unit/{room}" for room in ROOMS),
    "tests/unit/state",
    "tests/scenarios/test_scenarios.py",
    "tests/acceptance/test_worked_examples.py",
    "tests/properties/test_gate_oracle.py",
    "tests/properties/test_interleavings.py",
    "tests/simulation/test_incidents.py",
)
NOBODY: Final = "stopline.nobody"
"""A name that no mutant has: mutmut makes all mutants, times the tests, and tries none."""
KILLED: Final = frozenset({1, 3, 24, -24, 36, 152, 255})
"""Exit codes of mutmut for a failed test and for one that took far too long."""
SURVIVED: Final = frozenset({0, 5, 33})
"""Green, or no test reaches it."""


class Plot:
    """A copy of the tree with mutmut's mutants in it."""

    def __init__(self, folder: Path, workers: int) -> None:
        self.folder = Orchard(folder).folder
        self._workers = workers
        rooms = [f"src/stopline/{room}/*" for room in ROOMS]
        terms = {"source_paths": ["src/"], "only_mutate": rooms, "also_copy": ["tools"]}
        terms["pytest_add_cli_args_test_selection"] = list(TESTS)
        terms["pytest_add_cli_args"] = ["-p", "no:cacheprovider", "-p", "no:randomly"]
        text = "\n[tool.mutmut]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in terms.items())
        with (self.folder / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(text)

    def mutmut(self, *arguments: str) -> str:
        """Run mutmut in the copy and return what it said."""
        environment = os.environ | {"CI": "1"}
        for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"):
            environment.pop(name, None)
        command = [sys.executable, "-m", "mutmut", *arguments]
        ended = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True)
        return ended.stdout + ended.stderr

    def make(self) -> dict[str, list[str]]:
        """Make all mutants; return their names by room."""
        told = self.mutmut("run", NOBODY)
        found = {room: sorted(self.results(room)) for room in ROOMS}
        if not all(found.values()):
            raise RuntimeError(f"mutmut made no mutants:\n{told[-2000:]}")
        return found

    def try_out(self, names: list[str]) -> None:
        """Try these mutants."""
        self.mutmut("run", "--max-children", str(self._workers), *names)

    def results(self, room: str) -> dict[str, int | None]:
        """Return the exit code of each mutant of a room; None where it was not tried."""
        found: dict[str, int | None] = {}
        for file in (self.folder / "mutants" / "src" / "stopline" / room).rglob("*.meta"):
            found |= json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]
        return found


def interval(killed: int, tried: int) -> tuple[float, float]:
    """Return the 95 % interval of the share that is killed (Wilson)."""
    if not tried:
        return 0.0, 1.0
    z, share = 1.96, killed / tried
    middle = share + z * z / (2 * tried)
    width = z * math.sqrt(share * (1 - share) / tried + z * z / (4 * tried * tried))
    return (middle - width) / (1 + z * z / tried), min((middle + width) / (1 + z * z / tried), 1.0)


def draw(names: dict[str, list[str]], rooms: list[str], sample: int, seed: int) -> dict[str, list[str]]:
    """Return the mutants to try of each room; all of them where `sample` is 0."""
    chance = random.Random(seed)
    return {room: chance.sample(names[room], min(sample, len(names[room])) or len(names[room])) for room in rooms}


def tell(plot: Plot, drawn: dict[str, list[str]], made: dict[str, list[str]]) -> None:
    """Print a row for each room, and every survivor with its change."""
    survivors: list[str] = []
    print("| room | mutants | tried | killed | survived | score | 95 % |\n|---|---|---|---|---|---|---|")
    for room, names in drawn.items():
        codes = plot.results(room)
        killed = sum(1 for name in names if codes[name] in KILLED)
        lived = [name for name in names if codes[name] in SURVIVED]
        low, high = interval(killed, killed + len(lived))
        score = killed / max(killed + len(lived), 1)
        print(
            f"| `{room}/` | {len(made[room])} | {len(names)} | {killed} | {len(lived)} | {score:.1%} "
            f"| {low:.0%} to {high:.0%} |"
        )
        strange = Counter(codes[name] for name in names if codes[name] not in KILLED | SURVIVED)
        if strange:
            print(f"not counted in {room}: {dict(strange)}")
        survivors += lived
    for name in survivors:
        changes = [line for line in plot.mutmut("show", name).splitlines() if line.startswith(("-", "+"))]
        print(f"\n{name}\n" + "\n".join(changes[2:]))


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutations.rooms", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--sample", type=int, default=50, help="mutants of each room; 0 for all of them")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--room", choices=ROOMS, help="only this one")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="stopline-rooms-") as folder:
        plot = Plot(Path(folder), asked.workers)
        made = plot.make()
        drawn = draw(made, [asked.room] if asked.room else list(ROOMS), asked.sample, asked.seed)
        print(f"{sum(map(len, made.values()))} mutants, {sum(map(len, drawn.values()))} drawn by seed {asked.seed}")
        plot.try_out([name for names in drawn.values() for name in names])
        tell(plot, drawn, made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
