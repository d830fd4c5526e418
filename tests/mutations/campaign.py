"""Plant bugs one at a time in a copy of the tree, and see whether the tests notice."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple, TypeVar

from tests.mutations.catalog import Mutation

Thing = TypeVar("Thing")
Fruit = TypeVar("Fruit")
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

    def times_found(self, mutation: Mutation) -> int:
        """Return how often the text to be changed stands in its file: once, or the bug is stale."""
        path = self.folder / "src" / "stopline" / mutation.file
        return path.read_text(encoding="utf-8").count(mutation.old) if path.exists() else 0

    @contextmanager
    def planted(self, mutation: Mutation) -> Iterator[None]:
        """Plant the bug, and take it out again."""
        path = self.folder / "src" / "stopline" / mutation.file
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(text, encoding="utf-8")

    def try_out(self, mutation: Mutation) -> Result:
        """Plant the bug, run its tests, and take it out again."""
        found = self.times_found(mutation)
        if found != 1:
            return Result(mutation, "stale", f"its text is found {found} times in {mutation.file}")
        with self.planted(mutation):
            code, told = self.run(mutation.tests)
        if code == RED:
            return Result(mutation, "killed", first_failure(told))
        if code == GREEN:
            return Result(mutation, "survived", f"green: {', '.join(mutation.tests)}")
        return Result(mutation, "broken", told[-400:])

    def run(self, tests: Iterable[str], seconds: int = SECONDS) -> tuple[int, str]:
        """Run tests against the copy; return how pytest ended, and what it said."""
        return self.execute(("pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *tests), seconds)

    def execute(self, module: Sequence[str], seconds: int) -> tuple[int, str]:
        """Run a module of the copy; return its exit code, and what it said. One that does not end is red."""
        command = [sys.executable, "-B", "-m", *module]
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


def first_failure(told: str) -> str:
    """Return the line with which pytest names the first test that failed."""
    return next((line for line in told.splitlines() if line.startswith("FAILED")), "")[:160]


def in_orchards(work: Callable[[Orchard, Thing], Fruit], things: Iterable[Thing], workers: int) -> Iterator[Fruit]:
    """Do some work for each thing, `workers` at a time, each in a copy of its own; yield what comes of it."""
    with tempfile.TemporaryDirectory(prefix="stopline-mutations-") as folder:
        orchards: SimpleQueue[Orchard] = SimpleQueue()
        for n in range(workers):
            copy = Path(folder) / str(n)
            copy.mkdir()
            orchards.put(Orchard(copy))

        def do(thing: Thing) -> Fruit:
            orchard = orchards.get()
            try:
                return work(orchard, thing)
            finally:
                orchards.put(orchard)

        with ThreadPoolExecutor(workers) as pool:
            for done in as_completed([pool.submit(do, thing) for thing in things]):
                yield done.result()


def plant(mutations: Iterable[Mutation], workers: int) -> Iterator[Result]:
    """Try out each bug; yield results as they come."""
    return in_orchards(Orchard.try_out, mutations, workers)


def untouched(mutations: Iterable[Mutation]) -> tuple[int, str]:
    """Run all named tests on an untouched copy: a bug proves nothing against tests that are red anyway."""
    tests = sorted({test for mutation in mutations for test in mutation.tests})
    with tempfile.TemporaryDirectory(prefix="stopline-untouched-") as folder:
        return Orchard(Path(folder)).run(tests, ALL_SECONDS)
