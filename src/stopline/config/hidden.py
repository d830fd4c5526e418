"""Which settings were filled from the environment: what they hold is not shown, neither here nor in a log."""

from collections.abc import Iterator
from typing import TypeAlias

from stopline.config.tree import Listing, Mapping, Node

Path: TypeAlias = tuple[str | int, ...]
Hidden: TypeAlias = tuple[tuple[str, str], ...]
"""How the keys of `diff.flatten` begin and end."""
SHOWN_AS = "(from the environment)"


def find_hidden(tree: Mapping) -> Hidden:
    """Return the settings of a file that variables went into."""
    return tuple(dict.fromkeys(_ends(path) for path in _filled(tree, ())))


def is_hidden(key: str, hidden: Hidden) -> bool:
    """Return whether what a key holds came from the environment."""
    return any(key.startswith(begin) and key.endswith(end) for begin, end in hidden)


def _filled(node: Node, path: Path) -> Iterator[Path]:
    if isinstance(node, Mapping):
        for name, entry in node.entries.items():
            yield from _filled(entry.node, (*path, name))
    elif isinstance(node, Listing):
        for index, item in enumerate(node.items):
            yield from _filled(item, (*path, index))
    elif node.variables:
        yield path


def _ends(path: Path) -> tuple[str, str]:
    """Return how the key begins and ends that a place in the file is flattened to."""
    words = [word for word in path if isinstance(word, str)]
    match words:
        case ["accounts", ("strategies" | "users") as kind, *rest]:
            return {"strategies": "strategy.", "users": "user."}[kind], "." + ".".join(rest)
        case ["accounts", *rest]:
            return "accounts.", "." + ".".join(rest)
        case ["limits" | "symbols", *_]:
            return "accounts.", "." + ".".join(words)
        case [("groups" | "firms") as kind, *rest]:
            return {"groups": "group.", "firms": "firm."}[kind] + rest[0], "." + ".".join(rest[1:])
        case _:
            key = ".".join(words)
            return key, key
