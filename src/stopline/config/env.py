"""`${VAR}`, `${VAR:-default}` and `$${` in values of the configuration.

Put in after the text is parsed: what a variable holds is one value, never a key, a line
or another `${...}`. A variable that is not set (and has no default) is an error that
names it. What a variable holds is never shown or logged; errors name the variable.
"""

import re
from collections.abc import Mapping as Variables
from typing import Final

from stopline.config.errors import Problem
from stopline.config.tree import Entry, Listing, Mapping, Node, Scalar

_REFERENCE: Final = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\}|\$\{", re.ASCII)
_FIX: Final = "write ${NAME} or ${NAME:-default}; a literal ${ is written $${"


def substitute(node: Mapping, variables: Variables[str, str], problems: list[Problem]) -> Mapping:
    """Return the tree with its references replaced; what cannot be replaced goes to `problems`."""
    filled = _fill(node, variables, problems, "")
    assert isinstance(filled, Mapping)
    return filled


def _fill(node: Node, variables: Variables[str, str], problems: list[Problem], key: str) -> Node:
    if isinstance(node, Mapping):
        entries = {
            name: Entry(
                entry.place,
                _fill(entry.node, variables, problems, f"{key}.{name}" if key else name),
            )
            for name, entry in node.entries.items()
        }
        return Mapping(entries, node.place)
    if isinstance(node, Listing):
        items = [_fill(item, variables, problems, f"{key}[{i}]") for i, item in enumerate(node.items, 1)]
        return Listing(tuple(items), node.place)
    return _fill_scalar(node, variables, problems, key)


def _fill_scalar(node: Scalar, variables: Variables[str, str], problems: list[Problem], key: str) -> Scalar:
    if node.text is None or "$" not in node.text:
        return node
    used: list[str] = []

    def replace(match: re.Match[str]) -> str:
        name, has_default, default = match.groups()
        if match[0] == "$${":
            return "${"
        if name is None:
            problems.append(Problem(node.place, key, "holds a ${ that names no variable", _FIX))
            return ""
        used.append(name)
        value = variables.get(name)
        if has_default:
            return value or default
        if value is None:
            fix = f"set it, or write ${{{name}:-default}}"
            problems.append(Problem(node.place, key, f"the environment variable {name} is not set", fix))
            return ""
        return value

    return Scalar(_REFERENCE.sub(replace, node.text), node.place, tuple(used))
