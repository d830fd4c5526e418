"""Pages of checks and rules: an index in order of precedence, and a page for each member."""

import ast
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from stopline.model.limits import Limits, SymbolLimit
from stopline.model.rules import TERMS
from tools.docs.docstring import DocString, parse_docstring
from tools.docs.markdown import codes, page, table

SOURCES = {
    "limits": ("limits", Limits.__struct_fields__),
    "symbol": ("symbols", SymbolLimit.__struct_fields__),
    "own": ("symbols", SymbolLimit.__struct_fields__),
}
"""How code that arms a check names a record of limits: the section of the configuration, and its keys."""


@dataclass(frozen=True)
class Shelf:
    """A package that lists its members in order."""

    package: str
    listing: str
    one: str
    title: str
    intro: str
    order: str = "in [order of precedence](README.md)"


CHECKS = Shelf(
    package="checks",
    listing="CHECKS",
    one="check",
    title="Checks",
    intro="A check answers *may this order go?* before the order leaves. They are asked in this order; "
    "the first that denies gives the denial its name and message, and the report lists what every one "
    "of them found.",
)
RULES = Shelf(
    package="rules",
    listing="RULES",
    one="rule",
    title="Rules",
    intro="A rule answers *is this account still in bounds?* on every fill, usable quote, order event and timer. "
    "It says what it saw, its limit and what that asks for; it never acts itself. In the mode `shadow` that is written "
    "down, in `warn` people are told as well, in `enforce` (where none is said) it is acted upon: "
    "[account rules at work](../account-rules.md) says how, until when, and how to see it. Over a trade history, in "
    "shadow, `stopline replay fills FILE --rules stopline.yaml` asks them.",
    order="[in the list](README.md)",
)
SHELVES = (CHECKS, RULES)


def load_shelf(shelf: Shelf) -> list[tuple[str, ModuleType, type]]:
    """Return (name, module, class) of every listed member, in order; nothing where the package is absent."""
    found = importlib.util.find_spec(f"stopline.{shelf.package}")
    if found is None or found.origin is None:
        return []
    members = getattr(importlib.import_module(f"stopline.{shelf.package}"), shelf.listing)
    return [(str(member.name), sys.modules[member.__module__], member) for member in members]


def render_shelf(shelf: Shelf) -> Iterator[tuple[str, str]]:
    """Yield (path under docs/, text) of the index and of each member's page."""
    members = load_shelf(shelf)
    if not members:
        return
    rows = []
    for place, (name, module, member) in enumerate(members, start=1):
        doc = parse_docstring(module.__doc__ or "")
        keys = configured_by(module)
        shown = [f"rules.{name}"] if shelf is RULES else keys
        rows.append([str(place), f"[`{name}`]({name}.md)", doc.summary, codes(shown) or "always on"])
        where = f"{shelf.one.capitalize()} {place} of {len(members)}"
        yield f"{shelf.package}/{name}.md", _render_member(shelf, where, name, doc, member, keys)
    yield (
        f"{shelf.package}/README.md",
        page(
            f"# {shelf.title}",
            shelf.intro,
            table(["#", shelf.one, "what it does", "configured by"], rows),
            f"The words on these pages are the docstrings in `src/stopline/{shelf.package}/`. "
            f"To add a {shelf.one}: [CONTRIBUTING](../../CONTRIBUTING.md).",
        ),
    )


def configured_by(module: ModuleType) -> list[str]:
    """Return the keys of the configuration that a module reads, as `limits.max_order_notional`."""
    rule = next((terms for name, terms in TERMS.items() if module.__name__ == f"stopline.rules.{name}"), None)
    if rule is not None:
        name = module.__name__.rpartition(".")[2]
        return [f"rules.{name}.{key}" for key in rule.__struct_fields__]
    keys = set()
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        match node:
            case ast.Attribute(attr=key, value=ast.Attribute(attr=record) | ast.Name(id=record)):
                section, known = SOURCES.get(record, ("", ()))
                if key in known:
                    keys.add(f"{section}.{key}")
    return sorted(keys)


def _render_member(shelf: Shelf, where: str, name: str, doc: DocString, member: type, keys: list[str]) -> str:
    rows = [[f"**{label}**", text] for label, text in doc.sections.items()]
    configured = f"[{codes(keys)}](../configuration.md)" if keys else "always on; nothing to set"
    file = _file_of(sys.modules[member.__module__])
    return page(
        f"# `{name}`",
        doc.summary,
        table(["", ""], [*rows, ["**Configured by**", configured]]),
        doc.prose,
        inspect.cleandoc(member.__doc__ or ""),
        f"{where} {shelf.order}. "
        f"Code: [{file}](../../src/stopline/{shelf.package}/{file}); "
        f"tests: [test_{name}.py](../../tests/unit/{shelf.package}/test_{name}.py).",
    )


def _file_of(module: ModuleType) -> str:
    """Return the file that a reader opens first, in the folder of the shelf: a member may be a folder itself."""
    name = module.__name__.rpartition(".")[2]
    return f"{name}/__init__.py" if hasattr(module, "__path__") else f"{name}.py"
