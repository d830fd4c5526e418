"""How often a system looks at what nothing tells it."""

from collections.abc import Callable

from msgspec import Struct

from stopline.model.numbers import SECOND, Nanos
from stopline.runtime.behind import rest_briefly
from stopline.runtime.reconcile import EVERY
from stopline.runtime.timers import MARK_EVERY
from stopline.runtime.watch import CLOCK_EVERY_S, DISK_EVERY_S


class Pace(Struct, frozen=True, kw_only=True):
    """The intervals of one system. Years that are simulated go at another pace than the nights in them need."""

    mark_every: Nanos = MARK_EVERY
    reconcile_every_s: float = EVERY / SECOND
    clock_every_s: float = CLOCK_EVERY_S
    disk_every_s: float = DISK_EVERY_S
    measures_lag: bool = True
    """Whether it is measured how late the event loop runs, ten times a second."""
    rest: Callable[[], None] = rest_briefly
    """What work beside the loop does between two pieces."""
