"""YAML text -> a tree of texts with their places. Nothing is guessed: 1.10 stays `1.10`, 17:00 stays `17:00`.

Plain YAML would read numbers as binary fractions, `no` as false and `17:00` as 61200.
Aliases, tags and several documents are refused: nobody needs them here, and each has
surprised somebody. A file that begins with `---` must end with `...`, so that one of
which only a part was written is seen; `stopline config init` writes both.
"""

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import yaml
from msgspec import Struct

from stopline.config.errors import ConfigError, Place, Problem

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 20
_EMPTY: Final = ("", "~", "null", "Null", "NULL")
_PARSER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Scalar(Struct, frozen=True):
    """One value as written. `variables` are the environment variables that went into it."""

    text: str | None
    place: Place
    variables: tuple[str, ...] = ()


class Listing(Struct, frozen=True):
    """A list."""

    items: tuple["Node", ...]
    place: Place


class Entry(Struct, frozen=True):
    """A key with its value."""

    place: Place
    node: "Node"


class Mapping(Struct, frozen=True):
    """Keys with their values, in the order of the file."""

    entries: dict[str, Entry]
    place: Place


Node: TypeAlias = Scalar | Listing | Mapping


def parse_tree(data: bytes, file: str) -> Mapping:
    """Return the tree of a file; raises ConfigError."""
    if len(data) > MAX_BYTES:
        raise _refuse(Place(file), f"has {len(data)} bytes", f"a configuration has at most {MAX_BYTES}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refuse(Place(file, line, 1), "is not UTF-8 text", "save the file as UTF-8") from None
    return _Reader(text, file).document()


class _Reader:
    """Builds the tree from the parser's events."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._events = self._parse(text)
        self._depth = 0

    def _parse(self, text: str) -> Iterator[Any]:
        try:
            yield from yaml.parse(text, Loader=_PARSER)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            place = Place(self._file) if mark is None else Place(self._file, mark.line + 1, mark.column + 1)
            said = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
            fix = "look at this line and the one above"
            if mark is not None and "${" in "".join(text.splitlines()[mark.line : mark.line + 1]):
                fix += "; inside { } or [ ], a value with ${VAR} stands in quotes"
            raise _refuse(place, f"is not YAML here: {said}", fix) from None

    def document(self) -> Mapping:
        next(self._events)  # the stream's start
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            raise _refuse(
                Place(self._file),
                "says nothing",
                "delete it to run on the defaults, or write one with `stopline config init`",
            )
        node = self._node(next(self._events), "")
        end = next(self._events)
        if start.explicit and not end.explicit:
            raise _refuse(
                self._place(end),
                "begins with `---` but does not end with `...`: a part of it may be missing",
                "write the rest, and a last line of `...`",
            )
        further = next(self._events)
        if not isinstance(further, yaml.StreamEndEvent):
            raise _refuse(self._place(further), "a second document begins here", "one file holds one document")
        if not isinstance(node, Mapping):
            raise _refuse(node.place, "is no list of settings", "write `key: value` lines")
        return node

    def _node(self, event: Any, key: str) -> Node:
        place = self._place(event)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise _refuse(place, "anchors and aliases (& and *) are not read", "write the value out, or quote it", key)
        if event.tag is not None and event.tag != "!":
            raise _refuse(place, f"the tag {event.tag} is not read", "leave it out", key)
        if isinstance(event, yaml.ScalarEvent):
            is_empty = not event.style and event.value in _EMPTY
            return Scalar(None if is_empty else event.value, place)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _refuse(place, f"is more than {MAX_DEPTH} levels deep", "no setting is that deep", key)
        node = self._listing(place, key) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(place, key)
        self._depth -= 1
        return node

    def _listing(self, place: Place, key: str) -> Listing:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, f"{key}[{len(items) + 1}]"))
        return Listing(tuple(items), place)

    def _mapping(self, place: Place, key: str) -> Mapping:
        entries: dict[str, Entry] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            where = self._place(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise _refuse(where, "a key is one word", "write `key: value`", key)
            name = event.value
            path = f"{key}.{name}" if key else name
            if name in entries:
                first = entries[name].place.line
                raise _refuse(where, f"stands here twice, first on line {first}", "keep one of them", path)
            entries[name] = Entry(where, self._node(next(self._events), path))
        return Mapping(entries, place)

    def _place(self, event: Any) -> Place:
        return Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)


def _refuse(place: Place, message: str, fix: str, key: str = "") -> ConfigError:
    return ConfigError([Problem(place, key, message, fix)])
