"""Every command of the README and of the docs is one that exists, with options that exist."""

import re
import shlex
from pathlib import Path

import pytest

from tests.unit.cli.test_help import COMMANDS

ROOT = Path(__file__).resolve().parents[3]
PAGES = ("README.md", *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md")))


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


def test_the_list_of_orders_is_as_it_is_printed(ask, stand):
    """The page had it without a column that had come since."""
    page = (ROOT / "docs/quick-start.md").read_text(encoding="utf-8")
    shown = next(line for line in page.splitlines() if line.startswith("time "))
    order = {
        "client_order_id": "FIRST-3", "state": "working", "handling": "native", "side": "BUY", "order_qty": "1",
        "cum_qty": "0", "symbol": "KO", "order_type": "LIMIT", "limit_price": "50.00", "stop_price": None,
        "avg_price": None, "reason": "", "updated_at": "2026-11-21T06:56:44.000000000Z", "parent": "", "waits_for": "",
    }  # fmt: skip
    stand.answers["GET /api/orders"] = (200, {"orders": [order], "next_cursor": None})
    assert shown.split() == ask("orders").out.splitlines()[0].split()
