"""`python -m tools.calendars [--check] [--lean FILE] [--version V]`."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from tools.calendars.differences import render_differences
from tools.calendars.lean import read_lean
from tools.calendars.libraries import read_source, versions
from tools.calendars.markets import MARKETS, Market
from tools.calendars.tables import Day, decide, render_table
from tools.calendars.verdicts import Verdicts

ROOT = Path(__file__).resolve().parents[2]
TABLES = ROOT / "src/stopline/runtime/calendars/tables"
PAGE = ROOT / "docs/calendars-differences.md"
Made = dict[Market, tuple[dict[str, Verdicts], dict[date, Day]]]


def main() -> int:
    """Write the tables and the page, or compare them with what is there."""
    parser = argparse.ArgumentParser(prog="python -m tools.calendars", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the tables are not as made")
    parser.add_argument("--lean", type=Path, help="LEAN's market-hours file, a third opinion for the page")
    parser.add_argument("--version", help="version of the tables (YYYY.N); without it the one they have")
    options = parser.parse_args()
    made = {market: _make(market, options.lean) for market in MARKETS}
    version = options.version or _version_there() or "1"
    texts = {TABLES / f"{market.name}.json": _table(market, days, version) for market, (_, days) in made.items()}
    texts[TABLES / "index.json"] = _index()
    if options.check:
        return _check(texts)
    if options.lean:
        sources = ", ".join(f"{name} {number}" for name, number in versions().items()) + ", and LEAN's market hours"
        texts[PAGE] = render_differences(made, version, sources)
    TABLES.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {len(text)} bytes")
    return 0


def _make(market: Market, lean: Path | None) -> tuple[dict[str, Verdicts], dict[date, Day]]:
    by_source = {source: read_source(source) for source in market.sources}
    days = decide(market, by_source[market.sources[0]])
    if lean is not None and market.lean:
        by_source[f"LEAN:{market.lean}"] = read_lean(lean, market.lean, market.zone)
    return by_source, days


def _table(market: Market, days: dict[date, Day], version: str) -> str:
    table = render_table(market, days, version, versions())
    head = {name: value for name, value in table.items() if name != "days"}
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    short: Any = table["days"]
    body = ",\n".join(f"{json.dumps(day)}: {json.dumps(value)}" for day, value in short.items())
    return "{" + ",\n".join([*lines, '"days": {\n' + body + "}"]) + "}\n"


def _index() -> str:
    lines = [
        f"{json.dumps(each.name)}: {json.dumps({'title': each.title, 'patterns': each.patterns, 'also': each.also})}"
        for each in MARKETS
    ]
    return "{" + ",\n".join(lines) + "}\n"


def _version_there() -> str:
    path = TABLES / f"{MARKETS[0].name}.json"
    return str(json.loads(path.read_text("utf-8"))["version"]) if path.exists() else ""


def _check(texts: dict[Path, str]) -> int:
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is not what the sources and decisions give: `make calendars`", file=sys.stderr)
    print(f"{len(texts) - len(stale)} of {len(texts)} tables are as made")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
