"""Tells the engine to look at an account again when time alone may change what its rules say.

When that is stands in the state (`market.wake`), and is volatile: it is made again by
whatever touches the account, and by every mark of the P&L.

Source     semantics.md section 6 (evaluated on every timer); architecture.md promise 8.
"""

from collections.abc import Callable

from stopline.messages import inputs as i
from stopline.messages.events import Event
from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos
from stopline.state.state import State

NEVER: Nanos = 2**63 - 1


class Wakes:
    """Each account's next look, told once."""

    def __init__(self, tell: Callable[[i.Input], None], state: Callable[[], State], wake: Callable[[], None]) -> None:
        self._tell, self._state, self._wake = tell, state, wake
        self._told: dict[AccountId, Nanos] = {}
        self._slept_until: Nanos = NEVER

    def hear(self, seq: int, at: Nanos, events: tuple[Event, ...]) -> None:
        """Wake the timers where something comes due earlier than they sleep."""
        if self._state().market.wake and self._earliest() < self._slept_until:
            self._wake()

    def next_due(self) -> Nanos:
        """Return the instant at which the next account is to be looked at."""
        self._slept_until = self._earliest()
        return self._slept_until

    def _earliest(self) -> Nanos:
        told = self._told
        return min((due for name, due in self._state().market.wake.items() if told.get(name) != due), default=NEVER)

    def feed_due(self, at: Nanos) -> None:
        """Tell whose look is due."""
        for name, due in tuple(self._state().market.wake.items()):
            if due <= at and self._told.get(name) != due:
                self._told[name] = due
                self._tell(i.LookAgain(account=name))
