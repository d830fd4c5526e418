"""Files -> settings. Everything that is wrong is said at once: file, line, column, key, what would be right.

The shipped `defaults.yaml` is a configuration like any other; a person's file is laid
over it, key by key (the list of accounts as a whole).
"""

import os
from collections.abc import Iterator
from collections.abc import Mapping as Variables
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from types import NoneType
from typing import Any, Final, get_args, get_origin

from pydantic import ValidationError

from stopline.config.build import build
from stopline.config.env import substitute
from stopline.config.errors import ConfigError, Place, Problem
from stopline.config.schema import FileSection
from stopline.config.settings import Settings
from stopline.config.tree import Listing, Mapping, Node, Scalar, parse_tree
from stopline.config.units import Unfit

DEFAULTS: Final = Path(__file__).with_name("defaults.yaml")
CALLED_HERE: Final = {
    "max_order_size": "max_order_notional",
    "max_position_size": "max_position",
    "daily_loss_limit": "daily_loss",
    "max_portfolio_concentration": "concentration",
    "max_concentration_pct": "concentration",
    "max_leverage": "leverage",
    "max_orders_per_second": "order_rate",
    "drawdown": "drawdown_floor",
}
"""Names that the API (or another page) has for what is a key here."""


def load(path: Path | None = None, variables: Variables[str, str] | None = None) -> Settings:
    """Return the settings of a file, or the defaults where there is none; raises ConfigError."""
    if path is None:
        return build(_defaults(), None, None, None)
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        fix = "`stopline config init` writes one"
        raise ConfigError([Problem(Place(str(path)), "", f"cannot be read ({reason})", fix)]) from None
    return load_bytes(data, path, variables)


def load_bytes(data: bytes, path: Path, variables: Variables[str, str] | None = None) -> Settings:
    """Return the settings of a file's bytes; `path` is what it is called, and where relative paths begin."""
    tree = parse_tree(data, str(path))
    problems: list[Problem] = []
    filled = substitute(tree, os.environ if variables is None else variables, problems)
    section = _validate(filled, problems)
    if section is None or problems:
        raise ConfigError(sorted(problems))
    return build(_defaults(), section, filled, path)


@lru_cache(maxsize=1)
def _defaults() -> FileSection:
    problems: list[Problem] = []
    section = _validate(parse_tree(DEFAULTS.read_bytes(), DEFAULTS.name), problems)
    if section is None:
        raise ConfigError(problems)
    return section


def _validate(tree: Mapping, problems: list[Problem]) -> FileSection | None:
    """Return the checked file, or None with its problems added."""
    try:
        return FileSection.model_validate(_plain(tree))
    except ValidationError as refused:
        known = {problem.place for problem in problems}
        for error in refused.errors(include_url=False):
            problem = _problem(tree, error["loc"], error)
            if problem.place not in known:
                problems.append(problem)
        return None


def _plain(node: Node) -> Any:
    if isinstance(node, Mapping):
        return {name: _plain(entry.node) for name, entry in node.entries.items()}
    if isinstance(node, Listing):
        return [_plain(item) for item in node.items]
    return node.text


def find(tree: Mapping, loc: tuple[str | int, ...]) -> tuple[Node, Place]:
    """Return the node that is nearest to a path into the tree, and the place of its key."""
    node: Node = tree
    place = tree.place
    for step in loc:
        if isinstance(node, Mapping) and step in node.entries:
            entry = node.entries[str(step)]
            node, place = entry.node, entry.place
        elif isinstance(node, Listing) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            place = node.place
        else:
            break
    return node, place


def path_of(loc: tuple[str | int, ...]) -> str:
    """Return a path as people read it: `accounts[1].limits.daily_loss`; lists count from 1."""
    text = ""
    for step in loc:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _problem(tree: Mapping, loc: tuple[str | int, ...], error: Any) -> Problem:
    node, key_place = find(tree, loc)
    key, kind = path_of(loc), error["type"]
    if kind == "extra_forbidden":
        return Problem(key_place, key, "is no setting", _suggest(loc))
    if kind == "missing":
        return Problem(key_place, key, "is missing", f"add a line `{loc[-1]}: ...`")
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return Problem(node.place, key, "needs settings below it", "write `key: value` lines, indented")
    if kind in ("tuple_type", "list_type"):
        return Problem(node.place, key, "needs a list", "write entries that begin with `- `")
    unfit = error.get("ctx", {}).get("error")
    if isinstance(unfit, Unfit):
        if variables := list(_variables(node)):
            names = ", ".join(dict.fromkeys(variables))
            return Problem(node.place, key, f"what the environment variable {names} holds does not fit", unfit.fix)
        return Problem(node.place, key, unfit.problem, unfit.fix)
    return Problem(node.place, key, "does not fit", "")


def _variables(node: Node) -> Iterator[str]:
    """Yield the environment variables that went into a value, however deep: what they hold is not shown."""
    if isinstance(node, Scalar):
        yield from node.variables
        return
    below = [entry.node for entry in node.entries.values()] if isinstance(node, Mapping) else node.items
    for each in below:
        yield from _variables(each)


def _suggest(loc: tuple[str | int, ...]) -> str:
    """Return what an unknown key may have been meant to be."""
    known, name = known_keys(loc[:-1]), str(loc[-1])
    if CALLED_HERE.get(name) in known:
        return f"it is called {CALLED_HERE[name]} here"
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"do you mean {near[0]}?" if near else f"known here: {', '.join(known)}"


def known_keys(loc: tuple[str | int, ...]) -> list[str]:
    """Return the keys that a section knows."""
    kind: Any = FileSection
    for step in loc:
        if get_origin(kind) in (dict, tuple):
            kind = get_args(kind)[1 if get_origin(kind) is dict else 0]
        else:
            kind = without_none(kind.model_fields[str(step)].annotation)
    return list(kind.model_fields)


def without_none(kind: Any) -> Any:
    """Return the section of a key that may be `none`, or what it is already."""
    kinds = [each for each in get_args(kind) if each is not NoneType]
    return kinds[0] if NoneType in get_args(kind) else kind
