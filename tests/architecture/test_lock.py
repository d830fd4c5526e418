"""The locks install anywhere pip is set up: hashed, complete, and without the name of a host or a machine."""

import re
import tomllib

import pytest

from tests.architecture.source import ROOT, tracked_files

LOCKS = ("run", "dev", "calendars")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PIN = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[0-9][\w.]*)(?P<marker> ; .+?)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
COMMENT = re.compile(r"^\s*#")
NAME = re.compile(r"^[A-Za-z0-9_.-]+")


def lines(lock: str) -> list[str]:
    return (ROOT / "requirements" / f"{lock}.txt").read_text().splitlines()


def pins(lock: str) -> dict[str, str]:
    return {found["name"]: found["version"] for line in lines(lock) if (found := PIN.match(line))}


def wanted(requirements: list[str]) -> set[str]:
    """Return the normalised names of these requirements."""
    return {re.sub(r"[-_.]+", "-", found.group()).lower() for text in requirements if (found := NAME.match(text))}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_holds_pins_hashes_and_comments_only(lock):
    strange = [
        line for line in lines(lock) if not (not line or PIN.match(line) or HASH.match(line) or COMMENT.match(line))
    ]
    assert strange == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_hashed(lock):
    held = lines(lock)
    bare = [
        line for line, after in zip(held, [*held[1:], ""], strict=True) if PIN.match(line) and not HASH.match(after)
    ]
    assert pins(lock)
    assert bare == []


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_host(lock):
    assert [line for line in lines(lock) if "://" in line or "-url" in line or "find-links" in line] == []


def test_locks_hold_what_pyproject_asks_for():
    runtime = wanted(PROJECT["project"]["dependencies"])
    groups = PROJECT["dependency-groups"]
    build = wanted(groups["build"])
    dev = wanted([item for item in groups["dev"] if isinstance(item, str)])
    assert runtime
    assert build == {"hatchling", "editables"}
    assert runtime | build <= pins("run").keys()
    assert runtime | build | dev <= pins("dev").keys()


def test_dev_lock_agrees_with_run_lock():
    dev = pins("dev")
    assert {name: dev.get(name) for name in pins("run")} == pins("run")


def test_every_dependency_has_a_reason_beside_it():
    text = (ROOT / "pyproject.toml").read_text()
    section = text.split("\ndependencies = [", 1)[1].split("\n]", 1)[0]
    groups = text.split("\n[dependency-groups]", 1)[1].split("\n[", 1)[0]
    asked = [line for line in (section + groups).splitlines() if line.strip().startswith('"')]
    assert len(asked) >= len(PROJECT["project"]["dependencies"])
    assert [line for line in asked if not re.search(r",\s+# \S", line)] == []


# Spelled in pieces, so that this file does not name them either.
MACHINE_PATHS = re.compile(
    r"(?<![\w.~/-])(?:/wor" + r"k/|/roo" + r"t/|/hom" + r"e/\w|/opt/wh" + r"eels|/opt/py" + r"pi)"
)
TEXT = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".sh", ".cfg", ".ini", ".json", ".sql", ""}


def test_no_tracked_file_names_a_path_of_one_machine():
    files = [path for path in tracked_files() if path.suffix in TEXT]
    assert len(files) > 20
    named = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if MACHINE_PATHS.search(line)
    ]
    assert named == []
