"""What a route of the simulator is."""

from collections.abc import Callable
from typing import TypeAlias

from stopline.dialects.alpaca.serving.wire import Answer, Request
from stopline.model.numbers import Nanos
from stopline.sim.alpaca.house import House

Endpoint: TypeAlias = Callable[[House, Request, Nanos], Answer]
Routes: TypeAlias = dict[tuple[str, str], Endpoint]
"""(method, path) to function; `{name}` in a path is one part of it."""
