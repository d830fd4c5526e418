"""All rendered pages, and what on disk differs from them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.docs.command_line import render_command_line
from tools.docs.configuration import render_configuration
from tools.docs.order_life import render_order_life
from tools.docs.shelves import SHELVES, render_shelf

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def render_all() -> dict[Path, str]:
    """Return every rendered page by its path."""
    pages = {
        DOCS / "order-life-cycle.md": render_order_life(),
        DOCS / "configuration.md": render_configuration(),
        DOCS / "cli.md": render_command_line(),
    }
    for shelf in SHELVES:
        pages |= {DOCS / path: text for path, text in render_shelf(shelf)}
    return pages


def find_stale(pages: Mapping[Path, str]) -> Iterator[str]:
    """Yield a sentence for every page on disk that is not what the code says."""
    for path, text in pages.items():
        if not path.exists():
            yield f"{path.relative_to(ROOT)} is missing"
        elif path.read_text(encoding="utf-8") != text:
            yield f"{path.relative_to(ROOT)} is out of date"
    for path in find_orphans(pages):
        yield f"{path.relative_to(ROOT)} speaks of nothing that exists"


def find_orphans(pages: Mapping[Path, str]) -> list[Path]:
    """Return the pages of checks and rules that are no more."""
    on_disk = (path for shelf in SHELVES for path in (DOCS / shelf.package).glob("*.md"))
    return sorted(path for path in on_disk if path not in pages)
