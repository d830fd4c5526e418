"""The docs say what the code says, and their links lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, tracked_files
from tests.scenarios.runner import usages
from tools.docs import pages as rendered_pages
from tools.docs.docstring import parse_docstring

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.*?)\s*$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    return [path for path in tracked_files() if path.suffix == ".md"]


def anchors(text: str) -> set[str]:
    """Return the anchors that a forge gives the headings of a page."""
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(FENCE.sub("", text)))
    return {words.replace(" ", "-") for words in plain}


def dead_links(page: Path, text: str) -> list[str]:
    """Return the links of a page to files or headings that are not there."""
    dead = []
    for target in LINK.findall(FENCE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists():
            dead.append(target)
        elif anchor and file.suffix == ".md":
            there = text if file == page else file.read_text(encoding="utf-8")
            if anchor not in anchors(there):
                dead.append(target)
    return dead


def test_rendered_pages_are_up_to_date():
    assert list(rendered_pages.find_stale(rendered_pages.render_all())) == []


def test_a_changed_or_foreign_page_is_seen():
    rendered = rendered_pages.render_all()
    some = next(iter(rendered))
    assert list(rendered_pages.find_stale(rendered | {some: "something else"}))
    assert list(rendered_pages.find_stale(rendered | {some.with_name("not-there.md"): ""}))
    without = {path: text for path, text in rendered.items() if path.parent.name != "checks"}
    assert list(rendered_pages.find_stale(without))


def test_internal_links_resolve():
    assert len(pages()) > 10
    dead = {str(page.relative_to(ROOT)): dead_links(page, page.read_text(encoding="utf-8")) for page in pages()}
    assert {page: links for page, links in dead.items() if links} == {}


def test_every_page_of_docs_is_reached_from_its_index():
    """A page that nothing links to is a page that nobody reads."""
    linked = {
        (page.parent / target.partition("#")[0]).resolve()
        for page in pages()
        for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
        if not re.match(r"[a-z]+:", target) and not target.startswith("#")
    }
    docs = [page for page in pages() if page.is_relative_to(ROOT / "docs")]
    assert [str(page.relative_to(ROOT)) for page in docs if page.resolve() not in linked] == []


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("[a](README.md)", []),
        ("[a](nowhere.md)", ["nowhere.md"]),
        ("# One two\n[a](#one-two)", []),
        ("# One two\n[a](#three)", ["#three"]),
        ("[a](https://example.com/x)", []),
        ("```\n[a](nowhere.md)\n```", []),
    ],
)
def test_dead_links_are_seen(text, dead):
    assert dead_links(ROOT / "README.md", text) == dead


def test_docstring_is_taken_apart():
    doc = parse_docstring(
        """Deny an order.

        Measures   notional = a x b.
        No data    denied. One
                   more line.
        Exits      exempt.

        And prose.
        """
    )
    assert doc.summary == "Deny an order."
    assert doc.sections == {
        "Measures": "notional = a x b.",
        "No data": "denied. One more line.",
        "Exits": "exempt.",
    }
    assert doc.prose == "And prose."


def test_every_command_of_scenarios_stands_in_the_docs():
    page = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    assert [usage for usage in usages() if f"`{usage}`" not in page] == []
