"""Every command of the quick start and of the README is one that exists, with options that exist."""

import re
import shlex
from pathlib import Path

import pytest

from tests.unit.cli.test_help import COMMANDS

ROOT = Path(__file__).resolve().parents[3]
PAGES = ("docs/quick-start.md", "README.md", "docs/paper.md")


def commands(page: str) -> list[str]:
    """Return the lines of a page's shell blocks that call stopline."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line.partition(" #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line.removeprefix(".venv/bin/") for line in lines if re.match(r"(\.venv/bin/)?stopline ", line)]


CALLS = [(page, line) for page in PAGES for line in commands(page)]


@pytest.mark.parametrize(("page", "line"), CALLS)
def test_the_command_exists_with_these_options(page, line):
    words = shlex.split(line)[1:]
    if words in (["--version"], ["--help"]):
        return
    path = tuple(words[:2]) if tuple(words[:2]) in COMMANDS else tuple(words[:1])
    assert path in COMMANDS, line
    known = {name for param in COMMANDS[path].params for name in param.opts} | {"--help"}
    assert {word for word in words if word.startswith("--")} <= known, line


def test_the_quick_start_has_them_all():
    called = {line.split()[1] for page, line in CALLS if page == "docs/quick-start.md"}
    assert called >= {"demo", "run", "order", "orders", "check", "positions", "kill", "status", "journal"}
