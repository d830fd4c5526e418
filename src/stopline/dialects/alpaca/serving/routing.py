"""Which function answers which request."""

import re
from collections.abc import Mapping
from typing import Generic, TypeVar

from msgspec import structs

from stopline.dialects.alpaca.errors import Refused
from stopline.dialects.alpaca.refusals import not_found
from stopline.dialects.alpaca.serving.wire import Request

E = TypeVar("E")


class Router(Generic[E]):
    """Finds the function for a request; the first path that fits goes first.

    A table is (method, path) to function; `{name}` in a path is one part of it.
    """

    def __init__(self, *tables: Mapping[tuple[str, str], E]) -> None:
        self._routes = [(method, _pattern(path), run) for table in tables for (method, path), run in table.items()]

    def find(self, request: Request) -> tuple[E, Request]:
        """Return the function, and the request with the parts of its path. Raises Refused: there is no such place."""
        for method, pattern, run in self._routes:
            found = pattern.fullmatch(request.path)
            if found is not None and method == request.method:
                return run, structs.replace(request, parts=found.groupdict())
        raise Refused(not_found(f"endpoint not found: {request.method} {request.path[:80]}"))


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)))
