"""Small pieces of Markdown."""

from collections.abc import Iterable

NOTICE = "<!-- Rendered from code by `make docs`. Do not edit. -->"


def page(*blocks: str) -> str:
    """Return a page of these blocks, less the empty ones."""
    return "\n\n".join([NOTICE, *(block for block in blocks if block)]) + "\n"


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table, or nothing if it has no rows."""
    titles = list(header)
    body = [_line(row) for row in rows]
    return "\n".join([_line(titles), "|" + "---|" * len(titles), *body]) if body else ""


def codes(words: Iterable[str]) -> str:
    """Return words as code, with commas."""
    return ", ".join(f"`{word}`" for word in words)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
