"""The shapes of the two tables of the engine: input -> decider, event -> applier."""

from collections.abc import Callable
from typing import Any, TypeAlias

from stopline.engine.turn import Turn
from stopline.model.numbers import Nanos
from stopline.state.state import State

Deciders: TypeAlias = dict[type, Callable[[Turn, Any], None]]
Appliers: TypeAlias = dict[type, Callable[[State, Any, int, Nanos], None]]
