"""Which function answers which request."""

import re
from collections.abc import Callable
from typing import TypeAlias

from msgspec import structs

from stopline.dialects.alpaca.refusals import not_found
from stopline.model.numbers import Nanos
from stopline.sim.alpaca.house import House
from stopline.sim.alpaca.wire import Answer, Request, error

Endpoint: TypeAlias = Callable[[House, Request, Nanos], Answer]
Routes: TypeAlias = dict[tuple[str, str], Endpoint]
"""(method, path) to function; `{name}` in a path is one part of it."""


class Router:
    """Finds the function for a request; the first path that fits goes first."""

    def __init__(self, *tables: Routes) -> None:
        self._routes = [(method, _pattern(path), run) for table in tables for (method, path), run in table.items()]

    def answer(self, house: House, request: Request, at: Nanos) -> Answer:
        """Answer a request, or say that there is no such place."""
        for method, pattern, run in self._routes:
            found = pattern.fullmatch(request.path)
            if found is not None and method == request.method:
                return run(house, structs.replace(request, parts=found.groupdict()), at)
        return error(not_found(f"endpoint not found: {request.method} {request.path[:80]}"))


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)))
