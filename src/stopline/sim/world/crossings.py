"""Unknown x fill x replace: what befell an order from the moment at which nobody knew until it was proven.

A path begins when an order is lost track of, when a change of it goes out, or when the answer to
a change is lost; it ends with what proves how the order stands. Each is counted twice: by all its
steps (`path asked to change, change unanswered, then filled up`), and by what crossed in it,
whatever came first (`crossing unknown x fill x replace`).
"""

from collections.abc import Callable
from typing import Final

from stopline.model.order import STOPLINE_HOLDS, TERMINAL
from stopline.state.orders import OrderRecord

UNKNOWN: Final = "unknown"
CHANGING: Final = "asked to change"
UNANSWERED: Final = "change unanswered"
FILLED: Final = "filled"
CANCELING: Final = "asked to cancel"
FILLED_UP: Final = "filled up"
_STEPS: Final = {
    "lost track of": UNKNOWN,
    "asked to change": CHANGING,
    "filled": FILLED,
    "asked to cancel": CANCELING,
}
_ENDS: Final = frozenset({"changed", "change refused", "canceled", "expired", "rejected"})
_LONGEST: Final = 6
_CROSSES: Final = {
    UNKNOWN: "unknown", UNANSWERED: "unknown", FILLED: "fill", FILLED_UP: "fill", CHANGING: "replace",
    CANCELING: "cancel",
}  # fmt: skip
LATE: Final = "late fill"
CROSSINGS: Final = (
    "unknown x fill",
    "unknown x replace",
    "fill x replace",
    "unknown x cancel",
    "replace x cancel",
    "unknown x fill x replace",
    "unknown x fill x cancel",
    "unknown x replace x cancel",
    "fill x replace x cancel",
    LATE,
)
"""What a set of seeds must have come to. A lost answer to a change counts as unknown."""


class Crossings:
    """The paths of the orders that are in doubt."""

    def __init__(self, count: Callable[[str], None]) -> None:
        self._count = count
        self._paths: dict[str, tuple[str, ...]] = {}

    def unanswered(self, key: str) -> None:
        """Hear that the answer to a change of an order was lost."""
        if key in self._paths:
            self._go(key, UNANSWERED)

    def happens(self, key: str, order: OrderRecord, what: str, *, fills_up: bool = False) -> None:
        """Hear what happens to an order."""
        if what == "filled" and order.state in TERMINAL - STOPLINE_HOLDS:
            self._count(f"crossing {LATE}")
        elif key not in self._paths:
            self._begin(key, order, what)
        elif fills_up:
            self._end(key, FILLED_UP)
        elif what in _ENDS or (what == "acknowledged" and UNKNOWN in self._paths[key]):
            self._end(key, what)
        elif what in _STEPS:
            self._go(key, _STEPS[what])

    def _begin(self, key: str, order: OrderRecord, what: str) -> None:
        if what in ("lost track of", "asked to change"):
            before = (CHANGING,) if order.pending is not None else ()
            self._paths[key] = (*before, _STEPS[what])

    def _go(self, key: str, step: str) -> None:
        path = self._paths[key]
        if path[-1] != step and len(path) < _LONGEST:
            self._paths[key] = (*path, step)

    def _end(self, key: str, how: str) -> None:
        path = self._paths.pop(key)
        crossed = {_CROSSES[step] for step in (*path, how) if step in _CROSSES}
        self._count(f"path {', '.join(path)}, then {how}")
        for name in CROSSINGS:
            if crossed >= set(name.split(" x ")):
                self._count(f"crossing {name}")
