"""Whole JSON objects: which key holds which field, and how it travels.

A key that is missing or null takes the field's default; a key that nobody knows is passed
over. So an answer from which Alpaca took a field away still reads.
"""

from typing import Any, Final, Generic, TypeVar

from msgspec import Struct, structs

from stopline.dialects.alpaca.codecs import Codec, list_of
from stopline.dialects.alpaca.exact_json import Json, Malformed

T = TypeVar("T", bound=Struct)
_OBJECT: Final = "must be a JSON object"


class Record(Generic[T]):
    """A struct and the codecs of its fields. `keys` names the fields whose key is another word."""

    def __init__(self, made: type[T], codecs: dict[str, Codec], keys: dict[str, str] | None = None) -> None:
        known = set(made.__struct_fields__)
        if not codecs.keys() <= known:
            raise TypeError(f"{made.__name__} has no fields {sorted(codecs.keys() - known)}")
        self._made = made
        self._fields = [(name, (keys or {}).get(name, name), codec) for name, codec in codecs.items()]
        self._needed = {field.name for field in structs.fields(made) if field.required}

    def parse(self, body: Json) -> T:
        """Return the struct; raises Malformed, naming the field."""
        if not isinstance(body, dict):
            raise Malformed(_OBJECT)
        found: dict[str, Any] = {}
        for name, key, codec in self._fields:
            value = body.get(key)
            if value is None:
                if name in self._needed:
                    raise Malformed(f"{key} is missing")
                continue
            try:
                found[name] = codec.read(value)
            except Malformed as fault:
                raise Malformed(f"{key}: {fault}") from None
        return self._made(**found)

    def render(self, value: T, *, with_nulls: bool = True) -> dict[str, Json]:
        """Return the JSON object; without nulls in a request, with them in an answer."""
        shown: dict[str, Json] = {}
        for name, key, codec in self._fields:
            held = getattr(value, name)
            if held is not None:
                shown[key] = codec.write(held)
            elif with_nulls:
                shown[key] = None
        return shown

    def parse_list(self, body: Json) -> tuple[T, ...]:
        """Return the structs of a JSON list; raises Malformed."""
        return tuple(list_of(self.codec()).read(body))

    def codec(self) -> Codec:
        """Return the codec of such an object inside another."""
        return Codec(self.parse, self.render)
