"""Asks each broker for its whole picture, again and again, whatever its stream says.

A stream can be half open: heartbeats come, fills do not. So the picture is asked for
after each connect and then every minute; and an order whose acknowledgement never came
is asked after by its id.

Source     architecture.md promises 7 and 11; reliability.md F03, F20, N13, I06.
"""

import asyncio
from collections.abc import Callable

from stopline.messages.effects import CancelAtBroker, Effect, QueryOrder, Reconcile
from stopline.messages.events import BrokerStatusChanged, Event
from stopline.model.numbers import SECOND, Nanos
from stopline.model.order import OrderState
from stopline.ports.clock import EngineClock
from stopline.state.state import State

EVERY: Nanos = 60 * SECOND
QUIET_FOR: Nanos = 30 * SECOND
"""How long an order may wait for an answer before it is asked after."""
_AWAITING = (
    OrderState.APPROVED,
    OrderState.SENT,
    OrderState.PENDING_CANCEL,
    OrderState.PENDING_REPLACE,
    OrderState.UNKNOWN,
)


class Reconciler:
    """Decides when to ask; the dispatcher does the asking."""

    def __init__(
        self,
        carry_out: Callable[[tuple[Effect, ...]], None],
        state: Callable[[], State],
        clock: EngineClock,
        every_s: float = EVERY / SECOND,
    ) -> None:
        self._carry_out, self._state, self._clock, self._every_s = carry_out, state, clock, every_s

    def hear(self, seq: int, at: Nanos, events: tuple[Event, ...]) -> None:
        """Ask for everything when a broker's session comes up."""
        for event in events:
            if isinstance(event, BrokerStatusChanged) and event.connected:
                self.ask(event.broker, is_new_session=True)

    def ask(self, broker: str = "", is_new_session: bool = False) -> None:
        """Ask every broker (or one) for its accounts, and after what is in doubt there."""
        state = self._state()
        effects: list[Effect] = []
        for name, account in state.accounts.items():
            if broker in ("", account.terms.broker):
                effects += find_doubts(state, name, self._clock.at(), is_new_session)
                effects.append(Reconcile(account.terms.broker, name))
        self._carry_out(tuple(effects))

    async def run(self) -> None:
        """Ask for ever."""
        while True:
            await asyncio.sleep(self._every_s)
            self.ask()


def find_doubts(state: State, name: str, at: Nanos, is_new_session: bool) -> list[Effect]:
    """Return what to ask after in one account.

    A new session asks after all that an earlier process left under way; else only what has
    been quiet for long is asked after. A cancel that may have been lost is asked for again;
    an order never is sent again.
    """
    account = state.accounts[name]
    broker = account.terms.broker
    effects: list[Effect] = []
    for order in account.live.values():
        if order.state not in _AWAITING:
            continue
        is_left_over = is_new_session and order.approved_epoch < state.epoch
        is_overdue = at - order.updated_at >= QUIET_FOR
        if is_left_over or is_overdue or order.state is OrderState.UNKNOWN:
            effects.append(QueryOrder(broker, name, order.routed_order_id))
            if order.state is OrderState.PENDING_CANCEL:
                effects.append(CancelAtBroker(broker, name, order.routed_order_id, order.reducing))
    return effects
