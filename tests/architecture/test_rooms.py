"""Every room is in its place, and the contracts in pyproject.toml speak of every room that exists."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source import CORE_ROOMS, PACKAGE, ROOT

CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}


def rooms() -> list[str]:
    """Return the packages and modules directly in stopline."""
    packages = [path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.glob("*.py"))]
    return sorted(packages + [path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__"])


def test_every_room_that_exists_is_named_in_the_layers_without_parentheses():
    """A room in parentheses may vanish unseen, so only absent ones stand in them."""
    named = " | ".join(CONTRACTS["layers"]["layers"]).split(" | ")
    assert sorted(name for name in named if not name.startswith("(")) == rooms()


def test_every_core_room_that_exists_is_under_the_purity_contract():
    existing = {f"stopline.{room}" for room in CORE_ROOMS if room in rooms()}
    assert set(CONTRACTS["pure-core"]["source_modules"]) == existing


def test_checks_and_rules_are_protected_wherever_they_exist():
    existing = {f"stopline.{room}" for room in ("checks", "rules") if room in rooms()}
    assert set(CONTRACTS["deciders"]["protected_modules"]) == existing


def test_every_package_has_an_init_that_says_what_it_is():
    packages = {path.parent for path in PACKAGE.rglob("*.py")}
    silent = [
        str(package.relative_to(ROOT))
        for package in sorted(packages)
        if not (package / "__init__.py").exists()
        or not (package / "__init__.py").read_text(encoding="utf-8").lstrip().startswith('"""')
    ]
    assert silent == []


PLANTED = {
    "Rooms import only downwards": ("model/planted.py", "import stopline.engine.planted_target\n"),
    "The core touches no clock": ("model/planted.py", "from time import monotonic_ns\n"),
    "Checks do not know one another": ("checks/planted.py", "import stopline.checks.planted_target\n"),
    "Brokers do not know one another": ("brokers/planted.py", "import stopline.brokers.planted_target\n"),
    "Only the engine asks checks": ("stores/planted.py", "import stopline.checks.planted_target\n"),
    "Events and inputs come from their package": ("stores/planted.py", "import stopline.messages.events.orders\n"),
    "All SQLite goes through apsw": ("stores/planted.py", "import sqlite3\n"),
}


@pytest.mark.parametrize(("contract", "planted"), PLANTED.items(), ids=PLANTED.keys())
def test_a_planted_import_breaks_its_contract(contract, planted, tmp_path):
    """Copy the source, plant one import, and let import-linter judge the copy."""
    where, code = planted
    shutil.copytree(PACKAGE, tmp_path / "src" / "stopline", ignore=shutil.ignore_patterns("__pycache__"))
    for room in ("engine", "checks", "brokers"):
        _write(tmp_path / "src" / "stopline" / room / "planted_target.py", '"""Planted."""\n')
    _write(tmp_path / "src" / "stopline" / where, code)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    report = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "src")},
        capture_output=True,
        text=True,
    )
    assert report.returncode == 1, report.stdout + report.stderr
    broken = [line for line in report.stdout.splitlines() if line.startswith(contract) and "BROKEN" in line]
    assert broken, report.stdout


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    if not (path.parent / "__init__.py").exists():
        (path.parent / "__init__.py").touch()
    path.write_text(text, encoding="utf-8")
