"""The page of the configuration: the defaults as shipped, and what may be written under every key.

What may be written is what the reader of a key says to someone who wrote something else.
"""

from collections.abc import Iterator
from typing import get_args

from pydantic import PlainValidator
from pydantic.fields import FieldInfo

from stopline.config.load import DEFAULTS, without_none
from stopline.config.schema import FileSection
from stopline.config.section import Section
from stopline.config.units import Unfit
from tools.docs.markdown import page, table
from tools.docs.shelves import SHELVES, configured_by, load_shelf

HOW = """\
## How it is read

- `stopline run --config FILE`, else `$STOPLINE_CONFIG`, else `./stopline.yaml` if it is there, else the defaults.
  Options of the command line go before the file, key by key.
- An account's `limits` and `symbols` are laid over those of all accounts; limits of groups, firms, users and
  strategies begin with nothing armed, and the strictest of all that concern an order wins.
- Relative paths begin where the file is.
- `${VAR}` is filled from the environment, in values only; `${VAR:-default}` where it is not set or empty; a literal
  `${` is written `$${`. Inside `{ }` and `[ ]` such a value stands in quotes. What a variable holds is never shown.
- Numbers are read from the text, exactly; `yes`, `on` and `1` are not `true`; anchors, aliases and tags are refused.
- A file that begins with `---` must end with `...`, so that one of which only a part was written is seen.
- Every error says file, line, column, key and what would be right; all of them at once.
- While Stopline runs, changed limits take effect within seconds, the rest at the next start. A file that is wrong
  changes nothing."""


def render_configuration() -> str:
    """Return the page."""
    return page(
        "# Configuration",
        "One file, `stopline.yaml`. `stopline config init` writes one, `stopline config validate` says what is "
        "wrong with it and where, `stopline config show` says what is in force and which line set it.",
        "A file need not say what it does not change, and without a file these are in force:",
        f"```yaml\n{DEFAULTS.read_text(encoding='utf-8').strip()}\n```",
        HOW,
        "## Keys",
        "An unknown key is refused: a typing error must not pass for a setting. Numbers are exact decimals. "
        "`none` disarms a limit.",
        *(_render_section(section, paths) for section, paths in _sections().items()),
    )


def _sections() -> dict[type[Section], list[str]]:
    """Return every section, in order of appearance, with the places where it may stand."""
    places: dict[type[Section], list[str]] = {}
    waiting: list[tuple[str, type[Section]]] = [("", FileSection)]
    while waiting:
        path, section = waiting.pop(0)
        places.setdefault(section, []).append(path)
        waiting.extend(
            (f"{path}.{key}".lstrip(".") + suffix, below)
            for key, field in section.model_fields.items()
            for suffix, below in _below(field)
        )
    return places


def _below(field: FieldInfo) -> Iterator[tuple[str, type[Section]]]:
    """Yield the section that a key holds, and what stands between: a name of the user's, or an item of a list."""
    kind = without_none(field.annotation)
    if isinstance(kind, type) and issubclass(kind, Section):
        yield "", kind
    for inner in get_args(kind):
        if isinstance(inner, type) and issubclass(inner, Section):
            yield (".NAME" if dict in (kind, getattr(kind, "__origin__", None)) else "[]"), inner


def _render_section(section: type[Section], paths: list[str]) -> str:
    rows = [
        [f"`{key}`", _what_to_write(reader), _who_reads(section, key)]
        for key, field in section.model_fields.items()
        for reader in field.metadata
        if isinstance(reader, PlainValidator)
    ]
    title = "### " + (", ".join(f"`{path}`" for path in paths if path) or "the file itself")
    header = ["key", "what to write", "asked by"]
    if not any(row[2] for row in rows):
        header, rows = header[:2], [row[:2] for row in rows]
    return "\n\n".join([title, (section.__doc__ or "").strip(), table(header, rows)])


def _what_to_write(reader: PlainValidator) -> str:
    """Ask the reader, by giving it what nobody can write."""
    try:
        reader.func(object())  # type: ignore[call-arg]
    except Unfit as unfit:
        return unfit.fix.removeprefix("write ")
    raise AssertionError(f"{reader.func} takes anything")


def _who_reads(section: type[Section], key: str) -> str:
    name = {"LimitsSection": "limits", "SymbolSection": "symbols"}.get(section.__name__)
    return ", ".join(
        f"[{member}]({shelf.package}/{member}.md)"
        for shelf in SHELVES
        for member, module, _ in load_shelf(shelf)
        if f"{name}.{key}" in configured_by(module)
    )
