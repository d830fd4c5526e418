"""The settings as they are written, and where: every key with its text and its line, variables left as `${VAR}`."""

import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from stopline.config.load import DEFAULTS
from stopline.config.tree import Entry, Listing, Mapping, Node, Scalar, parse_tree


class Written(Struct, frozen=True):
    """One value as it stands in a file."""

    key: str
    value: str
    where: str


def written(path: Path | None = None) -> list[Written]:
    """Return the defaults with a file laid over them, as text; raises ConfigError or OSError."""
    tree = parse_tree(DEFAULTS.read_bytes(), "defaults")
    if path is not None:
        tree = _lay_over(tree, parse_tree(path.read_bytes(), str(path)))
    return list(_leaves("", tree))


def _lay_over(below: Mapping, above: Mapping) -> Mapping:
    """Return `below` with the keys of `above`; a list is replaced as a whole."""
    entries = dict(below.entries)
    for name, entry in above.entries.items():
        under = entries.get(name)
        node = entry.node
        if under is not None and isinstance(under.node, Mapping) and isinstance(node, Mapping):
            node = _lay_over(under.node, node)
        entries[name] = Entry(entry.place, node)
    return Mapping(entries, above.place)


def _leaves(key: str, node: Node) -> Iterator[Written]:
    if isinstance(node, Mapping):
        for name, entry in node.entries.items():
            yield from _leaves(f"{key}.{name}" if key else name, entry.node)
    elif isinstance(node, Listing) and not all(isinstance(item, Scalar) for item in node.items):
        for index, item in enumerate(node.items, start=1):
            yield from _leaves(f"{key}[{index}]", item)
    else:
        yield Written(key, _text(node), re.sub(r":\d+$", "", str(node.place)))


def _text(node: Node) -> str:
    if isinstance(node, Listing):
        return f"[{', '.join(_text(item) for item in node.items)}]"
    return str(node.text or "") if isinstance(node, Scalar) else ""
