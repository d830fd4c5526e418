"""The orders of a file, asked for one after the other when their time comes."""

from collections import Counter, deque
from collections.abc import Callable, Iterable

from stopline.cli.paper.orders import Planned
from stopline.messages import replies as r
from stopline.model.numbers import Nanos
from stopline.ports.desk import Desk, DeskUnavailable
from stopline.runtime.timers import NEVER


class OrderPlan:
    """A runtime.plan.Plan over a file of orders. What the gate decides is in the journal; the rest is counted here."""

    def __init__(self, orders: Iterable[Planned], desk: Callable[[], Desk]) -> None:
        self._waiting = deque(orders)
        self._desk = desk
        self._is_asking = False
        self.sent = 0
        self.refused: Counter[str] = Counter()
        """What was neither approved nor denied, by its code."""

    def next_due(self) -> Nanos:
        """Return when the next order is sent."""
        return self._waiting[0].at if self._waiting else NEVER

    @property
    def is_over(self) -> bool:
        """Whether every order has its answer."""
        return not self._waiting and not self._is_asking

    async def act(self) -> None:
        """Send the next order."""
        if not self._waiting:
            return
        planned = self._waiting.popleft()
        self._is_asking = True
        try:
            reply = await self._desk().ask(planned.order)
        except DeskUnavailable as fault:
            self.refused[fault.reason] += 1
        else:
            self.sent += 1
            if isinstance(reply, r.Refused):
                self.refused[reply.code] += 1
            elif isinstance(reply, r.Repeated):
                self.refused["repeated"] += 1
        finally:
            self._is_asking = False
