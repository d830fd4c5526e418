"""Plant bugs one at a time in a copy of the tree, and see whether the tests notice."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from tests.mutations.catalog import Mutation

ROOT = Path(__file__).parents[2]
COPIED = ("src", "tests", "tools", "pyproject.toml")
SECONDS, ALL_SECONDS = 300, 1_800
"""How long the tests of one bug may take, and all of them once."""
RED, GREEN = 1, 0
"""How pytest ends: some test failed, or none did."""


class Result(NamedTuple):
    """What became of a planted bug: killed, survived, stale (its text is not there), or broken (no test ran)."""

    mutation: Mutation
    outcome: str
    detail: str


class Orchard:
    """A copy of the tree, in which one bug after another is planted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in COPIED:
            source, target = ROOT / name, folder / name
            if source.is_dir():
                shutil.copytree(
                    source, target, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", ".hypothesis")
                )
            elif source.exists():
                shutil.copy2(source, target)

    def try_out(self, mutation: Mutation) -> Result:
        """Plant the bug, run its tests, and take it out again."""
        path = self.folder / "src" / "stopline" / mutation.file
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        found = text.count(mutation.old)
        if found != 1:
            return Result(mutation, "stale", f"its text is found {found} times in {mutation.file}")
        path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
        try:
            code, told = self.run(mutation.tests)
        finally:
            path.write_text(text, encoding="utf-8")
        if code == RED:
            return Result(mutation, "killed", _first_failure(told))
        if code == GREEN:
            return Result(mutation, "survived", f"green: {', '.join(mutation.tests)}")
        return Result(mutation, "broken", told[-400:])

    def run(self, tests: Iterable[str], seconds: int = SECONDS) -> tuple[int, str]:
        """Run tests against the copy; return how pytest ended, and what it said."""
        command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *tests]
        source = f"{self.folder / 'src'}{os.pathsep}{self.folder}"
        environment = os.environ | {"PYTHONPATH": source, "CI": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        environment.pop("PYTEST_XDIST_WORKER", None)
        environment.pop("PYTEST_ADDOPTS", None)
        try:
            ended = subprocess.run(
                command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            return RED, f"FAILED: not done in {seconds} s"
        return ended.returncode, ended.stdout + ended.stderr


def _first_failure(told: str) -> str:
    return next((line for line in told.splitlines() if line.startswith("FAILED")), "")[:160]


def plant(mutations: Iterable[Mutation], workers: int) -> Iterator[Result]:
    """Try out each bug, `workers` at a time, each in a copy of its own; yield results as they come."""
    with tempfile.TemporaryDirectory(prefix="stopline-mutations-") as folder:
        orchards: SimpleQueue[Orchard] = SimpleQueue()
        for n in range(workers):
            copy = Path(folder) / str(n)
            copy.mkdir()
            orchards.put(Orchard(copy))

        def try_out(mutation: Mutation) -> Result:
            orchard = orchards.get()
            try:
                return orchard.try_out(mutation)
            finally:
                orchards.put(orchard)

        with ThreadPoolExecutor(workers) as pool:
            for done in as_completed([pool.submit(try_out, mutation) for mutation in mutations]):
                yield done.result()


def untouched(mutations: Iterable[Mutation]) -> tuple[int, str]:
    """Run all named tests on an untouched copy: a bug proves nothing against tests that are red anyway."""
    tests = sorted({test for mutation in mutations for test in mutation.tests})
    with tempfile.TemporaryDirectory(prefix="stopline-untouched-") as folder:
        return Orchard(Path(folder)).run(tests, ALL_SECONDS)
