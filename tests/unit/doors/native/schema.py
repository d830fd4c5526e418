"""A small JSON Schema: enough to say whether an example is what its schema promises."""

import re
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
KNOWN = {
    "type", "properties", "required", "items", "anyOf", "enum", "pattern", "$ref", "title", "description", "examples",
    "default", "format", "additionalProperties", "maxLength", "maxItems", "minimum", "maximum", "prefixItems",
}  # fmt: skip


def faults(schema: dict[str, Any], value: Any, document: dict[str, Any], at: str = "$") -> list[str]:
    """Return what is wrong with a value; an unknown keyword is wrong too."""
    if "$ref" in schema:
        target: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return faults(target, value, document, at)
    found = [f"{at}: keyword {word}" for word in schema if word not in KNOWN]
    if "anyOf" in schema:
        options = [faults(option, value, document, at) for option in schema["anyOf"]]
        return found + ([] if any(not option for option in options) else min(options, key=len))
    kinds = schema.get("type", list(TYPES))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not any(_is(value, kind) for kind in kinds):
        return [*found, f"{at}: {value!r} is not {kinds}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is not one of {schema['enum']}")
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        found.append(f"{at}: {value!r} does not match {schema['pattern']}")
    if isinstance(value, dict):
        found += _object_faults(schema, value, document, at)
    if isinstance(value, list) and "items" in schema:
        found += [
            fault for n, each in enumerate(value) for fault in faults(schema["items"], each, document, f"{at}[{n}]")
        ]
    return found


def _object_faults(schema: dict[str, Any], value: dict[str, Any], document: dict[str, Any], at: str) -> list[str]:
    properties = schema.get("properties", {})
    found = [f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value]
    if "properties" in schema:
        found += [f"{at}: {name} is not in the schema" for name in value if name not in properties]
    for name, each in value.items():
        if name in properties:
            found += faults(properties[name], each, document, f"{at}.{name}")
    return found


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, TYPES[kind])
